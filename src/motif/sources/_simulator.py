"""A simulated person with a phone, as a live source."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from motif.checks import require_positive
from motif.recordings import Recording
from motif.recordings.simulator import GESTURES, ORDINARY_MOVEMENTS, simulate_gesture_stream
from motif.sources._clock import Clock
from motif.sources._pump import PumpedSource
from motif.sources._replay_messages import Message, messages_of

__all__ = ["SimulatorSource"]


class SimulatorSource(PumpedSource):
    """One seeded person who makes gestures with rests between; the truth comes as annotations.

    Same seed, same samples. Each annotation comes with the message in whose time the movement ends.

    Parameters
    ----------
    movements : sequence of str
        Of `motif.recordings.simulator.GESTURES` and `ORDINARY_MOVEMENTS`.
    duration_s : s, optional
        How long; without end where left out.
    rate_hz : Hz
        Samples a second, nominally.
    pause_s : s
        Rest between movements, on average a little more than this.
    random_state : int
        Who it is, and what is done when.
    speed : float or None
        1 as it would be, 10 ten times as fast; None as fast as it is read.
    chunk_s : s
        Time of the device that one message holds.
    start_ns : int, optional
        When it begins, nanoseconds since the epoch; the clock's time at opening where left out.
    device, name : str
    clock : Clock, optional
        Paces it; the machine's where left out.

    Raises
    ------
    ConfigError, LabelError
        A number is out of its range, or a movement is unknown.

    Examples
    --------
    >>> async def labels(source):
    ...     async with source:
    ...         return [mark.label async for readings in source for mark in readings.annotations]
    >>> asyncio.run(labels(SimulatorSource(["twist"], duration_s=5, speed=None)))
    ['twist', 'twist']
    """

    def __init__(
        self,
        movements: Sequence[str] = GESTURES + ORDINARY_MOVEMENTS,
        *,
        duration_s: float | None = None,
        rate_hz: float = 100.0,
        pause_s: float = 1.0,
        random_state: int = 0,
        speed: float | None = 1.0,
        chunk_s: float = 0.1,
        start_ns: int | None = None,
        device: str = "simulated",
        name: str = "simulator",
        clock: Clock | None = None,
    ) -> None:
        super().__init__(name, speed=speed, clock=clock)
        if duration_s is not None:
            require_positive("duration_s", duration_s)
        require_positive("chunk_s", chunk_s)
        self._rounds = partial(
            simulate_gesture_stream,
            movements=tuple(movements),
            rate_hz=rate_hz,
            pause_s=pause_s,
            random_state=random_state,
        )
        self._rounds()  # says at once what cannot be simulated
        self._duration_s, self._chunk_s, self._start_ns, self._device = duration_s, chunk_s, start_ns, device

    async def _open(self) -> None:
        now_ns = self._clock.time_ns()
        start_ns = now_ns if self._start_ns is None else self._start_ns
        self._run(self._perform(self._rounds(start_ns=start_ns), start_ns, began_ns=now_ns))

    async def _perform(self, rounds: Iterator[Recording], start_ns: int, *, began_ns: int) -> None:
        end_ns = None if self._duration_s is None else start_ns + round(1e9 * self._duration_s)
        while True:
            session = await asyncio.to_thread(next, rounds)
            if end_ns is not None:
                session = session.slice_time(start_ns, end_ns)
            if not session.n_samples:
                return self._end()
            before_s = (int(session.time_ns[0]) - start_ns) / 1e9
            messages = messages_of(session, self._device, chunk_s=self._chunk_s)
            await self._play((_later(message, before_s) for message in messages), began_ns)


def _later(message: Message, by_s: float) -> Message:
    return replace(message, due_s=message.due_s + by_s)
