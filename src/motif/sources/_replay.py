"""A recording as if it happened now, or as fast as the reader can take it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np

from motif.checks import require_positive
from motif.errors import TooFewSamplesError
from motif.recordings import Annotation, Recording, read
from motif.sources._buffered import SilenceHints
from motif.sources._clock import Clock
from motif.sources._pump import PumpedSource
from motif.sources._replay_messages import messages_of

__all__ = ["ReplaySource"]


class ReplaySource(PumpedSource):
    """Any recording as a live source, with the recording's own times, in motif's units.

    Nothing is dropped: where the reader is slow the replay waits for it. Annotations come with the message in whose
    time they end.

    Parameters
    ----------
    recording : Recording, str or Path
        A path is read by `motif.recordings.read` when the source is opened.
    speed : float or None
        1 as it was, 10 ten times as fast; None (or infinity) as fast as it is read.
    loop : bool
        Begin again at the end, without end; times go on by the recording's length.
    chunk_s : s
        Time of the device that one message holds.
    device : str, optional
        Whose readings these are; by default the recording's subject, or `replay`.
    name : str
    clock : Clock, optional
        Paces it; the machine's where left out.

    Raises
    ------
    ConfigError
        `speed` or `chunk_s` is not above 0.

    Examples
    --------
    >>> from motif.recordings import simulate_gesture_recordings
    >>> async def count(source):
    ...     async with source:
    ...         return sum([readings.n_samples async for readings in source])
    >>> walk = simulate_gesture_recordings(1, 1, random_state=0)[0]
    >>> asyncio.run(count(ReplaySource(walk, speed=None))) == 2 * walk.n_samples  # accelerometer and gyroscope
    True
    """

    hints = SilenceHints(never="does the recording begin with a gap?", stopped="is there a gap in the recording?")

    def __init__(
        self,
        recording: Recording | str | Path,
        *,
        speed: float | None = 1.0,
        loop: bool = False,
        chunk_s: float = 0.1,
        device: str | None = None,
        name: str = "replay",
        clock: Clock | None = None,
    ) -> None:
        super().__init__(name, speed=speed, clock=clock)
        require_positive("chunk_s", chunk_s)
        self._recording = recording
        self._loop, self._chunk_s, self._device = loop, chunk_s, device

    async def _open(self) -> None:
        if not isinstance(self._recording, Recording):
            self._recording = await asyncio.to_thread(read, self._recording)
        if not self._recording.n_samples:
            raise TooFewSamplesError("the recording is empty; there is nothing to replay")
        self._run(self._replay(self._recording, self._clock.time_ns()))

    async def _replay(self, recording: Recording, began_ns: int) -> None:
        device = self._device or recording.subject or "replay"
        period_ns = _period_ns(recording)
        while True:
            await self._play(messages_of(recording, device, chunk_s=self._chunk_s), began_ns)
            if not self._loop:
                return self._end()
            recording = _later(recording, period_ns)
            began_ns += round(period_ns / self._speed)


def _period_ns(recording: Recording) -> int:
    """Return the time from one beginning to the next: the recording and one of its usual steps."""
    ascending = np.maximum.accumulate(recording.time_ns)
    steps = np.diff(ascending)
    step_ns = int(np.median(steps[steps > 0])) if (steps > 0).any() else 10_000_000
    return int(ascending[-1] - recording.time_ns.min()) + step_ns


def _later(recording: Recording, by_ns: int) -> Recording:
    return replace(
        recording,
        time_ns=recording.time_ns + by_ns,
        annotations=tuple(
            Annotation(mark.start_ns + by_ns, mark.stop_ns + by_ns, mark.label) for mark in recording.annotations
        ),
    )
