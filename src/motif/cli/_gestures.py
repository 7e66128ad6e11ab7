"""`motif gestures`: look at a database of gestures, change it, move gestures in and out, check it and go back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._console import JsonOption, counted, print_json, print_table, say
from motif.cli._gesture_changes import delete_command, rename_command, undo_command
from motif.cli._gesture_folder import FOLDER, DatabaseOption, opened_database, template_in

if TYPE_CHECKING:
    from motif.templates import GestureSample, GestureTemplate

__all__ = ["gestures_app"]

gestures_app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")

_FIGURES = {
    "version": "version",
    "num_samples": "samples",
    "num_outlying": "outlying",
    "accuracy": "understood",
    "consistency_score": "consistency",
    "more_samples": "more are worth it",
    "up_to_date": "up to date",
}
"""What JSON calls each figure, and what a table does."""
_LISTED = ("version", "num_samples", "accuracy", "consistency_score", "more_samples")


@gestures_app.callback()
def gestures() -> None:
    """Gestures that were taught: list, show, rename, delete, undo, export, import, verify, restore.

    Example: `motif gestures list -d gesture_database`
    """


@gestures_app.command("list")
def list_command(
    database: Annotated[Path, DatabaseOption] = FOLDER,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """List the gestures of a database and how well each is taught.

    Example: `motif gestures list -d gesture_database`
    """
    with opened_database(database) as opened:
        templates = [template for name in opened.list_templates() if (template := opened.get_template(name))]
        state = opened.get_stats()["state"]
    if as_json:
        print_json({"state": state, "gestures": [_facts(template) for template in templates]})
        return
    columns = ("gesture", *(_FIGURES[figure] for figure in _LISTED))
    rows = [(each.name, *(_told(each, figure) for figure in _LISTED)) for each in templates]
    print_table(f"{counted(len(templates), 'gesture')}, {state}", columns, rows)


def _told(template: GestureTemplate, figure: str) -> object:
    value = getattr(template, figure)
    if isinstance(value, float):
        return f"{value:.0%}" if template.version else "–"
    return _yes_or_no(value) if isinstance(value, bool) else value


def _yes_or_no(is_so: bool) -> str:
    return "yes" if is_so else "no"


@gestures_app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="The gesture.")],
    database: Annotated[Path, DatabaseOption] = FOLDER,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Show one gesture: its figures, what it is mistaken for, and its samples.

    Example: `motif gestures show wave`
    """
    with opened_database(database) as opened:
        template, samples = template_in(opened, name), opened.samples(name)
    if as_json:
        each = [_sample_facts(sample) for sample in samples]
        print_json(_facts(template) | {"confusions": dict(template.confusions), "samples": each})
        return
    print_table(name, ("figure", "value"), [(word, _told(template, figure)) for figure, word in _FIGURES.items()])
    if template.confusions:
        print_table("mistaken for", ("gesture", "share"), [(k, f"{v:.0%}") for k, v in template.confusions.items()])
    rows = [
        (
            sample.hash[:12],
            f"{datetime.fromtimestamp(sample.created_ns / 1e9, UTC):%Y-%m-%d %H:%M:%S}",
            f"{sample.n_samples / sample.rate_hz:.2f} s" if sample.rate_hz else "–",
            f"{sample.quality:.0%}",
            sample.group,
            _yes_or_no(sample.outlying),
        )
        for sample in samples
    ]
    print_table(
        counted(len(rows), "sample"), ("hash", "created (UTC)", "length", "quality", "session", "outlying"), rows
    )


gestures_app.command("rename")(rename_command)
gestures_app.command("delete")(delete_command)
gestures_app.command("undo")(undo_command)


@gestures_app.command("export")
def export_command(
    out: Annotated[Path, typer.Argument(help="A file that ends in .json or .zip.")],
    name: Annotated[str | None, typer.Option("--gesture", "-g", help="One gesture; by default all of them.")] = None,
    database: Annotated[Path, DatabaseOption] = FOLDER,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Write gestures with all their samples to one file, to keep or to give away.

    Examples: `motif gestures export mine.zip`, `motif gestures export wave.json --gesture wave`
    """
    with opened_database(database) as opened:
        path = opened.export_all(out) if name is None else opened.export_template(name, out)
    if as_json:
        print_json({"path": str(path), "bytes": path.stat().st_size})
    say("[green]written[/] ", str(path))


@gestures_app.command("import")
def import_command(
    path: Annotated[Path, typer.Argument(help="What `export` wrote, or a templates.json of earlier code.")],
    database: Annotated[Path, DatabaseOption] = FOLDER,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Take gestures in; one that is there already gets the samples it does not have. All of a file, or nothing.

    Example: `motif gestures import mine.zip -d stage_database`
    """
    from motif.templates import GestureDatabase

    with GestureDatabase(database) as opened:
        templates = opened.import_all(path)
    if as_json:
        print_json({"gestures": [_facts(template) for template in templates]})
    for template in templates:
        say("[green]taken in[/] ", f"{template.name}: {counted(template.num_samples, 'sample')}")


@gestures_app.command("verify")
def verify_command(
    database: Annotated[Path, DatabaseOption] = FOLDER,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Look at every page and row of a database; exit code 4 where something is wrong or was lost.

    Example: `motif gestures verify -d gesture_database`
    """
    with opened_database(database) as opened:
        problems = list(opened.verify())
        stats = opened.get_stats()
    if stats["problem"]:
        problems.append(str(stats["problem"]))
    if as_json:
        facts = {key: stats[key] for key in ("state", "set_aside", "recovery")}
        print_json(facts | {"problems": problems})
    else:
        if stats["recovery"]:
            say("[yellow]recovered earlier[/] ", f"from {stats['recovery'].get('restored_from')}")
        for problem in problems:
            say("[red]problem[/] ", problem)
        for aside in stats["set_aside"]:
            say("[yellow]set aside[/] ", aside)
    if problems or stats["state"] != "healthy":
        raise typer.Exit(4)
    held = f"{counted(stats['num_templates'], 'gesture')}, {counted(stats['total_samples'], 'sample')}"
    say("[green]healthy[/] ", held)


@gestures_app.command("restore")
def restore_command(
    backup: Annotated[
        Path | None, typer.Argument(help="A file of `backups/`; by default the newest whole one.")
    ] = None,
    database: Annotated[Path, DatabaseOption] = FOLDER,
    show: Annotated[bool, typer.Option("--list", help="List the backups instead.")] = False,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Go back to a backup; what stands now is backed up first.

    Examples: `motif gestures restore --list`, `motif gestures restore gesture_database/backups/gestures-….db`
    """
    with opened_database(database) as opened:
        if show:
            rows = [
                (each.path.name, f"{datetime.fromtimestamp(each.time_ns / 1e9, UTC):%Y-%m-%d %H:%M:%S}", each.revision)
                for each in opened.list_backups()
            ]
            if as_json:
                print_json({"backups": [{"name": n, "time": t, "revision": r} for n, t, r in rows]})
            else:
                print_table(counted(len(rows), "backup"), ("backup", "time (UTC)", "revision"), rows)
            return
        used = opened.restore(backup)
        names = opened.list_templates()
    if as_json:
        print_json({"restored": str(used), "gestures": names})
    say("[green]restored[/] ", f"{used}: {counted(len(names), 'gesture')}")


def _facts(template: GestureTemplate) -> dict[str, Any]:
    return {"name": template.name} | {figure: getattr(template, figure) for figure in _FIGURES}


def _sample_facts(sample: GestureSample) -> dict[str, Any]:
    return {
        "created": datetime.fromtimestamp(sample.created_ns / 1e9, UTC).isoformat(timespec="seconds"),
        "seconds": round(sample.n_samples / sample.rate_hz, 3) if sample.rate_hz else None,
        "quality": round(sample.quality, 3),
        "session": sample.group,
        "outlying": sample.outlying,
        "hash": sample.hash[:12],
    }
