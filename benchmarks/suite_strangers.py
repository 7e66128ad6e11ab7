"""Movements never taught, on the hardest set: what more samples would bring, other scores, who is taken for whom."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks._few_shot import FewShot, data_sets, draw_windows
from benchmarks._peers import run_peer
from benchmarks._tables import show
from motif.recordings import load_dataset
from motif.templates import TemplateClassifier

COUNTS = (3, 5, 10, 20, 40)
N_DRAWS = 26
"""Each gesture left out twice."""
N_TESTED = 20


def run(shared: Path) -> dict[str, Any]:
    data = data_sets(shared)[1]
    names = load_dataset(shared / "wand_gestures").class_names
    largest = max(np.unique(data.groups), key=lambda session: (data.groups == session).sum())
    one_session = replace(data, teachers=(str(largest),))
    judged = [_judged(data, draw, 5) for draw in range(N_DRAWS)]
    tables = {
        "Never taught (wand_gestures): samples of each gesture, the largest session": [
            _row(n_each, [_judged(one_session, draw, n_each) for draw in range(len(data.gestures))])
            for n_each in COUNTS
        ],
        "Never taught (wand_gestures): 5 samples, scores side by side": _side_by_side(data, judged),
        "Never taught (wand_gestures): 5 samples, who is taken for whom": _taken_for(data, judged, names),
    }
    return {title: show(title, rows) for title, rows in tables.items()}


def _left_out(data: FewShot, draw: int) -> int:
    return data.gestures[draw % len(data.gestures)]


def _windows(data: FewShot, draw: int, n_each: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return indices of what is taught, of more of the same, and of the gesture that was left out, of one session."""
    out = _left_out(data, draw)
    others = tuple(c for c in data.gestures if c != out)
    taught, asked = draw_windows(data, draw, n_each, N_TESTED, gestures=others, within=True)
    return taught, asked, np.flatnonzero((data.y == out) & data.sides(draw)[0])


def _judged(data: FewShot, draw: int, n_each: int) -> dict[str, Any]:
    taught, asked, strange = _windows(data, draw, n_each)
    classifier = TemplateClassifier().fit(data.X[taught], data.y[taught])
    probabilities, scores = classifier.answers(data.X[np.concatenate([asked, strange])])
    told = classifier.classes_[probabilities.argmax(axis=1)]
    is_strange = np.repeat([0, 1], [len(asked), len(strange)])
    let_in = (is_strange == 1) & (scores <= np.quantile(scores[is_strange == 0], 0.95))
    return {
        "score": float(roc_auc_score(is_strange, scores)),
        "probability": float(roc_auc_score(is_strange, -probabilities.max(axis=1))),
        "accuracy": float((told[is_strange == 0] == data.y[asked]).mean()),
        "let in": let_in.sum() / len(strange),
        "taken for": np.bincount(told[let_in], minlength=data.y.max() + 1) / len(strange),
    }


def _row(n_each: int, judged: list[dict[str, Any]]) -> dict[str, Any]:
    def mean(what: str) -> float:
        return float(np.mean([each[what] for each in judged]))

    return {
        "samples": n_each,
        "AUROC of the outlier score": mean("score"),
        "AUROC of the largest probability": mean("probability"),
        "accepted, keeping 95 %": mean("let in"),
        "accuracy of the taught": mean("accuracy"),
    }


def _side_by_side(data: FewShot, judged: list[dict[str, Any]]) -> list[dict[str, Any]]:
    arrays: dict[str, NDArray[Any]] = {"X": data.X, "y": data.y}
    for draw in range(N_DRAWS):
        parts = zip(("taught", "asked", "strange"), _windows(data, draw, 5), strict=True)
        arrays |= {f"{draw}.{part}": indices for part, indices in parts}
    ours = {
        "motif TemplateClassifier, outlier score": [each["score"] for each in judged],
        "motif TemplateClassifier, largest probability": [each["probability"] for each in judged],
    }
    found = ours | (run_peer("strangers", arrays) or {})
    return [
        {"score": name, "AUROC": f"{np.mean(areas):.3f} ± {np.std(areas):.3f}", "lowest": float(np.min(areas))}
        for name, areas in found.items()
    ]


def _taken_for(data: FewShot, judged: list[dict[str, Any]], names: Any) -> list[dict[str, Any]]:
    rows = []
    for gesture in data.gestures:
        mine = [each for draw, each in enumerate(judged) if _left_out(data, draw) == gesture]
        taken = np.mean([each["taken for"] for each in mine], axis=0)
        most = taken.argsort()[::-1][:2]
        rows.append(
            {
                "left out": names[gesture],
                "AUROC": float(np.mean([each["score"] for each in mine])),
                "accepted, keeping 95 %": float(np.mean([each["let in"] for each in mine])),
                "as": ", ".join(f"{names[c]} {taken[c]:.2f}" for c in most if taken[c] >= 0.01),
            }
        )
    return rows


if __name__ == "__main__":
    run(Path(os.environ.get("MOTIF_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")))
