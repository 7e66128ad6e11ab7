"""What `motif gestures` works on: a database that is there, a gesture of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from motif.templates import GestureDatabase, GestureTemplate

__all__ = ["FOLDER", "DatabaseOption", "opened_database", "template_in"]

DatabaseOption = typer.Option("--database", "-d", help="The folder of the database.")
FOLDER = Path("gesture_database")


def opened_database(folder: Path) -> GestureDatabase:
    """Open a database that is there; none is made.

    Raises
    ------
    MissingFileError
        The folder holds none.
    """
    from motif.errors import MissingFileError
    from motif.templates import GestureDatabase
    from motif.templates._database_files import Files

    files = Files(folder)
    if not files.exist():
        raise MissingFileError(files.database, want="the folder of a database; teach a gesture first (motif teach)")
    return GestureDatabase(folder)


def template_in(database: GestureDatabase, name: str) -> GestureTemplate:
    """Return the template of a gesture.

    Raises
    ------
    LabelError
        There is no such gesture.
    """
    from motif.errors import LabelError

    template = database.get_template(name)
    if template is None:
        there = ", ".join(map(repr, database.list_templates())) or "none"
        raise LabelError(f"no gesture {name!r}; there are {there}")
    return template
