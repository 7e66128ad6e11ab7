"""What all command lines share: the one place where an error becomes a line and an exit code.

Exit codes: 0 done; 1 a fault of ours, or a check that failed; 2 wrong usage; 3 unusable input; 4 a file or device; 5 a
bundle; 6 a missing extra; 130 interrupted. Data goes to stdout, talk to stderr.
"""

from __future__ import annotations

import contextlib
import sys
from inspect import cleandoc
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from motif import __version__
from motif.cli._console import say
from motif.errors import BundleError, InputError, MissingExtraError, MotifError, SourceError

__all__ = ["EXIT_CODES", "Commands", "command_line", "common_options", "exit_code"]

EXIT_CODES: dict[type[MotifError], int] = {InputError: 3, SourceError: 4, BundleError: 5, MissingExtraError: 6}


class Commands(TyperGroup):
    """A group of commands that turns our errors into a line on stderr and an exit code.

    Its help is plain text: panels need libraries that take longer to load than everything else together.
    """

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; a letter that the output's encoding lacks is replaced, help's too."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")
        return super().main(*args, **kwargs)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write how it is used, its options and its commands."""
        super(TyperGroup, self).format_help(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands by what they are for, each with what it does."""
        panels: dict[str, list[tuple[str, str]]] = {}
        width = max(map(len, self.commands))
        for name, command in self.commands.items():
            about = cleandoc(command.help or "").partition("\n\n")[0].replace("\n", " ")
            panels.setdefault(getattr(command, "rich_help_panel", None) or "Commands", []).append(
                (name.ljust(width), about)
            )
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl(rows)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except MotifError as error:
            if any(each.params.get("debug") for each in (ctx, ctx.find_root())):
                raise
            say(f"[bold red]error[/] ({error.code}): ", str(error))
            raise typer.Exit(exit_code(error)) from error


def exit_code(error: MotifError) -> int:
    """Return the exit code that tells a script what kind of error this was."""
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), 1)


def command_line() -> typer.Typer:
    """Return an empty command line; commands are added to it."""
    return typer.Typer(cls=Commands, no_args_is_help=True, rich_markup_mode="markdown", pretty_exceptions_enable=False)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"motif {__version__}")
        raise typer.Exit


def common_options(
    ctx: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    log: Annotated[Path | None, typer.Option(help="Add events to this file, one JSON object a line.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before every command; each command line gives this its own help text."""
    if log is not None:
        from motif.telemetry import log_to, run_context

        stack = ctx.with_resource(contextlib.ExitStack())
        stack.enter_context(log_to(log, level="debug" if debug else "info"))
        stack.enter_context(run_context(command=ctx.invoked_subcommand))
