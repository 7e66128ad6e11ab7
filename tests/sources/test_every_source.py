"""The contract in `motif.sources.Source`, on every source that is installed."""

import asyncio
from importlib.metadata import entry_points

import numpy as np
import pytest
from tests.sources.made_sources import MAKERS

from motif.recordings import Readings
from motif.sources import ManualClock, Source, SourceHealth, SourceState

FOUND = {point.name: point for point in entry_points(group="motif.sources")}


def test_there_is_a_maker_for_every_source():
    assert set(FOUND) == set(MAKERS), "register a maker in tests/sources/made_sources.py"


@pytest.fixture(params=FOUND)
def made(request):
    def made(clock=None):
        return MAKERS[request.param](FOUND[request.param].load(), clock or ManualClock())

    return made


def says_one_line(health):
    assert isinstance(health, SourceHealth)
    assert health.message
    assert "\n" not in health.message
    assert health.dropped >= 0
    return True


def test_it_keeps_the_protocol_and_does_nothing_before_it_is_opened(made):
    async def run():
        async with made() as (source, _):
            assert isinstance(source, Source)
            assert source.name
            assert type(source).__doc__
            health = source.health()
            assert says_one_line(health)
            assert source.state is health.state is SourceState.DISCONNECTED
            assert (health.received, health.last_seen_s, dict(health.rate_hz)) == (0, None, {})

    asyncio.run(run())


def test_what_is_sent_arrives_as_readings_and_in_the_health_line(made):
    async def run():
        async with made() as (source, send), source:
            assert source.state in (SourceState.CONNECTING, SourceState.CONNECTED)
            assert says_one_line(source.health())
            arriving = aiter(source)
            sending = asyncio.create_task(send())
            readings = await anext(arriving)
            await sending
            assert isinstance(readings, Readings)
            assert readings.device
            assert readings.n_samples > 0
            assert readings.time_ns.dtype == np.int64
            assert source.state is SourceState.CONNECTED
            health = source.health()
            assert says_one_line(health)
            assert health.received >= readings.n_samples
            assert health.last_seen_s is not None
            assert health.rate_hz

    asyncio.run(run())


def test_closing_ends_who_iterates_and_leaves_nothing_running(made):
    async def run():
        async with made() as (source, _):
            before = asyncio.all_tasks()
            await source.open()

            async def read():
                return [readings async for readings in source]

            reading = asyncio.create_task(read())
            await asyncio.sleep(0)
            await source.close()
            await reading
            await source.close()
            assert source.state is SourceState.STOPPED
            assert says_one_line(source.health())
            left = {task for task in asyncio.all_tasks() - before if not task.done()}
            assert not left, left

    asyncio.run(run())


def test_it_can_be_opened_again_and_opening_twice_changes_nothing(made):
    async def run():
        async with made() as (source, send):
            await source.open()
            await source.close()
            async with source:
                await source.open()
                arriving = aiter(source)
                sending = asyncio.create_task(send())
                assert (await anext(arriving)).n_samples
                await sending

    asyncio.run(run())


def test_closing_what_was_never_opened_is_no_fault(made):
    async def run():
        async with made() as (source, _):
            await source.close()
            assert source.state is SourceState.STOPPED

    asyncio.run(run())
