"""What is sent back to a sender, through ASGI or as the bytes themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from http.client import responses
from typing import Any

__all__ = ["Answer", "Header", "Send", "encoded", "send_answer"]

Header = tuple[bytes, bytes]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_ALWAYS = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "text/plain"

    @property
    def is_last(self) -> bool:
        """Whether the connection is closed behind it."""
        return self.headers.get("connection") == "close"


async def send_answer(answer: Answer, method: str, send: Send) -> None:
    """Send an answer through ASGI."""
    body = answer.text.encode()
    await send({"type": "http.response.start", "status": answer.status, "headers": _head(answer, body)})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


def encoded(answer: Answer, more: Iterable[Header] = ()) -> bytes:
    """Return an answer as it goes over the wire, with `more` headers."""
    body = answer.text.encode()
    lines = b"".join([b"%b: %b\r\n" % header for header in (*more, *_head(answer, body))])
    reason = responses.get(answer.status, "").encode()
    return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (answer.status, reason, lines, body)


def _head(answer: Answer, body: bytes) -> list[Header]:
    own = [(name.encode(), value.encode("latin-1", "replace")) for name, value in answer.headers.items()]
    kind = f"{answer.kind}; charset=utf-8".encode()
    return [(b"content-type", kind), (b"content-length", b"%d" % len(body)), *_ALWAYS, *own]
