"""Tasks that are to end."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["end_tasks"]


async def end_tasks(*tasks: asyncio.Task[Any], again_s: float = 3.0) -> None:
    """Cancel tasks, and return when all have ended, however they did.

    Those that go on are asked again: in Python 3.11 `asyncio.wait_for` keeps a cancellation to itself that comes while
    what it waits for is done already (CPython's issue 86296), and MQTT clients wait by it.
    """
    going = {task for task in tasks if not task.done()}
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=again_s)
    await asyncio.gather(*tasks, return_exceptions=True)
