"""The bridge: works with no argument, comes back by itself, hands on only what can be used."""

import asyncio
import threading

import httpx
import numpy as np
import pytest
from tests.sources.phones import START_NS, Phone, body, sample

from motif.errors import ConfigError, InputError, SourceError, TooFewSamplesError
from motif.recordings import Readings
from motif.sources import (
    Backoff,
    BufferedSource,
    ManualClock,
    SensorLoggerBridge,
    SensorLoggerHTTP,
    Source,
    SourceState,
)
from motif.sources._live_calibration import LiveCalibration

GYR = ("gyr_x", "gyr_y", "gyr_z")
GRAVITY = ("gravity_x", "gravity_y", "gravity_z")


class Hand(BufferedSource):
    """A source fed by hand, which can refuse to open."""

    refusals = 0
    opened = 0
    signs = None

    async def _open(self):
        self.opened += 1
        if self.opened <= self.refusals:
            raise SourceError("the port is taken")

    put = BufferedSource._put
    run = BufferedSource._run
    end = BufferedSource._end


def readings(values, channels=GYR, device="phone", start_s=0.0, rate_hz=100.0):
    values = np.atleast_2d(values)
    time_ns = START_NS + np.round((start_s + np.arange(len(values)) / rate_hz) * 1e9).astype(np.int64)
    return Readings(device=device, channels=channels, time_ns=time_ns, values=values)


def noise(n, level=0.001, seed=0):
    return np.random.default_rng(seed).normal(0, level, (n, 3))


def with_hand(clock=None, **settings):
    clock = clock or ManualClock()
    hand = Hand("hand", clock=clock)
    return hand, SensorLoggerBridge(hand, clock=clock, backoff=Backoff(first_s=1, cap_s=4, jitter=0), **settings), clock


async def until(condition):
    """Let the event loop turn until something is so."""
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never became so")


def test_of_too_many_devices_those_that_are_there_stay_calibrated(monkeypatch):
    monkeypatch.setattr("motif.sources._live_calibration._N_DEVICES", 20)
    calibration = LiveCalibration()
    acc = ("acc_x", "acc_y", "acc_z")
    for sensor in (GYR, acc):
        calibration.apply(readings(0.02 + noise(300), sensor, "here"))
    sides = np.repeat(9.9 * np.vstack([np.eye(3), -np.eye(3)]), 300, axis=0) + noise(1800, 0.01)
    calibration.sides("here", "acc", sides, 100.0)
    for index in range(50):
        calibration.sides(f"phone {index}", "acc", sides, 100.0)
        calibration.apply(readings(noise(1), GYR, f"phone {index}"))
        calibration.apply(readings(noise(1), GYR, "here", 4 + index / 100))
        calibration.apply(readings(noise(1), acc, "here", 4 + index / 100))
    assert calibration.of("here").gyr_bias is not None
    assert calibration.of("here").acc is not None
    assert calibration.of("phone 0").acc is None


def test_a_bridge_needs_no_argument_and_opens_nothing_before_it_is_started():
    bridge = SensorLoggerBridge()
    assert bridge.state.value == "disconnected"
    assert bridge.health().message == "not started yet"
    assert bridge.url.startswith("http://127.0.0.1:8765/ingest/")
    assert isinstance(bridge, Source)
    assert bridge.latest == {}
    assert isinstance(bridge.source, SensorLoggerHTTP)


def test_a_phone_that_pushes_comes_out_of_the_bridge():
    async def run():
        async with SensorLoggerBridge(port=0) as bridge, httpx.AsyncClient() as client:
            assert bridge.state is SourceState.CONNECTING
            mine, called = aiter(bridge), []
            remove = bridge.on_reading(called.append)
            assert (await client.post(bridge.url, content=Phone().message())).status_code == 200
            first, second = await anext(mine), await anext(mine)
            assert (first.channels[0], second.channels[0]) == ("linear_acc_x", "gyr_x")
            assert bridge.state is SourceState.CONNECTED
            assert set(bridge.latest) == {"linear_acc", "gyr"}
            assert len(called) == 2
            remove()
            remove()
            metrics = bridge.metrics()
            assert metrics["samples"] == metrics["samples handed on"] == metrics["source.samples"] == 200
            assert metrics["intake.mean_s"] > 0
        assert bridge.state.value == "stopped"
        assert [left async for left in mine] == []
        assert [left async for left in bridge] == []

    asyncio.run(run())


def test_a_bridge_stopped_and_started_again_works_and_keeps_its_link():
    async def run():
        bridge = SensorLoggerBridge(port=0)
        async with httpx.AsyncClient() as client:
            await bridge.start()
            url = bridge.url
            await bridge.start()
            await client.post(url, content=Phone().message())
            await bridge.stop()
            await bridge.stop()
            assert bridge.health().message == "stopped"
            await bridge.start()
            assert bridge.url == url
            mine = aiter(bridge)
            assert (await client.post(url, content=Phone(session="2").message())).status_code == 200
            assert (await anext(mine)).session == "2"
            await bridge.stop()

    asyncio.run(run())


def test_a_source_that_cannot_be_opened_is_tried_again_with_growing_waits():
    async def run():
        hand, bridge, clock = with_hand()
        hand.refusals = 3
        await bridge.start()
        await clock.until_asleep()
        assert bridge.state is SourceState.RECONNECTING
        assert bridge.health().message == "the port is taken; trying again by itself"
        await clock.advance(1)
        assert hand.opened == 2
        await clock.advance(1.9)
        assert hand.opened == 2
        await clock.advance(0.1)
        assert hand.opened == 3
        await clock.advance(4)
        assert bridge.state is SourceState.CONNECTING
        assert bridge.metrics()["reconnects"] == 3
        await bridge.stop()

    asyncio.run(run())


def test_a_source_that_fails_on_the_way_is_opened_again_and_readers_stay():
    async def run():
        hand, bridge, clock = with_hand()

        async def broken():
            raise ZeroDivisionError("oh")

        await bridge.start()
        mine = aiter(bridge)
        hand.put(readings(noise(5)))
        assert (await anext(mine)).n_samples == 5
        hand.run(broken())
        await clock.until_asleep()
        assert bridge.state is SourceState.RECONNECTING
        assert "ZeroDivisionError: oh" in bridge.health().message
        await clock.advance(1)
        hand.put(readings(noise(5), start_s=1))
        assert (await anext(mine)).n_samples == 5
        assert bridge.state is SourceState.CONNECTED
        hand.end()
        assert [left async for left in mine] == []
        assert bridge.state is SourceState.STOPPED
        await bridge.stop()

    asyncio.run(run())


def test_a_fault_on_the_way_costs_one_reading_and_one_of_the_source_a_moment(caplog):
    class Odd(Hand):
        def __aiter__(self):
            if self.opened == 1:
                raise RuntimeError("odd")
            return super().__aiter__()

    async def run():
        clock = ManualClock()
        odd = Odd("odd", clock=clock)
        bridge = SensorLoggerBridge(odd, clock=clock, backoff=Backoff(first_s=1, jitter=0))
        await bridge.start()
        mine = aiter(bridge)
        await clock.until_asleep()
        assert bridge.health().message == "RuntimeError: odd; trying again by itself"
        await clock.advance(1)
        take, bridge._intake.take = bridge._intake.take, None
        odd.put(readings(noise(1)))
        await until(lambda: "faults" in bridge.metrics())
        bridge._intake.take = take
        odd.put(readings(noise(2)))
        assert (await anext(mine)).n_samples == 2
        await bridge.stop()

    asyncio.run(run())
    assert "readings not taken" in caplog.text


def test_stopping_while_waiting_to_try_again_leaves_nothing_open():
    async def run():
        hand, bridge, clock = with_hand()
        hand.refusals = 9
        await bridge.start()
        await clock.until_asleep()
        await bridge.stop()
        assert (bridge.state, clock.n_asleep) == (SourceState.STOPPED, 0)

    asyncio.run(run())


def test_a_callback_that_fails_harms_nobody_and_a_slow_reader_only_itself():
    async def run():
        hand, bridge, _ = with_hand(capacity_samples=100)
        await bridge.start()
        called = []

        def fails(_):
            raise ValueError("mine")

        bridge.on_reading(fails)
        bridge.on_reading(called.append)
        slow = aiter(bridge)
        for index in range(10):
            hand.put(readings(noise(20), start_s=index))
        await until(lambda: len(called) == 10)
        assert bridge.metrics()["callbacks failed"] == 10
        assert bridge.health().dropped == 160
        assert (await anext(slow)).n_samples == 20
        await slow.aclose()
        assert bridge.health().dropped == 160
        await bridge.stop()

    asyncio.run(run())


def test_bias_is_learnt_at_rest_followed_while_it_drifts_and_taken_off():
    async def run():
        hand, bridge, _ = with_hand()
        await bridge.start()
        mine, rng = aiter(bridge), np.random.default_rng(0)
        for second in range(60):
            drifting = np.array([0.03, -0.02, 0.01]) * (1 + second / 60)
            hand.put(readings(drifting + rng.normal(0, 0.002, (100, 3)), start_s=second))
            last = await anext(mine)
        assert abs(last.values.mean(axis=0)).max() < 0.003
        turning = np.array([1.06, -0.04, 0.02])
        hand.put(readings(np.tile(turning, (100, 1)) + rng.normal(0, 0.002, (100, 3)), start_s=60))
        assert (await anext(mine)).values.mean(axis=0) == pytest.approx([1, 0, 0], abs=0.005)
        await bridge.stop()

    asyncio.run(run())


def test_calibrating_by_hand_says_what_is_taken_off():
    async def run():
        hand, bridge, _ = with_hand(calibrate_live=False)
        await bridge.start()
        asked = asyncio.create_task(bridge.calibrate(2.0))
        await asyncio.sleep(0)
        bias = np.array([0.03, -0.02, 0.01])
        for index in range(5):
            hand.put(readings(bias + noise(50, seed=index), start_s=index / 2))
            hand.put(
                readings(
                    5 * bias + noise(50, seed=index),
                    ("linear_acc_x", "linear_acc_y", "linear_acc_z"),
                    start_s=index / 2,
                )
            )
        found = (await asked)["phone"]
        assert found.gyr_bias == pytest.approx(bias, abs=1e-3)
        assert found.linear_acc_bias == pytest.approx(5 * bias, abs=1e-3)
        assert found.acc is None
        mine = aiter(bridge)
        hand.put(readings(bias + noise(50), start_s=9))
        assert abs((await anext(mine)).values.mean(axis=0)).max() < 1e-3
        await bridge.stop()

    asyncio.run(run())


def test_an_accelerometer_laid_on_its_six_sides_reads_gravity_alike_on_all():
    async def run():
        hand, bridge, _ = with_hand()
        await bridge.start()
        asked = asyncio.create_task(bridge.calibrate(12.0, sides=True))
        await asyncio.sleep(0)
        wrong = np.vstack([np.eye(3), -np.eye(3)]) * 9.80665 * [1.02, 1.0, 0.98] + [0.2, 0.0, -0.1]
        for side, values in enumerate([*wrong, wrong[0]]):
            acc = np.tile(values, (200, 1)) + noise(200, 0.005)
            hand.put(readings(acc, ("acc_x", "acc_y", "acc_z"), start_s=2 * side))
        found = (await asked)["phone"]
        assert found.acc.bias == pytest.approx([0.2, 0.0, -0.1], abs=0.02)
        mine = aiter(bridge)
        hand.put(readings(wrong, ("acc_x", "acc_y", "acc_z"), start_s=15))
        assert np.linalg.norm((await anext(mine)).values, axis=1) == pytest.approx(np.full(6, 9.80665), abs=0.02)
        await bridge.stop()

    asyncio.run(run())


@pytest.mark.parametrize("sides", [True, False])
def test_calibrating_says_what_is_wrong(sides):
    async def run():
        hand, bridge, clock = with_hand()
        await bridge.start()
        asked = asyncio.create_task(bridge.calibrate(2.0, timeout_s=10, sides=sides))
        await clock.until_asleep()
        await clock.advance(10)
        with pytest.raises(TooFewSamplesError, match="did not come within 10 s; is the phone recording"):
            await asked
        asked = asyncio.create_task(bridge.calibrate(2.0, sides=sides))
        await asyncio.sleep(0)
        shaken = np.random.default_rng(0).normal(0, 3, (300, 3))
        hand.put(readings(shaken, ("acc_x", "acc_y", "acc_z") if sides else GYR))
        with pytest.raises(TooFewSamplesError, match="still"):
            await asked
        with pytest.raises(ConfigError, match="seconds"):
            await bridge.calibrate(0)
        await bridge.stop()

    asyncio.run(run())


@pytest.mark.parametrize(("sign", "together"), [(1, True), (-1, True), (-1, False)])
def test_two_seconds_flat_on_a_table_tell_whose_signs_a_phone_has(sign, together):
    async def run():
        async with SensorLoggerBridge(port=0) as bridge, httpx.AsyncClient() as client:
            asked = asyncio.create_task(bridge.check_flat("iphone"))
            await asyncio.sleep(0)
            sent = [
                sample(name, START_NS + i * 10_000_000, x=0.01 * sign, y=0.0, z=9.8 * sign * (name == "gravity") + 0.1)
                for i in range(300)
                for name in ("gravity", "accelerometer")
            ]
            pieces = [sent] if together else [sent[:200], sent[200:400], sent[400:]]
            for number, piece in enumerate(pieces):
                answer = await client.post(bridge.url, content=body(number, *piece, device="iphone"))
                assert answer.status_code == 200
            assert await asked == sign
            signs = bridge.source.signs
            assert (signs.sign("iphone"), signs.known_from("iphone")) == (sign, "the check on a table")
            mine = aiter(bridge)
            last = sample("gravity", START_NS + 3_010_000_000, x=0.0, y=0.0, z=9.8 * sign)
            await client.post(bridge.url, content=body(len(pieces), last, device="iphone"))
            await bridge.stop()
            assert [r async for r in mine][-1].values[0, 2] == pytest.approx(9.8)

    asyncio.run(run())


def test_a_phone_that_is_held_in_the_hand_is_not_checked():
    async def run():
        bridge = SensorLoggerBridge(port=0, clock=(clock := ManualClock()))
        await bridge.start()
        asked = asyncio.create_task(bridge.check_flat())
        await asyncio.sleep(0)
        tilted = np.tile([9.0, 0.0, 3.9], (300, 1))
        for index, piece in enumerate(np.split(tilted, 3)):
            bridge.source._put(readings(piece, GRAVITY, start_s=index))
        with pytest.raises(InputError, match="not flat"):
            await asked
        asked = asyncio.create_task(bridge.check_flat("another", timeout_s=5))
        await asyncio.sleep(0)
        bridge.source._put(readings(tilted, GRAVITY, start_s=3))
        await until(lambda: bridge.latest["gravity"].time_ns[0] == START_NS + 3 * 10**9)
        await clock.advance(5)
        with pytest.raises(TooFewSamplesError, match="of 'another' did not come within 5 s"):
            await asked
        await bridge.stop()
        _, other, _ = with_hand()
        with pytest.raises(ConfigError, match="nothing to check"):
            await other.check_flat()

    asyncio.run(run())


def test_a_program_without_an_event_loop_runs_the_bridge_in_a_thread():
    bridge, arrived = SensorLoggerBridge(port=0), threading.Event()
    bridge.on_reading(lambda _: arrived.set())
    with bridge.in_background() as loop:
        assert bridge.state is SourceState.CONNECTING
        assert httpx.post(bridge.url, content=Phone().message()).status_code == 200
        assert arrived.wait(20)
        asked = asyncio.run_coroutine_threadsafe(bridge.calibrate(0), loop)
        with pytest.raises(ConfigError, match="seconds=0"):
            asked.result(20)
    assert bridge.state is SourceState.STOPPED

    class Refuses(Hand):
        async def _open(self):
            raise ConfigError("cannot be")

    with pytest.raises(ConfigError, match="cannot be"), SensorLoggerBridge(Refuses("no")).in_background():
        pass  # pragma: no cover


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (readings([[0.1, 0.2, 0.3]]), True),
        (body(1, sample("gyroscope", START_NS, x=1.0, y=0.0, z=0.0)), True),
        ({"deviceId": "a", "payload": [sample("gyroscope", START_NS, x=1.0, y=0.0, z=0.0)]}, True),
        ('{"payload": [{"name": "gyroscope", "time": 5, "values": {"x": 1, "y": 2, "z": "3.5"}}]}', True),
        ({"payload": [sample("gyroscope", START_NS, x=1e308, y=0.0, z=0.0)]}, False),
        ({"payload": [sample("gyroscope", START_NS, x=float("nan"), y=0.0, z=float("inf"))]}, False),
        ({"payload": object()}, False),
        (None, False),
        (42, False),
        (10**400, False),
        (b"\xff\xfe", False),
        ("[" * 100_000, False),
        ([1, 2, 3], False),
        ({}, False),
        (float("nan"), False),
    ],
)
def test_anything_is_accepted_or_refused_and_nothing_is_raised(said, taken):
    bridge = SensorLoggerBridge()
    assert bridge.accept(said) is taken
    assert len(bridge.latest) == taken
