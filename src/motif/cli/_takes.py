"""Takes of a gesture from a live source: at the end of a countdown, or where the source itself marks movements."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from motif.cli._console import say

if TYPE_CHECKING:
    from motif.cli._hearing import Heard
    from motif.recordings import Annotation as Mark
    from motif.recordings import Readings
    from motif.sources import Clock, Source
    from motif.templates import GestureRecorder

__all__ = ["by_countdown", "by_marks"]

_MISSES = 3
_HEARD = 1000
"""Readings that are kept until the mark of what they hold comes."""
_OTHERS = 50
"""Marks of other movements, after which no more are waited for."""


def by_countdown(
    source: Source,
    recorder: GestureRecorder,
    name: str,
    samples: int,
    take_s: float,
    countdown_s: float,
    clock: Clock | None = None,
) -> Heard:
    """Once the source sends, say when to move, and keep the `take_s` after it; three misses in a row end it."""
    from motif.cli._hearing import hear
    from motif.sources import SystemClock
    from motif.terminal import TakeCutter

    clock = clock or SystemClock()
    cutter = TakeCutter(recorder, clock)

    def take(readings: Readings) -> bool:
        cutter.hear(readings)
        return True

    async def ask() -> None:
        await cutter.has_heard.wait()
        misses = 0
        while recorder.metrics.takes_kept < samples and misses < _MISSES:
            await _countdown(clock, countdown_s, f"{name}, {recorder.metrics.takes_kept + 1} of {samples}")
            async with cutter.cutting(name, take_s):
                await clock.sleep(take_s)
            is_silent = not recorder.n_readings
            if await asyncio.to_thread(recorder.stop_recording) is not None:
                misses = 0
                say("[green]kept[/]", cutter.whose)
                continue
            misses += 1
            say("[yellow]not kept[/]: ", recorder.problem)
            if is_silent:
                say("[dim]sensors[/] ", source.health().message)

    return hear(source, take, meanwhile=ask)


async def _countdown(clock: Clock, seconds: float, title: str) -> None:
    left = seconds
    while left > 0:
        say(f"{left:.0f} … ", title)
        await clock.sleep(min(1.0, left))
        left -= 1.0
    say("[bold red]now[/]")


def by_marks(source: Source, recorder: GestureRecorder, name: str, samples: int, label: str) -> Heard:
    """Keep the movements that the source marks, each when its mark has come: buttons and replays mark their own.

    Three misses in a row end it, and so do many marks of other movements alone.
    """
    from motif.cli._hearing import hear

    heard: deque[Readings] = deque(maxlen=_HEARD)
    others: Counter[str] = Counter()
    misses = 0

    def take(readings: Readings) -> bool:
        nonlocal misses
        heard.append(readings)
        for mark in readings.annotations:
            if mark.label != label:
                others[mark.label] += 1
                continue
            others.clear()
            misses = 0 if _keep(recorder, name, heard, mark) else misses + 1
            if recorder.metrics.takes_kept >= samples or misses == _MISSES:
                return False
        return others.total() < _OTHERS

    ended = hear(source, take)
    if others:
        say("[yellow]no more marks[/] ", f"of {label!r} came; there were {', '.join(sorted(others))}")
    return ended


def _keep(recorder: GestureRecorder, name: str, heard: Iterable[Readings], mark: Mark) -> bool:
    """Record what was heard during a mark; return whether it is good."""
    recorder.start_recording(name)
    for each in heard:
        inside = (each.time_ns >= mark.start_ns) & (each.time_ns <= mark.stop_ns)
        if inside.any():
            recorder.add_sensor_reading(replace(each, time_ns=each.time_ns[inside], values=each.values[inside]))
    if recorder.stop_recording() is None:
        say("[yellow]not kept[/]: ", recorder.problem)
        return False
    return True
