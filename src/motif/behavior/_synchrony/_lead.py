"""Who comes first, on the whole and over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["LeadOverTime", "Leader", "lag_of", "lead_over_time", "peak_place"]

Array = NDArray[np.float64]
Leader = Literal["a", "b", "neither"]

_BEYOND = 0.95
"""A window is told coupled where its peak is above this share of windows by chance."""


@dataclass(frozen=True, slots=True, eq=False)
class LeadOverTime:
    """The lag in each window, and whether it is more than chance."""

    time_s: Array
    """(windows,), the middle of each window."""
    lag_s: Array
    """(windows,), how much later b does what a does."""
    strength: Array
    """(windows,), the correlation at that lag, Fisher-transformed."""
    chance: float
    """What 95 % of windows without a relation stay below."""

    @property
    def is_coupled(self) -> NDArray[np.bool_]:
        """(windows,); at most one in twenty is told coupled by chance."""
        return np.asarray(self.strength > self.chance)

    @property
    def leader(self) -> list[Leader]:
        """Who comes first in each window; neither where the window is not beyond chance."""
        return [
            ("a" if lag > 0 else "b") if coupled and lag != 0 else "neither"
            for lag, coupled in zip(self.lag_s, self.is_coupled, strict=True)
        ]

    @property
    def shares(self) -> dict[Leader, float]:
        """Share of the windows that each leads."""
        leaders = self.leader
        return {name: leaders.count(name) / max(len(leaders), 1) for name in ("a", "b", "neither")}

    def table(self) -> list[dict[str, Any]]:
        """Return a row for each window."""
        columns = (self.time_s.tolist(), self.lag_s.tolist(), self.strength.tolist(), self.leader)
        return [
            {"time_s": time, "lag_s": lag, "strength": strength, "leader": leader}
            for time, lag, strength, leader in zip(*columns, strict=True)
        ]


def lead_over_time(picture: Array, chance_peaks: Array, time_s: Array, rate_hz: float) -> LeadOverTime:
    """Return the lag of each window's peak.

    Parameters
    ----------
    picture : (windows, lags)
        Correlations, from the largest negative lag to the largest positive one.
    chance_peaks : (turns, windows)
        Peaks of windows that have nothing to do with each other. They are not smoothed as the picture is, so that
        fewer than one window in twenty is told coupled by chance: about one in a hundred.
    time_s : (windows,)
    rate_hz : float
    """
    padded = np.concatenate([picture[:1], picture, picture[-1:]])
    smooth = 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]  # windows overlap by half
    lags = np.array([peak_place(row) for row in smooth]) - picture.shape[1] // 2
    return LeadOverTime(time_s, lags / rate_hz, smooth.max(axis=1), float(np.quantile(chance_peaks, _BEYOND)))


def lag_of(profile: Array, windows: Array, max_lag: int) -> tuple[float, float]:
    """Return the lag of the peak in samples, between samples by a parabola, and its standard error over windows.

    At the largest lag there is no peak to be seen, and its error is NaN: the true one may lie beyond.
    """
    if profile.argmax() in (0, 2 * max_lag):
        return float(profile.argmax()) - max_lag, float("nan")
    n, total = len(windows), windows.sum(axis=0)
    own = np.array([peak_place(total - window) for window in windows])
    # jackknife: windows overlap by half, so its error is doubled in variance
    error = float(np.sqrt(2.0 * (n - 1) / n * ((own - own.mean()) ** 2).sum())) if n > 1 else float("nan")
    return peak_place(profile) - max_lag, error


def peak_place(profile: Array) -> float:
    """Return where (lags,) is largest, between samples by a parabola."""
    i = int(profile.argmax())
    if not 0 < i < len(profile) - 1:
        return float(i)
    before, at, after = profile[i - 1 : i + 2]
    curvature = before - 2.0 * at + after
    return i + (0.5 * (before - after) / curvature if curvature < 0 else 0.0)
