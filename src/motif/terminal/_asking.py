"""Questions to a person, while sensors go on being heard."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

__all__ = ["Ask", "ask_in_thread"]

Ask = Callable[[str], Awaitable[str]]
"""Takes a prompt, gives the answer; raises EOFError where no more answers come."""


def ask_in_thread(read_line: Callable[[str], str] = input) -> Ask:
    """Return a way to ask with a function that blocks, such as `input`.

    The thread is a daemon: an interrupted program doesn't wait for a line that never comes.
    """

    async def ask(prompt: str) -> str:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()

        def give(text: str | None, error: BaseException | None) -> None:
            if answer.done():
                return
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(text or "")

        def read() -> None:
            text: str | None = None
            error: BaseException | None = None
            try:
                text = read_line(prompt)
            except (EOFError, OSError, ValueError) as failure:  # the terminal was closed
                error = failure if isinstance(failure, EOFError) else EOFError(str(failure))
            if not loop.is_closed():
                loop.call_soon_threadsafe(give, text, error)

        threading.Thread(target=read, name="motif-ask", daemon=True).start()
        return await answer

    return ask
