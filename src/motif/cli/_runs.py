"""`motif runs`: training runs that were tracked: list, show, compare, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._console import JsonOption, counted, print_json, print_table, say

if TYPE_CHECKING:
    from motif.tracking import Run

__all__ = ["runs_app"]

runs_app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")

RunsOption = typer.Option("--runs-dir", "-d", help="The folder of the runs.")
_FOLDER = Path("logs/runs")
_TOLD = ("val_accuracy", "val_loss", "accuracy", "loss")


@runs_app.callback()
def runs() -> None:
    """Training runs that were tracked: list, show, compare, export.

    Example: `motif runs list -d logs/runs`
    """


@runs_app.command("list")
def list_command(runs_dir: Annotated[Path, RunsOption] = _FOLDER, as_json: Annotated[bool, JsonOption] = False) -> None:
    """List the runs of a folder, the newest first, with their last figures.

    Example: `motif runs list`
    """
    from motif.tracking import list_runs

    found, damaged = list_runs(runs_dir)
    for folder, error in damaged.items():
        say("[yellow]unreadable[/] ", f"{folder}: {error}")
    if as_json:
        print_json({"runs": [_facts(run) for run in found], "unreadable": [str(folder) for folder in damaged]})
        return
    told = [name for name in _TOLD if any(name in run.final for run in found)]
    rows = [
        (
            run.name,
            run.status,
            run.record.started[:16].replace("T", " "),
            max(run.steps, default=0),
            f"{run.duration_s:.0f} s",
            *(run.final.get(name, "–") for name in told),
        )
        for run in found
    ]
    columns = ("run", "status", "started (UTC)", "steps", "time", *told)
    print_table(f"{counted(len(found), 'run')} in {runs_dir}", columns, rows)


@runs_app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="The run.")],
    runs_dir: Annotated[Path, RunsOption] = _FOLDER,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Show one run: settings, figures, commit, machine, files, and what went wrong around it.

    Example: `motif runs show tcn_lr0.002_bs64_20260301-093000`
    """
    from motif.telemetry import json_ready

    run = _found(runs_dir, name)
    facts = _facts(run)
    if as_json:
        print_json(facts | {"steps": json_ready(run.steps)})
        return
    print_table(run.name, ("what", "value"), [(key, _text(value)) for key, value in facts.items()])
    if evaluation := run.record.evaluation:
        columns = ("true \\ said", *evaluation.class_names, "F1")
        scores = ["–" if (f1 := evaluation.f1.get(name)) is None else f"{f1:.3f}" for name in evaluation.class_names]
        rows = [
            (name, *counts, f1)
            for name, counts, f1 in zip(evaluation.class_names, evaluation.confusion, scores, strict=False)
        ]
        print_table(f"accuracy {evaluation.accuracy:.1%}, macro-F1 {evaluation.macro_f1:.3f}", columns, rows)


@runs_app.command("compare")
def compare_command(
    names: Annotated[list[str], typer.Argument(help="Two runs or more.")],
    runs_dir: Annotated[Path, RunsOption] = _FOLDER,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Lay runs side by side: the settings that differ, and the last figures.

    Example: `motif runs compare first second`
    """
    from motif.telemetry import json_ready
    from motif.tracking import compare_runs

    found = compare_runs([_found(runs_dir, name) for name in names])
    if as_json:
        print_json(json_ready(vars(found)))
        return
    rows = [("setting", name, *map(_text, values)) for name, values in found.differing.items()]
    rows += [("figure", name, *map(_text, values)) for name, values in found.metrics.items()]
    same = "1 setting is" if len(found.same) == 1 else f"{len(found.same)} settings are"
    print_table(f"{same} the same", ("kind", "name", *found.runs), rows)


@runs_app.command("export")
def export_command(
    out: Annotated[Path, typer.Argument(help="A file that ends with .csv (a row a step) or .json (all of it).")],
    names: Annotated[list[str] | None, typer.Argument(help="Runs; all of the folder by default.")] = None,
    runs_dir: Annotated[Path, RunsOption] = _FOLDER,
) -> None:
    """Write runs for other programs.

    Examples: `motif runs export runs.csv`, `motif runs export best.json tcn_lr0.002_bs64_20260301-093000`
    """
    from motif.tracking import export_runs, list_runs

    found = [_found(runs_dir, name) for name in names] if names else list_runs(runs_dir)[0]
    say("[green]written[/] ", str(export_runs(found, out)))


def _found(runs_dir: Path, name: str) -> Run:
    """Read a run by its name, or by its folder."""
    from motif.tracking import read_run

    return read_run(Path(name) if Path(name, "run.json").exists() else runs_dir / name)


def _facts(run: Run) -> dict[str, Any]:
    from motif.telemetry import json_ready

    record = run.record
    session = record.sessions[-1] if record.sessions else None
    commit = session.commit if session else None
    machine = dict(session.machine) if session else {}
    machine.pop("packages", None)
    return {
        "name": run.name,
        "project": record.project,
        "status": run.status,
        "started": record.started,
        "ended": record.ended,
        "sessions": len(record.sessions),
        "lost": str(run.loss),
        "failures": record.failures,
        "problems": record.problems,
        "tags": record.tags,
        "config": record.config,
        "seeds": record.seeds,
        "commit": f"{commit['sha']}{' (changed since)' if commit['is_dirty'] else ''}" if commit else None,
        "machine": machine,
        "artifacts": {artifact.path: artifact.sha256 for artifact in record.artifacts},
        "final": json_ready(run.final),
    }


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{key}: {_text(item)}" for key, item in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value in (None, "") else str(value)
