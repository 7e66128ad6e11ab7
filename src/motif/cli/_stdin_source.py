"""Live motion out of a pipe: lines of JSON from another program."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO

from motif.cli._lines import readings_of_line
from motif.errors import InputError
from motif.recordings import Readings
from motif.sources import SourceHealth, SourceState

__all__ = ["StdinSource"]

_LINES_AHEAD = 64


class StdinSource:
    """Readings from lines of JSON; whoever writes them waits when we are slow, so nothing is dropped.

    Parameters
    ----------
    stream : text stream, optional
        By default standard input.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.name = "stdin"
        self._stream = stream or sys.stdin
        self._state = SourceState.DISCONNECTED
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._room = threading.Semaphore(_LINES_AHEAD)
        self._thread: threading.Thread | None = None
        self._received = self._bad = 0
        self._problem = ""

    @property
    def state(self) -> SourceState:
        """Where it stands."""
        return self._state

    async def open(self) -> None:
        """Start reading lines; a thread does it, as a pipe cannot be waited for on every system."""
        if self._thread is None:
            self._state = SourceState.CONNECTING
            loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._read, args=(loop,), name="motif-stdin", daemon=True)
            self._thread.start()

    async def close(self) -> None:
        """Stop handing lines on."""
        self._state = SourceState.STOPPED
        self._lines.put_nowait(None)
        self._room.release()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError, ValueError):  # loop or stream was closed: nobody wants more
            for line in self._stream:
                self._room.acquire()
                if self._state is SourceState.STOPPED:
                    return
                loop.call_soon_threadsafe(self._lines.put_nowait, line)
            loop.call_soon_threadsafe(self._lines.put_nowait, None)

    async def __aiter__(self) -> AsyncIterator[Readings]:
        while self._state is not SourceState.STOPPED and (line := await self._lines.get()) is not None:
            self._room.release()
            if not line.strip():
                continue
            try:
                readings = readings_of_line(line)
            except InputError as error:
                self._bad += 1
                self._problem = str(error)
                continue
            self._state = SourceState.CONNECTED
            self._received += readings.n_samples
            yield readings
        self._state = SourceState.STOPPED

    def health(self) -> SourceHealth:
        """Say how it is."""
        message = f"{self._received} samples so far" if self._received else "no line yet: does the other program write?"
        if self._bad:
            lines = "1 line was no reading" if self._bad == 1 else f"{self._bad} lines were no readings"
            message += f"; {lines}: {self._problem}"
        return SourceHealth(state=self._state, message=message, received=self._received)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
