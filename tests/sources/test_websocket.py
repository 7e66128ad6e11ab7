"""Phones that serve their sensors, played by a real WebSocket server."""

import asyncio
import json
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.served_phones import BOOT_NS, SensorServer, message

from motif.errors import ConfigError
from motif.sources import Backoff, ManualClock, SourceState, WebSocketSource
from motif.sources._device_clock import DeviceClock
from motif.sources._websocket_packets import parse_sample, sensor_url

NOW_NS = 1_700_000_000_000_000_000


async def take(source, n):
    found = []
    async for readings in source:
        found.append(readings)
        if len(found) == n:
            break
    return found


def test_two_sensors_share_a_connection_and_keep_their_stamps_apart_to_the_nanosecond():
    async def both(connection):
        for i in range(50):
            await connection.send(message(BOOT_NS + 10_000_000 * i, type="android.sensor.accelerometer"))
            await connection.send(message(BOOT_NS + 10_000_000 * i + 7, (0, 0.1, i), type="android.sensor.gyroscope"))
        await connection.wait_closed()

    async def run():
        async with SensorServer(both) as phone:
            async with WebSocketSource(phone.address, clock=ManualClock(NOW_NS), device="pixel") as source:
                found = await take(source, 100)
                assert source.state is SourceState.CONNECTED
                assert "acc" in source.health().message
            assert source.state is SourceState.STOPPED
        query = parse_qs(urlsplit(phone.paths[0]).query)
        assert json.loads(query["types"][0]) == ["android.sensor.accelerometer", "android.sensor.gyroscope"]
        acc = [r for r in found if r.channels == ("acc_x", "acc_y", "acc_z")]
        gyr = [r for r in found if r.channels == ("gyr_x", "gyr_y", "gyr_z")]
        assert len(acc) == len(gyr) == 50
        assert {r.device for r in found} == {"pixel"}
        np.testing.assert_array_equal(acc[0].values, [[0.3, -0.9, 10.0]])
        assert abs(int(acc[0].time_ns[0]) - NOW_NS) < 1e9
        assert int(gyr[0].time_ns[0]) - int(acc[0].time_ns[0]) == 7

    asyncio.run(run())


def test_one_sensor_has_its_own_path_and_messages_without_a_type():
    async def one(connection):
        await connection.send(message())
        await connection.wait_closed()

    async def run():
        async with (
            SensorServer(one) as phone,
            WebSocketSource(phone.address, ["gyroscope"], clock=ManualClock()) as source,
        ):
            (readings,) = await take(source, 1)
            assert readings.channels[0] == "gyr_x"
            assert phone.paths == ["/sensor/connect?type=android.sensor.gyroscope"]

    asyncio.run(run())


def test_a_lost_connection_comes_back_after_longer_and_longer_waits():
    async def hang_up(connection):
        await connection.close(4005, "connection closed by App user")

    async def send(connection):
        await connection.send(message())
        await connection.wait_closed()

    async def run():
        clock = ManualClock(NOW_NS)
        async with SensorServer(hang_up, hang_up, send) as phone:
            source = WebSocketSource(
                phone.address, ["accelerometer"], clock=clock, backoff=Backoff(jitter=0, first_s=2)
            )
            async with source:
                await clock.until_asleep()
                assert source.state is SourceState.RECONNECTING
                assert "closed by App user" in source.health().message
                assert "trying again in 2.0 s" in source.health().message
                await clock.advance(2)
                await clock.until_asleep()
                await clock.advance(4)
                assert len(await take(source, 1)) == 1
                assert source.state is SourceState.CONNECTED

    asyncio.run(run())


def test_nobody_there_is_an_ordinary_state():
    async def run():
        async with SensorServer(lambda connection: connection.wait_closed()) as phone:
            address = phone.address
        clock = ManualClock()
        async with WebSocketSource(address, clock=clock) as source:
            await clock.until_asleep()
            assert source.state is SourceState.RECONNECTING
            assert f"{address.rpartition('/')[2]} refuses the connection; does the app" in source.health().message
            assert "trying again" in source.health().message

    asyncio.run(run())


def test_a_process_that_serves_nothing_itself_can_be_a_client():
    script = """
import asyncio
from motif.sources import WebSocketSource

async def go():
    async with WebSocketSource("ws://127.0.0.1:9") as source:
        while source.state.value != "reconnecting":
            await asyncio.sleep(0)

asyncio.run(asyncio.wait_for(go(), 60))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_sensor_the_phone_does_not_have_ends_it_with_the_phones_own_words():
    async def refuse(connection):
        await connection.close(4001, "Sensor of type android.sensor.gravity not found")

    async def run():
        async with SensorServer(refuse) as phone, WebSocketSource(phone.address, ["gravity"]) as source:
            assert [readings async for readings in source] == []
            assert source.state is SourceState.ERROR
            assert "android.sensor.gravity not found" in source.health().message

    asyncio.run(run())


def test_what_a_phone_says_as_it_leaves_gives_the_terminal_no_orders():
    async def refuse(connection):
        await connection.close(4005, "bye\x1b]0;mine\x07")

    async def run():
        clock = ManualClock(NOW_NS)
        async with SensorServer(refuse) as phone, WebSocketSource(phone.address, clock=clock) as source:
            await clock.until_asleep()
            assert "(bye]0;mine)" in source.health().message

    asyncio.run(run())


def test_a_message_that_is_too_long_ends_the_connection_not_the_source():
    async def flood(connection):
        await connection.send("x" * 100_000)
        await connection.wait_closed()

    async def send(connection):
        await connection.send(message())
        await connection.wait_closed()

    async def run():
        clock = ManualClock()
        async with (
            SensorServer(flood, send) as phone,
            WebSocketSource(phone.address, ["gyroscope"], clock=clock) as source,
        ):
            await clock.until_asleep()
            assert "too long" in source.health().message
            await clock.advance(1)
            assert len(await take(source, 1)) == 1

    asyncio.run(run())


def test_odd_messages_are_counted_and_the_good_ones_come_through():
    odd = [
        "",
        "{",
        "[]",
        "null",
        b"\xff\xfe",
        '{"values": [1, 2, 3]}',
        message(values=(1, 2)),
        message(values=("a", 2, 3)),
        message(stamp_ns=1.5),
        message(stamp_ns=-1),
        message(stamp_ns=2**80),
        '{"timestamp": 1, "values": [NaN, 0, 0]}',
        '{"timestamp": 1, "values": [1e308, 0, 0]}',
        '{"timestamp": 1, "values": [1' + "0" * 400 + ", 0, 0]}",
        message(type="com.vendor.gesture"),
        message(type=7),
        "[" * 30_000,
    ]

    async def mixed(connection):
        for each in odd:
            await connection.send(each)
        await connection.send(message())
        await connection.wait_closed()

    async def run():
        async with SensorServer(mixed) as phone, WebSocketSource(phone.address, ["accelerometer"]) as source:
            (readings,) = await take(source, 1)
            assert readings.n_samples == 1
            assert source.n_unusable == len(odd)
            assert f"{len(odd)} messages held no usable sample" in source.health().message

    asyncio.run(run())


@given(st.binary(max_size=60) | st.text(max_size=60) | st.recursive(st.none() | st.floats() | st.text(), st.lists))
def test_no_message_whatever_it_holds_is_an_error(content):
    text = content if isinstance(content, str | bytes) else json.dumps({"timestamp": content, "values": content})
    assert parse_sample(text, "gyroscope") is None


def test_values_follow_androids_documents():
    assert parse_sample(message(), "android.sensor.linear_acceleration").channels[0] == "linear_acc_x"
    turned = parse_sample(message(values=(0.1, 0.2, 0.3, 0.9, 0.05)), "android.sensor.rotation_vector")
    assert turned.channels == ("quat_w", "quat_x", "quat_y", "quat_z")
    assert turned.values == (0.9, 0.1, 0.2, 0.3)
    assert parse_sample(message(accuracy=0), "gravity").quality == 0.0
    assert parse_sample('{"timestamp": 5, "values": [1, 2, 3]}', "magnetic_field").quality == 1.0


def test_what_cannot_be_connected_to_is_said():
    for address in ("http://phone", "192.168.0.10:8080", "ws://"):
        with pytest.raises(ConfigError, match="no WebSocket"):
            WebSocketSource(address)
    with pytest.raises(ConfigError, match="'lidar'"):
        WebSocketSource("ws://phone:8080", ["lidar"])
    with pytest.raises(ConfigError, match="accelerometer"):
        WebSocketSource("ws://phone:8080", [])
    own = "ws://phone:8080/sensor/connect?type=android.sensor.gravity"
    assert sensor_url(own, ()) == own


# the phone's clock


def mapped(stamps, delays, clock=None, offset=NOW_NS):
    clock = clock or DeviceClock()
    return np.array([clock.epoch_ns(s, arrived_ns=s + offset + d) for s, d in zip(stamps, delays, strict=True)])


@given(
    delays_ms=st.lists(st.integers(0, 400), min_size=2, max_size=300),
    step_ms=st.integers(1, 100),
)
def test_times_between_samples_stay_true_whatever_the_network_does(delays_ms, step_ms):
    stamps = [BOOT_NS + i * step_ms * 1_000_000 for i in range(len(delays_ms))]
    times = mapped(stamps, [delay * 1_000_000 for delay in delays_ms])
    np.testing.assert_allclose(np.diff(times), step_ms * 1e6, rtol=6e-4)


def test_the_offset_settles_on_the_quickest_delay():
    rng = np.random.default_rng(0)
    stamps = [BOOT_NS + 10_000_000 * i for i in range(60_000)]  # ten minutes
    delays = (2_000_000 + rng.exponential(30e6, len(stamps))).astype(int).tolist()
    late = mapped(stamps, delays) - np.array(stamps) - NOW_NS
    assert np.abs(late[-1000:] - 2_000_000).max() < 3_000_000


def test_a_phone_that_runs_faster_is_followed():
    stamps = np.arange(0, 600_000_000_000, 20_000_000)
    clock = DeviceClock()
    arrivals = NOW_NS + (stamps * (1 + 100e-6)).astype(np.int64)  # 100 ppm
    times = np.array([clock.epoch_ns(int(s), arrived_ns=int(a)) for s, a in zip(stamps, arrivals, strict=True)])
    assert np.abs(times - arrivals).max() < 2_000_000
    assert clock.n_steps == 0


def test_a_restarted_phone_and_a_clock_that_was_set_are_steps_and_counted():
    clock = DeviceClock()
    before = [BOOT_NS + 10_000_000 * i for i in range(100)]
    mapped(before, [0] * 100, clock)
    after = mapped([10_000_000 * i for i in range(100)], [0] * 100, clock, offset=NOW_NS + BOOT_NS + 60_000_000_000)
    assert clock.n_steps == 1
    assert after[0] == NOW_NS + BOOT_NS + 60_000_000_000
    hour = 3_600_000_000_000
    later = [10_000_000 * i for i in range(100, 2100)]
    set_back = mapped(later, [0] * 2000, clock, offset=NOW_NS + BOOT_NS - hour)
    assert clock.n_steps == 2
    assert set_back[-1] == later[-1] + NOW_NS + BOOT_NS - hour
    again = [10_000_000 * i for i in range(2100, 4100)]
    forward = mapped(again, [0] * 2000, clock, offset=NOW_NS + BOOT_NS)
    assert clock.n_steps == 3
    assert forward[-1] == again[-1] + NOW_NS + BOOT_NS
