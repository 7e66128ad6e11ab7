"""How far a stretch of motion can be trusted, and why not further."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_columns, as_time
from motif.errors import ShapeError, TooFewSamplesError
from motif.signals._filters import despike
from motif.signals._gaps import stretches
from motif.signals._monotonic import monotonic
from motif.signals._units import convert, quantity

__all__ = ["Quality", "quality"]

# The widest ranges of the IMUs in phones and wearables (TDK ICM-20649: ±30 g, ±4000 °/s), and of their magnetometers.
_LARGEST = {"acceleration": (32.0, "g"), "angular rate": (4000.0, "deg/s"), "magnetic field": (5000.0, "µT")}
_HELD = 3  # equal samples in a row at the largest or smallest value: cut off there
_WORTH_NAMING = 0.01
_JITTER_WEIGHT = 0.5  # resampling mends most of it


@dataclass(frozen=True, slots=True)
class Quality:
    """A score, and what kept it from being 1."""

    score: float
    """0…1: the share of values that can be trusted; half of the uneven time steps count against it."""
    shares: Mapping[str, float]
    """For each reason the share of values, or of time steps, that it concerns, 0…1."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reasons that concern at least 1 %, the worst first: see `quality` for their names."""
        worst_first = sorted(self.shares, key=lambda reason: -self.shares[reason])
        return tuple(reason for reason in worst_first if self.shares[reason] >= _WORTH_NAMING)


def quality(values: ArrayLike, *, time_ns: ArrayLike | None = None, units: Sequence[str] = ()) -> Quality:
    """Judge a stretch of motion.

    ============== =====================================================================================
    reason         what it concerns
    ============== =====================================================================================
    ``missing``    values that are NaN
    ``gaps``       samples that should stand in the gaps of `time_ns` (steps over five typical ones)
    ``flat``       values of a channel that never changes: unplugged, stuck, or at perfect rest
    ``clipped``    values held at the largest or smallest of their channel: the range was too small
    ``spikes``     values far off both neighbours, see `despike`
    ``impossible`` values beyond what such sensors can read: 32 g, 4000 °/s, 5 mT; often another unit
    ``jitter``     time steps that are zero, backward, or more than half a typical step off
    ============== =====================================================================================

    Parameters
    ----------
    values : (n_samples, n_channels) or (n_samples,)
        NaN marks a gap.
    time_ns : (n_samples,), int, optional
        When each sample was taken; without it nothing is said of gaps and jitter.
    units : sequence of str, optional
        A unit for each channel, or one for all; without it nothing is said of impossible values.

    Returns
    -------
    Quality
        `score`, `reasons`, `shares`.

    Raises
    ------
    TooFewSamplesError
        There is no value to judge.
    ShapeError
        There are not as many times as samples, or as many units as channels.
    UnitError, DtypeError, NotFiniteError
        A unit is unknown, the arrays are not numbers and times, a value is infinite.

    Examples
    --------
    >>> found = quality([[0.0, 1.0], [0.1, 1.0], [np.nan, 1.0], [0.4, 1.0]])
    >>> found.score, found.reasons
    (0.375, ('flat', 'missing'))
    """
    columns = as_columns(values)
    if not columns.size:
        raise TooFewSamplesError(f"values of shape {np.shape(values)} hold nothing to judge; want at least 1 sample")
    marks = {
        "missing": np.isnan(columns),
        "flat": np.column_stack([_flat(channel) for channel in columns.T]),
        "clipped": np.column_stack([_clipped(channel) for channel in columns.T]),
        "spikes": ~np.isnan(columns) & (despike(columns) != columns),
        "impossible": abs(np.nan_to_num(columns)) > _limits(units, columns.shape[1]),
    }
    trusted = 1 - float(np.logical_or.reduce(list(marks.values())).mean())
    shares = {reason: float(mark.mean()) for reason, mark in marks.items()}
    shares["gaps"], shares["jitter"] = (0.0, 0.0) if time_ns is None else _timing(as_time(time_ns, len(columns)))
    score = trusted * (1 - shares["gaps"]) * (1 - _JITTER_WEIGHT * shares["jitter"])
    return Quality(score, shares)


def _flat(channel: NDArray[np.float64]) -> NDArray[np.bool_]:
    known = ~np.isnan(channel)
    constant = known.sum() > 1 and np.ptp(channel[known]) == 0
    return known if constant else np.zeros(channel.size, dtype=bool)


def _clipped(channel: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark runs of equal values at the extremes, unless the channel holds its values everywhere."""
    clipped = np.zeros(channel.size, dtype=bool)
    at = np.flatnonzero(~np.isnan(channel))
    known = channel[at]
    steps = abs(np.diff(known))
    if not steps.any() or np.ptp(known) < 20 * steps[steps > 0].min():
        return clipped  # of so few levels that equal neighbours say nothing
    held = np.zeros(known.size, dtype=bool)
    for start, stop in stretches(steps == 0):
        held[start : stop + 1] = stop + 1 - start >= _HELD
    extreme = (known == known.min()) | (known == known.max())
    if (held & ~extreme).mean() < 0.05:
        clipped[at] = held & extreme
    return clipped


def _limits(units: Sequence[str], n_channels: int) -> NDArray[np.float64]:
    """Return the largest possible magnitude of each channel, in its unit."""
    each = [units] if isinstance(units, str) else list(units)
    if len(each) == 1:
        each *= n_channels
    if len(each) not in (0, n_channels):
        raise ShapeError("units", got=(len(each),), want=f"({n_channels},), one for each channel")
    limits = np.full(n_channels, np.inf)
    for index, unit in enumerate(each):
        if (measured := quantity(unit)) in _LARGEST:
            limits[index] = convert(*_LARGEST[measured], unit)
    return limits


def _timing(time_ns: NDArray[np.int64]) -> tuple[float, float]:
    """Return the share of samples lost in gaps, and of steps that are uneven."""
    clock = monotonic(time_ns)
    if not clock.report.step_s:
        return 0.0, 1.0 if time_ns.size > 1 else 0.0
    steps = np.diff(clock.time_ns) / 1e9 / clock.report.step_s
    in_gaps = steps > clock.report.max_gap_s / clock.report.step_s
    lost = float((steps[in_gaps] - 1).sum())
    uneven = (abs(steps - 1) > 0.5) & ~in_gaps
    backward = np.diff(time_ns) < 0
    return lost / (time_ns.size + lost), float(np.minimum(1, (uneven.sum() + backward.sum()) / steps.size))
