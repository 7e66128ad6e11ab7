"""How commands talk: tables and progress for people on stderr, data on stdout."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from motif.cli._column_widths import column_widths

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

__all__ = ["GroupsOption", "JsonOption", "counted", "print_json", "print_table", "progress", "say", "shown"]

GroupsOption = typer.Option(help="Only these subjects, sessions or blocks of the data set: `p4,p5`.")
JsonOption = typer.Option("--json", help="Print one JSON object to stdout instead of a table.")

_MANY_ROWS = 1000
"""More are written without lines around them: rich takes a minute for those of an hour's recording."""
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def counted(n: int, noun: str) -> str:
    """Return how many there are of something.

    Examples
    --------
    >>> counted(1, "gesture"), counted(0, "gesture"), counted(2, "gesture")
    ('1 gesture', '0 gestures', '2 gestures')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def shown(text: object) -> str:
    r"""Return a text that a terminal shows and does not obey: names come from files and from the network.

    Examples
    --------
    >>> print(shown("wave\x1b[2J"))
    wave\x1b[2J
    """
    return str(text).translate(_CONTROL).encode(errors="backslashreplace").decode()


def _plain(text: object) -> str:
    from rich.markup import escape

    return escape(shown(text))


def say(markup: str, text: str = "") -> None:
    """Print talk to stderr; `text` is taken as it is, whatever brackets a file or label has."""
    _console(stderr=True).print(markup + _plain(text))


def print_json(values: Mapping[str, Any]) -> None:
    """Print one JSON object to stdout."""
    typer.echo(json.dumps(values, allow_nan=False))


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table to stdout, numbers to the right; where it is too wide, a line or two for each row."""
    from rich.markup import escape
    from rich.table import Table

    rows = [tuple(row) for row in rows]
    cells = [list(map(_cell, row)) for row in rows]
    console, heads = _console(stderr=False), [shown(column) for column in columns]
    widths = column_widths(list(zip(heads, *cells, strict=True)), console.width)
    if widths is None:
        return _print_rows(console, title, heads, cells)
    numeric = [all(isinstance(cell, int | float) for cell in column) for column in zip(*rows, strict=True)]
    if len(cells) > _MANY_ROWS:
        return _print_lines(title, [heads, *cells], widths, numeric)
    table = Table(title=_plain(title), title_justify="left", title_style="bold", header_style="dim")
    for head, width, is_number in zip(heads, widths, numeric or [False] * len(heads), strict=True):
        table.add_column(escape(head), justify="right" if is_number else "left", overflow="fold", width=width)
    for row in cells:
        table.add_row(*map(escape, row))
    console.print(table)


def _print_rows(console: Console, title: str, heads: Sequence[str], cells: Iterable[Sequence[str]]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    console.print(Text(shown(title), "bold"))
    for name, *values in cells:
        console.print(Text(name))
        facts = ", ".join(f"{head} {value}" for head, value in zip(heads[1:], values, strict=True))
        console.print(Padding(Text(facts, "dim"), (0, 0, 0, 2), expand=False), soft_wrap=False)


def _print_lines(title: str, lines: Iterable[Sequence[str]], widths: Sequence[int], numeric: Sequence[bool]) -> None:
    from rich.cells import cell_len

    typer.echo(shown(title))
    for line in lines:
        padded = []
        for cell, width, is_number in zip(line, widths, numeric, strict=True):
            space = " " * (width - cell_len(cell))
            padded.append(space + cell if is_number else cell + space)
        typer.echo("  ".join(padded).rstrip())


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"
    return shown(value)


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress display on stderr with the time that is left; silent where stderr is no terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = _console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as display:
        yield display
