"""The bounded buffer, the meter and the health line that all sources share."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.errors import ConfigError, SourceError
from motif.recordings import Annotation, Readings
from motif.sources import Backoff, BufferedSource, ManualClock, ReadingsBuffer, Source, SourceState

GYR = ("gyr_x", "gyr_y", "gyr_z")


def readings(n=1, channels=GYR, device="phone", start_ns=0):
    return Readings(
        device=device, channels=channels, time_ns=start_ns + np.arange(n), values=np.zeros((n, len(channels)))
    )


class Hand(BufferedSource):
    """A source fed by hand."""

    fails = ()

    async def _open(self):
        for error in self.fails:
            raise error

    put = BufferedSource._put
    end = BufferedSource._end
    run = BufferedSource._run
    keep_connected = BufferedSource._keep_connected


@given(sizes=st.lists(st.integers(0, 200), max_size=60), capacity=st.integers(17, 500))
def test_what_goes_in_comes_out_in_order_or_is_counted(sizes, capacity):
    async def run():
        buffer = ReadingsBuffer(capacity)
        for index, n in enumerate(sizes):
            buffer.put(readings(n, start_ns=1000 * index))
            assert sum(16 + r.n_samples for r in buffer._waiting) <= capacity
        buffer.close()
        buffer.put(readings(5))
        out = [item async for item in buffer]
        assert sum(item.n_samples for item in out) + buffer.dropped == sum(sizes)
        starts = [int(item.time_ns[0]) for item in out if item.n_samples]
        assert starts == sorted(starts)

    asyncio.run(run())


def test_marks_take_room_as_samples_do():
    async def run():
        buffer = ReadingsBuffer(100)
        marks = (Annotation(0, 0, "swipe"),) * 50
        for _ in range(3):
            buffer.put(replace(readings(0), annotations=marks))
        return len(buffer)

    assert asyncio.run(run()) == 1


def test_a_buffer_without_room_is_refused():
    with pytest.raises(ConfigError, match="holds no reading"):
        ReadingsBuffer(3)


def test_a_reader_waits_and_gets_what_comes_later():
    async def run():
        source = Hand("hand", clock=ManualClock())
        assert isinstance(source, Source)
        async with source:
            first = asyncio.create_task(anext(aiter(source)))
            await asyncio.sleep(0)
            source.put(readings(3))
            assert (await first).n_samples == 3
        assert source.state is SourceState.STOPPED
        assert [item async for item in source] == []

    asyncio.run(run())


@pytest.mark.parametrize("batch", [1, 10, 100])
def test_the_rate_is_right_for_singles_and_for_batches(batch):
    async def run():
        clock = ManualClock()
        source = Hand("hand", clock=clock)
        await source.open()
        for _ in range(1000 // batch):
            await clock.advance(batch / 100)
            source.put(readings(batch))
        assert source.health().rate_hz["gyr"] == pytest.approx(100, rel=0.03)
        assert source.health().received == 1000

    asyncio.run(run())


def test_the_rate_is_right_also_when_samples_that_were_kept_back_came_first():
    async def run():
        clock = ManualClock()
        source = Hand("hand", clock=clock)
        await source.open()
        source.put(readings(400))
        for _ in range(10):
            await clock.advance(0.1)
            source.put(readings(10))
        assert source.health().rate_hz["gyr"] == pytest.approx(100, rel=0.03)

    asyncio.run(run())


def test_of_several_devices_the_one_that_is_gone_is_named_once_and_their_order_stays():
    async def run():
        clock = ManualClock()
        source = Hand("hand", clock=clock)
        await source.open()
        for device in ("ben", "ann", "ann", "ann", "ann", "ann"):
            source.put(readings(10, device=device))
            source.put(readings(10, device=device, channels=("acc_x",)))
            await clock.advance(1)
        assert source.health().message == "ann/gyr 10 Hz, ann/acc 10 Hz; ben sends nothing: does the device still send?"

    asyncio.run(run())


def test_the_health_line_names_the_cause_of_silence():
    async def run():
        clock = ManualClock()
        source = Hand("hand", clock=clock, capacity_samples=400)
        assert source.health().message == "not opened yet"
        assert source.health().state == "disconnected"
        await source.open()
        assert source.health().message == "no message yet: does the device send?"
        for _ in range(5):
            await clock.advance(1)
            source.put(readings(100))
            source.put(readings(50, ("acc_x",)))
        line = source.health().message
        assert line.startswith("gyr 100 Hz, acc 50 Hz; ")
        assert "% dropped: what reads them is too slow" in line
        for _ in range(4):
            await clock.advance(1)
            source.put(readings(100))
        assert "acc 0 Hz: is the permission off?" in source.health().message
        await clock.advance(12)
        assert source.health().message == "stopped 12 s ago: does the device still send?"
        assert source.health().last_seen_s == 12
        source.end()
        assert source.health().message == "stopped"

    asyncio.run(run())


def test_a_message_without_samples_is_a_sign_of_life_but_no_rate():
    async def run():
        source = Hand("hand", clock=ManualClock())
        await source.open()
        source.put(readings(0))
        assert source.health().last_seen_s == 0
        assert source.health().rate_hz == {}

    asyncio.run(run())


def test_sensors_of_several_devices_are_told_apart_and_only_so_many_are_followed():
    async def run():
        source = Hand("hand", clock=ManualClock())
        await source.open()
        for index in range(5000):
            source.put(readings(1, device=f"phone{index}"))
        rates = source.health().rate_hz
        assert len(rates) == 4096
        assert "phone4999/gyr" in rates
        assert len(source.health().message) < 300

    asyncio.run(run())


def test_what_cannot_be_mended_is_raised_and_stays_in_the_health_line():
    async def run():
        source = Hand("hand", clock=ManualClock())
        source.fails = (SourceError("port 80 is taken"),)
        with pytest.raises(SourceError):
            await source.open()
        assert source.state is SourceState.ERROR
        assert source.health().message == "port 80 is taken"
        source.fails = ()
        await source.open()
        await source.open()
        assert source.state is SourceState.CONNECTING

    asyncio.run(run())


def test_a_lost_connection_is_tried_again_with_growing_waits_and_said():
    async def run():
        clock = ManualClock()
        source, tries, backoff = Hand("hand", clock=clock), [], Backoff(first_s=1, cap_s=4, jitter=0)

        async def session():
            tries.append(clock.time_ns())
            if len(tries) % 2:
                raise ConnectionError("refused")

        await source.open()
        source.run(source.keep_connected(session, (OSError,), backoff))
        await clock.until_asleep()
        assert source.state is SourceState.RECONNECTING
        assert source.health().message == "refused; trying again in 1.0 s"
        await clock.advance(1)
        assert source.health().message == "the connection was closed; trying again in 2.0 s"
        await clock.advance(10)
        waits = np.diff(tries) / 1e9
        assert waits.tolist() == [1, 2, 4, 4]
        source.put(readings())
        assert source.state is SourceState.CONNECTED
        await source.close()
        assert clock.n_asleep == 0

    asyncio.run(run())


def test_work_that_fails_for_another_reason_leaves_an_error_that_says_it():
    async def run():
        source = Hand("hand", clock=ManualClock())

        async def broken():
            raise ZeroDivisionError("oh")

        await source.open()
        source.run(broken())
        assert [item async for item in source] == []
        assert source.state is SourceState.ERROR
        assert source.health().message == "ZeroDivisionError: oh"

    asyncio.run(run())
