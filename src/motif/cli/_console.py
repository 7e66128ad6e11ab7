"""How commands talk: tables and progress for people on stderr, data on stdout."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

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
    """Print a table to stdout; numbers stand to the right."""
    from rich.table import Table

    rows = [tuple(row) for row in rows]
    table = Table(title=_plain(title), title_justify="left", title_style="bold", header_style="dim")
    for i, column in enumerate(columns):
        numeric = all(isinstance(row[i], int | float) for row in rows)
        table.add_column(_plain(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_plain(f"{cell:.4g}" if isinstance(cell, float) else cell) for cell in row))
    _console(stderr=False).print(table)


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress display on stderr with the time that is left; silent where stderr is no terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = _console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as display:
        yield display
