"""Train an experiment: encoder and head, motifs, smoothing; each on its part of the data."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif import bundles
from motif.behavior import BehaviorClassifier
from motif.bundles.targets import convert
from motif.errors import MissingExtraError
from motif.evaluation import group_bootstrap, score
from motif.experiments._data import aligned, in_words, open_data, parts, thinned
from motif.experiments._experiment import Experiment
from motif.experiments._folder import RECOGNIZER, RECORD, WEIGHTS, TrainingRecord, model_folder, model_sha256
from motif.experiments._temporal import Smoother, mean_dwell
from motif.files import atomic_folder, check_place
from motif.recordings import Dataset
from motif.telemetry import logger

__all__ = ["Trained", "train"]

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A trained experiment on disk."""

    folder: Path
    record: TrainingRecord

    def facts(self) -> dict[str, Any]:
        """Return what a person wants to know, in words."""
        record = self.record
        return {
            **{part: ", ".join(names) for part, names in record.groups.items()},
            "classes": ", ".join(record.class_names),
            "right on val": record.label_accuracy,
            "temperature": record.temperature,
            "model": record.model_sha256[:12],
        }

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {"folder": str(self.folder), **self.record.model_dump(mode="json")}


def train(
    experiment: Experiment,
    models: str | Path = "models",
    *,
    data: Dataset | None = None,
    weights: bool = True,
    progress: Say | None = None,
) -> Trained:
    """Train an experiment and write its folder `models/<name>`, whole or not at all, and `models/best.pth`.

    Parameters
    ----------
    experiment : Experiment
    models : folder
        A trained experiment of the same name is replaced.
    data : Dataset, optional
        Windows at hand, instead of those that the experiment names.
    weights : bool
        Write `best.pth` too, where PyTorch is installed; it takes some seconds.
    progress : callable, optional
        Called with a few words when a step begins.

    Raises
    ------
    ConfigError, ShapeError, LabelError, TooFewSamplesError
        Experiment and data do not fit together.
    MissingExtraError
        Keras is not installed.
    WriteError
        The disk is full; what stood there still stands.
    """
    say = progress or (lambda text: None)
    folder = model_folder(experiment, Path(models))
    check_place(folder, known_by=RECORD)
    say("opening the data")
    divided = parts(experiment, open_data(experiment) if data is None else data)
    learnt = thinned(divided["train"], experiment.training.hop or experiment.data.window_size // 2)
    say(f"learning from {learnt.n_windows} windows of {len(learnt.group_names)} {learnt.group_kind}s")
    recognizer = _recognizer(experiment)
    recognizer.fit(learnt.X, learnt.labels, groups=learnt.groups)
    say("learning how sure to be")
    probabilities = aligned(recognizer.predict_proba(divided["val"].X), recognizer.classes_, learnt.class_names)
    dwell = mean_dwell(divided["train"])
    smoother = Smoother.learn(experiment.model.architecture.temporal, probabilities, divided["val"], mean_dwell=dwell)
    with atomic_folder(folder, known_by=RECORD) as whole:
        window = {"rate_hz": experiment.data.sampling_rate, "channels": learnt.channels, "sensors": learnt.sensors}
        figures = _figures(probabilities, divided["val"])
        recognizer.save(whole / RECOGNIZER, name=experiment.name, window=window, data=_facts(learnt), metrics=figures)
        record = TrainingRecord(
            experiment=experiment,
            groups={name: part.group_names for name, part in divided.items()},
            class_names=divided["train"].class_names,
            temperature=smoother.temperature,
            mean_dwell=smoother.mean_dwell,
            evidence_weight=smoother.evidence_weight,
            label_accuracy=float(np.mean(probabilities.argmax(axis=1) == divided["val"].y)),
            model_sha256=model_sha256(bundles.load(whole / RECOGNIZER)),
            weights_sha256=_write_weights(whole / RECOGNIZER, Path(models) / WEIGHTS, say) if weights else None,
        )
        (whole / RECORD).write_text(record.to_json(), encoding="utf-8")
    logger("motif.experiments").info("experiment trained", name=experiment.name, digest=experiment.digest)
    return Trained(folder, record)


def _recognizer(experiment: Experiment) -> BehaviorClassifier:
    quantization = experiment.model.architecture.quantization
    return BehaviorClassifier(
        quantizer=quantization.type,
        levels=quantization.levels,
        embedding_dim=quantization.embedding_dim,
        pretraining=experiment.training.pretraining,
        epochs=experiment.training.epochs,
        random_state=experiment.training.seed,
    )


def _figures(probabilities: NDArray[np.float32], data: Dataset) -> dict[str, Any]:
    """Return the figures that travel with the bundle: window by window, on people it did not learn from."""
    found = score(data.y, probabilities, data.class_names)
    intervals = group_bootstrap(data.y, probabilities.argmax(axis=1), data.groups)
    return {
        "accuracy": found.accuracy,
        "macro_f1": found.macro_f1,
        "ece": found.ece,
        "judged": in_words("val", data),
        "intervals": {name: asdict(intervals[name]) for name in ("accuracy", "macro_f1") if name in intervals},
    }


def _write_weights(bundle: Path, path: Path, say: Say) -> str | None:
    """Write the weights for PyTorch too, where it is installed; return the file's hash."""
    say("writing weights for PyTorch")
    try:
        convert(bundle, "pth", path)
    except MissingExtraError as error:
        logger("motif.experiments").info("no weights for PyTorch", reason=str(error))
        return None
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _facts(data: Dataset) -> dict[str, Any]:
    return {
        "name": data.name,
        "windows": data.n_windows,
        "group_kind": data.group_kind,
        "groups": list(data.group_names),
        "split": "the training part of an experiment",
    }
