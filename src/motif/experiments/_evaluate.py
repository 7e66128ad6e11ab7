"""Judge a trained experiment on one part of its data, and write the report's folder."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from motif.errors import ConfigError
from motif.evaluation import baseline_scores, behavior_scores
from motif.experiments._answers import Answers, answer
from motif.experiments._data import SPLITS, in_words, open_data, parts
from motif.experiments._experiment import Experiment
from motif.experiments._folder import TrainingRecord, model_folder
from motif.experiments._motifs import find_motifs
from motif.experiments._report import write_report
from motif.experiments._temporal import runs
from motif.recordings import Dataset
from motif.telemetry import logger

__all__ = ["Judged", "evaluate"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Judged:
    """A judged experiment."""

    folder: Path
    metrics: dict[str, Any]
    """As in `metrics.json`: the smoothed answers' figures by name; `raw` and `never_looks` beside them."""
    shown: tuple[str, ...]

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the figures the experiment wants first: name, smoothed, window by window, never looks."""
        columns = (self.metrics, self.metrics["raw"], self.metrics["never_looks"])
        return [(name, *("–" if each.get(name) is None else each[name] for each in columns)) for name in self.shown]


def evaluate(
    experiment: Experiment,
    split: str = "test",
    *,
    models: str | Path = "models",
    reports: str | Path = "reports",
    data: Dataset | None = None,
    save_predictions: bool = False,
) -> Judged:
    """Judge the trained experiment and write `reports/<hash>/`; the same answers give the same folder.

    Data other than those it was trained with are judged whole, whatever the split.

    Parameters
    ----------
    experiment : Experiment
    split : {"train", "val", "test"}
    models, reports : folder
    data : Dataset, optional
        Windows at hand, instead of those that the experiment names.
    save_predictions : bool
        Add `predictions.parquet`, a row for each window.

    Raises
    ------
    ConfigError
        There is no such split, or the model was trained with other settings.
    MissingFileError, BundleError
        Nothing was trained, or it is damaged.
    LabelError
        The data hold a class that was never taught.
    """
    if split not in SPLITS:
        raise ConfigError(f"split is {split!r}; want one of {', '.join(SPLITS)}")
    folder = model_folder(experiment, Path(models))
    record = TrainingRecord.read(folder)
    if record.experiment.model != experiment.model or record.experiment.training != experiment.training:
        raise ConfigError(f"{folder} was trained with other settings; run `conv2d train` with this file first")
    windows = open_data(experiment) if data is None else data
    if record.experiment.data == experiment.data:
        windows = parts(experiment, windows)[split]
        how = in_words(split, windows)
    else:
        how = in_words(f"all of {windows.name}, which it was not trained with", windows)
    answers = answer(folder, record, windows, experiment)
    clustering = experiment.model.architecture.clustering
    motifs = find_motifs(answers.embeddings, answers.truth, answers.data.groups, clustering, experiment.training.seed)
    metrics = _metrics(answers, experiment, split, how) | {
        "motifs": motifs.to_dict(),
        "codes": _codes(answers, experiment),
    }
    report = write_report(
        Path(reports), experiment, record, answers, motifs, metrics, save_predictions=save_predictions
    )
    logger("motif.experiments").info("experiment judged", name=experiment.name, accuracy=metrics["accuracy"])
    return Judged(folder=report, metrics=metrics, shown=experiment.evaluation.metrics)


def _metrics(answers: Answers, experiment: Experiment, split: str, how: str) -> dict[str, Any]:
    data = answers.data
    steps = np.diff(data.start)[np.diff(data.stretch) == 0]
    rate_hz = experiment.data.sampling_rate / (max(float(np.median(steps)), 1.0) if steps.size else 1.0)
    in_time: dict[str, Any] = {
        "rate_hz": rate_hz,
        "lengths": [len(rows) for rows in runs(data)],
        "window_s": experiment.data.window_size / experiment.data.sampling_rate,
    }
    found = behavior_scores(answers.truth, answers.labels, answers.smoothed, **in_time)
    raw = behavior_scores(answers.truth, answers.raw.argmax(axis=1), answers.raw, **in_time)
    never = baseline_scores(answers.truth, answers.truth, answers.class_names)
    return {
        "experiment": experiment.name,
        "digest": experiment.digest,
        "split": split,
        "how": how,
        "windows": data.n_windows,
        "window_rate_hz": rate_hz,
        **found.to_dict(),
        "raw": raw.to_dict(),
        "never_looks": {"accuracy": never.accuracy, "macro_f1": never.macro_f1, "ece": never.ece},
    }


def _codes(answers: Answers, experiment: Experiment) -> dict[str, Any]:
    """Return how many of the codes occur, and how evenly."""
    size = math.prod(experiment.model.architecture.quantization.levels)
    counts = np.bincount(answers.codes.ravel(), minlength=size)
    share = counts[counts > 0] / counts.sum()
    return {"size": size, "used": int(share.size), "perplexity": float(np.exp(-(share * np.log(share)).sum()))}
