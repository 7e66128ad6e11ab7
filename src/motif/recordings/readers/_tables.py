"""Text tables: columns by name, integers that stay integers, errors that name the line."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError
from motif.recordings.readers._binary import one_line

__all__ = ["first_rows", "header", "is_number", "numeric_columns", "read_columns", "text_rows"]

_ROWS_TO_JUDGE_BY = 20
_ANYTHING = re.compile(rb"\S")
_HINT = "export or save it again as UTF-8 text with one header line"


def header(content: bytes, *, where: str, delimiter: str = ",") -> tuple[str, ...]:
    """Return the column names of the first line; none where the file is empty.

    Raises
    ------
    FormatError
        The line is not UTF-8 text, or a name stands twice.
    """
    line = io.BytesIO(content).readline()
    try:
        names = next(csv.reader([line.decode("utf-8-sig").rstrip("\r\n")], delimiter=delimiter), [])
    except (UnicodeDecodeError, csv.Error, StopIteration) as error:
        raise FormatError(where, f"its first line is not text ({error})", hint=_HINT) from error
    stripped = tuple(name.strip() for name in names)
    twice = [name for name, count in Counter(stripped).items() if count > 1]
    if twice:
        raise FormatError(where, f"column {twice[0]!r} stands twice", hint="give each column its own name")
    return stripped


def first_rows(content: bytes, *, where: str, delimiter: str = ",") -> list[list[str]]:
    """Return the entries of the first rows below the header, rows of another length left out.

    Raises
    ------
    FormatError
        They are no table.
    """
    names = header(content, where=where, delimiter=delimiter)
    lines = islice(io.BytesIO(content), 1, _ROWS_TO_JUDGE_BY + 1)
    try:
        texts = [line.decode("utf-8", "replace").rstrip("\r\n") for line in lines]
        rows = list(csv.reader(texts, delimiter=delimiter))
    except csv.Error as error:
        raise FormatError(where, f"its first lines are no table ({error})", hint=_HINT) from error
    return [row for row in rows if len(row) == len(names)]


def numeric_columns(content: bytes, *, where: str, delimiter: str = ",", decimal: str = ".") -> tuple[str, ...]:
    """Return the columns that hold a number, or nothing, in one of the first rows."""
    names = header(content, where=where, delimiter=delimiter)
    columns = zip(names, *first_rows(content, where=where, delimiter=delimiter), strict=True)
    return tuple(name for name, *entries in columns if any(is_number(entry, decimal) for entry in entries))


def is_number(entry: str, decimal: str = ".") -> bool:
    """Say whether a text is a number; nothing at all is one that is missing."""
    if decimal != "." and "." in entry:
        return False
    try:
        float(entry.replace(decimal, ".") or "nan")
    except ValueError:
        return False
    return True


def read_columns(
    content: bytes,
    columns: Collection[str],
    *,
    where: str,
    integers: Collection[str] = (),
    texts: Collection[str] = (),
    delimiter: str = ",",
    decimal: str = ".",
) -> dict[str, NDArray[Any]]:
    """Return these columns of a table, float64 with NaN where an entry is missing, int64, or str.

    One last line that was cut off is left out; any other line of another length is an error.

    Parameters
    ----------
    content : bytes
        The whole file: a header line, then rows.
    columns, integers, texts : names
        What to read as numbers, as exact whole numbers, as it stands.
    where : str
        How errors call the file.

    Raises
    ------
    FormatError
        A column is missing, an entry is not a number, a line is too long or too short.
    """
    import pyarrow
    from pyarrow import csv as arrow_csv

    _require_text(content, where)
    names = header(content, where=where, delimiter=delimiter)
    for name in (*columns, *integers, *texts):
        if name not in names:
            raise FormatError(where, f"has no column {name!r}; it has {', '.join(names) or 'none'}", hint=_HINT)
    broken: list[str] = []

    def note(row: Any) -> str:
        broken.append(row.text)
        return "skip"

    types = dict.fromkeys(columns, pyarrow.float64()) | dict.fromkeys(integers, pyarrow.int64())
    types |= dict.fromkeys(texts, pyarrow.string())
    below = content.find(b"\n") + 1 or len(content)
    if not _ANYTHING.search(content, below):
        return {name: np.empty(0, kind.to_pandas_dtype()) for name, kind in types.items()}
    try:
        table = arrow_csv.read_csv(
            pyarrow.BufferReader(memoryview(content)[below:]),
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, invalid_row_handler=note),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types, include_columns=list(types), decimal_point=decimal
            ),
        )
    except (pyarrow.ArrowException, UnicodeDecodeError, ValueError) as error:
        raise FormatError(where, f"is not the table it should be ({one_line(error)})", hint=_HINT) from error
    _check_broken_lines(broken, content, where)
    for name in integers:
        if table.column(name).null_count:
            raise FormatError(where, f"column {name!r} has empty entries", hint="remove these rows")
    return {name: table.column(name).to_numpy() for name in types}


def _require_text(content: bytes, where: str) -> None:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FormatError(where, f"line {line} is not UTF-8 text ({error.reason})", hint=_HINT) from error


def _check_broken_lines(broken: list[str], content: bytes, where: str) -> None:
    if not broken:
        return
    cut_off = len(broken) == 1 and content.rstrip().endswith(broken[0].encode().rstrip())
    if not cut_off:
        raise FormatError(
            where, f"{len(broken)} lines have too many or too few entries: {broken[0][:80]!r}", hint=_HINT
        )


def text_rows(content: bytes, *, where: str) -> list[dict[str, str]]:
    """Return a small table as rows of text, quotes and line breaks within entries respected.

    Raises
    ------
    FormatError
        It is not UTF-8 text.
    """
    try:
        text = content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError(where, f"is not a text table ({error})", hint=_HINT) from error
    return [
        {key.strip(): entry or "" for key, entry in row.items() if isinstance(key, str) and not isinstance(entry, list)}
        for row in rows
    ]
