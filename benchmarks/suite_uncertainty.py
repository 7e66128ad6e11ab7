"""Whose doubt is worth its price: one network, dropout left on, or five; gestures never taught are the test."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks._tables import show
from motif.evaluation import Ensemble, score, uncertainty
from motif.learning import arrays, keras
from motif.networks import NetworkClassifier
from motif.networks._training import predict
from motif.recordings import Dataset, load_dataset

NEVER_TAUGHT = ("swipeup", "touch_hover", "pointyclick")
N_MEMBERS = 5
N_PASSES = 20
HELD_OUT = "3"

Answers = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""Windows to (n_members, n, n_classes)."""


def run(shared: Path) -> dict[str, Any]:
    data = load_dataset(shared / "handflow")
    found: dict[str, list[dict[str, float]]] = {}
    for gesture in NEVER_TAUGHT:
        for name, figures in judged(data, gesture).items():
            found.setdefault(name, []).append(figures)
    rows = [
        {"doubt of": name, **{key: float(np.mean([f[key] for f in each])) for key in each[0]}}
        for name, each in found.items()
    ]
    title = f"Doubt on handflow: {', '.join(NEVER_TAUGHT)} left out in turn, block {HELD_OUT} held out (CNN)"
    return {title: show(title, rows)}


def judged(data: Dataset, gesture: str) -> dict[str, dict[str, float]]:
    strange = data.labels == gesture
    learnt, tested = (data.groups != HELD_OUT) & ~strange, (data.groups == HELD_OUT)
    names = np.unique(data.labels[learnt])
    known = tested & ~strange
    y = np.searchsorted(names, data.labels[known])
    ensemble = Ensemble(
        lambda seed: NetworkClassifier("cnn1d", epochs=8, refit=False, dropout=0.2, random_state=seed), N_MEMBERS
    )
    started = time.perf_counter()
    ensemble.fit(data.X[learnt], data.labels[learnt], groups=data.groups[learnt])
    fit_s = time.perf_counter() - started
    first = ensemble.members_[0]
    stochastic = dropout_left_on(first.model_)
    ways: dict[str, tuple[Answers, float]] = {
        "one network": (lambda X: np.stack([first.predict_proba(X)] * 2), fit_s / N_MEMBERS),
        f"dropout left on, {N_PASSES} passes": (
            lambda X: passes(stochastic, X),
            fit_s / N_MEMBERS,
        ),
        f"{N_MEMBERS} networks": (lambda X: np.stack([m.predict_proba(X) for m in ensemble.members_]), fit_s),
    }
    return {
        name: figures(answers, data.X[known], y, data.X[strange & tested], names.tolist()) | {"fit s": seconds}
        for name, (answers, seconds) in ways.items()
    }


def figures(answers: Answers, X: NDArray[np.float32], y: NDArray[np.int64], strange: Any, names: list[str]) -> Any:
    started = time.perf_counter()
    on_known = uncertainty(answers(X))
    seconds = time.perf_counter() - started
    on_strange = uncertainty(answers(strange))
    scores = score(y, on_known.probabilities, names)
    wrong = on_known.probabilities.argmax(axis=1) != y
    unlike = np.r_[np.zeros(len(X)), np.ones(len(strange))]
    aurocs = {
        f"never taught, by {kind}": roc_auc_score(unlike, np.r_[getattr(on_known, kind), getattr(on_strange, kind)])
        for kind in ("total", "epistemic")
    }
    return {
        "accuracy": scores.accuracy,
        "ECE": scores.ece,
        "log loss": scores.log_loss,
        "wrong, by total": float(roc_auc_score(wrong, on_known.total)) if wrong.any() else np.nan,
        **{name: float(value) for name, value in aurocs.items()},
        "ms a window": 1000 * seconds / len(X),
    }


def passes(model: Any, X: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (N_PASSES, n, n_classes): each window stands in the batch so often, and is dropped from anew each time."""
    return predict(model, np.tile(X, (N_PASSES, 1, 1))).reshape(N_PASSES, len(X), -1)


def dropout_left_on(model: Any) -> Any:
    """Return a copy that drops activations in prediction too (Gal and Ghahramani, 2016); all else stays as it was."""
    k = keras()

    class Dropout(k.layers.Dropout):
        def call(self, inputs: Any, training: bool | None = None) -> Any:
            return super().call(inputs, training=True)

    class SpatialDropout1D(k.layers.SpatialDropout1D):
        def call(self, inputs: Any, training: bool | None = None) -> Any:
            return super().call(inputs, training=True)

    def clone(layer: Any) -> Any:
        left_on = {k.layers.Dropout: Dropout, k.layers.SpatialDropout1D: SpatialDropout1D}
        return left_on.get(type(layer), type(layer)).from_config(layer.get_config())

    copy = k.models.clone_model(model, clone_function=clone)
    copy.set_weights(arrays(model.weights))
    return copy
