"""A table of text as it was read, and what each of its columns is."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import ColumnError, FormatError
from motif.recordings.readers._columns import ColumnMap, channel_and_unit, column_map, subject_column, time_column
from motif.recordings.readers._decimals import decimal_mark
from motif.recordings.readers._members import read_limited
from motif.recordings.readers._tables import first_rows, header, numeric_columns, read_columns

__all__ = ["Table", "delimiter_of", "table_of", "words_of"]

_DECIMAL_HINT = """say it in a column map (`decimal: ","` or `decimal: "."`; motif import --columns FILE)"""


@dataclass(frozen=True)
class Table:
    """What was read of a file, and what its columns are."""

    path: Path
    said: ColumnMap
    decimal: str
    time: str | None
    subject: str | None
    sources: Mapping[str, str]
    columns: Mapping[str, NDArray[Any]]
    left_out: str

    @property
    def n_rows(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def subjects(self) -> dict[str, NDArray[np.int64]]:
        """Rows of each subject, in the order in which they first come."""
        if self.subject is None:
            return {}
        words = words_of(self.columns[self.subject])
        return {name: np.flatnonzero(words == name) for name in dict.fromkeys(words.tolist())}

    def rows(self, rows: NDArray[np.int64]) -> Table:
        """Return the same of some rows."""
        return replace(self, columns={name: values[rows] for name, values in self.columns.items()})


def table_of(path: Path, columns: ColumnMap | Mapping[str, Any] | str | Path | None) -> Table:
    said, content = column_map(columns), read_limited(path)
    delimiter = said.delimiter or delimiter_of(content)
    names = header(content, where=str(path), delimiter=delimiter)
    decimal = said.decimal or _decimal(path, content, delimiter)
    time = said.time or (time_column(names) or (None,))[0]
    taken = {time, said.label, *(said.channels or {}).values()}
    subject = said.subject or subject_column([name for name in names if name not in taken])
    skip = {time, said.label, subject}
    sources = said.channels or _guessed_channels(path, content, names, delimiter, decimal, skip=skip)
    texts = [column for column in (time, said.label, subject) if column]
    for column in (*sources.values(), *texts):
        if column not in names:
            raise ColumnError(column, have=names)
    table = read_columns(
        content,
        list(dict.fromkeys(sources.values())),
        texts=texts,
        where=str(path),
        delimiter=delimiter,
        decimal=decimal,
    )
    left_out = ", ".join(name for name in names if name and name not in table)
    return Table(path, said, decimal, time, subject, sources, table, left_out)


def delimiter_of(content: bytes) -> str:
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


def words_of(entries: NDArray[Any]) -> NDArray[np.str_]:
    """Return what stands in a column of words; nothing where an entry is missing."""
    return np.array(["" if entry is None else str(entry) for entry in entries])
