"""A person with a phone who does what the training menu asks for, on a clock that is moved by hand."""

import asyncio
import io
from contextlib import suppress

import numpy as np
from rich.console import Console
from tests.templates.gesture_samples import ACC, GYR, takes

from motif.recordings import Readings
from motif.sources import BufferedSource, ManualClock
from motif.terminal import TrainingUI

STEP_S = 0.1
STILL = np.array([0.0, 0.0, 9.81, 0.0, 0.0, 0.0])


class Performer(BufferedSource):
    """A phone at rest in the hand, and the gestures that were planned, each at its time."""

    def __init__(self, clock, gestures, seed=0, *, batch_s=STEP_S):
        super().__init__("performer", clock=clock)
        self._batch_s = batch_s
        self.moves = {}
        for label, times, values in takes(*gestures, repetitions=12, seed=seed):
            self.moves.setdefault(label, []).append((times - times[0], values))
        self._plans = []
        self._generator = np.random.default_rng(seed)

    def plan(self, label, in_s):
        self._plans.append((self._clock.time_ns() + round(in_s * 1e9), *self.moves[label].pop(0)))

    async def _open(self):
        self._run(self._send())

    async def _send(self):
        while True:
            start_ns = self._clock.time_ns()
            await self._clock.sleep(self._batch_s)
            times = start_ns + 10_000_000 * np.arange(round(100 * self._batch_s))
            values = STILL + self._generator.normal(0, 0.02, (len(times), 6))
            for at_ns, offsets, moved in self._plans:
                inside = (times >= at_ns) & (times <= at_ns + offsets[-1])
                for column in range(6):
                    values[inside, column] = np.interp(times[inside] - at_ns, offsets, moved[:, column])
            for channels, columns in ((ACC, slice(0, 3)), (GYR, slice(3, 6))):
                self._put(Readings(device="phone", channels=channels, time_ns=times, values=values[:, columns]))


class Seat:
    """The menu with a person before it, who answers by a script; `("answer", "gesture")` also makes the gesture."""

    def __init__(
        self,
        database,
        session_file,
        script,
        *,
        gestures=("push", "twist"),
        sensors=True,
        seed=0,
        console=None,
        batch_s=STEP_S,
    ):
        self.clock = ManualClock()
        self.performer = Performer(self.clock, gestures, seed, batch_s=batch_s) if sensors else None
        self.prompts = []
        self._script = iter(script)
        self._screen = io.StringIO()
        self.ui = TrainingUI(
            self.performer,
            database,
            session_file,
            console=console or Console(file=self._screen, width=100, force_terminal=False),
            ask=self._answer,
            clock=self.clock,
        )

    @property
    def seen(self):
        """What was shown, lines joined."""
        return " ".join(self._screen.getvalue().split())

    async def _answer(self, prompt):
        self.prompts.append(prompt)
        try:
            said = next(self._script)
            if callable(said):
                said()
                said = next(self._script)
        except StopIteration:
            raise EOFError from None
        if isinstance(said, BaseException):
            raise said
        answer, gesture = said if isinstance(said, tuple) else (said, None)
        if gesture is not None:
            self.performer.plan(gesture, in_s=3.3)
        return answer

    def run(self):
        asyncio.run(self._run())
        return self

    async def _run(self):
        running = asyncio.create_task(self.ui.run_async())
        driving = asyncio.create_task(self._drive())
        try:
            await running
        finally:
            driving.cancel()
            with suppress(asyncio.CancelledError):
                await driving

    async def _drive(self):
        while True:
            await self.clock.until_asleep()
            await self.clock.advance(STEP_S)
            await asyncio.sleep(0)
