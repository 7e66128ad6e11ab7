"""Frames of one connection that wait for their turn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

__all__ = ["Frame", "Inbox"]


@dataclass(frozen=True, slots=True)
class Frame:
    """What came, and when by our clock."""

    text: str | bytes
    came_s: float


class Inbox:
    """Takes frames as they come, in their order, each with its time; beyond a bound it lets the sender wait.

    Parameters
    ----------
    most_bytes : int
        Of the frames that wait; a larger one is taken alone.
    now_s : callable
        Seconds that never run backward.
    """

    def __init__(self, most_bytes: int, now_s: Callable[[], float]) -> None:
        self._most_bytes, self._now_s = most_bytes, now_s
        self._frames: deque[Frame] = deque()
        self._n_bytes = 0
        self._is_over = False
        self._came, self._left = asyncio.Event(), asyncio.Event()

    async def fill(self, receive: Callable[[], Awaitable[str | bytes]]) -> None:
        """Take what `receive` gives until it raises."""
        try:
            while True:
                frame = Frame(await receive(), self._now_s())
                while self._frames and self._n_bytes + len(frame.text) > self._most_bytes:
                    self._left.clear()
                    await self._left.wait()
                self._frames.append(frame)
                self._n_bytes += len(frame.text)
                self._came.set()
        finally:
            self._is_over = True
            self._came.set()

    async def take(self) -> Frame | None:
        """Wait for the next frame; None where there will be no more."""
        while not self._frames:
            if self._is_over:
                return None
            self._came.clear()
            await self._came.wait()
        return self._pop()

    def rest(self) -> list[Frame]:
        """Take all that wait."""
        return [self._pop() for _ in range(len(self._frames))]

    def _pop(self) -> Frame:
        frame = self._frames.popleft()
        self._n_bytes -= len(frame.text)
        self._left.set()
        return frame
