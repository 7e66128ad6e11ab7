"""What features over time do in a window, as one vector: levels, spread, extremes, drift and strength of movement."""

from __future__ import annotations

from typing import Any

from motif.learning._backend import keras

__all__ = ["changes", "summarized"]

LEAST_SPREAD, LEAST_PACE = 1e-2, 1e-1
"""Added before a logarithm is taken, so that stillness has one."""
SLOW = 0.03
"""Change a frame below which changes are told apart finely; those above coarsely."""
PART = 4
"""The last part of the window against the first tells where things went; this many parts make a window."""


def summarized(values: Any, seen: Any) -> Any:
    """Return (batch, 8 · features) from `values` (batch, frames, features), zero in the frames where `seen` is 0.

    Of each feature: its mean, the logarithm of its spread, maximum, minimum and drift, and the logarithm of the spread,
    maximum and minimum of its change from frame to frame. Frames that were not seen do not count.
    """
    ops = keras().ops
    frames, features = values.shape[1:]
    n_seen = ops.maximum(ops.sum(seen, axis=1), 1.0)
    mean = ops.sum(values, axis=1) / n_seen
    away = (values - ops.reshape(mean, (-1, 1, features))) * seen  # a frame that was not seen stays at the mean
    spread = ops.sqrt(ops.sum(away * away, axis=1) / n_seen + LEAST_SPREAD**4)
    ends = max(1, frames // PART)
    drift = ops.mean(away[:, -ends:], axis=1) - ops.mean(away[:, :ends], axis=1)
    levels = [mean, ops.log(spread + LEAST_SPREAD), ops.max(away, axis=1) + mean, ops.min(away, axis=1) + mean, drift]
    if frames == 1:
        return ops.concatenate(levels, axis=-1)
    pace = ops.arcsinh(changes(values, seen) / SLOW)
    uneven = pace - ops.mean(pace, axis=1, keepdims=True)
    unrest = ops.log(ops.sqrt(ops.mean(uneven * uneven, axis=1)) + LEAST_PACE)
    return ops.concatenate([*levels, unrest, ops.max(pace, axis=1), ops.min(pace, axis=1)], axis=-1)


def changes(values: Any, seen: Any) -> Any:
    """Return each frame's change since the one before, (batch, frames − 1, features); zero where either is not seen."""
    return (values[:, 1:] - values[:, :-1]) * (seen[:, 1:] * seen[:, :-1])
