"""The folder of a report: figures, calibration, settings, predictions, and one page to look at."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from motif.evaluation import baseline_scores, html_report, reliability, score
from motif.experiments._experiment import Experiment
from motif.experiments._folder import TrainingRecord
from motif.files import atomic_folder

if TYPE_CHECKING:
    from motif.experiments._answers import Answers
    from motif.experiments._motifs import Motifs

__all__ = ["write_report"]


def write_report(
    reports: Path,
    experiment: Experiment,
    record: TrainingRecord,
    answers: Answers,
    motifs: Motifs,
    metrics: dict[str, Any],
    *,
    save_predictions: bool,
) -> Path:
    """Write `reports/<hash>/`, whole or not at all; the hash is that of settings, model and answers.

    Raises
    ------
    WriteError
        The disk is full, or the place cannot be written.
    """
    folder = reports / _content_hash(experiment, record, answers)
    texts = {
        "metrics.json": _json(metrics),
        "calibration.json": _json(_calibration(answers)),
        "config.yaml": yaml.safe_dump(experiment.to_dict(), sort_keys=False, allow_unicode=True),
        "label_map.json": _json({str(i): name for i, name in enumerate(answers.class_names)}),
        "clustering.json": _json(motifs.audit),
        "report.html": _page(experiment, answers, metrics),
    }
    with atomic_folder(folder, known_by="metrics.json") as whole:
        for name, text in texts.items():
            (whole / name).write_text(text, encoding="utf-8")
        if save_predictions:
            _write_predictions(whole / "predictions.parquet", answers, motifs)
    return folder


def _content_hash(experiment: Experiment, record: TrainingRecord, answers: Answers) -> str:
    found = hashlib.sha256(f"{experiment.digest} {record.model_sha256}".encode())
    for array in (answers.truth, answers.raw, answers.labels):
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:12]


def _calibration(answers: Answers) -> dict[str, Any]:
    """Return confidence against accuracy before and after smoothing, in bins."""
    both = {"raw": answers.raw, "smoothed": answers.smoothed}
    return {
        name: [
            {"confidence": b.confidence, "accuracy": b.accuracy, "count": b.count}
            for b in reliability(answers.truth, probabilities)
        ]
        for name, probabilities in both.items()
    }


def _page(experiment: Experiment, answers: Answers, metrics: dict[str, Any]) -> str:
    names, data = answers.class_names, answers.data
    return html_report(
        f"{experiment.name}: {data.name}",
        scores=score(answers.truth, answers.smoothed, names),
        uncalibrated=score(answers.truth, answers.raw, names),
        baseline=baseline_scores(answers.truth, answers.truth, names),
        summary=(
            f"After smoothing, {metrics['accuracy']:.1%} of {metrics['windows']:,} windows are right; "
            f"{metrics['transition_rate']:.2f} changes a second, {metrics['mean_dwell']:.2f} s a segment. "
            "The figures below are of the averaged probabilities."
        ),
        split={"how": metrics["how"], data.group_kind: ", ".join(data.group_names)},
        dataset={
            "windows": f"{data.n_windows:,} of {' × '.join(map(str, data.X.shape[1:]))}",
            "sensors": ", ".join(data.sensors),
            "rate": f"{experiment.data.sampling_rate:g} Hz",
        },
        notes=data.notes,
    )


def _write_predictions(path: Path, answers: Answers, motifs: Motifs) -> None:
    """Write a row for each window: where it was, what it was, what was said, how surely."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    data, names = answers.data, np.array(answers.class_names)
    columns = {
        "group": data.groups,
        "stretch": data.stretch,
        "start": data.start,
        "truth": names[answers.truth],
        "window": names[answers.raw.argmax(axis=1)],
        "smoothed": names[answers.labels],
        "motif": motifs.labels,
        "confidence": answers.smoothed[np.arange(len(answers.labels)), answers.labels],
    } | {f"p_{name}": answers.smoothed[:, i] for i, name in enumerate(names)}
    pq.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), path)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
