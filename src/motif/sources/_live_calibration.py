"""The bias of each axis, learnt whenever a device lies still, and followed while it drifts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from motif.errors import InputError
from motif.recordings import Readings
from motif.signals import AccelerometerCalibration, calibrate_accelerometer, rest_bias

__all__ = ["Calibration", "LiveCalibration", "columns_of"]

_WINDOW_NS = 2_000_000_000
_EVERY_NS = 500_000_000
_BLOCK_NS = 1_000_000_000
_NOISE = 10.0
"""A sensor at rest ranges over six standard deviations or so; a hand that holds still, over more."""
_FOLLOW = 0.3
"""How far a bias moves to what the next rest says: noise is averaged, drift over minutes is followed."""
_STILL: Mapping[str, tuple[float, float]] = {"gyr": (0.02, 0.1), "linear_acc": (0.15, 0.5)}
"""By stem: what strays less is still, and what is steadily beyond is no bias; rad/s, m/s²."""
_N_DEVICES = 1024


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is taken off a device's readings."""

    gyr_bias: tuple[float, float, float] | None = None
    """rad/s; None where the device was never still."""
    linear_acc_bias: tuple[float, float, float] | None = None
    """m/s²"""
    acc: AccelerometerCalibration | None = None
    """Bias and scale, where the device was laid on its six sides."""


@dataclass(slots=True)
class _Axes:
    """Three axes of one sensor: the last two seconds, and the bias."""

    bias: NDArray[np.float64] | None = None
    times: list[NDArray[np.int64]] = field(default_factory=list)
    values: list[NDArray[np.float64]] = field(default_factory=list)
    judged_ns: int = 0


class LiveCalibration:
    """Removes bias and slow drift of gyroscopes and of acceleration without gravity, which read zero at rest.

    An accelerometer with gravity never reads zero: it is calibrated by `sides`, laid on each of its six. Of more than
    1024 devices the longest silent ones are forgotten.
    """

    def __init__(self) -> None:
        self._axes: OrderedDict[tuple[str, str], _Axes] = OrderedDict()
        self._sides: OrderedDict[str, AccelerometerCalibration] = OrderedDict()

    def apply(self, readings: Readings, *, learn: bool = True) -> Readings:
        """Return calibrated readings; with `learn` they also teach."""
        if not readings.n_samples:
            return readings
        taken_off: list[tuple[list[int], NDArray[np.float64]]] = []
        for stem in _STILL:
            if columns := columns_of(readings.channels, stem):
                axes = self._axes.setdefault((readings.device, stem), _Axes())
                self._axes.move_to_end((readings.device, stem))
                if learn:
                    self._learn(axes, stem, readings.time_ns, readings.values[:, columns])
                if axes.bias is not None:
                    taken_off.append((columns, readings.values[:, columns] - axes.bias))
        while len(self._axes) > _N_DEVICES * len(_STILL):
            self._axes.popitem(last=False)
        columns = columns_of(readings.channels, "acc")
        if columns and readings.device in self._sides:
            self._sides.move_to_end(readings.device)
            taken_off.append((columns, self._sides[readings.device].apply(readings.values[:, columns])))
        if not taken_off:
            return readings
        values = readings.values.copy()
        for columns, calibrated in taken_off:
            values[:, columns] = calibrated
        return replace(readings, values=values)

    def of(self, device: str) -> Calibration:
        """Return what is known of a device."""
        gyr, linear = (self._axes.get((device, stem)) for stem in ("gyr", "linear_acc"))
        return Calibration(
            gyr_bias=None if gyr is None or gyr.bias is None else _triple(gyr.bias),
            linear_acc_bias=None if linear is None or linear.bias is None else _triple(linear.bias),
            acc=self._sides.get(device),
        )

    def rest(self, device: str, stem: str, values: NDArray[np.float64], rate_hz: float) -> None:
        """Set the bias from a stretch with a rest in it.

        Raises
        ------
        TooFewSamplesError
            The device was never still.
        """
        deviation, largest = _STILL[stem]
        bias = rest_bias(values, rate_hz, max_deviation=deviation, max_bias=largest)
        self._axes.setdefault((device, stem), _Axes()).bias = bias

    def sides(self, device: str, stem: str, values: NDArray[np.float64], rate_hz: float) -> None:
        """Fit bias and scale of an accelerometer with gravity, whose stem is `acc`.

        Raises
        ------
        InputError
            Too few sides, or no acceleration with gravity; see `motif.signals.calibrate_accelerometer`.
        """
        self._sides[device] = calibrate_accelerometer(values, rate_hz)
        if len(self._sides) > _N_DEVICES:
            self._sides.popitem(last=False)

    def _learn(self, axes: _Axes, stem: str, times: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        if axes.times and not 0 < times[0] - axes.times[-1][-1] < _WINDOW_NS:
            axes.times, axes.values, axes.judged_ns = [], [], 0  # the clock jumped, or the device paused
        axes.times.append(times)
        axes.values.append(values)
        now_ns = int(times[-1])
        axes.judged_ns = axes.judged_ns or int(times[0])
        if now_ns - axes.judged_ns < _EVERY_NS:
            return
        axes.judged_ns = now_ns
        all_times, all_values = np.concatenate(axes.times), np.concatenate(axes.values)
        recent = all_times >= now_ns - _WINDOW_NS
        axes.times, axes.values = [all_times[recent]], [all_values[recent]]
        span_s = (now_ns - int(axes.times[0][0])) / 1e9
        deviation, largest = _STILL[stem]
        latest = axes.values[0][axes.times[0] >= now_ns - _BLOCK_NS]
        if np.nanmax(np.ptp(latest, axis=0)) > _NOISE * deviation:
            return  # it moves: no need to look closer
        try:
            rate_hz = (len(axes.times[0]) - 1) / span_s
            said = rest_bias(axes.values[0], rate_hz, max_deviation=deviation, max_bias=largest)
        except (InputError, ZeroDivisionError):
            return  # it moved, or one sample stands alone
        axes.bias = said if axes.bias is None else axes.bias + _FOLLOW * (said - axes.bias)


def columns_of(channels: tuple[str, ...], stem: str) -> list[int]:
    """Return where x, y and z of a sensor stand among channels; nowhere where one is missing."""
    wanted = [f"{stem}_{axis}" for axis in "xyz"]
    return [channels.index(name) for name in wanted] if all(name in channels for name in wanted) else []


def _triple(vector: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = vector.tolist()
    return x, y, z
