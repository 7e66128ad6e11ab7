"""Two ways to teach an encoder without labels: tell the whole from a part, or know a movement again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.behavior.encode._conv2d import bounded, rounded
from motif.behavior.encode._fsq import FSQ
from motif.behavior.encode._settings import Settings
from motif.behavior.encode._training import Run
from motif.learning import keras, output_of, predict, seeded
from motif.signals import Augmentation, MotionAugmentation

__all__ = ["pretrain"]

HIDDEN = 0.4
"""Share of a window's time that is hidden."""
PROJECTION = 64
TEMPERATURE = 0.2
VIEWS = Augmentation(motion=MotionAugmentation())


def pretrain(encoder: Any, windows: NDArray[np.float32], fsq: FSQ, settings: Settings, seed: int) -> None:
    """Train `encoder` in place on windows without labels, as `settings.pretraining` says, through rounded codes."""
    if settings.pretraining == "masked":
        _masked(encoder, windows, fsq, settings, seed)
    elif settings.pretraining == "contrastive":
        _contrastive(encoder, windows, fsq, settings, seed)


def _masked(encoder: Any, windows: NDArray[np.float32], fsq: FSQ, settings: Settings, seed: int) -> None:
    """From codes of a window partly hidden, the description of the whole window has to be told."""
    targets = predict(output_of(encoder, "standardize_summary"), windows)

    def batch(rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[Any, Any]:
        return _hide(windows[rows], rng), targets[rows]

    run = Run(_with_head(encoder, fsq, targets.shape[1], seed), "mean_squared_error", settings, seed)
    run.epochs(len(windows), batch, settings.epochs)


def _contrastive(encoder: Any, windows: NDArray[np.float32], fsq: FSQ, settings: Settings, seed: int) -> None:
    """Codes of two views of a window have to be nearer to each other than to those of other windows.

    References
    ----------
    Chen, Kornblith, Norouzi, Hinton (2020), "A Simple Framework for Contrastive Learning of Visual Representations".
    """

    def batch(rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[Any, Any]:
        views = np.concatenate([VIEWS.apply(windows[rows], rng) for _ in range(2)])
        return views, np.zeros((len(views), 1), np.float32)

    run = Run(_with_head(encoder, fsq, PROJECTION, seed), _likeness_loss, settings, seed)
    run.epochs(len(windows), batch, settings.epochs)


def _with_head(encoder: Any, fsq: FSQ, n_outputs: int, seed: int) -> Any:
    k = keras()
    with seeded(seed):
        codes = rounded(bounded(encoder.output, fsq), fsq)
        return k.Model(encoder.input, k.layers.Dense(n_outputs)(codes))


def _likeness_loss(_: Any, projected: Any) -> Any:
    """Cross-entropy of finding a view's partner, row i + n/2 of row i, among all others."""
    ops = keras().ops
    half = ops.shape(projected)[0] // 2
    direction = projected / (ops.sqrt(ops.sum(projected * projected, axis=1, keepdims=True)) + 1e-6)
    likeness = ops.matmul(direction, ops.transpose(direction)) / TEMPERATURE
    likeness = likeness - 1e9 * ops.eye(2 * half)
    partner = ops.sum(direction * ops.roll(direction, half, axis=0), axis=1) / TEMPERATURE
    return ops.mean(ops.logsumexp(likeness, axis=1) - partner)


def _hide(windows: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Replace a stretch of each window by its mean."""
    hidden = windows.copy()
    frames_first = windows.ndim == 3
    series = np.moveaxis(hidden, 1, -1) if frames_first else hidden
    samples = series.shape[-1]
    length = max(1, round(HIDDEN * samples))
    for window, start in zip(series, rng.integers(0, samples - length + 1, len(series)), strict=True):
        window[..., start : start + length] = window.mean(axis=-1, keepdims=True)
    return hidden
