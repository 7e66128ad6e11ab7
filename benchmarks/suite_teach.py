"""Teaching and recognizing one movement at a time: how long it takes, and how often the cache helps."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._tables import show
from motif.recordings import Recording, simulate_gesture_recordings
from motif.recordings.simulator import GESTURES
from motif.templates import GestureDatabase, GestureRecognizer, GestureRecorder

N_PEOPLE, N_TAUGHT, N_TRIES = 2, 5, 10
ONE_CHANGE_IN = 20
"""A performer who teaches meanwhile: a sample more after so many recognitions."""


def run(shared: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, GestureDatabase(f"{folder}/gestures") as database:
        recorder = GestureRecorder(database=database, session_dir=f"{folder}/sessions")
        taught, tries = _movements()
        saving = [_record(recorder, name, movement) for name, movement in taught]
        recognizer = GestureRecognizer(database, confidence_threshold=0.0)
        times, correct = _recognize(recognizer, tries)
        steady = [{"use": "steady: nothing is taught meanwhile", **_cache(recognizer)}]
        busy = GestureRecognizer(database, confidence_threshold=0.0)
        for number, (_, movement) in enumerate(tries):
            busy.recognize(movement)
            if number % ONE_CHANGE_IN == ONE_CHANGE_IN - 1:
                _record(recorder, *taught[number % len(taught)])
        steady.append({"use": f"one sample more after each {ONE_CHANGE_IN}", **_cache(busy)})
        recorder.end_session()
    n_gestures = len({name for name, _ in taught})
    setting = f"{n_gestures} gestures × {N_TAUGHT} samples of simulated people"
    kept = [seconds for seconds in saving if seconds is not None]
    return {
        "Recognizing a movement by a database": show(
            f"{setting}, {len(times)} movements",
            [
                {
                    "what": "GestureRecognizer.recognize, from a recording",
                    "median ms": 1e3 * float(np.median(times)),
                    "p99 ms": 1e3 * float(np.quantile(times, 0.99)),
                    "correct": correct,
                }
            ],
        ),
        "Template cache of the recognizer": show("cache", steady),
        "Ending a take": show(
            "from stop_recording to the sample on the disk, its journal closed",
            [
                {
                    "takes": len(saving),
                    "kept": len(kept),
                    "median ms": 1e3 * float(np.median(kept)),
                    "p99 ms": 1e3 * float(np.quantile(kept, 0.99)),
                }
            ],
        ),
    }


def _movements() -> tuple[list[tuple[str, Recording]], list[tuple[str, Recording]]]:
    taught: list[tuple[str, Recording]] = []
    tries: list[tuple[str, Recording]] = []
    people = simulate_gesture_recordings(N_PEOPLE, N_TAUGHT + N_TRIES, movements=GESTURES, random_state=5)
    for number, recording in enumerate(people):
        counts: dict[str, int] = {}
        for mark in recording.annotations:
            counts[mark.label] = counts.get(mark.label, 0) + 1
            chosen = taught if counts[mark.label] <= N_TAUGHT else tries
            chosen.append((f"{mark.label} of person {number}", recording.slice_time(mark.start_ns, mark.stop_ns)))
    return taught, tries


def _record(recorder: GestureRecorder, name: str, movement: Recording) -> float | None:
    recorder.start_recording(name)
    for readings in _readings(movement):
        recorder.add_sensor_reading(readings)
    start = time.perf_counter()
    sample = recorder.stop_recording()
    return time.perf_counter() - start if sample is not None else None


def _readings(movement: Recording) -> Iterator[dict[str, Any]]:
    for time_ns, row in zip(movement.time_ns.tolist(), movement.values.tolist(), strict=True):
        yield {"time_ns": time_ns, **dict(zip(movement.channels, row, strict=True))}


def _recognize(recognizer: GestureRecognizer, tries: list[tuple[str, Recording]]) -> tuple[list[float], float]:
    recognizer.recognize(tries[0][1])  # reads the database, and compiles
    times, right = [], 0
    for name, movement in tries:
        start = time.perf_counter()
        result = recognizer.recognize(movement)
        times.append(time.perf_counter() - start)
        right += result.alternatives[0][0] == name
    return times, right / len(tries)


def _cache(recognizer: GestureRecognizer) -> dict[str, Any]:
    counts = recognizer.cache
    return {"recognitions": counts.hits + counts.misses, "hits": counts.hits, "hit rate": counts.hit_rate}
