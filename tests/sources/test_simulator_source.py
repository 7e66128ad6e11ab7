"""A simulated person as a live source."""

import asyncio

import numpy as np
import pytest

from motif.errors import ConfigError, LabelError
from motif.recordings.simulator import GESTURES
from motif.sources import ManualClock, SimulatorSource, SourceState


async def everything(source):
    async with source:
        return [readings async for readings in source]


def stream(found, channel):
    parts = [readings for readings in found if readings.channels[0] == channel]
    return np.concatenate([part.time_ns for part in parts]), np.concatenate([part.values for part in parts])


def test_the_same_seed_performs_the_same_and_another_seed_another_person():
    one, two, three = (
        stream(
            asyncio.run(everything(SimulatorSource(duration_s=8, speed=None, random_state=seed, start_ns=0))), "acc_x"
        )
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one[1], two[1])
    assert one[1].shape != three[1].shape or not np.array_equal(one[1], three[1])


def test_it_lasts_as_long_as_asked_over_several_rounds_and_tells_the_truth():
    found = asyncio.run(everything(SimulatorSource(["push", "twist"], duration_s=20, speed=None, start_ns=10**18)))
    time_ns, values = stream(found, "acc_x")
    assert time_ns.min() == pytest.approx(10**18, abs=1e7)
    assert (time_ns.max() - 10**18) / 1e9 == pytest.approx(20, abs=0.1)
    assert np.median(np.linalg.norm(values, axis=1)) == pytest.approx(9.8, abs=0.5)  # gravity is in it
    marks = [mark for readings in found for mark in readings.annotations]
    assert len(marks) >= 6
    assert {mark.label for mark in marks} == {"push", "twist"}
    moving = np.zeros(len(time_ns), dtype=bool)
    for mark in marks:
        moving |= (time_ns >= mark.start_ns) & (time_ns <= mark.stop_ns)
    rate = np.linalg.norm(stream(found, "gyr_x")[1], axis=1)
    assert rate[moving].mean() > 2 * rate[~moving].mean()


def test_a_mark_comes_no_sooner_than_its_movement_ended():
    found = asyncio.run(everything(SimulatorSource(GESTURES, duration_s=30, speed=None)))
    marked = [readings for readings in found if readings.annotations]
    assert len(marked) > 5
    for readings in marked[:-1]:
        assert all(mark.stop_ns <= readings.time_ns.max() for mark in readings.annotations)
        assert all(readings.time_ns.max() - mark.stop_ns < 0.3e9 for mark in readings.annotations)


def test_live_it_begins_now_and_comes_at_the_pace_of_the_clock():
    async def run():
        clock = ManualClock()
        opened_ns = clock.time_ns()
        async with SimulatorSource(["circle_ccw"], clock=clock, random_state=3) as source:
            ticking = asyncio.create_task(_tick(clock))
            found = await _first(source, 40)
            ticking.cancel()
            time_ns, _ = stream(found, "acc_x")
            assert time_ns[0] >= opened_ns - 10_000_000
            assert time_ns[-1] <= clock.time_ns() + 10_000_000
            assert (clock.time_ns() - opened_ns) / 1e9 == pytest.approx(2.0, abs=0.2)  # 20 messages of two sensors
            assert source.health().rate_hz["acc"] == pytest.approx(100, rel=0.1)
        assert source.state is SourceState.STOPPED

    async def _tick(clock):
        while True:
            await clock.until_asleep()
            await clock.advance(0.1)

    async def _first(source, n):
        found = []
        async for readings in source:
            found.append(readings)
            if len(found) == n:
                return found

    asyncio.run(run())


def test_what_cannot_be_simulated_is_said():
    for wrong in ({"duration_s": 0}, {"chunk_s": -1}, {"speed": 0}):
        with pytest.raises(ConfigError):
            SimulatorSource(**wrong)
    with pytest.raises(LabelError, match="jump"):
        SimulatorSource(["jump"])
    with pytest.raises(ConfigError, match="rate_hz"):
        SimulatorSource(rate_hz=3)
