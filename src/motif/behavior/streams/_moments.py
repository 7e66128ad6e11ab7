"""What a body does at each moment of a recording, whichever way its sensors are worn.

A recording is known whole, so that each sensor gets axes of its own: gravity as it mostly felt it, the direction in
which it leans most from there, and the one across. Thighs that rise, hands that are raised and bodies that turn are
then the same numbers, however a phone lies in a pocket.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

__all__ = ["FEWEST_AROUND", "moments", "usual_sizes"]

Array = NDArray[np.float64]

FEWEST_AROUND = 5
"""Samples: fewer do not say how lively a frame is."""
LEAN_S = 0.3
"""Means of so long say where gravity is at a moment."""
TURNS_S = (0.4, 0.8, 1.5)
"""How far it turns about gravity within these times, before and after."""
AT_REST = 0.02
"""Share of a kind's usual size below which a movement counts as rest: logarithms start here."""
FAR = 1e6
"""In usual sizes: a network's numbers would not hold more."""


def moments(stream: NDArray[np.float32], sizes: Array, rate_hz: float, frame: int, around: int) -> NDArray[np.float32]:
    """Describe each frame of a recording.

    Parameters
    ----------
    stream : (channels, sensors, samples)
        Three channels that follow each other are the axes of one kind; the first feels gravity, the second, where
        there is one, turns.
    sizes : (kinds,)
        The usual length of each kind; see `usual_sizes`.
    rate_hz : float
    frame : int
        Samples in a frame; what is left over at the end is no frame.
    around : int
        Samples around a frame that say how lively it is, at least those of the frame.

    Returns
    -------
    (frames, features) float32
    """
    n_frames = stream.shape[2] // frame
    triads = _triads(stream) / sizes[:, None, None, None]
    parts = []
    for sensor in range(stream.shape[1]):
        raw = triads[:, :, sensor]  # (kinds, 3, samples)
        own = _own_axes(raw[0], max(round(LEAN_S * rate_hz), 1)) @ raw
        length, level = np.sqrt(np.square(raw).sum(axis=1)), np.hypot(own[:, 1], own[:, 2])
        lively = np.concatenate([length, level, own[:, 0]])
        still = np.concatenate([lively, np.abs(own[1:2, 0]), own[:, 1], own[:, 2]])
        parts += [_means(still, frame, n_frames), np.log(_spreads(lively, frame, around) + AT_REST)]
        if len(raw) > 1:
            parts.append(_turned(_means(own[1:2, 0], frame, n_frames)[0], rate_hz / frame))
    return np.asarray(np.clip(np.concatenate(parts), -FAR, FAR).T, np.float32)


def usual_sizes(streams: list[NDArray[np.float32]]) -> Array:
    """Return the root of the mean squared length of each kind, (kinds,)."""
    squares = [np.square(_triads(stream)).sum(axis=1).mean(axis=(1, 2)) for stream in streams]
    return np.sqrt(np.average(squares, axis=0, weights=[stream.shape[2] for stream in streams])) + 1e-9


def _triads(stream: NDArray[np.float32]) -> Array:
    """(channels, sensors, samples) → (kinds, 3, sensors, samples)."""
    return stream.astype(np.float64).reshape(len(stream) // 3, 3, *stream.shape[1:])


def _own_axes(acceleration: Array, span: int) -> Array:
    """Return three axes (3, 3) of (3, samples): gravity, the way it leans, the way across.

    The way it leans has a sign: what is far from the usual and seldom lies ahead.
    """
    slow = np.stack(
        [
            np.convolve(np.pad(axis, (span // 2, span - 1 - span // 2), "edge"), np.ones(span) / span, "valid")
            for axis in acceleration
        ]
    )
    gravity = slow.mean(axis=1)
    gravity /= np.sqrt(np.square(gravity).sum()) + 1e-9
    leaning = slow - np.outer(gravity, gravity @ slow)
    ahead = np.linalg.eigh(leaning @ leaning.T)[1][:, -1]
    ahead *= 1.0 if (np.power(ahead @ leaning, 3)).sum() >= 0 else -1.0
    return np.stack([gravity, ahead, np.cross(gravity, ahead)])


def _means(series: Array, frame: int, n_frames: int) -> Array:
    return np.asarray(series[:, : n_frames * frame].reshape(len(series), n_frames, frame).mean(axis=2))


def _spreads(series: Array, frame: int, around: int) -> Array:
    more = around - frame
    padded = np.pad(series, ((0, 0), (more // 2, more - more // 2)), "edge")
    return np.asarray(sliding_window_view(padded, around, axis=1)[:, ::frame].std(axis=2))


def _turned(rate: Array, frames_per_s: float) -> Array:
    """Return how far it turns in each span before and after every frame, (2 · spans, frames), from (frames,)."""
    heading = np.cumsum(rate) / frames_per_s
    parts = []
    for seconds in TURNS_S:
        span = min(max(round(seconds * frames_per_s), 1), len(heading))
        padded = np.pad(heading, span, "edge")
        parts += [np.abs(padded[2 * span :] - heading), np.abs(heading - padded[: len(heading)])]
    return np.stack(parts)
