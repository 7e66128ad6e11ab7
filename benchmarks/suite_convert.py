"""Networks in other formats: size, time, and what the score loses; recorded blocks of `handflow` held out.

Loss is told on windows that neither training nor calibration saw. A target that cannot be made has a row that says why.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._tables import show
from motif.bundles.targets import TARGETS, Outcome, convert_all
from motif.networks import ARCHITECTURES, NetworkClassifier
from motif.recordings import Dataset, leave_one_group_out, load_dataset

N_CALIBRATION = 200
INT8 = ("onnx-int8", "tflite-int8")


def run(shared: Path) -> dict[str, Any]:
    data = load_dataset(shared / "handflow")
    folds = leave_one_group_out(data).folds
    tables: dict[str, Any] = {}
    for title, architectures, chosen, targets in (
        ("Networks converted (handflow, the last block held out)", ARCHITECTURES, folds[-1:], TARGETS),
        ("8 bits on every block of handflow held out in turn", ("tcn",), folds, INT8),
    ):
        rows = [
            {"architecture": architecture, "block": fold.name, **row}
            for architecture in architectures
            for fold in chosen
            for row in _rows(architecture, data.subset(fold.train), data.subset(fold.test), list(targets))
        ]
        tables[title] = show(title, rows)
    return tables


def _rows(architecture: str, learnt: Dataset, unseen: Dataset, targets: Sequence[str]) -> list[dict[str, Any]]:
    recognizer = NetworkClassifier(architecture, random_state=0).fit(learnt.X, learnt.labels, learnt.groups)
    spread = np.unique(np.linspace(0, len(learnt.X) - 1, N_CALIBRATION).astype(int))
    with tempfile.TemporaryDirectory() as folder:
        outcomes = convert_all(
            recognizer.save(Path(folder) / "bundle"),
            targets,
            Path(folder) / "converted",
            calibration=learnt.X[spread],
            windows=unseen.X,
            labels=np.searchsorted(recognizer.classes_, unseen.labels),
        )
    return [_row(outcome) for outcome in outcomes]


def _row(outcome: Outcome) -> dict[str, Any]:
    made = outcome.converted
    return {
        "target": outcome.target,
        "kB": made and made.size_bytes / 1e3,
        "one window, median ms": made and made.median_ms,
        "macro-F1": outcome.macro_f1,
        "points lost": outcome.lost_points,
        "mean difference": made and made.mean_difference,
        "same class": made and made.agreement,
        "why not": outcome.problem[:120],
    }
