"""Work in small pieces between turns of the event loop."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

__all__ = ["Turns"]


class Turns:
    """Lets one through in each turn of the loop, in the order they came.

    Else all that came together would be worked on together: the first would wait for the last, whoever comes meanwhile
    for all, and the other side would have nothing to do. Each loop has turns of its own.
    """

    def __init__(self) -> None:
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    async def next(self) -> None:
        """Wait for one's turn: what others were answered is on its way, and what came in is read."""
        loop = asyncio.get_running_loop()
        lock = self._locks.get(loop)
        if lock is None:
            lock = self._locks[loop] = asyncio.Lock()
        async with lock:
            await asyncio.sleep(0)
