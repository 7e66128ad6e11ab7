"""phyphox, played by a real HTTP server that answers as its documents say."""

import asyncio
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.served_phones import BEGAN_S, PhyphoxPhone, sensor_config

from motif.errors import ConfigError, SourceError
from motif.sources import Backoff, ManualClock, PhyphoxSource, SourceState
from motif.sources._phyphox_answer import ExperimentClock, Status, newest, values_of
from motif.sources._phyphox_config import PhyphoxSensor, sensors_of


def phone_with_accelerometer():
    phone = PhyphoxPhone()
    phone.sensor("accelerometer", "acc")
    phone.record("acc", 0.0, 50)  # before we came
    return phone


async def polls(source, clock, n=1):
    """Let the source ask `n` times more."""
    for _ in range(n):
        await clock.until_asleep()
        await clock.advance(5)
    await clock.until_asleep()


async def all_of(source):
    await source.close()
    return [readings async for readings in source]


def test_what_is_new_comes_once_with_the_phones_times_and_what_was_before_does_not():
    async def run():
        phone, clock = phone_with_accelerometer(), ManualClock()
        phone.sensor("gyroscope", "gyr")
        async with phone.at() as url, PhyphoxSource(url, clock=clock, device="iphone") as source:
            await polls(source, clock)
            for k in range(3):
                phone.record("acc", 0.5 + k, 100)
                phone.record("gyr", 0.505 + k, 40, 0.025)
                await polls(source, clock)
            assert source.state is SourceState.CONNECTED
            assert "acc" in source.health().message
            found = await all_of(source)
        acc = [r for r in found if r.channels == ("acc_x", "acc_y", "acc_z")]
        gyr = [r for r in found if r.channels == ("gyr_x", "gyr_y", "gyr_z")]
        times = np.concatenate([r.time_ns for r in acc])
        expected = (BEGAN_S * 1e9) + 1e9 * (0.5 + 0.01 * np.arange(300))
        np.testing.assert_allclose(times - int(BEGAN_S * 1e9), expected - BEGAN_S * 1e9, atol=1000)
        values = np.concatenate([r.values for r in acc])
        np.testing.assert_allclose(values[:, 0], np.sin(0.5 + 0.01 * np.arange(300)), atol=1e-6)
        assert sum(r.n_samples for r in gyr) == 120
        assert {(r.device, r.session) for r in found} == {("iphone", "abcdef")}

    asyncio.run(run())


def test_it_asks_only_for_what_came_since():
    async def run():
        phone, clock = phone_with_accelerometer(), ManualClock()
        async with phone.at() as url, PhyphoxSource(url, clock=clock) as source:
            await polls(source, clock, 2)
        gets = [query for path, query in phone.asked if path == "/get"]
        assert gets[0] == {"acc_time": ""}
        assert gets[1] == {
            "acc_time": "0.49",
            "accX": "0.49|acc_time",
            "accY": "0.49|acc_time",
            "accZ": "0.49|acc_time",
        }

    asyncio.run(run())


def test_a_paused_experiment_is_told_and_goes_on_at_the_right_time():
    async def run():
        phone, clock = phone_with_accelerometer(), ManualClock()
        async with phone.at() as url, PhyphoxSource(url, clock=clock) as source:
            await polls(source, clock)
            phone.measuring = False
            await polls(source, clock)
            assert source.health().message == "phyphox is paused: press play on the phone"
            phone.timed = 2700
            await polls(source, clock)
            assert source.health().message == "phyphox starts in 3 s"
            phone.timed, phone.measuring = 0, True
            phone.events.append({"event": "PAUSE", "experimentTime": 0.5, "systemTime": BEGAN_S + 0.5})
            phone.events.append({"event": "START", "experimentTime": 0.5, "systemTime": BEGAN_S + 60.5})
            phone.record("acc", 0.51, 10)
            await polls(source, clock)
            assert "paused" not in source.health().message
            (readings,) = await all_of(source)
        assert int(readings.time_ns[0]) / 1e9 == pytest.approx(BEGAN_S + 60.51, abs=1e-3)

    asyncio.run(run())


def test_play_is_pressed_when_asked():
    async def run():
        phone, clock = phone_with_accelerometer(), ManualClock()
        phone.measuring = False
        async with phone.at() as url, PhyphoxSource(url, clock=clock, start=True) as source:
            await polls(source, clock)
        assert ("/control", {"cmd": "start"}) in phone.asked
        assert phone.measuring

    asyncio.run(run())


def test_another_experiment_is_followed():
    async def run():
        phone, clock = phone_with_accelerometer(), ManualClock()
        async with phone.at() as url, PhyphoxSource(url, clock=clock) as source:
            await polls(source, clock)
            phone.session, phone.inputs, phone.buffers = "second", [], {}
            phone.sensor("magnetic_field", "mag")
            await polls(source, clock)
            assert source.state is SourceState.RECONNECTING
            assert "another experiment" in source.health().message
            await polls(source, clock, 2)
            phone.record("mag", 0.1, 5)
            await polls(source, clock)
            found = await all_of(source)
        assert [(r.channels[0], r.session, r.n_samples) for r in found] == [("mag_x", "second", 5)]

    asyncio.run(run())


def test_an_experiment_without_motion_is_told():
    async def run():
        phone, clock = PhyphoxPhone(), ManualClock()
        phone.inputs = [{"source": "light", "outputs": [{"x": "l"}]}, {"source": "bluetooth"}, 7]
        async with phone.at() as url, PhyphoxSource(url, clock=clock) as source:
            await clock.until_asleep()
            assert source.state is SourceState.RECONNECTING
            assert "this experiment has light, bluetooth; open one" in source.health().message

    asyncio.run(run())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<html>", "no JSON"),
        (b"[1]", "not what phyphox says"),
        (b"[" * 20_000, "no JSON"),
        (b"1" * 9_000, "over 8000"),
    ],
)
def test_something_else_on_the_port_is_told(content, says):
    async def run():
        phone, clock = PhyphoxPhone(), ManualClock()
        phone.answers["/config"] = content
        limit = 8000 if says.startswith("over") else 4_000_000
        async with phone.at() as url, PhyphoxSource(url, clock=clock, max_answer_bytes=limit) as source:
            await clock.until_asleep()
            assert says in source.health().message

    asyncio.run(run())


def test_a_phone_that_is_not_there_is_named_with_its_port():
    async def run():
        phone, clock = phone_with_accelerometer(), ManualClock()
        async with phone.at() as url:
            where = url.rpartition("/")[2]
        async with PhyphoxSource(url, clock=clock) as source:
            await clock.until_asleep()
            assert f"{where} refuses the connection; is phyphox's remote access on?" in source.health().message

    asyncio.run(run())


def test_a_phone_that_refuses_or_is_not_there_is_asked_again_after_longer_waits():
    async def run():
        phone, clock = phone_with_accelerometer(), ManualClock()
        async with phone.at() as url:
            source = PhyphoxSource(url, clock=clock, backoff=Backoff(first_s=1, cap_s=8, jitter=0))
            async with source:
                await polls(source, clock)
                phone.status = 500
                await clock.advance(0.1)
                await clock.until_asleep()
                assert "answered 500 to /get" in source.health().message
                assert "again in 1.0 s" in source.health().message
                await clock.advance(1)
                await clock.until_asleep()
                assert "again in 2.0 s" in source.health().message
                phone.status = 200
                await clock.advance(2)
                await clock.until_asleep()
                await polls(source, clock)
                phone.record("acc", 0.51, 3)
                await polls(source, clock)
                assert source.state is SourceState.CONNECTED
        gone = PhyphoxSource(url, clock=clock)
        async with gone:
            await clock.until_asleep()
            assert gone.state is SourceState.RECONNECTING
            assert gone.health().received == 0

    asyncio.run(run())


def test_an_older_phyphox_without_its_time_gives_times_by_arrival():
    async def run():
        phone, clock = phone_with_accelerometer(), ManualClock()
        phone.events = None
        async with phone.at() as url, PhyphoxSource(url, clock=clock) as source:
            await polls(source, clock)
            phone.record("acc", 0.51, 100)
            await polls(source, clock)
            (readings,) = await all_of(source)
        assert abs(int(readings.time_ns[-1]) - clock.time_ns()) < 11e9
        np.testing.assert_allclose(np.diff(readings.time_ns), 1e7, atol=2000)

    asyncio.run(run())


SENSOR = PhyphoxSensor(("acc_x",), "t", ("x",))


def test_null_is_a_gap_and_uneven_buffers_are_cut():
    answer = {"buffer": {"t": {"buffer": [1, 2, None, 4, 5]}, "x": {"buffer": [1e308, None, 3, 4]}}}
    time_s, values = values_of(answer, SENSOR, 0.0)
    np.testing.assert_array_equal(time_s, [1, 2, 4])
    np.testing.assert_array_equal(values[:, 0], [np.nan, np.nan, 4])
    assert newest(answer, SENSOR) == 5
    assert newest({}, SENSOR) == -1


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["t", "x", "buffer", "status"]), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["buffer", "status", "inputs", "t"]), JSON), JSON)
def test_no_answer_whatever_it_says_is_an_error_of_others(answer, events):
    Status.of(answer)
    time_s, values = values_of(answer, SENSOR, 0.0)
    assert values.shape == (len(time_s), 1)
    clock = ExperimentClock(events)
    if clock:
        clock.epoch_ns(time_s)
    with pytest.raises(SourceError, match="this experiment has"):
        sensors_of(json.loads(json.dumps(answer)))


def test_a_quaternion_has_its_w_where_phyphox_puts_it():
    (sensor,) = sensors_of({"inputs": [sensor_config("attitude", "q")]})
    assert sensor.channels == ("quat_w", "quat_x", "quat_y", "quat_z")
    assert sensor.buffers == ("q", "qX", "qY", "qZ")


def test_what_cannot_be_asked_is_said():
    for address in ("ws://phone", "http://", "ftp://phone"):
        with pytest.raises(ConfigError):
            PhyphoxSource(address)
    for wrong in ({"interval_s": 0}, {"timeout_s": -1}, {"max_answer_bytes": 3}):
        with pytest.raises(ConfigError):
            PhyphoxSource("http://phone", **wrong)
    assert PhyphoxSource("192.168.0.42:8080").url == "http://192.168.0.42:8080"
