"""What goes back over HTTP where no framework stands between: a status, headers, bytes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from motif.errors import InputError, MotifError, UnknownModelError
from motif.service._json import to_json
from motif.sources import Answer

__all__ = ["FAULT", "App", "Receive", "Scope", "Send", "TooLargeError", "answered", "refusal", "status_of"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

FAULT = ("fault", "a fault of the service's own; see its log")
"""Code and text of what should not have happened."""


class TooLargeError(InputError):
    """A body is larger than allowed, whatever its header said."""

    code = "size"


def status_of(error: MotifError) -> int:
    """Return the status that tells of an error."""
    statuses = {UnknownModelError: 404, TooLargeError: 413, InputError: 400}
    return next((status for kind, status in statuses.items() if isinstance(error, kind)), 409)


def answered(status: int, body: bytes, *headers: Header, media_type: bytes = b"application/json") -> Answer:
    """Return an answer of the service."""
    return Answer(status, body, ((b"content-type", media_type), *headers))


def refusal(status: int, code: str, text: str, *headers: Header) -> Answer:
    """Return an error as all of ours look."""
    return answered(status, to_json({"error": text, "code": code}), *headers)
