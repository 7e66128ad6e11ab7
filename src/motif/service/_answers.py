"""What goes back over HTTP where no framework stands between: a status, headers, bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from motif.errors import InputError, MotifError, UnknownModelError
from motif.service._json import to_json

__all__ = ["FAULT", "App", "Receive", "Scope", "Send", "TooLargeError", "send_answer", "send_error", "status_of"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

FAULT = ("fault", "a fault of the service's own; see its log")
"""Code and text of what should not have happened."""


class TooLargeError(InputError):
    """A body is larger than allowed, whatever its header said."""

    code = "size"


def status_of(error: MotifError) -> int:
    """Return the status that tells of an error."""
    statuses = {UnknownModelError: 404, TooLargeError: 413, InputError: 400}
    return next((status for kind, status in statuses.items() if isinstance(error, kind)), 409)


async def send_answer(
    send: Send, status: int, body: bytes, *, media_type: bytes = b"application/json", headers: Headers = ()
) -> None:
    """Send a whole answer."""
    about = [(b"content-type", media_type), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": about})
    await send({"type": "http.response.body", "body": body})


async def send_error(send: Send, status: int, code: str, text: str, headers: Headers = ()) -> None:
    """Send an error as all of ours look."""
    await send_answer(send, status, to_json({"error": text, "code": code}), headers=headers)
