"""Commands that change a database of gestures, and the one that takes it back: rename, delete, undo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from motif.cli._console import JsonOption, counted, print_json, say, shown
from motif.cli._gesture_folder import FOLDER, DatabaseOption, opened_database, template_in

__all__ = ["delete_command", "rename_command", "undo_command"]


def rename_command(
    old: Annotated[str, typer.Argument(help="The gesture.")],
    new: Annotated[str, typer.Argument(help="What it is called from now on.")],
    database: Annotated[Path, DatabaseOption] = FOLDER,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Give a gesture another name; its samples and versions stay.

    Example: `motif gestures rename wave greet`
    """
    with opened_database(database) as opened:
        opened.rename_template(old, new)
        names = opened.list_templates()
    if as_json:
        print_json({"renamed": old, "name": new, "gestures": names})
    say("[green]renamed[/] ", f"{old!r} is {new!r} now")


def delete_command(
    name: Annotated[str, typer.Argument(help="The gesture.")],
    database: Annotated[Path, DatabaseOption] = FOLDER,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without being asked.")] = False,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Delete a gesture with all its samples; `motif gestures undo` brings it back.

    Examples: `motif gestures delete wave`, `motif gestures delete wave --yes`
    """
    with opened_database(database) as opened:
        template = template_in(opened, name)
        n_samples = template.num_samples + template.num_outlying
        what = f"{name!r} and its {counted(n_samples, 'sample')}"
        if not yes and not _is_wanted(what):
            say("[yellow]not deleted[/] ", name)
            raise typer.Exit(1)
        opened.delete_template(name)
        names = opened.list_templates()
    if as_json:
        print_json({"deleted": name, "samples": n_samples, "gestures": names})
    say("[green]deleted[/] ", f"{what}; motif gestures undo -d {database} brings them back")


def _is_wanted(what: str) -> bool:
    from motif.errors import ConfigError

    if not sys.stdin.isatty():
        raise ConfigError(f"{what} would be deleted, and nobody can be asked; add --yes")
    return typer.confirm(f"delete {shown(what)}?", err=True)


def undo_command(
    database: Annotated[Path, DatabaseOption] = FOLDER,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Take back the last change of a database that still stands, and say which; again for the one before.

    Example: `motif gestures undo`
    """
    with opened_database(database) as opened:
        undone = opened.undo()
        names = opened.list_templates()
    if as_json:
        print_json({"undone": undone, "gestures": names})
    if undone is None:
        say("[yellow]nothing to undo[/] ", f"in {database}")
    else:
        say("[green]undone[/] ", f"{undone}; gestures now: {', '.join(names) or 'none'}")
