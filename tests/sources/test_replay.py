"""Recordings that happen again."""

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.errors import ConfigError, MissingFileError, TooFewSamplesError
from motif.recordings import Annotation, Recording, simulate_gesture_recordings, write_parquet
from motif.sources import ManualClock, ReplaySource, SourceState

PHONE = simulate_gesture_recordings(1, 1, movements=["push", "twist", "circle_cw"], random_state=4)[0]


async def everything(source):
    async with source:
        return [readings async for readings in source]


async def _until(source, n):
    async for readings in source:
        yield readings
        n -= 1
        if not n:
            return


def sensor(found, first_channel):
    parts = [readings for readings in found if readings.channels[0] == first_channel]
    return np.concatenate([part.time_ns for part in parts]), np.concatenate([part.values for part in parts])


def recording(time_ns, channels=("acc_x", "acc_y", "acc_z"), units=None, **parts):
    values = np.arange(len(time_ns) * len(channels), dtype=float).reshape(-1, len(channels))
    return Recording(
        values=values,
        time_ns=np.array(time_ns, dtype=np.int64),
        channels=channels,
        units=units or ("m/s²",) * len(channels),
        **parts,
    )


@settings(max_examples=30, deadline=None)
@given(chunk_s=st.floats(0.001, 5.0))
def test_every_sample_comes_once_in_order_at_its_own_time_whatever_the_chunk(chunk_s):
    found = asyncio.run(everything(ReplaySource(PHONE, speed=None, chunk_s=chunk_s)))
    for first, columns in (("acc_x", slice(0, 3)), ("gyr_x", slice(3, 6))):
        time_ns, values = sensor(found, first)
        np.testing.assert_array_equal(time_ns, PHONE.time_ns)
        np.testing.assert_array_equal(values, PHONE.values[:, columns])
    assert sorted((mark for r in found for mark in r.annotations), key=lambda m: m.start_ns) == list(PHONE.annotations)
    assert max(np.ptp(np.maximum.accumulate(r.time_ns)) for r in found) <= chunk_s * 1e9 + 1


@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_a_replay_takes_as_long_as_it_took_divided_by_its_speed(speed):
    async def run():
        clock = ManualClock()
        began_ns = clock.time_ns()
        source = ReplaySource(PHONE, speed=speed, clock=clock)
        async with source:
            reader = asyncio.create_task(_read(source))
            await clock.until_asleep()
            for _ in range(10):
                await clock.advance(PHONE.duration_s / speed / 10 - 1e-3)
                newest_s = source._meter.received / 2 / PHONE.n_samples * PHONE.duration_s
                passed_s = (clock.time_ns() - began_ns) / 1e9 * speed
                assert newest_s <= passed_s + 0.15
                assert newest_s >= passed_s - 0.25 - 0.1 * speed
            await clock.advance(0.02)
            assert sum(part.n_samples for part in await reader) == 2 * PHONE.n_samples
            assert source.state is SourceState.STOPPED

    async def _read(source):
        return [readings async for readings in source]

    asyncio.run(run())


def test_a_slow_reader_makes_the_replay_wait_and_loses_nothing():
    async def run():
        source = ReplaySource(PHONE, speed=None, chunk_s=0.02)
        async with source:
            for _ in range(200):
                await asyncio.sleep(0)
            assert len(source._buffer) < 30
            found = [readings async for readings in source]
        assert sensor(found, "acc_x")[0].size == PHONE.n_samples
        assert source.health().dropped == 0

    asyncio.run(run())


def test_a_loop_goes_on_in_time_without_end():
    async def run():
        marked = recording([0, 10_000_000, 20_000_000], annotations=(Annotation(0, 20_000_000, "step"),))
        async with ReplaySource(marked, speed=None, loop=True, chunk_s=1.0) as source:
            found = [await anext(aiter(source)) for _ in range(3)]
        np.testing.assert_array_equal(np.concatenate([r.time_ns for r in found]), np.arange(9) * 10_000_000)
        assert [r.annotations[0].start_ns for r in found] == [0, 30_000_000, 60_000_000]

    asyncio.run(run())


def test_a_looped_replay_keeps_the_pace():
    async def run():
        clock = ManualClock()
        async with ReplaySource(recording([0, 500_000_000]), speed=1.0, loop=True, chunk_s=0.1, clock=clock) as source:
            began_ns, times = clock.time_ns(), []

            async def read():
                times.extend([(r.time_ns[-1], clock.time_ns() - began_ns) async for r in _until(source, 6)])

            reader = asyncio.create_task(read())
            await clock.until_asleep()
            await clock.advance(2.6)
            await reader
        assert times == [(t, t) for t in range(0, 2_600_000_000, 500_000_000)]

    asyncio.run(run())


def test_times_that_run_backward_stay_as_they_are():
    odd = recording([0, 30_000_000, 10_000_000, 10_000_000, 40_000_000])
    found = asyncio.run(everything(ReplaySource(odd, speed=None, chunk_s=0.02)))
    np.testing.assert_array_equal(sensor(found, "acc_x")[0], odd.time_ns)


def test_units_become_motifs_and_places_become_devices():
    names = ("wrist.acc_x", "wrist.acc_y", "wrist.acc_z", "gyr_x", "nose.x", "light")
    mixed = recording([0, 1], channels=names, units=("g", "g", "g", "deg/s", "px", "lux"))
    found = asyncio.run(everything(ReplaySource(mixed, speed=None, device="me")))
    assert [(r.device, r.channels) for r in found] == [
        ("me.wrist", ("acc_x", "acc_y", "acc_z")),
        ("me", ("gyr_x",)),
        ("me", ("nose.x", "light")),
    ]
    np.testing.assert_allclose(found[0].values[0], np.array([0, 1, 2]) * 9.80665)
    np.testing.assert_allclose(found[1].values[1], np.deg2rad([9]))
    np.testing.assert_array_equal(found[2].values[1], [10, 11])


def test_gaps_travel_as_nan():
    gappy = Recording(
        values=np.array([[1.0, np.nan], [np.nan, np.nan]]),
        time_ns=np.array([0, 1]),
        channels=("gyr_x", "gyr_y"),
        units=("rad/s",) * 2,
    )
    found = asyncio.run(everything(ReplaySource(gappy, speed=None)))
    np.testing.assert_array_equal(found[0].values, gappy.values)


def test_a_path_is_read_when_the_source_is_opened_and_can_be_played_again(tmp_path):
    path = write_parquet(PHONE, tmp_path / "phone.parquet")

    async def twice(source):
        return [await everything(source) for _ in range(2)]

    first, second = asyncio.run(twice(ReplaySource(path, speed=None)))
    assert len(first) == len(second) > 10
    assert first[0].device == PHONE.subject
    with pytest.raises(MissingFileError, match=r"nothing\.parquet"):
        asyncio.run(everything(ReplaySource(tmp_path / "nothing.parquet")))


def test_what_cannot_be_replayed_is_said():
    for wrong in ({"speed": 0}, {"speed": -1}, {"speed": "fast"}, {"chunk_s": 0}):
        with pytest.raises(ConfigError):
            ReplaySource(PHONE, **wrong)
    with pytest.raises(TooFewSamplesError, match="empty"):
        asyncio.run(everything(ReplaySource(recording([]))))


def test_closing_in_the_middle_ends_the_reading():
    async def run():
        source = ReplaySource(PHONE, speed=1.0, clock=ManualClock())
        await source.open()
        reader = asyncio.create_task(_count(source))
        await source.close()
        assert await reader < 2 * PHONE.n_samples
        assert source.state is SourceState.STOPPED
        await source.close()

    async def _count(source):
        return sum([readings.n_samples async for readings in source])

    asyncio.run(run())
