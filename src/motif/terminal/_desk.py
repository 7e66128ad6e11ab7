"""What every step of the menu works with: sensors, recorder, recognizer, database, screen, clock and the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from motif.errors import MotifError
from motif.sources import Clock
from motif.terminal._asking import Ask
from motif.terminal._listening import Listening
from motif.terminal._session import TrainingSession
from motif.terminal._session_file import SessionFile
from motif.terminal._take_cutter import TakeCutter

if TYPE_CHECKING:
    from motif.templates import GestureDatabase, GestureRecognizer, GestureRecorder

__all__ = ["Desk"]

_REFRESH_S = 0.1


@dataclass(slots=True)
class Desk:
    """Everything within reach of a step; `session` is replaced by the next one with `note`."""

    console: Console
    ask: Ask
    clock: Clock
    listening: Listening
    recorder: GestureRecorder
    recognizer: GestureRecognizer
    database: GestureDatabase
    file: SessionFile
    session: TrainingSession = field(default_factory=TrainingSession)
    cutter: TakeCutter = field(init=False)

    def __post_init__(self) -> None:
        self.cutter = TakeCutter(self.recorder, self.clock)
        self.listening.begin(self.cutter.hear)

    def show(self, what: RenderableType) -> None:
        """Print something."""
        self.console.print(what)

    def say(self, text: str, style: str = "") -> None:
        """Print a sentence as it is, whatever brackets it has."""
        self.console.print(Text(text, style))

    def samples(self) -> dict[str, int]:
        """Return how many samples each gesture of the database has, whoever taught them."""
        templates = map(self.database.get_template, self.database.list_templates())
        return {template.name: template.num_samples for template in templates if template is not None}

    def note(self, session: TrainingSession) -> None:
        """Take the next state of the session and write it; a full disk is said, and work goes on."""
        self.session = session
        try:
            self.file.save(session)
        except MotifError as error:
            self.say(str(error), "red")

    def follow(self, name: str = "") -> str:
        """Take over what gestures are called now, whoever renamed them; return what the one called `name` is."""
        ids = self.database.gesture_ids()
        if ids == self.session.ids:
            return name
        session, names = self.session.following(ids)
        self.note(session)
        for old, new in names.items():
            self.say(f"{old!r} is {new!r} now.")
        return names.get(name, name)

    async def question(self, prompt: str, default: str = "") -> str:
        """Ask for a line; an empty answer is the default."""
        shown = f"{prompt} [{default}]: " if default else f"{prompt}: "
        return (await self.ask(shown)).strip() or default

    async def choice(self, prompt: str, names: Sequence[str], default: str = "") -> str | None:
        """Ask for one of some names, by name or by number; None where there is none, or the answer is none of them."""
        if not names:
            self.say("No gesture was taught yet: choose 1.", "yellow")
            return None
        answer = await self.question(
            f"{prompt} ({', '.join(f'{i} {name}' for i, name in enumerate(names, 1))})", default
        )
        if answer in names:
            return answer
        if answer.isdecimal() and 1 <= int(answer) <= len(names):
            return names[int(answer) - 1]
        if answer:
            self.say(f"There is no {answer!r}.", "yellow")
        return None

    async def countdown(self, title: str, seconds: int = 3) -> None:
        """Count down to zero, so that a hand can get ready."""
        with Live(console=self.console, auto_refresh=False, transient=True) as live:
            for left in range(seconds, 0, -1):
                live.update(Text(f"{title}: in {left} …", "bold"), refresh=True)
                await self.clock.sleep(1.0)

    async def wait(self, seconds: float, picture: Callable[[float], RenderableType]) -> None:
        """Let time pass, and show `picture(share)` of it, 0…1, ten times a second."""
        start_ns = self.clock.time_ns()
        with Live(console=self.console, auto_refresh=False, transient=True) as live:
            while (share := (self.clock.time_ns() - start_ns) / 1e9 / seconds) < 1.0:
                live.update(picture(share), refresh=True)
                await self.clock.sleep(_REFRESH_S)

    def progress(self) -> Mapping[str, object]:
        """Return the session in figures."""
        gestures = self.session.gestures.values()
        return {
            "gestures": len(self.session.gestures),
            "takes": sum(progress.recorded for progress in gestures),
            "tries": len(self.session.attempts),
            "times resumed": self.session.n_resumed,
            "ordinary movement": f"{self.session.background_s:.0f} s",
        }
