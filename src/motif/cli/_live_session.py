"""What stands around a live run on a terminal: keys, the health line, gestures as they come."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from motif.cli._console import counted, say, shown
from motif.cli._health_line import HealthLine
from motif.cli._hearing import tell_health
from motif.sources import end_tasks

if TYPE_CHECKING:
    from motif.live import EngineConfig, Event, Outcome, Runner
    from motif.templates import GestureDatabase

__all__ = ["LiveSession"]

_TICK_S = 0.5
_STYLES = {"done": "green", "planned": "cyan", "refused": "yellow", "failed": "red", "dropped": "red"}


class LiveSession:
    """Runs a runner until its source ends or Ctrl-C, and shows what happens.

    Parameters
    ----------
    as_json : bool
        Events and outcomes to stdout as JSON lines; else readable lines.
    database : GestureDatabase, optional
        Watched: what is taught meanwhile is listened for at once.
    config : EngineConfig
    """

    def __init__(self, *, as_json: bool, database: GestureDatabase | None, config: EngineConfig) -> None:
        self._as_json, self._database, self._config = as_json, database, config
        self._line = HealthLine()

    def run(self, runner: Runner) -> None:
        """Run to the end, or to Ctrl-C, which is no error: it is how a show ends."""
        with suppress(KeyboardInterrupt):  # where signals cannot be handled, it comes as this
            asyncio.run(self._run(runner))
        if not runner.registry.counters.get("live.samples"):
            say("[yellow]nothing came[/]: ", runner.last_health)
            raise typer.Exit(4)

    def show_event(self, event: Event) -> None:
        """Print a gesture."""
        self._line.clear()
        if self._as_json:
            typer.echo(json.dumps({"event": event.to_dict()}))
        else:
            who = f"{shown(event.gesture)}\t{shown(event.device)}"
            typer.echo(f"{who}\t{event.confidence:.0%}\t{event.delay_s:.2f} s after its end")

    def show_outcome(self, outcome: Outcome) -> None:
        """Print what became of it."""
        self._line.clear()
        if self._as_json:
            typer.echo(json.dumps({"action": outcome.to_dict()}))
        else:
            style = _STYLES[outcome.status]
            say(f"[{style}]{outcome.status}[/] ", f"{outcome.decision.action}: {outcome.detail}")

    def _say(self, markup: str, text: str = "") -> None:
        self._line.clear()
        say(markup, text)

    async def _run(self, runner: Runner) -> None:
        _on_signal("SIGINT", lambda: asyncio.ensure_future(runner.stop()))
        _on_signal("SIGTERM", lambda: asyncio.ensure_future(runner.stop()))
        _on_signal("SIGQUIT", lambda: asyncio.ensure_future(self._panic_or_resume(runner)))
        helpers = [asyncio.create_task(self._tell_health(runner)), asyncio.create_task(self._watch(runner))]
        try:
            await runner.run()
        finally:
            await end_tasks(*helpers)
            self._line.clear()
            if runner.registry.counters.get("live.samples"):
                say("[dim]ended[/] ", _summary(runner))

    async def _tell_health(self, runner: Runner) -> None:
        """Keep one line up to date on a terminal; elsewhere say it when its words change."""
        while sys.stderr.isatty():
            self._line.show(shown(_first_words(runner)))
            await asyncio.sleep(_TICK_S)
        await tell_health("live", lambda: _first_words(runner))

    async def _watch(self, runner: Runner) -> None:
        """Listen for what is taught meanwhile, also by another process."""
        from motif.errors import MotifError
        from motif.live import taught

        database = self._database
        if database is None:
            return
        seen = database.revision
        while True:
            await asyncio.sleep(_TICK_S)
            if (revision := await asyncio.to_thread(lambda: database.revision)) == seen:
                continue
            seen = revision
            try:
                found = await asyncio.to_thread(taught, database, self._config)
            except MotifError as error:
                self._say("[yellow]note[/] ", f"what was taught is not used yet: {error}")
                continue
            runner.engine.use(found.spotter, found.config)
            self._say("[green]listening for[/] ", ", ".join(found.gestures))

    async def _panic_or_resume(self, runner: Runner) -> None:
        if runner.conductor.is_muted:
            runner.resume()
            self._say("[green]actions on[/]")
        else:
            await runner.panic()
            self._say("[bold red]panic[/] ", "all actions are muted; Ctrl-\\ again to go on")


def _first_words(runner: Runner) -> str:
    address = getattr(runner.source, "url", "")
    return f"{runner.health()}{f' · {address}' if address and not runner.engine.devices else ''}"


def _on_signal(name: str, handle: object) -> None:
    number = getattr(signal, name, None)
    if number is not None:
        with suppress(NotImplementedError, ValueError):  # Windows, or not the main thread
            asyncio.get_running_loop().add_signal_handler(number, handle)  # type: ignore[arg-type]


def _summary(runner: Runner) -> str:
    counters = runner.registry.counters
    parts = [counted(counters.get("live.samples", 0), "sample"), counted(counters.get("live.events", 0), "gesture")]
    parts += [f"{counters[f'live.actions.{each}']} {each}" for each in _STYLES if f"live.actions.{each}" in counters]
    timing = runner.registry.timings.get("live.sample_to_action")
    if timing is not None:
        parts.append(f"sample to action {1000 * timing.mean_s:.1f} ms, at most {1000 * timing.longest_s:.1f} ms")
    return ", ".join(parts)
