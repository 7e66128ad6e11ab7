"""From a sample to an OSC message over loopback: one phone and fifty, and what the computing costs."""

from __future__ import annotations

import asyncio
import itertools
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._tables import show
from motif.live import ActionMap, Engine, Event, Outcome, Runner, Taught, taught
from motif.recordings import Readings, Recording
from motif.recordings.simulator import GESTURES, simulate_gesture_stream
from motif.sources import Clock, SourceHealth, SourceState, SystemClock
from motif.templates import GestureDatabase, GestureSample

SECONDS = {1: 60.0, 50: 20.0}
N_TAUGHT = 5


def run(shared: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        lesson = taught(_taught(Path(folder)))
        cases = [(1, 1), (1, 10), (50, 1), (50, 10)]
        rows = [asyncio.run(_measured(lesson, *case, OwnCoreClock())) for case in cases]
        rows += [asyncio.run(_measured(lesson, *case, SystemClock())) for case in ((1, 10), (50, 10))]
        what = f"Live: sample to OSC message, {len(lesson.gestures)} gestures × {N_TAUGHT} samples taught"
        costs = "Live: processor time of a message in the engine, one phone"
        return {what: show(what, rows), costs: show(costs, _costs(lesson))}


def _taught(folder: Path) -> GestureDatabase:
    database = GestureDatabase(folder)
    for recording in _rounds(seed=0, n_skipped=1, n=N_TAUGHT):
        for mark in recording.annotations:
            if mark.label in GESTURES:
                start, stop = np.searchsorted(recording.time_ns, [mark.start_ns, mark.stop_ns])
                motion = recording.values[start:stop]
                database.add_sample(mark.label, GestureSample.of(motion, recording.channels, 100.0))
    return database


def _rounds(*, seed: int, n: int, n_skipped: int = 0) -> list[Recording]:
    rounds = simulate_gesture_stream(movements=GESTURES, random_state=seed)
    return list(itertools.islice(rounds, n_skipped, n_skipped + n))


class Phones:
    """Phones that send at the pace of the clock; accelerometer and gyroscope apart, as phones do.

    A message is due when its last sample was taken. One that is sent late, because the loop is busy, counts from then.
    """

    name = "phones"
    state = SourceState.CONNECTED

    def __init__(self, n: int, seconds: float, samples_a_message: int, clock: Clock) -> None:
        self._clock, self._seconds, self._size = clock, seconds, samples_a_message
        n_rounds = int(seconds / 20) + 2
        motion = np.vstack([recording.values for recording in _rounds(seed=0, n=n_rounds)])
        self._motion = [np.roll(motion, 137 * i, axis=0) for i in range(n)]  # nobody does the same at the same time
        self.due_ns = 0

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def __aenter__(self) -> Phones:
        return self

    async def __aexit__(self, *error: object) -> None: ...

    def health(self) -> SourceHealth:
        return SourceHealth(state=self.state, message="")

    async def __aiter__(self) -> AsyncIterator[Readings]:
        began_ns = self._clock.time_ns() + 100_000_000
        stagger_ns = self._size * 10_000_000 // len(self._motion)  # nor do they all send at one moment
        for at in range(0, int(100 * self._seconds), self._size):
            for i, motion in enumerate(self._motion):
                times = began_ns + i * stagger_ns + 10_000_000 * np.arange(at, at + self._size)
                self.due_ns = int(times[-1])
                if (wait_ns := self.due_ns - self._clock.time_ns()) > 0:
                    await self._clock.sleep(wait_ns / 1e9)
                rows = motion.take(range(at, at + self._size), axis=0, mode="wrap")
                for sensor, columns in (("acc", slice(0, 3)), ("gyr", slice(3, 6))):
                    yield Readings(
                        device=f"phone {i}",
                        channels=tuple(f"{sensor}_{axis}" for axis in "xyz"),
                        time_ns=times,
                        values=rows[:, columns],
                    )


class OwnCoreClock:
    """Time as it would pass on a core of our own: the processor's for this thread, and waits are skipped."""

    def __init__(self) -> None:
        self._skipped_ns = time.time_ns()

    def time_ns(self) -> int:
        return self._skipped_ns + time.thread_time_ns()

    async def sleep(self, seconds: float) -> None:
        due_ns = self.time_ns() + round(1e9 * seconds)
        for _ in range(5):
            await asyncio.sleep(0)  # whoever has work does it first
        self._skipped_ns += max(0, due_ns - self.time_ns())


async def _measured(lesson: Taught, n_phones: int, samples_a_message: int, clock: Clock) -> dict[str, Any]:
    seconds = SECONDS[n_phones]
    source = Phones(n_phones, seconds, samples_a_message, clock)
    decided: list[tuple[int, Event]] = []
    received_ns: list[int] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))

        def receive(outcome: Outcome) -> None:
            assert outcome.status == "done", outcome
            assert receiver.recv(2048).startswith(b"/a")
            received_ns.append(clock.time_ns())

        rules = "".join(f"  {name}: {{action: osc, send: {{address: /a}}}}\n" for name in lesson.gestures)
        port = receiver.getsockname()[1]
        runner = Runner(
            source,
            Engine(lesson.spotter, lesson.config),
            ActionMap.from_yaml(f"actions: {{osc: {{type: osc, port: {port}}}}}\ngestures:\n{rules}"),
            clock=clock,
            on_event=lambda event: decided.append((source.due_ns, event)),
            on_outcome=receive,
        )
        began_s = time.process_time()
        await runner.run()
        busy_s = time.process_time() - began_s
    # What the end of the stream decided had no sample to wait for.
    pairs = zip(received_ns, decided, strict=True)
    delays = [(at_ns - due_ns) / 1e6 for at_ns, (due_ns, _) in pairs if due_ns != source.due_ns]
    return {
        "phones": n_phones,
        "samples a message": samples_a_message,
        "clock": "own core" if isinstance(clock, OwnCoreClock) else "wall, machine shared",
        "gestures": len(delays),
        "median ms": float(np.median(delays)),
        "p99 ms": float(np.percentile(delays, 99)),
        "longest ms": max(delays),
        "felt, median s": float(np.median([event.delay_s for _, event in decided])),
        "core busy": f"{100 * busy_s / seconds:.0f} %",
    }


def _costs(lesson: Taught) -> Iterator[dict[str, Any]]:
    (recording, *_) = _rounds(seed=1, n=1)
    sensors = (("acc", slice(0, 3)), ("gyr", slice(3, 6)))
    for size in (1, 10, 100):
        engine = Engine(lesson.spotter, lesson.config)
        messages = [
            Readings(
                device="phone",
                channels=tuple(f"{sensor}_{axis}" for axis in "xyz"),
                time_ns=recording.time_ns[at : at + size],
                values=recording.values[at : at + size, columns],
            )
            for at in range(0, recording.n_samples, size)
            for sensor, columns in sensors
        ]
        times = []
        for message in messages:
            start_ns = time.thread_time_ns()
            engine.step(message)
            times.append((time.thread_time_ns() - start_ns) / 1e6)
        yield {
            "samples a message": size,
            "median ms": float(np.median(times)),
            "p99 ms": float(np.percentile(times, 99)),
            "longest ms": max(times),
            "µs a sample of both sensors": 1e3 * sum(times) / recording.n_samples,
        }
