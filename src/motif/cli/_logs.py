"""`motif logs`, also `conv2d-logs`: what a log of JSON lines says: summary, errors, grep, compare."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motif.cli._commands import command_line
from motif.cli._console import JsonOption, counted, print_json, print_table, say, shown

if TYPE_CHECKING:
    from collections import Counter

    from motif.telemetry import LoggedError, LogSummary

__all__ = ["logs_app", "main"]

logs_app = command_line()

LogArgument = typer.Argument(help="A log: one JSON object a line, as `motif --log FILE` writes.")
MOST_SHOWN = 15


@logs_app.callback()
def logs(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Read logs of any size back: summary, errors, grep, compare.

    Examples: `motif logs summary run.jsonl`, `conv2d-logs summary run.jsonl`
    """


@logs_app.command("summary")
def summary_command(
    file: Annotated[Path, LogArgument],
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Say how much FILE holds, of what kind, from when to when.

    Example: `motif logs summary run.jsonl`
    """
    from motif.telemetry import summarize_log

    summary = summarize_log(file)
    if as_json:
        print_json(_facts(summary))
        return
    _say_damage(summary)
    span = ("–", "–") if summary.first is None else (summary.first, summary.last)
    rows: list[tuple[str, object]] = [("lines", summary.lines), ("first", span[0]), ("last", span[1])]
    rows += [("level " + level, count) for level, count in summary.levels.most_common()]
    rows += [("runs", len(summary.runs))]
    print_table(f"{file}, {summary.bytes / 1e6:.1f} MB", ("what", "value"), rows)
    _print_most("event", summary.events)
    _print_most("logger", summary.loggers)


@logs_app.command("errors")
def errors_command(
    file: Annotated[Path, LogArgument],
    verbose: Annotated[bool, typer.Option("--verbose", help="Each error with all its fields.")] = False,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """List the errors of FILE: by event, how often, first and last; all of each with --verbose.

    Example: `motif logs errors run.jsonl --verbose`
    """
    from motif.telemetry import find_errors

    found: dict[tuple[str, str], tuple[int, LoggedError, LoggedError]] = {}
    for error in find_errors(file):
        key = (error.event, error.logger)
        count, first, _ = found.get(key, (0, error, error))
        found[key] = (count + 1, first, error)
        if verbose and not as_json:
            _print_whole(error)
    ordered = sorted(found.items(), key=lambda item: -item[1][0])
    if as_json:
        told = [
            {"event": event, "logger": logger, "count": n, "first": first.fields, "last": last.fields}
            for (event, logger), (n, first, last) in ordered
        ]
        print_json({"errors": sum(n for n, _, _ in found.values()), "kinds": told})
    elif not verbose:
        columns = ("error", "logger", "times", "first", "last")
        print_table(
            f"{counted(sum(n for n, _, _ in found.values()), 'error')} in {file}",
            columns,
            [(event, logger, n, first.time, last.time) for (event, logger), (n, first, last) in ordered],
        )


@logs_app.command("grep")
def grep_command(
    pattern: Annotated[str, typer.Argument(help="A regular expression.")],
    file: Annotated[Path, LogArgument],
    ignore_case: Annotated[bool, typer.Option("--ignore-case", "-i", help="A is a.")] = False,
    most: Annotated[int | None, typer.Option("--most", "-m", min=1, help="Stop after so many lines.")] = None,
) -> None:
    """Print the lines of FILE in which PATTERN finds something, as they stand. Exit code 1 where none does.

    Example: `motif logs grep 'config_hash.*3fa9' run.jsonl`
    """
    from motif.telemetry import grep_log

    n = 0
    for line in islice(grep_log(pattern, file, ignore_case=ignore_case), most):
        typer.echo(line)
        n += 1
    if not n:
        raise typer.Exit(1)


@logs_app.command("compare")
def compare_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with logs.")],
    output: Annotated[Path | None, typer.Option(help="Write all of it to this CSV file.")] = None,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Lay the logs below DIR side by side: a row a log, with the last value of every plain field.

    Example: `motif logs compare logs/ --output logs.csv`
    """
    from motif.telemetry import compare_logs, write_csv

    rows = compare_logs(folder)
    if output is not None:
        say("[green]written[/] ", str(write_csv(rows, output)))
    if as_json:
        print_json({"logs": rows})
    elif output is None:
        columns = [name for name in rows[0] if not name.startswith("last.")]
        found = f"{counted(len(rows), 'log')} in {folder}"
        print_table(found, columns, [[row[name] for name in columns] for row in rows])


def main() -> None:
    """Run `conv2d-logs`."""
    logs_app()


def _facts(summary: LogSummary) -> dict[str, Any]:
    return {
        "file": summary.path,
        "bytes": summary.bytes,
        "lines": summary.lines,
        "damaged": summary.damaged,
        "torn_bytes": summary.torn_bytes,
        "first": summary.first,
        "last": summary.last,
        "errors": summary.errors,
        "runs": len(summary.runs),
        "levels": dict(summary.levels.most_common()),
        "events": dict(summary.events.most_common()),
        "loggers": dict(summary.loggers.most_common()),
        "error_events": dict(summary.error_events.most_common()),
    }


def _say_damage(summary: LogSummary) -> None:
    if summary.damaged:
        say("[yellow]note[/] ", f"{summary.damaged} lines are no JSON object")
    if summary.torn_bytes:
        say("[yellow]note[/] ", f"the last line is torn: {summary.torn_bytes} bytes of it are there")


def _print_most(what: str, counter: Counter[str]) -> None:
    shown = counter.most_common(MOST_SHOWN)
    if shown:
        more = f", the {len(shown)} most frequent of {len(counter)}" * (len(counter) > len(shown))
        print_table(f"{what}s{more}", (what, "lines"), shown)


def _print_whole(error: LoggedError) -> None:
    typer.echo(shown(f"{error.time}  {error.event}  ({error.logger})"))
    for name, value in error.fields.items():
        if name not in ("time", "event", "logger"):
            typer.echo(shown(f"  {name}: {value}").replace("\n", "\n    "))
