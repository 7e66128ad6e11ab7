"""Connections to MQTT brokers, and what is left of those that never came about."""

import asyncio
import contextlib

import aiomqtt
import pytest

from motif.sources import connected


@contextlib.asynccontextmanager
async def silent_broker():
    """Takes connections and says nothing; yields its port, and a task for each caller that ends when it hangs up."""
    callers = []

    async def serve(reader, writer):
        callers.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError):
            while await reader.read(1000):
                pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], callers


def test_a_broker_that_does_not_answer_is_left_no_connection():
    async def run():
        async with asyncio.timeout(20), silent_broker() as (port, callers):
            for _ in range(3):
                with pytest.raises(aiomqtt.MqttError, match="timed out"):
                    async with connected(aiomqtt.Client("127.0.0.1", port, timeout=0.1)):
                        raise AssertionError
            assert len(callers) == 3
            await asyncio.gather(*callers)

    asyncio.run(run())


def test_who_gives_up_on_a_silent_broker_leaves_no_connection():
    async def run():
        async def connect(port):
            async with connected(aiomqtt.Client("127.0.0.1", port)):
                raise AssertionError

        async with asyncio.timeout(20), silent_broker() as (port, callers):
            connecting = asyncio.create_task(connect(port))
            while not callers:
                await asyncio.sleep(0.01)
            connecting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await connecting
            await asyncio.gather(*callers)

    asyncio.run(run())
