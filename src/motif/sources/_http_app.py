"""The ASGI application behind a pairing link: it takes messages and answers so that a person can act on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from typing import Any, Protocol

from motif.errors import FormatError
from motif.sources._clock import Clock
from motif.sources._http_answer import Answer, Send, text_answer
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
from motif.sources._pairing import Admission, Pairing, Pairings
from motif.telemetry import Registry, logger

__all__ = ["IngestApp", "Intake"]

Scope = Mapping[str, Any]
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


def _retry(seconds: int) -> dict[str, str]:
    return {"retry-after": str(seconds), "connection": "close"}


_TAKEN = text_answer(200, "taken")
_TOO_MUCH = text_answer(429, "too much arrives at once: wait a little", _retry(1))


class Intake(Protocol):
    """What the application gives messages to."""

    def admit_and_take(self, pairing: Pairing, body: bytes) -> Admission:
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
            except Exception:  # whatever it is, the phone gets an answer on which it does not send again
                answer = self._fault()
            if answer is not None:
                await answer.send(send, with_body=scope["method"] != "HEAD")

    def answer_whole(self, scope: Scope, body: bytes) -> Answer:
        """Return the answer to a POST whose body has come, as a call would give it."""
        with self._registry.time("answer"):
            try:
                pairing = self._admitted(scope)
                return self._refuse(pairing) if isinstance(pairing, Answer) else self._whole(pairing, body)
            except Exception:  # likewise
                return self._fault()

    async def _answer(self, scope: Scope, receive: Receive) -> Answer | None:
        pairing = self._admitted(scope)
        if isinstance(pairing, Answer):
            await discard_body(receive)
            return self._refuse(pairing)
        if scope["method"] == "POST":
            body = await self._read(receive)
            return self._take(pairing, body) if isinstance(body, bytes) else body
        host = dict(scope["headers"])[b"host"].decode("latin-1")
        return text_answer(200, page(f"http://{host}{scope['path']}", self._intake.line()), kind="text/html")

    def _admitted(self, scope: Scope) -> Pairing | Answer:
        """Return whose link a request came by, or why it is not even read."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        now_ns = self._clock.time_ns()
        sender = str((scope.get("client") or ("?",))[0])
        pairing = self._foreign(headers) or self._welcome(_secret(scope["path"]), sender, now_ns)
        if isinstance(pairing, Answer) or scope["method"] in ("GET", "HEAD"):
            return pairing
        if scope["method"] != "POST":
            return text_answer(405, "POST messages here", {"allow": "GET, HEAD, POST"})
        return self._excessive(headers, pairing, now_ns) or pairing

    async def _read(self, receive: Receive) -> bytes | Answer | None:
        """Return a body, or why it is not taken; None where its sender went away."""
        self._n_open += 1
        try:
            async with asyncio.timeout(self._limits.body_timeout_s):
                body = await read_body(receive, self._limits, self._account)
        except TooLargeError:
            return self._refuse(self._too_large())
        except TooMuchAtOnceError:
            return self._refuse(_TOO_MUCH)
        except TimeoutError:
            return self._refuse(text_answer(408, "the message came too slowly", {"connection": "close"}))
        finally:
            self._n_open -= 1
        if body is None:
            self._registry.count("http.gone")
        return body

    def _whole(self, pairing: Pairing, body: bytes) -> Answer:
        if len(body) > self._limits.body_bytes:
            return self._refuse(self._too_large())
        if self._account.bytes + len(body) > self._account.limit:
            return self._refuse(_TOO_MUCH)
        return self._take(pairing, body)

    def _take(self, pairing: Pairing, body: bytes) -> Answer:
        try:
            admission = self._intake.admit_and_take(pairing, body)
        except FormatError as error:
            return self._refuse(text_answer(_TELL, f"motif cannot use this: {error}"))
        if admission is not Admission.WELCOME:
            return self._refuse(text_answer(*_TEXTS[admission]))
        self._registry.count("http.taken")
        return _TAKEN

    def _foreign(self, headers: Mapping[bytes, bytes]) -> Answer | None:
        """Refuse names that are not ours (a page that rebinds its name to this address), and other sites' pages."""
        host = host_of(headers.get(b"host", b"").decode("latin-1"))
        if host not in self._hosts:
            return text_answer(421, f"this is not {host or 'what you look for'}: open the link as motif gave it")
        origin = headers.get(b"origin")
        if origin is not None and host_of(origin.decode("latin-1").partition("://")[2]) not in self._hosts:
            return text_answer(403, "pages of other sites may not send here")
        return None

    def _welcome(self, secret: str, sender: str, now_ns: int) -> Pairing | Answer:
        """Refuse links that are not good, and after many of them look no further."""
        rate = self._limits.guesses_per_s
        if self._guesses.is_exhausted(sender, per_s=rate, now_ns=now_ns):
            return text_answer(429, "too many links that are not known here: wait a little", _retry(5))
        admission, pairing = self._pairings.find(secret, now_ns)
        if admission is Admission.WELCOME and pairing is not None:
            return pairing
        self._guesses.allows(sender, per_s=rate, now_ns=now_ns)
        return text_answer(*_TEXTS[admission])

    def _excessive(self, headers: Mapping[bytes, bytes], pairing: Pairing, now_ns: int) -> Answer | None:
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length[:15]) > self._limits.body_bytes:
            return self._too_large()
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            return text_answer(415, "send messages as they are, without compression", {"connection": "close"})
        if self._n_open >= self._limits.requests_at_once:
            return text_answer(429, "too many messages at once: wait a little", _retry(1))
        per_s = self._limits.messages_per_s * pairing.n_devices
        if not self._messages.allows(pairing.id, per_s=per_s, now_ns=now_ns):
            return text_answer(429, "too many messages: raise the batch period in the app", _retry(1))
        return None

    def _too_large(self) -> Answer:
        megabytes = self._limits.body_bytes / 2**20
        text = f"a message may have {megabytes:.0f} MB: lower the batch period in the app"
        return text_answer(413, text, {"connection": "close"})

    def _refuse(self, answer: Answer) -> Answer:
        self._registry.count("http.refused")
        self._registry.count(f"http.{answer.status}")
        return answer

    def _fault(self) -> Answer:
        """A fault of ours must not look like a reason to send again and again."""
        _LOG.exception("message not taken", source="http")
        self._registry.count("http.faults")
        return text_answer(_TELL, "motif could not take this message, by a fault of its own: see its log")


def _secret(path: str) -> str:
    start, _, secret = path.rpartition("/")
    return secret if start == "/ingest" else ""
