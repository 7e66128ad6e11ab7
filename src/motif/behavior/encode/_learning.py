"""From windows, labelled or not, to an encoder and a calibrated head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.behavior.encode._conv2d import bounded, build_encoder, rounded, solve_encoder
from motif.behavior.encode._fsq import FSQ
from motif.behavior.encode._pretraining import pretrain
from motif.behavior.encode._settings import Settings
from motif.behavior.encode._training import Run
from motif.evaluation import apply_temperature
from motif.learning import (
    doubted,
    fit_discriminant,
    fit_reach,
    fit_taught_range,
    fit_weights,
    keras,
    losses_of,
    output_of,
    predict,
    scale_for_a_new_group,
    seeded,
    set_weights,
    with_discriminant,
)

__all__ = ["Labelled", "learn_encoder", "learn_head"]

SUMMARY = "standardize_summary"
OUTLIER_RATE = 0.01
"""Share of the windows held out that would be called outliers."""


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Windows (n, …) with class indices (n,), the groups (n,) they belong to, and which are held out (n,)."""

    X: NDArray[np.float32]
    y: NDArray[np.int64]
    groups: NDArray[np.generic] | None
    apart: NDArray[np.bool_]
    n_classes: int


def learn_encoder(windows: NDArray[np.float32], settings: Settings, seed: int) -> Any:
    """Return an encoder that has seen windows without labels."""
    positions, dimensions = settings.latent_shape
    encoder = build_encoder(windows.shape[1:], positions * dimensions, dropout=settings.dropout, seed=seed)
    solve_encoder(encoder, windows)
    pretrain(encoder, windows, FSQ(settings.levels), settings, seed)
    return encoder


def learn_head(encoder: Any, data: Labelled, settings: Settings, seed: int) -> tuple[Any, float, list[float]]:
    """Train encoder and head with labels.

    The windows held out say for how many epochs, how much network and discriminant count and how sure both may be; then
    both learn from all windows.

    Returns
    -------
    model : keras.Model
        Windows to calibrated probabilities; shares its layers with `encoder`.
    outlier_confidence : float
        Confidence that all but a few windows held out exceed.
    losses : list of float
        Held out, after each epoch.
    """
    trained, model = _models(encoder, data.n_classes, settings, seed)
    loss = keras().losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing)
    run = Run(trained, loss, settings, seed)
    summary = predict(output_of(encoder, SUMMARY), data.X)
    every, rest = np.ones(len(data.y), bool), ~data.apart
    if rest.all():
        _train(run, data, every, settings.epochs)
        fit_discriminant(model, summary, data.y)
        fit_taught_range(model, data.X)
        return model, 0.0, []
    losses = _train(run, data, rest, settings.epochs, judged=True)
    fit_discriminant(model, summary[rest], data.y[rest])
    fit_taught_range(model, data.X[rest])
    fit_reach(model, data.X[data.apart])
    opinions = predict(output_of(model, "opinions"), data.X[data.apart])
    scale = None if data.groups is None else scale_for_a_new_group(summary, data.y, data.groups)
    weights = fit_weights(opinions, data.y[data.apart], scale=scale)
    logits = np.tensordot(weights, opinions.reshape(len(opinions), 2, -1), axes=(0, 1))
    confidence = apply_temperature(logits, 1.0).max(axis=1)
    run.begin_again()
    _train(run, data, every, int(np.argmin(losses)) + 1)
    fit_discriminant(model, summary, data.y)
    fit_taught_range(model, data.X)
    set_weights(model, weights)
    return model, float(np.quantile(confidence, OUTLIER_RATE)), losses


def _models(encoder: Any, n_classes: int, settings: Settings, seed: int) -> tuple[Any, Any]:
    """Return the model that is trained, on rounded codes, and the one that answers.

    The latter's head sees what the codes are rounded from, so that nothing jumps; a discriminant of the description
    that the codes begin with stands beside it.
    """
    k, fsq = keras(), FSQ(settings.levels)
    with seeded(seed):
        seen = bounded(encoder.output, fsq)
        head = k.layers.Dense(n_classes, name="network_logits")
        trained = k.Model(encoder.input, head(k.layers.Dropout(settings.dropout)(rounded(seen, fsq))))
        summary = encoder.get_layer(SUMMARY).output
        logits = doubted(with_discriminant(head(seen), summary), summary)
        probabilities = k.layers.Activation("softmax", name="probabilities")(logits)
    return trained, k.Model(encoder.input, probabilities, name="behavior")


def _train(run: Run, data: Labelled, rows: NDArray[np.bool_], epochs: int, *, judged: bool = False) -> list[float]:
    X, targets = data.X[rows], np.eye(data.n_classes, dtype=np.float32)
    y = data.y[rows]

    def judge() -> float:
        return float(losses_of(predict(run.model, data.X[~rows]).astype(np.float64), data.y[~rows]).mean())

    return run.epochs(len(X), lambda at, _: (X[at], targets[y[at]]), epochs, judge if judged else None)
