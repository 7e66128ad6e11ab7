"""Hear a source of live motion until there is enough, and say meanwhile how it is."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from motif.cli._console import say
from motif.sources import end_tasks

if TYPE_CHECKING:
    from motif.recordings import Readings
    from motif.sources import Source

__all__ = ["Heard", "hear", "tell_health"]

_TICK_S = 1.0


class Heard(NamedTuple):
    """How it ended."""

    by_signal: bool
    health: str
    """What the source said of itself last, before it was closed."""


def hear(
    source: Source,
    take: Callable[[Readings], bool],
    *,
    seconds: float | None = None,
    opened: Callable[[], None] = lambda: None,
    meanwhile: Callable[[], Coroutine[Any, Any, None]] | None = None,
) -> Heard:
    """Give `take` every reading until it returns False, the source ends, `seconds` are over, Ctrl-C, or SIGTERM.

    Where there is something to do `meanwhile`, its end is the end as well. Both signals are waited for whatever was
    inherited: a shell lets what it starts in the background ignore SIGINT. The source's health goes to stderr whenever
    its words change.
    """
    with asyncio.Runner(loop_factory=_fastest_loop()) as runner:
        return runner.run(_hear(source, take, seconds, opened, meanwhile))


def _fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes a loop of uvloop where it is installed: with many phones, sockets are a fifth of the work."""
    if find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop


async def _hear(
    source: Source,
    take: Callable[[Readings], bool],
    seconds: float | None,
    opened: Callable[[], None],
    meanwhile: Callable[[], Coroutine[Any, Any, None]] | None,
) -> Heard:
    told_to_end = asyncio.Event()
    _listen_for_signals(told_to_end.set)
    async with source:
        opened()
        telling = asyncio.create_task(tell_health("sensors", lambda: source.health().message), name="motif health")
        ending: list[asyncio.Task[Any]] = [
            asyncio.create_task(_take_all(source, take), name="motif hearing"),
            asyncio.create_task(told_to_end.wait(), name="motif signals"),
        ]
        if meanwhile is not None:
            ending.append(asyncio.create_task(meanwhile(), name="motif meanwhile"))
        try:
            await asyncio.wait(ending, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:  # Ctrl-C, where signals cannot be waited for
            told_to_end.set()
        health = source.health().message
        await end_tasks(*ending, telling)
        for task in (*ending, telling):
            if not task.cancelled():
                task.result()
    return Heard(told_to_end.is_set(), health)


def _listen_for_signals(end: Callable[[], None]) -> None:
    """Call `end` at the first Ctrl-C and the first SIGTERM; a second one is not waited for politely."""
    loop = asyncio.get_running_loop()

    def told(number: signal.Signals) -> None:
        loop.remove_signal_handler(number)
        end()

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # on Windows, and outside of the main thread
            loop.add_signal_handler(number, told, number)


async def _take_all(source: Source, take: Callable[[Readings], bool]) -> None:
    async for readings in source:
        if not take(readings):
            return


async def tell_health(whose: str, health: Callable[[], str]) -> None:
    """Say how something is whenever the words of it change, figures aside, until cancelled."""
    said = ""
    while True:
        await asyncio.sleep(_TICK_S)
        message = health()
        if (words := "".join(letter for letter in message if not letter.isdigit())) != said:
            say(f"[dim]{whose}[/] ", message)
            said = words
