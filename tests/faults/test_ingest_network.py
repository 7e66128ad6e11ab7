"""Loss, repeats, disorder, clocks that are set, many phones: nothing lost that came, all counted that did not."""

import asyncio
import random
from collections import Counter

import httpx
import numpy as np
import pytest
from tests.sources.phones import START_NS, Line, Phone, body, received, sample

from motif.recordings import Aligner
from motif.sources import HTTPLimits, ManualClock, SensorLoggerBridge, SensorLoggerHTTP, SensorLoggerMQTT

S = 1_000_000_000


def bad_network(n_messages, period_s, *, lost=0.05, repeated=0.1, disorder_s=2.0, seed=0):
    """Return (seconds, message) as they arrive, and how many never do; the first and last ones are spared."""
    draw = random.Random(seed)
    arrivals, n_lost = [], 0
    for index in range(n_messages):
        if 0 < index < n_messages - 1 and draw.random() < lost:
            n_lost += 1
            continue
        for _ in range(1 + (draw.random() < repeated)):
            late_s = draw.uniform(0, disorder_s) if index > 0 else 0.0
            arrivals.append((index * period_s + late_s, index))
    return sorted(arrivals), n_lost


def test_five_percent_loss_ten_percent_repeats_and_two_seconds_of_disorder_end_in_order():
    arrivals, n_lost = bad_network(300, 0.1)
    phone = Phone(samples=10, sensors=("gyroscope",))
    messages = [phone.message() for _ in range(300)]

    async def run():
        clock = ManualClock()
        source = SensorLoggerHTTP(port=0, clock=clock, reorder_s=2.1)
        await source.open()
        async with httpx.AsyncClient() as client:
            now_s = 0.0
            for at_s, index in arrivals:
                await clock.advance(at_s - now_s)
                now_s = at_s
                assert (await client.post(source.url, content=messages[index])).status_code == 200
        metrics, health = source.metrics(), source.health()
        readings = await received(source)
        return readings, metrics, health

    readings, metrics, health = asyncio.run(run())
    times = [time for one in readings for time in one.time_ns.tolist()]
    came = sorted({index for _, index in arrivals})
    assert times == [START_NS + (10 * index + i) * S // 100 for index in came for i in range(10)]
    assert metrics["messages.duplicate"] == len(arrivals) - len(came)
    assert metrics["messages.lost"] + metrics["messages.late"] >= n_lost - 21  # the last ones are still waited for
    assert metrics["messages.late"] == 0
    assert "messages lost: 6%: is the network slow" in health.message


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_phone_whose_clock_is_set_on_the_way_goes_on(hours):
    async def run():
        clock = ManualClock()
        async with SensorLoggerBridge(SensorLoggerHTTP(port=0, clock=clock), clock=clock) as bridge:
            mine, aligner = aiter(bridge), Aligner(("gyr_x", "gyr_y", "gyr_z"), rate_hz=100.0)
            n_rows = n_samples = 0
            async with httpx.AsyncClient() as client:
                for number in range(10):
                    jump_ns = hours * 3600 * S * (number >= 5)
                    samples = [
                        sample(
                            "gyroscope", START_NS + jump_ns + (100 * number + i) * S // 100, x=0.5, y=i * 0.01, z=0.0
                        )
                        for i in range(100)
                    ]
                    assert (await client.post(bridge.url, content=body(number, *samples))).status_code == 200
                    await clock.advance(1)
                    readings = await anext(mine)
                    n_samples += readings.n_samples
                    n_rows += len(aligner.push(readings)[0])
                    assert bridge.health().rate_hz["gyr"] == pytest.approx(100, rel=0.05)
            n_rows += len(aligner.flush()[0])
            assert n_samples == 999, "one sample tells that the clock was set"
            assert n_rows >= 990
            assert bridge.metrics()["clock jumps"] == 1

    asyncio.run(run())


async def crowd(n_phones, n_messages, period_s=None):
    """Let phones push as fast as they can, or in real time; return what the bridge got, by device and sensor."""
    source = SensorLoggerHTTP(port=0, n_devices=n_phones, limits=HTTPLimits(), capacity_samples=10**7)
    got = Counter()
    async with SensorLoggerBridge(source, capacity_samples=10**7) as bridge:

        def count(readings):
            assert (np.diff(readings.time_ns) == S // 100).all()
            got[readings.device, readings.channels[0]] += readings.n_samples

        bridge.on_reading(count)

        async def push(index):
            phone, line = Phone(device=f"phone-{index}", session=f"s-{index}"), Line(bridge.url)
            begin = asyncio.get_running_loop().time() + (index / n_phones) * (period_s or 0)
            for number in range(n_messages):
                if period_s:
                    await asyncio.sleep(begin + number * period_s - asyncio.get_running_loop().time())
                assert await line.post(phone.message()) == 200
            line.close()

        await asyncio.gather(*(push(index) for index in range(n_phones)))
        metrics = bridge.metrics()
        dropped = bridge.health().dropped
    return got, metrics, dropped


def nothing_lost(n_phones, n_messages, got, metrics, dropped):
    assert len(got) == 2 * n_phones
    assert set(got.values()) == {100 * n_messages}
    assert dropped == metrics["source.messages.lost"] == metrics["source.messages.duplicate"] == 0
    assert metrics["source.http.taken"] == n_phones * n_messages


def test_two_hundred_phones_push_two_seconds_each_and_nothing_is_lost():
    nothing_lost(200, 2, *asyncio.run(crowd(200, 2)))


@pytest.mark.slow
def test_two_hundred_phones_push_for_a_minute_in_real_time_and_nothing_is_lost():
    nothing_lost(200, 60, *asyncio.run(crowd(200, 60, period_s=1.0)))


def test_a_broker_that_is_not_there_costs_nothing_but_patience():
    async def run():
        clock = ManualClock()
        from tests.sources.broker import free_port

        source = SensorLoggerMQTT(port=free_port(), clock=clock, reorder_s=0)
        async with source:
            for _ in range(10):
                await clock.until_asleep()
                await clock.advance(30)
            assert source.state == "reconnecting"

    asyncio.run(run())
