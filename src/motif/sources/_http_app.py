"""The ASGI application behind a pairing link: it takes messages and answers so that a person can act on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from motif.errors import FormatError
from motif.sources._clock import Clock
from motif.sources._http_host import host_of
from motif.sources._http_limits import (
    BodyAccount,
    HTTPLimits,
    RateLimit,
    TooLargeError,
    TooMuchAtOnceError,
    discard_body,
    read_body,
)
from motif.sources._http_page import page
from motif.sources._pairing import Admission, Pairings
from motif.telemetry import Registry, logger

__all__ = ["Answer", "IngestApp", "Intake"]

Scope = Mapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_LOG = logger(__name__)
_TELL = 499
"""The status whose text the app shows to the person, once a recording."""
_TEXTS = {
    Admission.UNKNOWN: (404, "this link is not known here: get a new one from motif, and paste it as Push URL"),
    Admission.REVOKED: (403, "this link was revoked: get a new one from motif, and paste it as Push URL"),
    Admission.EXPIRED: (403, "this link has expired unused: get a new one from motif, and paste it as Push URL"),
    Admission.TAKEN: (_TELL, "this link belongs to another phone: get one for this phone from motif"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "text/plain"


class Intake(Protocol):
    """What the application gives messages to."""

    def admit_and_take(self, secret: str, body: bytes) -> Admission:
        """Take a message if its device is welcome; FormatError where it is none."""
        ...

    def line(self) -> str:
        """Say in one line how it is."""
        ...


class IngestApp:
    """POST takes a message, GET tells a person what to do; nothing else is here."""

    def __init__(
        self,
        intake: Intake,
        pairings: Pairings,
        *,
        limits: HTTPLimits,
        clock: Clock,
        registry: Registry,
        hosts: Collection[str],
    ) -> None:
        self._intake, self._pairings, self._limits = intake, pairings, limits
        self._clock, self._registry = clock, registry
        self._hosts = frozenset(host.lower() for host in hosts)
        self._account = BodyAccount(limits.bytes_at_once)
        self._n_open = 0
        self._messages, self._guesses = RateLimit(), RateLimit()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        with self._registry.time("answer"):
            try:
                answer = await self._answer(scope, receive)
            except Exception:  # a fault of ours must not look like a reason to send again and again
                _LOG.exception("message not taken", source="http")
                self._registry.count("http.faults")
                answer = Answer(_TELL, "motif could not take this message, by a fault of its own: see its log")
            if answer is not None:
                await _send(answer, scope["method"], send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer | None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        sender = str((scope.get("client") or ("?",))[0])
        now_ns = self._clock.time_ns()
        refused = self._refused(scope, headers, sender, now_ns)
        if refused is not None:
            await discard_body(receive)
            return self._refuse(refused)
        if scope["method"] == "POST":
            return await self._take(_secret(scope["path"]), receive)
        return Answer(200, page(f"http://{headers['host']}{scope['path']}", self._intake.line()), kind="text/html")

    def _refused(self, scope: Scope, headers: Mapping[str, str], sender: str, now_ns: int) -> Answer | None:
        """Return why a request is not even read, if so."""
        refused = self._foreign(headers) or self._unwelcome(_secret(scope["path"]), sender, now_ns)
        if refused is not None or scope["method"] in ("GET", "HEAD"):
            return refused
        if scope["method"] != "POST":
            return Answer(405, "POST messages here", {"allow": "GET, HEAD, POST"})
        return self._excessive(headers, _secret(scope["path"]), now_ns)

    async def _take(self, secret: str, receive: Receive) -> Answer | None:
        self._n_open += 1
        try:
            async with asyncio.timeout(self._limits.body_timeout_s):
                body = await read_body(receive, self._limits, self._account)
        except TooLargeError:
            return self._refuse(self._too_large())
        except TooMuchAtOnceError:
            return self._refuse(Answer(429, "too much arrives at once: wait a little", _retry(1)))
        except TimeoutError:
            return self._refuse(Answer(408, "the message came too slowly", {"connection": "close"}))
        finally:
            self._n_open -= 1
        if body is None:
            self._registry.count("http.gone")
            return None
        try:
            admission = self._intake.admit_and_take(secret, body)
        except FormatError as error:
            return self._refuse(Answer(_TELL, f"motif cannot use this: {error}"))
        if admission is not Admission.WELCOME:
            return self._refuse(Answer(*_TEXTS[admission]))
        self._registry.count("http.taken")
        return Answer(200, "taken")

    def _foreign(self, headers: Mapping[str, str]) -> Answer | None:
        """Refuse names that are not ours (a page that rebinds its name to this address), and other sites' pages."""
        host = host_of(headers.get("host", ""))
        if host not in self._hosts:
            return Answer(421, f"this is not {host or 'what you look for'}: open the link as motif gave it")
        origin = headers.get("origin")
        if origin is not None and host_of(origin.partition("://")[2]) not in self._hosts:
            return Answer(403, "pages of other sites may not send here")
        return None

    def _unwelcome(self, secret: str, sender: str, now_ns: int) -> Answer | None:
        """Refuse links that are not good, and after many of them look no further."""
        rate = self._limits.guesses_per_s
        if self._guesses.is_exhausted(sender, per_s=rate, now_ns=now_ns):
            return Answer(429, "too many links that are not known here: wait a little", _retry(5))
        admission, _ = self._pairings.find(secret, now_ns)
        if admission is Admission.WELCOME:
            return None
        self._guesses.allows(sender, per_s=rate, now_ns=now_ns)
        return Answer(*_TEXTS[admission])

    def _excessive(self, headers: Mapping[str, str], secret: str, now_ns: int) -> Answer | None:
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:15]) > self._limits.body_bytes:
            return self._too_large()
        if headers.get("content-encoding", "identity").lower() != "identity":
            return Answer(415, "send messages as they are, without compression", {"connection": "close"})
        if self._n_open >= self._limits.requests_at_once:
            return Answer(429, "too many messages at once: wait a little", _retry(1))
        _, pairing = self._pairings.find(secret, now_ns)
        if pairing is not None and not self._messages.allows(
            pairing.id, per_s=self._limits.messages_per_s * pairing.n_devices, now_ns=now_ns
        ):
            return Answer(429, "too many messages: raise the batch period in the app", _retry(1))
        return None

    def _too_large(self) -> Answer:
        megabytes = self._limits.body_bytes / 2**20
        text = f"a message may have {megabytes:.0f} MB: lower the batch period in the app"
        return Answer(413, text, {"connection": "close"})

    def _refuse(self, answer: Answer) -> Answer:
        self._registry.count("http.refused")
        self._registry.count(f"http.{answer.status}")
        return answer


def _secret(path: str) -> str:
    start, _, secret = path.rpartition("/")
    return secret if start == "/ingest" else ""


def _retry(seconds: int) -> dict[str, str]:
    return {"retry-after": str(seconds), "connection": "close"}


async def _send(answer: Answer, method: str, send: Send) -> None:
    body = answer.text.encode()
    headers = {
        "content-type": f"{answer.kind}; charset=utf-8",
        "content-length": str(len(body)),
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
        **answer.headers,
    }
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
