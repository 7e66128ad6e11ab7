"""Work in small pieces between turns of the event loop."""

from __future__ import annotations

import asyncio

__all__ = ["Turns"]


class Turns:
    """Lets one through in each turn of the loop, in the order they came.

    Else all that came together would be worked on together: the first would wait for the last, whoever comes meanwhile
    for all, and the other side would have nothing to do.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def next(self) -> None:
        """Wait for one's turn: what others were answered is on its way, and what came in is read."""
        async with self._lock:
            await asyncio.sleep(0)
