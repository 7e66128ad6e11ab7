"""The gesture database: how long a save takes, whether it blocks the event loop, how long opening and polling take."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._tables import show
from motif.recordings import simulate_gestures
from motif.templates import GestureDatabase, GestureSample

N_SAVES = 300
N_TRAINED = 5
TICK_S = 0.001


def run(shared: Path) -> dict[str, Any]:
    samples = _samples(N_SAVES)
    with tempfile.TemporaryDirectory() as folder:
        rows, lag = asyncio.run(_saves(Path(folder), samples))
        return {
            "Saving gestures": show(f"gesture database, {N_SAVES} saves, each on the disk when it returns", rows),
            "The event loop while gestures are saved": show("delay of a task that wants to run every ms", lag),
            "Reading what was taught": show("gesture database, other calls", _calls(Path(folder), samples)),
        }


def _samples(n: int) -> list[GestureSample]:
    dataset = simulate_gestures(n_people=2, n_repetitions=3)
    windows = dataset.X[:, :6, 0].transpose(0, 2, 1)
    channels = tuple(dataset.channels[:6])
    rate_hz = dataset.rate_hz or 100.0
    return [GestureSample.of(windows[i % len(windows)] * np.float32(1 + i / 1000), channels, rate_hz) for i in range(n)]


async def _saves(folder: Path, samples: list[GestureSample]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    shape = "×".join(map(str, samples[0].values.shape)) if samples[0].values is not None else ""
    idle = await _lag_during(asyncio.sleep(2))
    with GestureDatabase(folder / "one") as database:
        one: list[float] = []
        busy = await _lag_during(
            _each(one, lambda i: database.add_sample_async(f"g{i % 20}", samples[i]), len(samples))
        )
        training: list[float] = []
        await _each(training, lambda i: database.train_template_async(f"g{i}"), N_TRAINED)
    with GestureDatabase(folder / "ten") as database:
        ten: list[float] = []
        await _each(ten, lambda i: database.save_async(f"g{i % 20}", samples[10 * i : 10 * i + 10]), len(samples) // 10)
        backups: list[float] = []
        await _each(backups, lambda _: asyncio.to_thread(database.backup), 20)
    rows = [
        _row(f"one sample of {shape}", one),
        _row(f"ten samples of {shape}", ten),
        _row(f"train one of 20 gestures × 15 samples, {N_TRAINED} times", training),
        _row(f"backup of {len(samples)} samples", backups),
    ]
    return rows, [_lag_row("nothing else", idle), _lag_row("saves one after the other", busy)]


async def _each(times: list[float], work: Callable[[int], Any], n: int) -> None:
    for i in range(n):
        start = time.perf_counter()
        await work(i)
        times.append(time.perf_counter() - start)


async def _lag_during(work: Any) -> list[float]:
    """Return how late a task that sleeps for a tick wakes up while `work` runs."""
    lags: list[float] = []
    task = asyncio.ensure_future(work)
    while not task.done():
        start = time.perf_counter()
        await asyncio.sleep(TICK_S)
        lags.append(time.perf_counter() - start - TICK_S)
    await task
    return lags


def _calls(folder: Path, samples: list[GestureSample]) -> list[dict[str, Any]]:
    def opened(name: str) -> list[float]:
        times = []
        for _ in range(10):
            start = time.perf_counter()
            database = GestureDatabase(folder / name)
            times.append(time.perf_counter() - start)
            database.close()
        return times

    rows = [_row(f"open and check {len(samples)} samples, every page and row", opened("one"))]
    with GestureDatabase(folder / "one") as database:
        calls: dict[str, Callable[[], Any]] = {
            "revision": lambda: database.revision,
            "list_templates": database.list_templates,
            "get_template": lambda: database.get_template("g1"),
            "samples of one gesture (15)": lambda: database.samples("g1"),
            "get_stats": database.get_stats,
        }
        return rows + [_row(name, _timed(call)) for name, call in calls.items()]


def _timed(call: Callable[[], Any], n: int = 300) -> list[float]:
    times = []
    for _ in range(n):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def _row(what: str, times: list[float]) -> dict[str, Any]:
    median, p99 = np.percentile(1000 * np.array(times), [50, 99])
    return {"what": what, "median ms": float(median), "p99 ms": float(p99), "longest ms": 1000 * max(times)}


def _lag_row(while_: str, lags: list[float]) -> dict[str, Any]:
    return {"while": while_} | {name: value for name, value in _row("", lags).items() if name != "what"}
