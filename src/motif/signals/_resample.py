"""From the time stamps a device gave to an even grid, without inventing what was not measured.

Policy: samples are put in the order of their times, since a late message is still a true one; samples of one
nanosecond are averaged; where two neighbours are further apart than `max_gap_s`, the grid between them is NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_columns, as_time, require_positive
from motif.errors import ConfigError, InputError, TooFewSamplesError
from motif.signals._gaps import incomplete, stretches
from motif.signals._monotonic import monotonic

__all__ = ["Resampled", "resample"]

_NS = 1_000_000_000
_RATE_TOLERANCE = 0.25  # a measured rate wavers: 104 Hz to 100 Hz is no decimation, 99.9 Hz to 50 Hz is one by two
_MAX_ROWS = 50_000_000  # 5.8 days at 100 Hz: beyond, a time stamp is wrong
_NEAR_NS = 1.0  # a grid time is rounded: this close to a sample it is that sample's
_TAPS_A_SIDE = 10  # of the anti-alias filter, in steps of the coarse grid


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """Samples on an even grid."""

    time_ns: NDArray[np.int64]
    """(n_rows,), the grid, each time rounded to the nanosecond."""
    values: NDArray[np.float64]
    """(n_rows, n_channels) or (n_rows,); NaN in a gap."""
    gaps: NDArray[np.bool_]
    """(n_rows,), True where at least one channel is NaN."""


def resample(
    time_ns: ArrayLike,
    values: ArrayLike,
    rate_hz: float,
    *,
    max_gap_s: float | None = None,
    max_step_back_s: float = 60.0,
    start_ns: int | None = None,
    stop_ns: int | None = None,
) -> Resampled:
    """Bring samples of any times onto an even grid.

    Between two neighbours the value follows a straight line. Where the source is over a quarter faster than the grid,
    a low-pass filter (a Hamming-windowed sinc of zero phase, 6 dB down at half of `rate_hz`) keeps what the grid
    cannot show from folding back. It runs in each gap-free stretch for itself.

    Parameters
    ----------
    time_ns : (n_samples,), int
        Nanoseconds: irregular, in bursts, repeated (averaged) or late (sorted).
    values : (n_samples, n_channels) or (n_samples,)
        NaN is a sample that this channel lacks.
    rate_hz : float
        Rate of the grid.
    max_gap_s : float, optional
        The longest step to draw a line across; five typical steps where not given, so 50 ms at 100 Hz.
    max_step_back_s : float
        A longer step back is no late message but a clock that was set: its two sides must not be mixed.
    start_ns, stop_ns : int, optional
        First time of the grid, and the last that it may have; the earliest and the latest sample where not given.
        Give the same to all sensors of a recording and their rows are aligned; rows outside the samples are NaN.

    Returns
    -------
    Resampled
        `time_ns`, `values`, `gaps`. A row in a gap is NaN.

    Raises
    ------
    DtypeError, ShapeError, NotFiniteError
        The arrays are not times and numbers of one length; a value is infinite.
    ConfigError
        A setting is not above 0, or the grid would end before it starts.
    TooFewSamplesError
        There is no sample.
    InputError
        A time is none, such as pandas' NaT; the clock was set back; or the times are so far apart that the grid
        would not fit in memory.

    References
    ----------
    Oppenheim and Schafer, *Discrete-Time Signal Processing*, 3rd edition, 4.6 and 7.5.

    Examples
    --------
    >>> ms = 1_000_000
    >>> resample([0, 9 * ms, 21 * ms, 30 * ms], [0.0, 9.0, 21.0, 30.0], 100).values
    array([ 0., 10., 20., 30.])
    """
    columns = as_columns(values)
    times = as_time(time_ns, len(columns))
    require_positive("rate_hz", rate_hz)
    if not times.size:
        raise TooFewSamplesError("there is no sample to resample; want at least 1")
    clock = monotonic(times, max_gap_s=max_gap_s)
    if clock.report.largest_step_back_s > max_step_back_s:
        at = int(np.argmin(np.diff(times))) + 1
        raise InputError(
            f"time runs back by {clock.report.largest_step_back_s:.3f} s at sample {at}: the clock was set; "
            "split the recording there, or raise max_step_back_s if these samples are only late"
        )
    start_ns = int(clock.time_ns[0]) if start_ns is None else int(start_ns)
    span_ns = (int(clock.time_ns[-1]) if stop_ns is None else int(stop_ns)) - start_ns
    elapsed_ns, merged = _merge(clock.time_ns - start_ns, columns[clock.order])
    factor = max(1, math.ceil(clock.report.rate_hz / rate_hz - _RATE_TOLERANCE))
    n_rows = _count_rows(span_ns, rate_hz, factor)
    fine_ns = np.arange((n_rows - 1) * factor + 1, dtype=np.float64) * (_NS / (rate_hz * factor))
    fine = np.column_stack([_draw_lines(fine_ns, elapsed_ns, each, clock.report.max_gap_s * _NS) for each in merged.T])
    grid = _decimate(fine, factor)
    grid_ns = start_ns + np.rint(fine_ns[::factor]).astype(np.int64)
    shape = (n_rows, *np.shape(values)[1:])
    return Resampled(grid_ns, grid.reshape(shape), incomplete(grid))


def _merge(
    elapsed_ns: NDArray[np.int64], columns: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Average the samples of one time; in each channel over those it has."""
    first = np.flatnonzero(np.diff(elapsed_ns, prepend=elapsed_ns[0] - 1))
    if first.size == elapsed_ns.size:
        return elapsed_ns, columns
    present = ~np.isnan(columns)
    count = np.add.reduceat(present, first, axis=0, dtype=np.int64)
    total = np.add.reduceat(np.where(present, columns, 0.0), first, axis=0)
    return elapsed_ns[first], np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _count_rows(span_ns: int, rate_hz: float, factor: int) -> int:
    if span_ns < 0:
        raise ConfigError(f"the grid would end {-span_ns / _NS} s before it starts; look at start_ns and stop_ns")
    n_rows = int((span_ns + _NEAR_NS) * rate_hz / _NS) + 1
    if n_rows * factor > _MAX_ROWS:
        raise InputError(
            f"the first and the last time are {span_ns / _NS:.0f} s apart, {n_rows} rows at {rate_hz} Hz; "
            "look for a wrong time stamp, or split the recording at its longest gap"
        )
    return n_rows


def _draw_lines(
    grid_ns: NDArray[np.float64], time_ns: NDArray[np.int64], channel: NDArray[np.float64], max_gap_ns: float
) -> NDArray[np.float64]:
    """Interpolate one channel at ascending times; NaN inside steps longer than `max_gap_ns` and beyond its ends."""
    known = ~np.isnan(channel)
    if not known.any():
        return np.full(grid_ns.size, np.nan)
    at = time_ns[known].astype(np.float64)
    line = np.interp(grid_ns, at, channel[known])
    line[(grid_ns < at[0] - _NEAR_NS) | (grid_ns > at[-1] + _NEAR_NS)] = np.nan
    before = np.flatnonzero(np.diff(at) > max_gap_ns)
    starts = np.searchsorted(grid_ns, at[before] + _NEAR_NS, side="right")
    stops = np.searchsorted(grid_ns, at[before + 1] - _NEAR_NS, side="left")
    for start, stop in zip(starts, stops, strict=True):
        line[start:stop] = np.nan
    return line


def _decimate(fine: NDArray[np.float64], factor: int) -> NDArray[np.float64]:
    """Low-pass and keep every `factor`-th row; each stretch between gaps for itself."""
    if factor == 1:
        return fine
    from scipy.signal import firwin, upfirdn

    half = _TAPS_A_SIDE * factor
    taps = firwin(2 * half + 1, 1 / factor, window="hamming")
    coarse = np.full((len(range(0, len(fine), factor)), fine.shape[1]), np.nan)
    for channel, result in zip(fine.T, coarse.T, strict=True):
        for start, stop in stretches(~np.isnan(channel)):
            first = -(-start // factor)  # the first row of the grid that lies in this stretch
            n_rows = -(-stop // factor) - first
            if n_rows <= 0:
                continue
            # Mirrored through its end points a line stays a line, so a ramp comes out as it went in.
            longer = np.pad(channel[start:stop], half, mode="reflect", reflect_type="odd")
            smooth = upfirdn(taps, longer[first * factor - start :], down=factor)
            result[first : first + n_rows] = smooth[2 * half // factor :][:n_rows]
    return coarse
