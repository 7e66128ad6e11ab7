"""Requests whose body came together with their head are answered there and then.

A task, its wake-ups and the messages of ASGI cost as much for each of them as a second of a phone's motion does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from motif.sources._http_answer import Answer

__all__ = ["Prompt", "prompted"]

App = Callable[..., Awaitable[None]]
Prompt = Callable[[MutableMapping[str, Any], bytes], Answer | Future[Answer] | App]
"""Says for a scope and a body what is answered, what a thread works out, or who answers in its time.

It does not wait, and raises nothing; nor does what works in a thread.
"""


def prompted(base: Any, answer: Prompt) -> Any:
    """Return uvicorn's protocol for httptools, with `answer` for POST requests that came whole; others go as ever."""

    class Prompted(base):  # type: ignore[misc]
        """Holds back who begins a request until all that has come of it is read."""

        _held: list[tuple[Any, Any]] | None = None

        def data_received(self, data: bytes) -> None:
            self._held = []
            try:
                super().data_received(data)
            finally:
                held, self._held = self._held, None
            for cycle, app in held:
                if app is self.app and self._is_whole(cycle):
                    self._begin(cycle, answer(cycle.scope, bytes(cycle.body)))
                else:
                    super()._start_asgi_task(cycle, app)

        def _begin(self, cycle: Any, told: Answer | Future[Answer] | App) -> None:
            if isinstance(told, Answer):
                self._send(cycle, told)
            elif isinstance(told, Future):
                told.add_done_callback(lambda done: self._send_from_thread(cycle, done.result()))
            else:
                super()._start_asgi_task(cycle, told)

        def _start_asgi_task(self, cycle: Any, app: Any) -> None:
            if self._held is None:  # not while reading: its turn came when the one before was answered
                super()._start_asgi_task(cycle, app)
            else:
                self._held.append((cycle, app))

        def _is_whole(self, cycle: Any) -> bool:
            has_come = cycle.keep_alive and not (cycle.more_body or cycle.waiting_for_100_continue)
            can_go = not (self.flow.write_paused or self.transport.is_closing())
            return has_come and can_go and cycle.scope["method"] == "POST"

        def _send_from_thread(self, cycle: Any, told: Answer) -> None:
            with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                self.loop.call_soon_threadsafe(self._send, cycle, told)

        def _send(self, cycle: Any, told: Answer) -> None:
            if cycle.disconnected:
                return
            self.transport.write(told.encoded(self.server_state.default_headers))
            cycle.response_started = cycle.response_complete = True
            if told.is_last or not cycle.keep_alive:
                self.transport.close()
            cycle.on_response()

    return Prompted
