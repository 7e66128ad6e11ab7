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
    cells = [[shown(f"{cell:.4g}" if isinstance(cell, float) else cell) for cell in row] for row in rows]
    console, heads = _console(stderr=False), [shown(column) for column in columns]
    widths = column_widths(list(zip(heads, *cells, strict=True)), console.width)
    if widths is None:
        return _print_rows(console, title, heads, cells)
    table = Table(title=_plain(title), title_justify="left", title_style="bold", header_style="dim")
    for i, (head, width) in enumerate(zip(heads, widths, strict=True)):
        numeric = all(isinstance(row[i], int | float) for row in rows)
        table.add_column(escape(head), justify="right" if numeric else "left", overflow="fold", width=width)
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


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress display on stderr with the time that is left; silent where stderr is no terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = _console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as display:
        yield display
