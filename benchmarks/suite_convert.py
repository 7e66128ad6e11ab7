"""Networks in other formats: size, time, and what the score loses; recorded blocks of `handflow` held out.

Loss is told on windows that neither training nor calibration saw. A target that cannot be made has a row that says why.
The TCN is trained to the end; of the others, trained for some epochs, the loss is told and not the score.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._tables import show
from motif.bundles.targets import TARGETS, Outcome, convert_all
from motif.networks import ARCHITECTURES, NetworkClassifier
from motif.recordings import Dataset, leave_one_group_out, load_dataset

N_CALIBRATION = 200
N_COMPARED = 500
INT8 = ("onnx-int8", "tflite-int8")
SOME_EPOCHS = 6


def run(shared: Path) -> dict[str, Any]:
    data = load_dataset(shared / "handflow")
    folds = leave_one_group_out(data).folds
    learnt, unseen = _divided(data, folds[-1])
    others = [name for name in ARCHITECTURES if name != "tcn"]
    some = unseen.subset(_spread(unseen.n_windows, N_COMPARED))
    return {
        title: show(title, rows)
        for title, rows in (
            ("The TCN in every format (handflow, the last block held out)", _rows("tcn", learnt, unseen, TARGETS)),
            ("8 bits, the first block held out", _rows("tcn", *_divided(data, folds[0]), INT8)),
            (
                f"8 bits, other architectures trained for {SOME_EPOCHS} epochs (the last block held out)",
                [
                    {"architecture": name, **row}
                    for name in others
                    for row in _rows(name, learnt, some, INT8, epochs=SOME_EPOCHS)
                ],
            ),
        )
    }


def _divided(data: Dataset, fold: Any) -> tuple[Dataset, Dataset]:
    return data.subset(fold.train), data.subset(fold.test)


def _spread(n: int, wanted: int) -> Any:
    return np.unique(np.linspace(0, n - 1, wanted).astype(int))


def _rows(
    architecture: str, learnt: Dataset, unseen: Dataset, targets: Collection[str], **options: Any
) -> list[dict[str, Any]]:
    recognizer = NetworkClassifier(architecture, random_state=0, **options)
    recognizer.fit(learnt.X, learnt.labels, learnt.groups)
    with tempfile.TemporaryDirectory() as folder:
        outcomes = convert_all(
            recognizer.save(Path(folder) / "bundle"),
            list(targets),
            Path(folder) / "converted",
            calibration=learnt.X[_spread(len(learnt.X), N_CALIBRATION)],
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
