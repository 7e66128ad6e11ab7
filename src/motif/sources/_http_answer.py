"""What is sent back to a sender, through ASGI or as the bytes themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from http.client import responses
from typing import Any

__all__ = ["Answer", "Header", "Send", "text_answer"]

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
    """What is sent back; the length of the body is told with it."""

    status: int
    body: bytes
    headers: tuple[Header, ...] = ()
    """Names in lower case."""

    @property
    def is_last(self) -> bool:
        """Whether the connection is closed behind it."""
        return (b"connection", b"close") in self.headers

    async def send(self, send: Send, *, with_body: bool = True) -> None:
        """Send it through ASGI; a HEAD request is answered without the body."""
        await send({"type": "http.response.start", "status": self.status, "headers": self._head()})
        await send({"type": "http.response.body", "body": self.body if with_body else b""})

    def encoded(self, more: Iterable[Header] = ()) -> bytes:
        """Return it as it goes over the wire, with `more` headers."""
        lines = b"".join([b"%b: %b\r\n" % header for header in (*more, *self._head())])
        reason = responses.get(self.status, "").encode()
        return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (self.status, reason, lines, self.body)

    def _head(self) -> list[Header]:
        return [(b"content-length", b"%d" % len(self.body)), *self.headers]


def text_answer(
    status: int, text: str, headers: Mapping[str, str] | None = None, *, kind: str = "text/plain"
) -> Answer:
    """Return an answer for a person, with what keeps a browser from more than showing it."""
    own = tuple((name.encode(), value.encode("latin-1", "replace")) for name, value in (headers or {}).items())
    return Answer(status, text.encode(), ((b"content-type", f"{kind}; charset=utf-8".encode()), *_ALWAYS, *own))
