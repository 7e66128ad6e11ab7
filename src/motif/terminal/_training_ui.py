"""`TrainingUI`: the menu in the terminal. Teach gestures, practise them, look how well it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from motif.errors import MotifError
from motif.sources import Clock, Source, SystemClock
from motif.templates import GestureDatabase, GestureRecognizer, GestureRecorder
from motif.terminal._analytics import practice_of
from motif.terminal._asking import Ask, ask_in_thread
from motif.terminal._counted import counted
from motif.terminal._desk import Desk
from motif.terminal._listening import Listening
from motif.terminal._session_file import SessionFile
from motif.terminal._step_manage import manage_gestures
from motif.terminal._step_practise import practise
from motif.terminal._step_record import live_with_it, record_gesture
from motif.terminal._views import analytics_view, dashboard_view, menu_view

if TYPE_CHECKING:
    from motif.terminal._session import TrainingSession

__all__ = ["TrainingUI"]


class TrainingUI:
    """An interactive menu that resumes where it was, also after a crash.

    Parameters
    ----------
    sensor_bridge : source of readings, optional
        Opened when the menu starts; without one gestures can be managed, not recorded.
    database : GestureDatabase, optional
        By default the one in `./gesture_database`.
    session_file : path
        Written after every step. One that cannot be read is kept aside.
    recognizer : GestureRecognizer, optional
        By default one of its own for the database.
    console : rich.console.Console, optional
        Where the menu is shown.
    ask : callable, optional
        `await ask(prompt)` gives the person's line; by default read from the terminal.
    clock : Clock, optional
        Time and waiting; by default the machine's.

    Examples
    --------
    >>> import io, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> async def ask(prompt):
    ...     return "0"
    >>> screen = Console(file=io.StringIO())
    >>> with GestureDatabase(f"{folder}/gestures") as database:
    ...     TrainingUI(database=database, session_file=f"{folder}/session.json", ask=ask, console=screen).run()
    >>> "Record a gesture" in screen.file.getvalue()
    True
    """

    def __init__(
        self,
        sensor_bridge: Source | None = None,
        database: GestureDatabase | None = None,
        session_file: str | Path = "./training_session.json",
        *,
        recognizer: GestureRecognizer | None = None,
        console: Console | None = None,
        ask: Ask | None = None,
        clock: Clock | None = None,
    ) -> None:
        database = database if database is not None else GestureDatabase("./gesture_database")
        clock = clock or SystemClock()
        file = SessionFile(session_file)
        session_dir = file.path.parent / "recording_sessions"
        self._desk = Desk(
            console=console or Console(),
            ask=ask or ask_in_thread(),
            clock=clock,
            listening=Listening(sensor_bridge),
            recorder=GestureRecorder(database=database, session_dir=session_dir, now_ns=clock.time_ns),
            recognizer=recognizer or GestureRecognizer(database),
            database=database,
            file=file,
        )
        self._steps: dict[str, Callable[[Desk], Awaitable[None]]] = {
            "1": record_gesture,
            "2": practise,
            "3": manage_gestures,
            "4": _analytics,
            "5": _dashboard,
            "6": live_with_it,
        }

    @property
    def session(self) -> TrainingSession:
        """What was recorded and practised so far."""
        return self._desk.session

    def run(self) -> None:
        """Show the menu until the person quits; Ctrl-C quits too, and nothing of the session is lost."""
        try:
            asyncio.run(self.run_async())
        except KeyboardInterrupt:
            self._desk.say("Interrupted. The session is saved; run it again to go on.")

    async def run_async(self) -> None:
        """Show the menu inside a running event loop."""
        desk = self._desk
        session, message = desk.file.load(desk.clock.time_ns())
        desk.say(message, "yellow" if "could not be read" in message else "dim")
        desk.note(session)
        async with desk.listening.opened():
            try:
                await self._offer_interrupted()
                await self._menu()
            except EOFError:
                desk.say("No more input. The session is saved.")
        desk.recorder.end_session()

    async def _menu(self) -> None:
        desk = self._desk
        while True:
            desk.follow()
            desk.show(menu_view(desk.session, desk.samples(), desk.listening.health()))
            answer = await desk.question("Your choice")
            if answer in ("0", "q"):
                desk.say("The session is saved. See you on stage.")
                return
            step = self._steps.get(answer)
            if not answer:
                continue  # another look at the sensors
            if step is None:
                desk.say(f"There is no {answer!r}; choose a number of the menu.", "yellow")
                continue
            try:
                await step(desk)
            except MotifError as error:
                desk.say(str(error), "red")

    async def _offer_interrupted(self) -> None:
        desk = self._desk
        for take in desk.recorder.recover():
            kept = f"{counted(take.n_samples, 'sample')}, {take.recording.duration_s:.1f} s"
            desk.say(f"A take of {take.gesture!r} was cut short: {kept}. {take.lost}")
            answer = await desk.question("k: keep it as a sample, x: remove it, Enter: ask again next time")
            if answer == "x":
                take.discard()
            elif answer == "k":
                sample = desk.recorder.restore(take)
                if sample is None:
                    desk.say(f"Not kept: {desk.recorder.problem}", "yellow")
                else:
                    desk.note(desk.session.recorded(take.gesture, sample.quality))


async def _analytics(desk: Desk) -> None:
    desk.show(analytics_view(practice_of(desk.session.attempts), desk.console.width))


async def _dashboard(desk: Desk) -> None:
    desk.show(
        dashboard_view(
            {
                "Sensors": {"health": desk.listening.health()},
                "Recognition": desk.recognizer.get_metrics(),
                "Recording": desk.recorder.get_metrics(),
                "Database": desk.database.get_stats(),
                "Session": desk.progress(),
            }
        )
    )
