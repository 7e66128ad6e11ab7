"""A source that is heard, and what happens to it when a listener fails."""

import asyncio

import pytest

from motif.sources import SimulatorSource, SourceState
from motif.terminal._listening import Listening


def test_a_fault_of_who_listens_is_raised_and_the_source_closed_all_the_same():
    async def run():
        source, heard = SimulatorSource(speed=None), asyncio.Event()

        def fail(readings):
            heard.set()
            raise ZeroDivisionError

        listening = Listening(source)
        listening.begin(fail)
        with pytest.raises(ZeroDivisionError):
            async with listening.opened():
                await heard.wait()
        return source.state

    assert asyncio.run(run()) is SourceState.STOPPED
