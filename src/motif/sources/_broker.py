"""A connection to an MQTT broker of which nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

__all__ = ["connected"]

_LAST_WAIT_S = 2.0


@contextlib.asynccontextmanager
async def connected(client: Any) -> AsyncIterator[Any]:
    """Connect an `aiomqtt.Client`, and disconnect whatever happens.

    By itself it leaves its socket behind where it is cancelled on the way in, and where a broker does not answer.

    Raises
    ------
    aiomqtt.MqttError
        The broker is not there, does not answer, or refuses.
    """
    from aiomqtt import MqttError

    entering = asyncio.ensure_future(client.__aenter__())
    try:
        await asyncio.shield(entering)
    except asyncio.CancelledError:
        await asyncio.wait({entering}, timeout=_LAST_WAIT_S)
        await _hang_up(client)
        entering.cancel()  # not before: it would hear of the end of a connection that it has given up
        raise
    except MqttError:
        await _hang_up(client)
        raise
    try:
        yield client
    finally:
        with contextlib.suppress(MqttError):  # a broker that does not answer must not turn our leaving into a retry
            await client.__aexit__(None, None, None)


async def _hang_up(client: Any) -> None:
    paho = client._client
    paho.disconnect()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_WAIT_S):
            while paho.socket() is not None:
                await asyncio.sleep(0.01)
