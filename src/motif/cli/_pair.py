"""`motif pair`: a link and a QR code for the phone, and whether it comes through."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from motif.cli._console import JsonOption, print_json, say

if TYPE_CHECKING:
    from motif.recordings import Readings

__all__ = ["pair_command", "qr_code"]


def pair_command(
    host: Annotated[
        str, typer.Option(help="`lan` is reached by phones of your network; `127.0.0.1` by this machine alone.")
    ] = "lan",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes any.")] = 8765,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", help="Keep the link here, for `sensor-logger:lan?token=FILE`."),
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="How long to wait; without it until Ctrl-C.")] = None,
    as_json: Annotated[bool, JsonOption] = False,
) -> None:
    """Show a link and a QR code to put into the Sensor Logger app (HTTP push), and wait for its first message.

    Who has the link can send motion and nothing else, one phone for one link. Exit code 4 where nothing came.

    Examples: `motif pair`, `motif pair --token-file phone.token`,
    `motif pair --host 127.0.0.1 --port 0 --seconds 30 --json`
    """
    from motif.cli._hearing import hear
    from motif.cli._sources import kept_secret
    from motif.sources import SensorLoggerHTTP

    source = SensorLoggerHTTP(host=host, port=port, secret=kept_secret(token_file) if token_file else None)
    heard: list[Readings] = []

    def show() -> None:
        say("[bright_white on black]", qr_code(source.url))  # a light terminal would show it with its colours exchanged
        say("[bold]Sensor Logger → HTTP Push → Push URL[/]  ", source.url)
        if host == "lan":
            say("[dim]the phone must be in the same network as this machine[/]")

    def first(readings: Readings) -> bool:
        heard.append(readings)
        return False

    ended = hear(source, first, seconds=seconds, opened=show)
    if as_json:
        print_json({"url": source.url, "device": heard[0].device if heard else None})
    if not heard:
        say("[yellow]nothing came[/]: ", ended.health)
        raise typer.Exit(4)
    say("[green]paired[/] ", f"{heard[0].device} sends {' '.join(heard[0].channels)}")
    if token_file is None:
        say("[dim]note[/] ", "this link ends here; with --token-file FILE the next command can take it over")
    else:
        say("[dim]next[/] ", f"motif teach NAME -s 'sensor-logger:{host}:{source.port}?token={token_file}'")


def qr_code(text: str) -> str:
    """Return a QR code as lines of half blocks, for a terminal.

    Raises
    ------
    MissingExtraError
        The extra `control` is not installed.
    """
    from motif.optional import require

    segno = require("segno", extra="control")
    shown = io.StringIO()
    segno.make(text, error="l", micro=False).terminal(out=shown, compact=True)
    return shown.getvalue()
