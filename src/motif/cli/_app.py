"""The command line's frame: options that all commands share, and the one place where an error becomes a line.

Exit codes: 0 done; 1 a fault of ours; 2 wrong usage; 3 unusable input; 4 a file or device; 5 a bundle; 6 a missing
extra; 130 interrupted. Data goes to stdout, talk to stderr.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from motif import __version__
from motif.cli._console import say
from motif.cli._demo import demo_command
from motif.cli._evaluate import evaluate_command
from motif.cli._gestures import gestures_app
from motif.cli._import import import_command
from motif.cli._info import info_command
from motif.cli._live import live_command
from motif.cli._pair import pair_command
from motif.cli._predict import predict_command
from motif.cli._record import record_command
from motif.cli._simulate import simulate_command
from motif.cli._teach import teach_command
from motif.cli._train import train_command
from motif.errors import BundleError, InputError, MissingExtraError, MotifError, SourceError

__all__ = ["EXIT_CODES", "app", "main"]

EXIT_CODES: dict[type[MotifError], int] = {InputError: 3, SourceError: 4, BundleError: 5, MissingExtraError: 6}


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except MotifError as error:
            if ctx.params.get("debug"):
                raise
            say(f"[bold red]error[/] ({error.code}): ", str(error))
            raise typer.Exit(exit_code(error)) from error


def exit_code(error: MotifError) -> int:
    """Return the exit code that tells a script what kind of error this was."""
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), 1)


app = typer.Typer(cls=_Commands, no_args_is_help=True, rich_markup_mode="markdown", pretty_exceptions_enable=False)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"motif {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    ctx: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    log: Annotated[Path | None, typer.Option(help="Add events to this file, one JSON object a line.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Turn motion into named events. Start with **motif demo**."""
    if log is not None:
        from motif.telemetry import log_to, run_context

        stack = ctx.with_resource(contextlib.ExitStack())
        stack.enter_context(log_to(log, level="debug" if debug else "info"))
        stack.enter_context(run_context(command=ctx.invoked_subcommand))


app.command("demo")(demo_command)
app.command("simulate")(simulate_command)
app.command("import")(import_command)
app.command("info")(info_command)
app.command("train")(train_command)
app.command("evaluate")(evaluate_command)
app.command("predict")(predict_command)
app.command("pair")(pair_command)
app.command("record")(record_command)
app.command("live")(live_command)
app.command("teach")(teach_command)
app.add_typer(gestures_app, name="gestures")


def main() -> None:
    """Run the command line."""
    app()
