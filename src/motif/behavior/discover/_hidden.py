"""Key points that are hidden for a while: which they are, and where the rest of the body says they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motif.recordings import Recording
from motif.recordings._poses import PoseLayout, pose_layout

__all__ = ["filled", "hidden_points", "without_guesses"]

Array = NDArray[np.float64]
Plane = NDArray[np.complex128]
"""Points (x, y) as x + iy."""

_UNLIKELY = 0.6
"""Of the likelihood that the point seen best mostly has; where that is 1, it is DeepLabCut's own limit."""
_FEWEST_SEEN = 0.5
"""Share of the points: where fewer are seen, nothing is known of the body."""
_OFTEN = 0.05
"""Share of the time from which on it is said."""
_ROUNDS = 5


def hidden_points(recording: Recording) -> list[str]:
    """Return a note that names the key points which are often hidden; none where there are none."""
    layout = pose_layout(recording.channels)
    if layout is None:
        return []
    position = without_guesses(recording.values, layout)[:, layout.position[:, :, 0]]
    shares = np.isnan(position).any(axis=1).mean(axis=0)
    often = [k for k in np.argsort(-shares, kind="stable") if shares[k] >= _OFTEN]
    if not often:
        return []
    names = ", ".join(f"{layout.keypoints[k]} ({shares[k]:.0%})" for k in often)
    return [f"Hidden for much of the time, and then put where the points that are seen say: {names}."]


def without_guesses(values: Array, layout: PoseLayout) -> Array:
    """Return values (n, channels) with NaN for the coordinates of points that a network guessed rather than saw."""
    if layout.confidence is None:
        return values
    likely = values[:, layout.confidence]
    if np.isnan(likely).all():
        return values
    usual = max(float(np.median(each[np.isfinite(each)])) for each in likely[:, :, 0].T if np.isfinite(each).any())
    found = values.copy()
    for columns in layout.position:
        found[:, columns] = np.where(likely < _UNLIKELY * usual, np.nan, values[:, columns])
    return found


def filled(position: Array) -> Array:
    """Return points (n, space, keypoints) with each hidden one where the others say it is.

    In the body's own axes, which its usual shape turned onto the points that are seen gives, a hidden point goes
    straight from where it was last seen to where it is seen next. All are NaN where fewer than half of them are seen.
    """
    seen = np.asarray(np.isfinite(position).all(axis=1))
    if seen.all():
        return position
    enough = np.flatnonzero(seen.sum(axis=1) >= max(2.0, _FEWEST_SEEN * seen.shape[1]))
    found = np.full_like(position, np.nan)
    if len(enough):
        points = np.where(seen[:, None], position, np.nan)[enough]
        flat = _bridged(points[:, 0] + 1j * points[:, 1], enough, turns=True)
        heights = [_bridged(points[:, axis] + 0j, enough, turns=False).real for axis in range(2, points.shape[1])]
        found[enough] = np.stack([flat.real, flat.imag, *heights], axis=1)
    return found


def _bridged(points: Plane, at: NDArray[np.intp], *, turns: bool) -> Plane:
    """Return points (n, keypoints) of moments `at` with a line, in the body's axes, through what is NaN."""
    shape = _usual_shape(points, turns)
    found = points.copy()
    for k, column in enumerate(points.T):
        others = np.where(np.arange(points.shape[1]) == k, np.nan, points)
        turn, centre, own_centre = _lying(others, shape, turns)  # by the same points, whether this one is seen or not
        own = (column - centre) * turn.conj() + own_centre
        known, hidden = np.isfinite(own), np.isnan(column)
        if known.any():
            line = np.interp(at, at[known], own[known])
            found[hidden, k] = ((line - own_centre) * turn + centre)[hidden]
    return found


def _usual_shape(points: Plane, turns: bool) -> Plane:
    """Return the mean of points (n, keypoints) in the body's axes, NaN for what is never seen."""
    shape: Plane = points[np.isfinite(points).sum(axis=1).argmax()]
    for _ in range(_ROUNDS):
        turn, centre, own_centre = _lying(points, shape, turns)
        own = (points - centre[:, None]) * turn.conj()[:, None] + own_centre[:, None]
        known = np.isfinite(own)
        n_known = known.sum(axis=0)
        mean = np.where(known, own, 0.0).sum(axis=0) / np.maximum(n_known, 1)
        shape = np.where(n_known > 0, mean, np.nan)
    return shape


def _lying(points: Plane, shape: Plane, turns: bool) -> tuple[Plane, Plane, Plane]:
    """Return how the shape lies at each moment, (n,): its turn, NaN where no two points tell it, and both centres."""
    both = np.isfinite(points) & np.isfinite(shape)
    n_both = np.maximum(both.sum(axis=1), 1)
    centre = np.where(both, points, 0.0).sum(axis=1) / n_both
    own_centre = np.where(both, shape, 0.0).sum(axis=1) / n_both
    along = np.where(both, (points - centre[:, None]) * (shape - own_centre[:, None]).conj(), 0.0).sum(axis=1)
    turn = np.exp(1j * np.angle(along)) if turns else np.ones_like(along)
    return np.asarray(np.where(n_both > 1, turn, np.nan)), centre, own_centre
