"""An event loop in a thread, for programs that have none: a menu in a terminal, a notebook."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any

__all__ = ["in_background"]


@contextmanager
def in_background(work: AbstractAsyncContextManager[Any]) -> Iterator[asyncio.AbstractEventLoop]:
    """Keep `work` entered in a thread of its own while the block runs; what entering it raises is raised here.

    Yields the thread's event loop: `asyncio.run_coroutine_threadsafe(coroutine, loop).result()` waits for something in
    it.
    """
    ready = threading.Event()
    failure: list[BaseException] = []
    found: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def stay() -> None:
        async with work:
            over = asyncio.Event()
            found.append((asyncio.get_running_loop(), over))
            ready.set()
            await over.wait()

    def run() -> None:
        try:
            asyncio.run(stay())
        except BaseException as error:
            failure.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="motif background", daemon=True)
    thread.start()
    ready.wait()
    if not found:
        thread.join()
        raise failure[0]
    loop, over = found[0]
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
