"""Menu 2: make a gesture, hear what was understood, and let the recognizer learn how sure it may be."""

from __future__ import annotations

import asyncio

from motif.terminal._desk import Desk
from motif.terminal._session import Attempt
from motif.terminal._step_record import TAKE_S
from motif.terminal._views import meter_view, practice_view

__all__ = ["practise"]


async def practise(desk: Desk) -> None:
    """Ask which gesture, then let the person try it until there is enough."""
    if not desk.listening.can_hear:
        desk.say(f"No sensors: {desk.listening.health()}", "yellow")
        return
    name = await desk.choice("Which gesture?", desk.database.list_templates(), default="1")
    answer = ""
    while name is not None and answer != "d":
        if answer:
            desk.say(f"There is no {answer!r}.", "yellow")
        elif (name := desk.follow(name)) in desk.session.ids:
            await _try(desk, name)
        else:
            desk.say(f"{name!r} was deleted.", "yellow")
            return
        answer = await desk.question("Enter: once more, d: done")


async def _try(desk: Desk, name: str) -> None:
    await desk.countdown(f"{name}: get ready")
    recorder = desk.recorder
    async with desk.cutter.cutting(name, TAKE_S, keep=False):
        await desk.wait(
            TAKE_S, lambda share: meter_view(f"{name}: now", share, desk.listening.motion(), recorder.quality)
        )
    sample = recorder.stop_recording()
    if sample is None:
        desk.say(f"Not heard well enough: {recorder.problem}", "yellow")
        return
    with desk.console.status("recognizing …"):
        result = await asyncio.to_thread(desk.recognizer.recognize, sample)
    desk.recognizer.feedback(result.gesture == name, truth=name)
    desk.show(practice_view(name, result.gesture, result.confidence, result.processing_time_ms))
    desk.note(
        desk.session.practised(
            Attempt(
                time_ns=desk.clock.time_ns(),
                asked=name,
                heard=result.gesture,
                confidence=result.confidence,
                processing_time_ms=result.processing_time_ms,
            )
        )
    )
