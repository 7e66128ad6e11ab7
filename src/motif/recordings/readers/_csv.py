"""Any table of text with a header line: columns said by a map, or guessed from their names."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from motif.errors import ColumnError, FormatError, InputError
from motif.recordings._align import on_grid
from motif.recordings._recording import Annotation, Recording
from motif.recordings.readers._clock import is_local_date, nanoseconds
from motif.recordings.readers._columns import (
    ColumnMap,
    channel_and_unit,
    column_map,
    sensor_unit,
    standard_unit,
    time_column,
    time_unit,
)
from motif.recordings.readers._decimals import decimal_mark
from motif.recordings.readers._members import read_limited
from motif.recordings.readers._tables import first_rows, header, is_number, numeric_columns, read_columns
from motif.signals import convert

__all__ = ["CsvReader"]

_SUFFIXES = {".csv", ".tsv", ".txt"}
_DECIMAL_HINT = """say it in a column map (`decimal: ","` or `decimal: "."`; motif import --columns FILE)"""


class CsvReader:
    """A column of time, columns of numbers, and perhaps one of labels.

    Examples
    --------
    A map as YAML, for `read("walk.csv", columns="walk.yaml")`::

        time: Timestamp
        time_unit: ms
        channels: {acc_x: Accel X, acc_y: Accel Y, acc_z: Accel Z}
        units: g
    """

    name: ClassVar[str] = "csv"
    description: ClassVar[str] = "text table with a header line; columns=… says what is what"

    def sniff(self, path: Path) -> bool:
        """Look for a first line of at least two names that are not numbers."""
        if path.suffix.lower() not in _SUFFIXES or not path.is_file():
            return False
        try:
            with path.open("rb") as file:
                start = file.readline(1 << 16)
        except OSError:
            return False
        names = start.decode("utf-8-sig", "replace").strip().split(_delimiter(start))
        return len(names) > 1 and not any(name and is_number(name) for name in names)

    def read(
        self,
        path: Path,
        *,
        rate_hz: float | None = None,
        columns: ColumnMap | Mapping[str, Any] | str | Path | None = None,
    ) -> Recording:
        """Read a table.

        Parameters
        ----------
        path : Path
            UTF-8 text; `,`, `;` or tabs between entries.
        rate_hz : Hz, optional
            With a time column: the even grid to resample to. Without one: how fast the device ran.
        columns : ColumnMap, dict, or path of a YAML or JSON file, optional
            What the columns are; guessed from the header where it does not say.

        Returns
        -------
        Recording
            `metadata` says under `left out` which columns were not read, under `time zone` if the dates name none.

        Raises
        ------
        ColumnError
            The map names a column or channel that is not there.
        FormatError
            The table is damaged, has no time and no rate was given, or the unit of time or the commas are unclear.
        UnitError
            A unit is unknown, or measures something else than its channel.
        ConfigError
            The map is not one.
        """
        said, content = column_map(columns), read_limited(path)
        delimiter = said.delimiter or _delimiter(content)
        names = header(content, where=str(path), delimiter=delimiter)
        decimal = said.decimal or _decimal(path, content, delimiter)
        time = said.time or (time_column(names) or (None,))[0]
        sources = said.channels or _guessed_channels(path, content, names, delimiter, decimal, skip={time, said.label})
        for column in (*sources.values(), *filter(None, (time, said.label))):
            if column not in names:
                raise ColumnError(column, have=names)
        table = read_columns(
            content,
            list(dict.fromkeys(sources.values())),
            texts=[column for column in (time, said.label) if column],
            where=str(path),
            delimiter=delimiter,
            decimal=decimal,
        )
        time_ns = _time_ns(path, table, time, said, decimal, rate_hz)
        left_out = ", ".join(name for name in names if name and name not in table)
        metadata = {"left out": left_out} if left_out else {}
        if time and len(time_ns) and is_local_date(table[time][0], decimal):
            metadata["time zone"] = "UTC: assumed, the dates name none"
        recording = _recording(path, table, time_ns, sources, said, metadata)
        return on_grid(recording, rate_hz) if time else recording


def _delimiter(content: bytes) -> str:
    line = io.BytesIO(content).readline()
    return max((",", ";", "\t"), key=lambda delimiter: line.count(delimiter.encode()))


def _decimal(path: Path, content: bytes, delimiter: str) -> str:
    if delimiter == ",":
        return "."
    rows = first_rows(content, where=str(path), delimiter=delimiter)
    mark = decimal_mark(entry for row in rows for entry in row)
    if mark is None:
        raise FormatError(path, "has numbers with a comma, which could be decimals or not", hint=_DECIMAL_HINT)
    return mark


def _guessed_channels(
    path: Path, content: bytes, names: tuple[str, ...], delimiter: str, decimal: str, skip: set[str | None]
) -> dict[str, str]:
    numeric = numeric_columns(content, where=str(path), delimiter=delimiter, decimal=decimal)
    columns = [name for name in names if name in numeric and name not in skip and name]
    guessed = {channel_and_unit(column)[0]: column for column in columns}
    if len(guessed) < len(columns):  # two columns would get one name: keep theirs
        guessed = {column: column for column in columns}
    if not guessed:
        raise FormatError(
            path,
            f"has no column of numbers among {', '.join(names) or 'none'}",
            hint=f"check its header; if fractions stand behind another mark, {_DECIMAL_HINT}",
        )
    return guessed


def _time_ns(
    path: Path,
    table: Mapping[str, NDArray[Any]],
    time: str | None,
    said: ColumnMap,
    decimal: str,
    rate_hz: float | None,
) -> NDArray[np.int64]:
    if time is not None:
        return nanoseconds(table[time], said.time_unit or time_unit(time), where=str(path), decimal=decimal)
    if rate_hz is None:
        raise FormatError(
            path,
            f"has no column that looks like time among {', '.join(table)}",
            hint="name it in a column map (`time: NAME`; motif import --columns FILE), "
            "or say how fast the device ran, rate_hz=100",
        )
    n_rows = len(next(iter(table.values())))
    return (np.arange(n_rows) * (1e9 / rate_hz)).round().astype(np.int64)


def _recording(
    path: Path,
    table: Mapping[str, NDArray[Any]],
    time_ns: NDArray[np.int64],
    sources: Mapping[str, str],
    said: ColumnMap,
    metadata: dict[str, str],
) -> Recording:
    given = _units(sources, said)
    units = [standard_unit(unit) for unit in given]
    values = np.empty((len(time_ns), len(sources)))
    for i, column in enumerate(sources.values()):
        values[:, i] = convert(table[column], given[i], units[i])
    values.flags.writeable = False  # nobody else has it: the recording need not copy it
    try:
        return Recording(
            values=values,
            time_ns=time_ns,
            channels=tuple(sources),
            units=tuple(units),
            annotations=_runs(table[said.label], time_ns) if said.label else (),
            metadata=metadata,
        )
    except InputError as error:
        raise FormatError(path, str(error), hint="repair the table") from error


def _units(sources: Mapping[str, str], said: ColumnMap) -> list[str]:
    """Return the unit each channel's numbers are written in, in its canonical spelling."""
    units = dict.fromkeys(sources, said.units) if isinstance(said.units, str) else said.units or {}
    for channel in units:
        if channel not in sources:
            raise ColumnError(channel, have=tuple(sources))
    found = []
    for channel, column in sources.items():
        name, unit = channel_and_unit(column)
        found.append(sensor_unit(channel if said.channels else name, units.get(channel, unit)))
    return found


def _runs(labels: NDArray[Any], time_ns: NDArray[np.int64]) -> tuple[Annotation, ...]:
    """Return a span for each run of one label; it ends where the next begins."""
    words = np.array(["" if label is None else str(label) for label in labels])
    if not words.size:
        return ()
    starts = np.flatnonzero(np.concatenate([[True], words[1:] != words[:-1]]))
    times = np.maximum.accumulate(time_ns)
    after = [*times[starts[1:]].tolist(), int(times[-1]) + 1]
    spans = zip(times[starts].tolist(), after, words[starts].tolist(), strict=True)
    return tuple(Annotation(start, stop, word) for start, stop, word in spans if word)
