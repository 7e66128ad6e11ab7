"""What a trained experiment answers to windows, before and after smoothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif import bundles
from motif.behavior import BehaviorClassifier
from motif.errors import BundleError, LabelError
from motif.experiments._data import aligned
from motif.experiments._experiment import Experiment
from motif.experiments._folder import RECOGNIZER, TrainingRecord, model_sha256
from motif.experiments._temporal import Smoother, runs
from motif.recordings import Dataset

__all__ = ["Answers", "answer"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Answers:
    """What was answered to each window; rows in time order, run after run."""

    data: Dataset
    truth: NDArray[np.int64]
    """(n,), index into `class_names`."""
    class_names: tuple[str, ...]
    raw: NDArray[np.float32]
    """(n, n_classes), of each window by itself."""
    smoothed: NDArray[np.float32]
    """(n, n_classes), with the windows around it, temperature applied."""
    labels: NDArray[np.int64]
    """(n,), after smoothing."""
    codes: NDArray[np.int32]
    """(n, embedding_dim)"""
    embeddings: NDArray[np.float32]
    """(n, embedding_dim)"""


def answer(folder: Path, record: TrainingRecord, data: Dataset, experiment: Experiment) -> Answers:
    """Return what the trained experiment says of these windows.

    Raises
    ------
    BundleError, LabelError
        The recognizer is damaged or another one; the data hold a class that was never taught.
    """
    recognizer = bundles.load(folder / RECOGNIZER)
    if model_sha256(recognizer) != record.model_sha256:
        raise BundleError(f"{folder / RECOGNIZER} is not the one that was trained there; train again")
    smoother = Smoother(
        settings=experiment.model.architecture.temporal,
        mean_dwell=record.mean_dwell,
        evidence_weight=record.evidence_weight,
        temperature=record.temperature,
    )
    ordered = data.subset(np.concatenate(list(runs(data))))
    raw = aligned(recognizer.predict_proba(ordered.X), recognizer.classes_, record.class_names)
    encoded = BehaviorClassifier.load(folder / RECOGNIZER).encode(ordered.X)
    return Answers(
        data=ordered,
        truth=_truth(ordered, record.class_names),
        class_names=record.class_names,
        raw=raw,
        smoothed=smoother.probabilities(raw, ordered),
        labels=smoother.labels(raw, ordered),
        codes=encoded.codes,
        embeddings=encoded.embeddings,
    )


def _truth(data: Dataset, class_names: tuple[str, ...]) -> NDArray[np.int64]:
    if unknown := sorted(set(data.labels.tolist()) - set(class_names)):
        raise LabelError(
            f"{data.name} holds {', '.join(unknown)}, which was never taught (it knows {', '.join(class_names)}); "
            "leave them out, rename them, or train on them"
        )
    return np.array([class_names.index(name) for name in data.class_names])[data.y]
