"""The `Recording`: aligned channels over time, with units and annotations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import ColumnError, InputError, ShapeError, TooFewSamplesError
from motif.optional import require
from motif.recordings._checked import checked_texts, checked_time, checked_values

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["Annotation", "Recording"]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A labelled span, or a moment where start and stop are equal; nanoseconds since the epoch."""

    start_ns: int
    stop_ns: int
    label: str

    def __post_init__(self) -> None:
        if self.stop_ns < self.start_ns:
            raise InputError(
                f"annotation {self.label!r} stops at {self.stop_ns} ns, before its start at {self.start_ns} ns; "
                "swap them, or make both equal for a moment"
            )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Recording:
    """One contiguous array of motion and its time base. Frozen: its arrays cannot be written to.

    Raises
    ------
    ShapeError, DtypeError, InputError
        The parts do not fit together, a channel name repeats, a value is infinite, a time is not an integer.

    Examples
    --------
    >>> walk = Recording(
    ...     values=np.zeros((3, 2)),
    ...     time_ns=np.array([0, 10_000_000, 20_000_000]),
    ...     channels=("acc_x", "acc_y"),
    ...     units=("m/s²", "m/s²"),
    ... )
    >>> walk
    <Recording 3 samples × 2 channels, 0.02 s at 100 Hz: acc_x acc_y>
    """

    values: NDArray[np.float64]
    """(n_samples, n_channels), in `units`; NaN marks a gap."""
    time_ns: NDArray[np.int64]
    """(n_samples,), nanoseconds since the epoch, exactly as the device gave them: may repeat or run backward."""
    channels: tuple[str, ...]
    """Names such as `acc_x`, or `wrist.acc_x` where there are several sensors."""
    units: tuple[str, ...]
    """A unit for each channel: `m/s²`, `rad/s`, `µT`, `px`, or an empty text where there is none."""
    annotations: tuple[Annotation, ...] = ()
    subject: str = ""
    session: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = {
            "values": checked_values(self.values),
            "time_ns": checked_time(self.time_ns),
            "channels": checked_texts("channels", self.channels),
            "units": checked_texts("units", self.units),
            "annotations": tuple(self.annotations),
            "metadata": MappingProxyType(dict(self.metadata)),
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)
        self._check_that_parts_fit()

    def _check_that_parts_fit(self) -> None:
        n_samples, n_channels = self.values.shape
        if len(self.time_ns) != n_samples:
            raise ShapeError("time_ns", got=self.time_ns.shape, want=f"({n_samples},), one for each row of values")
        for name, texts in (("channels", self.channels), ("units", self.units)):
            if len(texts) != n_channels:
                raise ShapeError(name, got=(len(texts),), want=f"({n_channels},), one for each column of values")
        repeated = [name for name, count in Counter(self.channels).items() if count > 1]
        if repeated:
            raise InputError(f"channel {repeated[0]!r} stands twice; give every channel its own name")
        for key, text in self.metadata.items():
            if not (isinstance(key, str) and isinstance(text, str)):
                raise InputError(f"metadata {key!r}: {text!r} is not text; write keys and values as str")

    def __reduce__(self) -> tuple[Any, ...]:
        parts = {part.name: getattr(self, part.name) for part in fields(self)}
        return _rebuilt, (parts | {"metadata": dict(self.metadata)},)

    @property
    def n_samples(self) -> int:
        """Number of rows."""
        return int(self.values.shape[0])

    @property
    def n_channels(self) -> int:
        """Number of columns."""
        return int(self.values.shape[1])

    @property
    def seconds(self) -> NDArray[np.float64]:
        """(n_samples,), seconds since the first sample, never running backward: for computing."""
        monotonic = np.maximum.accumulate(self.time_ns)
        return (monotonic - monotonic[:1]) / 1e9

    @property
    def duration_s(self) -> float:
        """Time from the first sample to the last, gaps included."""
        return float(self.seconds[-1]) if self.n_samples else 0.0

    @property
    def rate_hz(self) -> float:
        """Typical sampling rate, which gaps and bursts of late samples do not move.

        Raises
        ------
        TooFewSamplesError
            Fewer than two samples, or no time passes between them.
        """
        from motif.signals import monotonic

        rate_hz = monotonic(self.time_ns).report.rate_hz
        if not rate_hz:
            raise TooFewSamplesError(f"a rate needs two samples at different times; got {self.n_samples} sample(s)")
        return rate_hz

    def channel(self, name: str) -> NDArray[np.float64]:
        """Return one channel, (n_samples,).

        Raises
        ------
        ColumnError
            There is no such channel.
        """
        return self.values[:, self._index(name)]

    def select(self, names: Iterable[str]) -> Recording:
        """Return a recording of these channels, in this order.

        Raises
        ------
        ColumnError
            One of the channels is not there.
        """
        columns = [self._index(name) for name in names]
        return replace(
            self,
            values=self.values[:, columns],
            channels=tuple(self.channels[i] for i in columns),
            units=tuple(self.units[i] for i in columns),
        )

    def _index(self, name: str) -> int:
        if name not in self.channels:
            raise ColumnError(name, have=self.channels)
        return self.channels.index(name)

    def slice_time(self, start_ns: int, stop_ns: int) -> Recording:
        """Return the samples with start ≤ time < stop, and the annotations there, cut to fit."""
        inside = (self.time_ns >= start_ns) & (self.time_ns < stop_ns)
        annotations = tuple(
            Annotation(max(a.start_ns, start_ns), min(a.stop_ns, stop_ns), a.label)
            for a in self.annotations
            if a.start_ns < stop_ns and (a.stop_ns > start_ns or a.start_ns >= start_ns)
        )
        return replace(self, values=self.values[inside], time_ns=self.time_ns[inside], annotations=annotations)

    def to_pandas(self) -> pd.DataFrame:
        """Return a DataFrame, a column a channel, indexed by UTC time; units are in `attrs`."""
        pandas = require("pandas", extra="formats")
        index = pandas.to_datetime(self.time_ns, unit="ns", utc=True).rename("time")
        frame: pd.DataFrame = pandas.DataFrame(self.values, index=index, columns=list(self.channels))
        frame.attrs["units"] = dict(zip(self.channels, self.units, strict=True))
        return frame

    def to_xarray(self) -> xr.DataArray:
        """Return a DataArray of (time, channel), with a coordinate for the units."""
        xarray = require("xarray", extra="formats")
        array: xr.DataArray = xarray.DataArray(
            self.values,
            dims=("time", "channel"),
            coords={
                "time": self.time_ns.view("datetime64[ns]"),
                "channel": list(self.channels),
                "units": ("channel", list(self.units)),
            },
            name="motion",
            attrs=dict(self.metadata) | {"subject": self.subject, "session": self.session},
        )
        return array

    def to_parquet(self, path: str | Path) -> Path:
        """Write a Parquet file that `motif.recordings.read` gives back exactly."""
        from motif.recordings._writers import write_parquet

        return write_parquet(self, path)

    def summary(self) -> dict[str, Any]:
        """Return what there is to say in a few lines; every value can be written as JSON."""
        missing = np.isnan(self.values).mean(axis=0) if self.n_samples else np.zeros(self.n_channels)
        return {
            "n_samples": self.n_samples,
            "channels": dict(zip(self.channels, self.units, strict=True)),
            "start": str(self.time_ns[:1].view("datetime64[ns]")[0]) + "Z" if self.n_samples else None,
            "duration_s": self.duration_s,
            "rate_hz": self.rate_hz if self.duration_s else None,
            "missing": {name: float(share) for name, share in zip(self.channels, missing, strict=True) if share > 0},
            "annotations": dict(Counter(annotation.label for annotation in self.annotations)),
            "subject": self.subject,
            "session": self.session,
            "metadata": dict(self.metadata),
        }

    def __repr__(self) -> str:
        rate = f" at {self.rate_hz:.4g} Hz" if self.duration_s else ""
        shown = self.channels if self.n_channels <= 9 else (*self.channels[:4], "…", *self.channels[-2:])
        marks = f"; {len(self.annotations)} annotations" if self.annotations else ""
        size = f"{self.n_samples:,} samples × {self.n_channels} channels"
        return f"<Recording {size}, {self.duration_s:.4g} s{rate}: {' '.join(shown)}{marks}>"


def _rebuilt(parts: dict[str, Any]) -> Recording:
    return Recording(**parts)
