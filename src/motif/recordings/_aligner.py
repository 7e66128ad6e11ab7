"""`Aligner`: readings of one device, as they come, to samples on one even grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError, InputError
from motif.recordings._aligner_stretch import Grid, Row, Stretch
from motif.recordings._checked import checked_texts
from motif.recordings._readings import Readings

__all__ = ["Aligner"]

_NS = 1_000_000_000
_JUMP_NS = 5 * _NS  # a longer step of the clock is no gap to fill with rows, and nothing is that late

IMU_CHANNELS = ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")


class Aligner:
    """Puts the sensors of one device on one grid while they come, inventing nothing.

    Rows stand at the multiples of the period since 1970, so that two devices share their grid. A value is on the
    straight line between its sensor's neighbouring samples; NaN where these are too far apart, or where there is none.
    A row comes out as soon as every sensor has passed it. How samples were chopped into readings never shows, nor does
    the order of the sensors, nor a sample late by `max_late_s`. Repeated times are dropped, and samples of NaN alone.

    A clock that jumps by over 5 s begins a new stretch: rows of the old one come out first, then time goes on where the
    clock stands, be it an hour earlier. A single wrong time is dropped.

    Parameters
    ----------
    channels : sequence of str
        What a row holds. `acc_*` is made of `linear_acc_*` and `gravity_*` where no sensor gives it.
    rate_hz : Hz
        Rate of the grid. A sensor more than twice as fast is sampled, not smoothed.
    max_gap_s : s
        The longest step to draw a line across; a sensor slower than this gives NaN but for its very samples.
    max_late_s : s
        How late a sample may come, behind later ones of its sensor, and still count. Rows wait that much longer.
    max_skew_s : s
        How long rows wait for a sensor that is behind the others, or silent, before its channels are NaN.

    Raises
    ------
    ConfigError
        A setting that cannot be.

    Examples
    --------
    >>> aligner = Aligner(("gyr_x",), rate_hz=100.0)
    >>> readings = Readings(device="phone", channels=("gyr_x",), time_ns=[4_000_000, 24_000_000], values=[[0.4], [2.4]])
    >>> time_ns, values = aligner.push(readings)
    >>> time_ns.tolist(), values.round(9).tolist()
    ([10000000, 20000000], [[1.0], [2.0]])
    """

    def __init__(
        self,
        channels: Sequence[str] = IMU_CHANNELS,
        rate_hz: float = 100.0,
        max_gap_s: float = 0.1,
        *,
        max_late_s: float = 0.0,
        max_skew_s: float = 2.0,
    ) -> None:
        self.channels = checked_texts("channels", channels)
        """What a row holds, in this order."""
        if not self.channels or len(set(self.channels)) != len(self.channels):
            raise ConfigError(f"channels are {self.channels}; want at least one, and none twice")
        if not (0 < rate_hz <= 10_000):
            raise ConfigError(f"rate_hz={rate_hz} cannot be; want above 0, up to 10000")
        if not (0 < max_gap_s <= max_skew_s <= _JUMP_NS / _NS and 0 <= max_late_s <= max_skew_s):
            raise ConfigError(
                f"max_gap_s={max_gap_s}, max_late_s={max_late_s}, max_skew_s={max_skew_s} do not fit together; "
                "want a gap above 0, none longer than max_skew_s, and that no longer than 5"
            )
        self._grid = Grid(
            channels=self.channels,
            period_ns=(_NS / Fraction(rate_hz).limit_denominator(1_000_000)).as_integer_ratio(),
            max_gap_ns=round(max_gap_s * _NS),
            max_late_ns=round(max_late_s * _NS),
            max_skew_ns=round(max_skew_s * _NS),
        )
        self._nothing = (np.empty(0, np.int64), np.empty((0, len(self.channels))))
        self._device: str | None = None
        self._wanted = {*self.channels, *_parts_of(self.channels)}
        self._now: Stretch | None = None
        self._then: Stretch | None = None
        self._then_since_ns = 0
        self.n_repeated = 0
        """Samples dropped because their sensor had one of that time."""
        self.n_late = 0
        """Samples dropped because the rows they were for were out."""
        self.n_stray = 0
        """Samples dropped because their time was far from all others."""
        self.n_stretches = 0
        """How often time began: once, and at each jump of the clock."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Channels that no sensor gives at present: all of them before the first readings."""
        return self._now.missing if self._now else self.channels

    def push(self, readings: Readings) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Take readings; return the rows that they made final.

        Parameters
        ----------
        readings : Readings
            Of any sensor of the device, one sample or many; what no row needs is ignored.

        Returns
        -------
        time_ns : (n,) int64, values : (n, n_channels) float64
            One period apart; where a new stretch begins, time jumps.

        Raises
        ------
        InputError
            They are of another device than those before.
        """
        if self._device is None:
            self._device = readings.device
        if readings.device != self._device:
            raise InputError(f"readings of {readings.device!r} came to the aligner of {self._device!r}; want one each")
        rows: list[Row] = []
        if not self._wanted.isdisjoint(readings.channels):
            times, samples = readings.time_ns.tolist(), readings.values.tolist()
            if self._now and not self._then and self._now.extend(readings.channels, times, samples):
                rows += self._now.ready()
            else:
                for time_ns, row in zip(times, samples, strict=True):
                    if not all(map(math.isnan, row)):  # a row that says nothing is no sample
                        self._take(readings.channels, time_ns, row, rows)
        return self._arrays(rows)

    def flush(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the rows that are left, up to the latest sample, and begin anew."""
        rows: list[Row] = []
        if self._now is not None:
            rows += self._now.rest()
            if self._then is not None and self._then.follows(self._then):
                rows += self._then.rest()
                self.n_stretches += 1
        self._now = self._then = None
        return self._arrays(rows)

    def _take(self, channels: tuple[str, ...], time_ns: int, row: list[float], rows: list[Row]) -> None:
        now = self._now
        if now is None:
            now = self._now = Stretch(self._grid)
            self.n_stretches += 1
        elif abs(time_ns - now.newest_ns) > _JUMP_NS:
            self._jump(now, channels, time_ns, row, rows)
            return
        elif now.is_late(time_ns):
            self.n_late += 1
            return
        self.n_repeated += not now.add(channels, time_ns, row)
        rows += now.ready()
        if self._then is not None and now.newest_ns - self._then_since_ns > self._grid.max_skew_ns:
            self._forget_the_jump()

    def _jump(self, now: Stretch, channels: tuple[str, ...], time_ns: int, row: list[float], rows: list[Row]) -> None:
        if self._then is not None and abs(time_ns - self._then.newest_ns) > _JUMP_NS:
            self._forget_the_jump()
        if self._then is None:
            self._then = Stretch(self._grid)
            self._then_since_ns = now.newest_ns
        self.n_repeated += not self._then.add(channels, time_ns, row)
        if self._then.follows(now):
            rows += now.rest()
            self._now, self._then = self._then, None
            self.n_stretches += 1
            rows += self._now.ready()

    def _forget_the_jump(self) -> None:
        assert self._then is not None
        self.n_stray += self._then.n_samples
        self._then = None

    def _arrays(self, rows: list[Row]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        if not rows:
            return self._nothing
        times = np.array([time for time, _ in rows], dtype=np.int64)
        values = np.array([row for _, row in rows], dtype=np.float64)
        return times, values.reshape(len(rows), len(self.channels))


def _parts_of(channels: Sequence[str]) -> list[str]:
    axes = [name.removeprefix("acc_") for name in channels if name.startswith("acc_")]
    return [f"{part}_{axis}" for part in ("linear_acc", "gravity") for axis in axes]
