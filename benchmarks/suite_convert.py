"""Networks in other formats: size, time, and what the score loses; the last recorded block of `handflow` held out.

Loss is told on windows that neither training nor calibration saw. A target that cannot be made has a row that says so.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._tables import show
from motif.bundles.targets import TARGETS, Outcome, convert_all
from motif.networks import ARCHITECTURES, NetworkClassifier
from motif.recordings import Dataset, leave_one_group_out, load_dataset

N_CALIBRATION = 200


def run(shared: Path) -> dict[str, Any]:
    data = load_dataset(shared / "handflow")
    fold = leave_one_group_out(data).folds[-1]
    learnt, unseen = data.subset(fold.train), data.subset(fold.test)
    rows = [row for architecture in ARCHITECTURES for row in _rows(architecture, learnt, unseen)]
    title = f"Networks converted (handflow, block {fold.name} held out, one thread)"
    return {title: show(title, rows)}


def _rows(architecture: str, learnt: Dataset, unseen: Dataset) -> list[dict[str, Any]]:
    recognizer = NetworkClassifier(architecture, random_state=0).fit(learnt.X, learnt.labels, learnt.groups)
    labels = np.searchsorted(recognizer.classes_, unseen.labels)
    spread = np.unique(np.linspace(0, len(learnt.X) - 1, N_CALIBRATION).astype(int))
    with tempfile.TemporaryDirectory() as folder:
        outcomes = convert_all(
            recognizer.save(Path(folder) / "bundle"),
            list(TARGETS),
            Path(folder) / "converted",
            calibration=learnt.X[spread],
            windows=unseen.X,
            labels=labels,
        )
        return [_row(architecture, outcome) for outcome in outcomes]


def _row(architecture: str, outcome: Outcome) -> dict[str, Any]:
    made = outcome.converted
    return {
        "architecture": architecture,
        "target": outcome.target,
        "kB": made and made.size_bytes / 1e3,
        "one window, median ms": made and made.median_ms,
        "macro-F1": outcome.macro_f1,
        "points lost": outcome.lost_points,
        "mean difference": made and made.mean_difference,
        "same class": made and made.agreement,
        "why not": outcome.problem[:120],
    }
