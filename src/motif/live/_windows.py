"""A recognizer of windows as a listener: windows slide, and some that agree in a row tell a gesture."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError
from motif.live._agreement import AgreementFilter, Judged, ToldByWindows
from motif.live._config import Agreement, EngineConfig

__all__ = ["Layout", "WindowListener", "layout_of"]


@dataclass(frozen=True, slots=True)
class Layout:
    """The window a recognizer takes, and the rows it is cut from."""

    channels: tuple[str, ...]
    rate_hz: float
    shape: tuple[int, ...]
    time_last: bool
    factors: NDArray[np.float64]
    """(n_channels,), from motif's units to those the recognizer learnt."""

    @property
    def n_rows(self) -> int:
        """Rows of a window."""
        return self.shape[-1] if self.time_last else self.shape[0]

    def window(self, rows: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return (n_rows, n_channels) as the recognizer takes it."""
        scaled = rows * self.factors
        return np.ascontiguousarray((scaled.T if self.time_last else scaled).reshape(self.shape), dtype=np.float32)


def layout_of(recognizer: Any, config: EngineConfig, default_channels: tuple[str, ...]) -> Layout:
    """Find the layout from what a bundle says, or from what was fitted.

    Raises
    ------
    ConfigError
        The recognizer has no window of a known shape, has several sensors, or other channels than configured.
    """
    spec = getattr(getattr(recognizer, "config", None), "window", None)
    shape = tuple(getattr(spec, "shape", ()) or getattr(recognizer, "window_shape_", ()))
    if len(shape) not in (2, 3):
        raise ConfigError(f"a {type(recognizer).__name__} does not say its window; fit it first, or load a bundle")
    if len(shape) == 3 and shape[1] != 1:
        raise ConfigError(f"windows of {shape[1]} sensors cannot come from one device; want a recognizer of one sensor")
    channels = config.channels or tuple(getattr(spec, "channels", ())) or default_channels
    time_last = len(shape) == 3 or bool(getattr(spec, "time_last", spec is None and shape[0] == len(channels)))
    if len(channels) != (n := shape[0] if time_last else shape[-1]):
        raise ConfigError(f"the recognizer takes {n} channels, {len(channels)} are configured: {' '.join(channels)}")
    rate_hz = config.rate_hz or getattr(spec, "rate_hz", None) or 100.0
    return Layout(channels, float(rate_hz), shape, time_last, _factors(channels, getattr(spec, "units", ())))


def _factors(channels: Sequence[str], units: Sequence[str]) -> NDArray[np.float64]:
    from motif.signals import convert

    ours = {"acc": "m/s²", "linear": "m/s²", "gravity": "m/s²", "gyr": "rad/s", "mag": "µT"}
    factors = np.ones(len(channels))
    for i, (channel, unit) in enumerate(zip(channels, units, strict=False)):
        have = ours.get(channel.partition("_")[0])
        if have and unit and unit != have:
            factors[i] = convert(np.ones(1), have, unit)[0]
    return factors


@dataclass(frozen=True, slots=True, eq=False)
class _Due:
    """A window that is to be judged."""

    rows: NDArray[np.float64]
    start_ns: int
    end_ns: int


class WindowListener:
    """Judges a window every hop, and tells a gesture when enough windows agree."""

    def __init__(self, recognizer: Any, layout: Layout, agreement: Agreement) -> None:
        self._recognizer, self._layout = recognizer, layout
        self._hop = max(1, round(agreement.hop_s * layout.rate_hz))
        self._ordinary = agreement.ordinary
        self._filter = AgreementFilter(agreement)
        self._forget()

    def step(self, time_ns: NDArray[np.int64], values: NDArray[np.float64]) -> list[ToldByWindows]:
        """Take the next rows; a row with a gap ends all windows it would be in."""
        return self._told(self._due(time_ns, values))

    def catch_up(self, time_ns: NDArray[np.int64], values: NDArray[np.float64]) -> tuple[list[ToldByWindows], int]:
        """Take the next rows, and judge the newest window alone; return how many others were due, too."""
        due = list(self._due(time_ns, values))
        newest = max((i for i, each in enumerate(due) if each is not None), default=0)
        kept = [each for i, each in enumerate(due) if each is None or i == newest]
        return self._told(kept), len(due) - len(kept)

    def flush(self) -> list[ToldByWindows]:
        """Forget the rows: the next window begins after them. What was under way is no gesture."""
        self._forget()
        self._filter.interrupt()
        return []

    def _forget(self) -> None:
        self._times = np.empty(0, np.int64)
        self._rows = np.empty((0, len(self._layout.channels)))
        self._until_next = self._layout.n_rows

    def _due(self, time_ns: NDArray[np.int64], values: NDArray[np.float64]) -> Iterator[_Due | None]:
        """Yield the windows that end in these rows, and None where a gap is."""
        whole = np.asarray(np.isfinite(values).all(axis=1))
        turns = (np.flatnonzero(whole[1:] != whole[:-1]) + 1).tolist()
        for start, stop in itertools.pairwise([0, *turns, len(values)]):
            if stop == start:
                continue
            if whole[start]:
                yield from self._cut(time_ns[start:stop], values[start:stop])
            else:
                self._forget()
                yield None

    def _cut(self, time_ns: NDArray[np.int64], values: NDArray[np.float64]) -> Iterator[_Due]:
        times, rows = np.concatenate([self._times, time_ns]), np.concatenate([self._rows, values])
        n_rows, n_before = self._layout.n_rows, len(self._rows)
        ends = range(n_before + self._until_next, len(rows) + 1, self._hop)
        if len(ends):
            self._until_next = ends[-1] + self._hop - len(rows)
        else:
            self._until_next -= len(values)
        first = max(0, len(rows) - n_rows + 1)  # of those that the next window may hold
        self._times, self._rows = times[first:], rows[first:]
        for end in ends:
            yield _Due(rows[end - n_rows : end], int(times[end - n_rows]), int(times[end - 1]))

    def _told(self, due: Iterable[_Due | None]) -> list[ToldByWindows]:
        told = []
        for window in due:
            if window is None:
                self._filter.interrupt()
            elif (event := self._filter.step(self._judge(window))) is not None:
                told.append(event)
        return told

    def _judge(self, window: _Due) -> Judged:
        prediction = self._recognizer.recognize(self._layout.window(window.rows))
        label = str(prediction.label)
        is_gesture = not prediction.is_outlier and label not in self._ordinary
        return Judged(
            label=label if is_gesture else None,
            confidence=float(prediction.confidence),
            start_ns=window.start_ns,
            end_ns=window.end_ns,
        )
