"""Any table of text with a header line: columns said by a map, or guessed from their names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from motif.errors import ColumnError, FormatError, InputError
from motif.recordings._align import on_grid
from motif.recordings._recording import Annotation, Recording
from motif.recordings.readers._clock import is_local_date, nanoseconds
from motif.recordings.readers._columns import ColumnMap, channel_and_unit, sensor_unit, standard_unit, time_unit
from motif.recordings.readers._csv_table import Table, delimiter_of, table_of, words_of
from motif.recordings.readers._tables import is_number
from motif.signals import convert

__all__ = ["CsvReader"]

_SUFFIXES = {".csv", ".tsv", ".txt"}


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
        names = start.decode("utf-8-sig", "replace").strip().split(delimiter_of(start))
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
            `metadata` says under `left out` which columns were not read, under `time zone` if the dates name none, and
            under `subjects` if several are in it, which `read_subjects` keeps apart.

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
        table = table_of(path, columns)
        subjects = table.subjects
        if len(subjects) < 2:
            return _recording(table, rate_hz, subject=next(iter(subjects), ""))
        several = f"{', '.join(map(repr, subjects))}: one recording assumed, a data set keeps them apart"
        return _recording(table, rate_hz, several=several)

    def read_subjects(
        self,
        path: Path,
        *,
        rate_hz: float | None = None,
        columns: ColumnMap | Mapping[str, Any] | str | Path | None = None,
    ) -> tuple[Recording, ...]:
        """Read a table as one recording for each subject in it, in the order in which they come; as `read` beside."""
        table = table_of(path, columns)
        subjects = table.subjects or {"": np.arange(table.n_rows)}
        return tuple(_recording(table.rows(rows), rate_hz, subject=name) for name, rows in subjects.items())


def _time_ns(table: Table, rate_hz: float | None) -> NDArray[np.int64]:
    if table.time is not None:
        unit = table.said.time_unit or time_unit(table.time)
        return nanoseconds(table.columns[table.time], unit, where=str(table.path), decimal=table.decimal)
    if rate_hz is None:
        raise FormatError(
            table.path,
            f"has no column that looks like time among {', '.join(table.columns)}",
            hint="name it in a column map (`time: NAME`; motif import --columns FILE), "
            "or say how fast the device ran, rate_hz=100",
        )
    return (np.arange(table.n_rows) * (1e9 / rate_hz)).round().astype(np.int64)


def _recording(table: Table, rate_hz: float | None, *, subject: str = "", several: str = "") -> Recording:
    time_ns = _time_ns(table, rate_hz)
    said, columns, sources = table.said, table.columns, table.sources
    given = _units(sources, said)
    units = [standard_unit(unit) for unit in given]
    values = np.empty((len(time_ns), len(sources)))
    for i, column in enumerate(sources.values()):
        values[:, i] = convert(columns[column], given[i], units[i])
    values.flags.writeable = False  # nobody else has it: the recording need not copy it
    try:
        recording = Recording(
            values=values,
            time_ns=time_ns,
            channels=tuple(sources),
            units=tuple(units),
            annotations=_runs(columns[said.label], time_ns) if said.label else (),
            subject=subject,
            metadata=_assumed(table) | ({"subjects": several} if several else {}),
        )
    except InputError as error:
        raise FormatError(table.path, str(error), hint="repair the table") from error
    return on_grid(recording, rate_hz) if table.time else recording


def _assumed(table: Table) -> dict[str, str]:
    """Return what was not read, and of dates without a zone what is taken for it."""
    found = {"left out": table.left_out} if table.left_out else {}
    if table.time and table.n_rows and is_local_date(table.columns[table.time][0], table.decimal):
        found["time zone"] = "UTC: assumed, the dates name none"
    return found


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
    words = words_of(labels)
    if not words.size:
        return ()
    starts = np.flatnonzero(np.concatenate([[True], words[1:] != words[:-1]]))
    times = np.maximum.accumulate(time_ns)
    after = [*times[starts[1:]].tolist(), int(times[-1]) + 1]
    spans = zip(times[starts].tolist(), after, words[starts].tolist(), strict=True)
    return tuple(Annotation(start, stop, word) for start, stop, word in spans if word)
