"""Menu 1 and 6: record takes of a gesture, and ordinary movement."""

from __future__ import annotations

import asyncio

from rich.console import RenderableType
from rich.markup import escape

from motif.terminal._counted import counted
from motif.terminal._desk import Desk
from motif.terminal._session import GOAL_SAMPLES
from motif.terminal._views import meter_view

__all__ = ["live_with_it", "record_gesture", "record_take"]

TAKE_S = 2.0


async def record_gesture(desk: Desk) -> None:
    """Ask for a name, then record takes until it is known well or the person has enough."""
    if not desk.listening.can_hear:
        desk.say(f"No sensors: {desk.listening.health()}", "yellow")
        return
    name = await desk.question("Which gesture? A name")
    if not name:
        return
    answer = ""
    while answer != "d":
        name = desk.follow(name)
        if not answer:
            await record_take(desk, name)
        elif answer == "u":
            undo_last(desk)
        else:
            desk.say(f"There is no {answer!r}.", "yellow")
        n = desk.samples().get(name, 0)
        hint = "enough to begin with" if n >= GOAL_SAMPLES else f"{GOAL_SAMPLES - n} more are worth it"
        answer = await desk.question(
            f"{counted(n, 'take')} of {name!r}, {hint}. Enter: one more, u: undo the last, d: done"
        )
    await _train(desk, desk.follow(name))


async def record_take(desk: Desk, name: str, seconds: float = TAKE_S) -> bool:
    """Count down, record one take with live bars, and say whether it was good enough."""
    await desk.countdown(f"{name}: get ready")
    async with desk.cutter.cutting(name, seconds):
        await desk.wait(seconds, lambda share: _meter(desk, f"{name}: now", share))
    sample = await asyncio.to_thread(desk.recorder.stop_recording)
    if sample is None:
        desk.note(desk.session.refused(name))
        desk.say(f"Not kept: {desk.recorder.problem}", "yellow")
        return False
    desk.note(desk.session.recorded(name, sample.quality))
    desk.follow()
    desk.say(f"Kept, quality {sample.quality:.0%}{desk.cutter.whose}.", "green")
    return True


def undo_last(desk: Desk) -> None:
    """Give up the last take of this run."""
    gesture = desk.recorder.undo()
    if gesture is None:
        desk.say("Nothing to undo in this run.", "yellow")
        return
    desk.note(desk.session.undone(gesture))
    desk.say(f"The last take of {gesture!r} is gone.")


async def _train(desk: Desk, name: str) -> None:
    with desk.console.status(f"judging how well {escape(repr(name))} is understood …"):
        template = await asyncio.to_thread(desk.database.train_template, name)
    if template is None:
        n_wanted = desk.database.MIN_TRAINING_SAMPLES
        desk.say(f"{name!r} needs more takes before it can be judged: {n_wanted} at least.", "yellow")
        return
    desk.say(
        f"{name!r} version {template.version}: consistency {template.consistency_score:.0%}, "
        f"understood {template.accuracy:.0%} of the time."
    )


async def live_with_it(desk: Desk) -> None:
    """Record a minute of ordinary movement, which teaches what is not a gesture."""
    if not desk.listening.can_hear:
        desk.say(f"No sensors: {desk.listening.health()}", "yellow")
        return
    answer = await desk.question(
        "Walk, talk, drink, put it into the pocket, and make none of the gestures. Seconds", "60"
    )
    try:
        seconds = min(600.0, max(5.0, float(answer)))
    except ValueError:
        desk.say(f"{answer!r} is no number of seconds.", "yellow")
        return
    recorder = desk.recorder
    recorder.start_background()
    desk.listening.begin(recorder.add_sensor_reading)
    try:
        await desk.wait(seconds, lambda share: _meter(desk, "ordinary movement", share))
    finally:
        desk.listening.end(recorder.add_sensor_reading)
    kept_s = await asyncio.to_thread(recorder.stop_background)
    if not kept_s:
        desk.say(f"Not kept: {recorder.problem}", "yellow")
        return
    desk.note(desk.session.lived(kept_s))
    desk.say(f"{kept_s:.0f} s kept: what looks like it is no gesture from now on.", "green")


def _meter(desk: Desk, title: str, share: float) -> RenderableType:
    recorder = desk.recorder
    note = recorder.problem or ("" if recorder.n_readings else desk.listening.health())
    return meter_view(title, share, desk.listening.motion(), recorder.quality, note)
