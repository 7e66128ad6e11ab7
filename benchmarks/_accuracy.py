"""Judge recognizers and peers on the same folds of one data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks._peers import fold_masks, run_peer
from motif.evaluation import cross_validate
from motif.recordings import Dataset, Split


def compare(
    data: Dataset, split: Split, recognizers: Mapping[str, Callable[[], Any]], *, peers: bool = True
) -> list[dict[str, Any]]:
    """Return a row for each recognizer, for MiniRocket where it is installed, and for the one that never looks."""
    rows, baseline = [], None
    for name, make in recognizers.items():
        judged = cross_validate(make, data, split)
        baseline = judged.baseline
        rows.append(
            {
                "recognizer": name,
                **_spread("accuracy", [fold.scores.accuracy for fold in judged.folds]),
                **_spread("macro-F1", [fold.scores.macro_f1 for fold in judged.folds]),
                "ECE": judged.spread["ece"].mean,
                "fit s": float(np.mean([fold.fit_seconds for fold in judged.folds])),
            }
        )
    if peers and (
        found := run_peer("minirocket", {"X": data.X, "y": data.y, "tested": fold_masks(split, len(data.y))})
    ):
        folds = found["folds"]
        rows.append(
            {
                "recognizer": "MiniRocket + ridge (aeon)",
                **_spread("accuracy", [fold["accuracy"] for fold in folds]),
                **_spread("macro-F1", [fold["macro_f1"] for fold in folds]),
                "ECE": None,
                "fit s": float(np.mean([fold["fit_s"] for fold in folds])),
            }
        )
    assert baseline is not None
    rows.append(
        {
            "recognizer": "never looks",
            **_spread("accuracy", [baseline.accuracy]),
            **_spread("macro-F1", [baseline.macro_f1]),
            "ECE": None,
            "fit s": 0.0,
        }
    )
    return rows


def _spread(name: str, values: list[float]) -> dict[str, Any]:
    return {name: float(np.mean(values)), f"{name} by fold": f"{min(values):.3f}…{max(values):.3f}"}
