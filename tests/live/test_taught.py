"""What was taught is found in a stream, with the delay of a pause and no button."""

import asyncio
import itertools

import httpx
import numpy as np
import pytest
from tests.live import action_samples as samples
from tests.live.teaching import GESTURES, SEED, rounds, teach

from motif.errors import TooFewSamplesError
from motif.live import ActionMap, Engine, EngineConfig, Runner, taught
from motif.live._taught import _motion
from motif.recordings import Readings
from motif.sources import SensorLoggerHTTP, SimulatorSource
from motif.templates import GestureDatabase, GestureSample


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return teach(tmp_path_factory.mktemp("taught") / "gestures")


@pytest.fixture(scope="module")
def lesson(database):
    return taught(database)


def readings_of(recordings, *, size=7, device="phone"):
    for recording in recordings:
        for at in range(0, recording.n_samples, size):
            piece = slice(at, at + size)
            times, values = recording.time_ns[piece], recording.values[piece]
            yield Readings(device=device, channels=recording.channels, time_ns=times, values=values)


def test_most_of_what_is_told_was_done_and_where_it_was_done(lesson):
    done = rounds(0, 2)
    engine = Engine(lesson.spotter, lesson.config)
    events = [*itertools.chain.from_iterable(map(engine.step, readings_of(done))), *engine.flush()]
    marks = [mark for recording in done for mark in recording.annotations]
    right = [
        event
        for event in events
        if any(m.label == event.gesture and m.start_ns < event.end_ns and event.start_ns < m.stop_ns for m in marks)
    ]
    assert set(lesson.gestures) == set(GESTURES)
    assert len(right) >= 4
    assert len(right) >= 0.6 * len(events)
    assert all(0.05 < event.delay_s < 0.5 for event in events)


def test_chunks_do_not_show_with_the_real_spotter(lesson):
    done = rounds(0, 1)

    def told(size):
        engine = Engine(lesson.spotter, lesson.config)
        return [*itertools.chain.from_iterable(map(engine.step, readings_of(done, size=size))), *engine.flush()]

    once = told(3000)
    assert once
    assert told(1) == told(13) == once


def test_a_simulated_phone_ends_in_messages_to_a_real_osc_server(lesson):
    async def run():
        events = []
        async with samples.osc_world() as (where, heard):
            rules = "\n".join(f"  {name}: {{action: osc, send: {{address: /{name}}}}}" for name in GESTURES)
            port = where["port"]
            actions = ActionMap.from_yaml(f"actions: {{osc: {{type: osc, port: {port}}}}}\ngestures:\n{rules}")
            source = SimulatorSource(GESTURES, random_state=SEED, duration_s=25, speed=None, start_ns=10**18)
            engine = Engine(lesson.spotter, lesson.config)
            await Runner(source, engine, actions, on_event=events.append).run()
            return events, await heard.until(len(events))

    events, got = asyncio.run(run())
    assert len(events) >= 3
    assert [address for (address,) in got] == [f"/{event.gesture}" for event in events]


def posts(recording):
    """Yield what Sensor Logger would push: every 0.2 s a message, acceleration apart from gravity."""
    names = {"accelerometer": slice(0, 3), "gyroscope": slice(3, 6)}
    gravity = np.array([0.0, 0.0, 9.80665])
    for number, at in enumerate(range(0, recording.n_samples, 20)):
        payload = []
        for i in range(at, min(at + 20, recording.n_samples)):
            time_ns, row = int(recording.time_ns[i]), recording.values[i]
            sensors = {name: row[columns] for name, columns in names.items()} | {"gravity": gravity}
            sensors["accelerometer"] = sensors["accelerometer"] - gravity
            payload += [
                {"name": name, "time": time_ns, "values": dict(zip("xyz", values.tolist(), strict=True))}
                for name, values in sensors.items()
            ]
        yield {"messageId": number, "sessionId": "s", "deviceId": "d", "payload": payload}


def test_a_phone_that_pushes_over_http_ends_in_messages_to_a_real_osc_server(lesson):
    (done,) = rounds(0, 1)
    engine = Engine(lesson.spotter, lesson.config)
    expected = [*itertools.chain.from_iterable(map(engine.step, readings_of([done]))), *engine.flush()]

    async def run():
        async with samples.osc_world() as (where, heard):
            rules = "\n".join(f"  {name}: {{action: osc, send: {{address: /{name}}}}}" for name in GESTURES)
            actions = ActionMap.from_yaml(f"actions: {{osc: {{type: osc, port: {where['port']}}}}}\ngestures:\n{rules}")
            source = SensorLoggerHTTP(port=0, platform="android")
            runner = Runner(source, Engine(lesson.spotter, lesson.config), actions)
            await source.open()
            running = asyncio.create_task(runner.run())
            async with httpx.AsyncClient(trust_env=False) as phone:
                for message in posts(done):
                    assert (await phone.post(source.url, json=message)).status_code == 200
            got = await heard.until(len(expected))
            await runner.stop()
            await running
            return got

    assert expected
    got = asyncio.run(run())
    assert [address for (address,) in got] == [f"/{event.gesture}" for event in expected]


def test_motion_of_another_rate_is_brought_to_the_grid():
    at_50 = GestureSample.of(np.linspace(0, 1, 50)[:, None], ("gyr_x",), 50.0)
    resampled = _motion(at_50, ("gyr_x",), 100.0)
    assert len(resampled) == 99
    np.testing.assert_allclose(np.diff(resampled[:, 0]), 1 / 98, rtol=1e-5)


def test_motion_is_taken_channel_by_channel_whatever_their_order():
    sample = GestureSample.of(np.outer(np.ones(50), [3.0, 1.0, 2.0]), ("gyr_z", "gyr_x", "gyr_y"), 100.0)
    assert _motion(sample, ("gyr_x", "gyr_y", "gyr_z"), 100.0).tolist() == [[1.0, 2.0, 3.0]] * 50


def test_one_gesture_alone_is_named_and_another_is_wished_for(tmp_path):
    with GestureDatabase(tmp_path / "db") as database:
        database.add_sample("wave", GestureSample.of(np.eye(50, 3), ("gyr_x", "gyr_y", "gyr_z"), 100.0))
        with pytest.raises(TooFewSamplesError, match=r"only 'wave' .* want at least two: run motif teach"):
            taught(database)


def test_gestures_without_motion_that_fits_are_left_out_and_said(tmp_path):
    with GestureDatabase(tmp_path / "db") as database:
        with pytest.raises(TooFewSamplesError, match=r"no gesture of this database .* at least two: run motif teach"):
            taught(database)
        rng = np.random.default_rng(0)
        for name, hz in (("slow", 1), ("fast", 3)):
            for _ in range(2):
                motion = np.sin(2 * np.pi * hz * np.arange(100) / 100)[:, None] * 5 + rng.normal(0, 0.1, (100, 3))
                database.add_sample(name, GestureSample.of(motion, ("gyr_x", "gyr_y", "gyr_z"), 100.0))
        landmarks = tuple(f"hand_0_{i}" for i in range(4))
        database.add_sample("wave", GestureSample.of(rng.normal(size=(30, 4)), landmarks, 30.0))
        database.add_background(rng.normal(0, 2, (500, 3)), channels=("gyr_x", "gyr_y", "gyr_z"), rate_hz=50.0)
        found = taught(database, EngineConfig(max_gap_s=0.2))
    assert found.gestures == ("fast", "slow")
    assert found.left_out == ("wave",)
    assert found.config == EngineConfig(channels=("gyr_x", "gyr_y", "gyr_z"), rate_hz=100.0, max_gap_s=0.2)
