"""Gestures never taught: each left out of training in turn; is an event of it less sure than one of a taught gesture?

A recognizer of hands is taught `none`, ordinary movement, and no event is raised for it. What is asked is therefore the
confidence of the event that a window raises, 0 where it raises none: of windows of gestures that were taught against
windows of the gesture that was not, all from a recorded block that was held out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, roc_auc_score

from benchmarks._tables import show
from benchmarks.suite_hands import logistic_regression
from motif.evaluation import align_probabilities, expected_calibration_error
from motif.networks import NetworkClassifier
from motif.recordings import Dataset, load_dataset

ORDINARY = "none"
EPOCHS = 6
OURS = "motif TCN"
RECOGNIZERS: dict[str, Callable[[], Any]] = {
    OURS: lambda: NetworkClassifier("tcn", epochs=EPOCHS, refit=False, random_state=0),
    "logistic regression (scikit-learn)": logistic_regression,
}


def run(shared: Path) -> dict[str, Any]:
    data = load_dataset(shared / "handflow")
    blocks = np.unique(data.groups)
    gestures = [name for name in data.class_names if name != ORDINARY]
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in RECOGNIZERS}
    for i, gesture in enumerate(gestures):
        for name, make in RECOGNIZERS.items():
            found[name].append(_judged(make(), data, gesture, blocks[i % len(blocks)]))
    figures = list(found[OURS][0])[3:]
    means = [
        {"recognizer": name, **{figure: float(np.mean([row[figure] for row in rows])) for figure in figures}}
        for name, rows in found.items()
    ]
    title = "Gestures never taught (handflow): each left out in turn, a block held out in turn"
    return {
        title: show(title, means),
        f"{title}; {OURS}, gesture by gesture": show(f"{title}; {OURS}, gesture by gesture", found[OURS]),
    }


def _judged(recognizer: Any, data: Dataset, gesture: str, block: str) -> dict[str, Any]:
    """Return AUROCs and how good the recognizer is at what it was taught."""
    names = np.asarray(data.class_names)[data.y]
    strange, tested = names == gesture, data.groups == block
    learnt = ~strange & ~tested
    if isinstance(recognizer, NetworkClassifier):
        recognizer.fit(data.X[learnt], names[learnt], groups=data.groups[learnt])
    else:
        recognizer.fit(data.X[learnt], names[learnt])
    asked = data.X[tested]
    probabilities = np.asarray(recognizer.predict_proba(asked), np.float64)
    labels, strange = names[tested], strange[tested]
    is_gesture = labels != ORDINARY
    taught = [name for name in data.class_names if name != gesture]
    columns = [taught.index(name) for name in recognizer.classes_]
    answers = align_probabilities(probabilities[~strange], columns, len(taught))
    known = np.array([taught.index(name) for name in labels[~strange]])
    return {
        "never taught": gesture,
        "block": str(block),
        "windows": int(strange.sum()),
        "AUROC, confidence of the event": _area(events(probabilities, recognizer.classes_), strange, is_gesture),
        "AUROC, likeliest gesture": _area(likeliest(probabilities, recognizer.classes_), strange, is_gesture),
        "AUROC, confidence of any class, `none` among the taught": _area(
            probabilities.max(axis=1), strange, np.ones_like(strange)
        ),
        "taught: macro-F1": float(f1_score(known, answers.argmax(axis=1), average="macro")),
        "taught: ECE": float(expected_calibration_error(known, answers)),
    }


def events(probabilities: NDArray[np.float64], classes: NDArray[Any]) -> NDArray[np.float64]:
    """Return the confidence of the event that each window raises, (n,); 0 where it is ordinary movement."""
    best = probabilities.argmax(axis=1)
    return np.where(classes[best] == ORDINARY, 0.0, probabilities.max(axis=1))


def likeliest(probabilities: NDArray[np.float64], classes: NDArray[Any]) -> NDArray[np.float64]:
    """Return the probability of the likeliest gesture, (n,), also where ordinary movement is likelier."""
    best: NDArray[np.float64] = probabilities[:, classes != ORDINARY].max(axis=1)
    return best


def _area(sureness: NDArray[np.float64], strange: NDArray[np.bool_], counted: NDArray[np.bool_]) -> float:
    return float(roc_auc_score(~strange[counted], sureness[counted]))
