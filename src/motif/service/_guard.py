"""Who may come in: host, page of origin, key, size, rate and number, before a route is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from concurrent.futures import Future
from typing import Any

from motif.service._answers import App, Receive, Scope, Send, TooLargeError, refusal
from motif.service._figures import Figures
from motif.service._inference import Inference
from motif.service._settings import Role, ServiceSettings
from motif.sources import Answer, RateLimit, host_of

__all__ = ["Guard", "role_needed"]

_TOO_LARGE = "a request may have {} bytes; send fewer windows at once"
_OPEN = frozenset({"/healthz", "/readyz", "/v2/health/live", "/v2/health/ready"})


def role_needed(path: str) -> Role:
    """Return what a caller must be for a path."""
    if path in _OPEN:
        return Role.ANYONE
    return Role.ADMIN if path.startswith("/v2/repository/") else Role.INFER


class Guard:
    """An ASGI application in front of another: refuses, or passes on.

    HTTP is refused with a JSON object of `error` and a stable `code`; a WebSocket before it is accepted (403).
    """

    def __init__(self, app: Inference, settings: ServiceSettings, figures: Figures, now_ns: Callable[[], int]) -> None:
        self._app, self._settings, self._figures = app, settings, figures
        self._rates, self._now_ns = RateLimit(), now_ns
        self._n_requests = self._n_streams = 0
        self._judged: set[Future[Answer]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refused = self._refused(scope)
        if refused is not None:
            await _refuse(scope, send, *refused)
        elif scope["type"] == "http":
            await self._pass_http(scope, receive, send)
        else:
            self._n_streams += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._n_streams -= 1

    def answer_whole(self, scope: Scope, body: bytes) -> Answer | Future[Answer] | App:
        """Return the answer to a POST whose body has come, or who gives it in its time."""
        if not self._app.is_asked(scope["path"]):
            return self
        refused = self._refused(scope)
        if refused is not None:
            return _refusal(*refused)
        if len(body) > self._settings.body_bytes:  # it told no length
            return self._pass_http
        told = self._app.answer_whole(scope, body) or self._pass_http
        if isinstance(told, Future):
            self._judged.add(told)
            told.add_done_callback(self._judged.discard)
        return told

    async def _pass_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._n_requests += 1
        try:
            await self._app(scope, _bounded(receive, self._settings.body_bytes), send)
        finally:
            self._n_requests -= 1

    def _refused(self, scope: Scope) -> tuple[int, str, str] | None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refused = self._reason(scope, headers)
        if refused is not None:
            self._figures.refused.labels(refused[1]).inc()
        return refused

    def _reason(self, scope: Scope, headers: Mapping[str, str]) -> tuple[int, str, str] | None:
        if not self._settings.is_called(host_of(headers.get("host", ""))):
            return 421, "host", "this is not the host you look for; name it in the setting `hosts`"
        if (origin := headers.get("origin")) is not None and not self._is_welcome(origin, headers["host"]):
            return 403, "origin", "pages of other sites may not call here; name them in the setting `origins`"
        if (needed := role_needed(scope["path"])) is not Role.ANYONE:
            role = self._settings.role_of(_key(headers))
            if role < needed:
                if role is Role.ANYONE:
                    return 401, "key", "send Authorization: Bearer KEY"
                return 403, "role", "this key may not do that"
        return self._excessive(scope, headers) if needed is not Role.ANYONE else None

    def _excessive(self, scope: Scope, headers: Mapping[str, str]) -> tuple[int, str, str] | None:
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:15]) > self._settings.body_bytes:
            return 413, "size", _TOO_LARGE.format(self._settings.body_bytes)
        if headers.get("content-encoding", "identity").lower() != "identity":
            return 415, "encoding", "send bodies as they are, without compression"
        busy = self._n_streams >= self._settings.streams_at_once
        if scope["type"] == "http":
            busy = self._n_requests + len(self._judged) >= self._settings.requests_at_once
        if busy:
            return 503, "busy", "too much at once; try again in a moment"
        sender = str((scope.get("client") or ("?",))[0])
        if not self._rates.allows(sender, per_s=self._settings.requests_per_s, now_ns=self._now_ns()):
            return 429, "rate", "too many requests from this address; try again in a moment"
        return None

    def _is_welcome(self, origin: str, host: str) -> bool:
        return origin in self._settings.origins or origin in (f"http://{host}", f"https://{host}")


def _bounded(receive: Receive, most: int) -> Receive:
    size = 0

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise TooLargeError(_TOO_LARGE.format(most))
        return message

    return bounded


async def _refuse(scope: Scope, send: Send, status: int, code: str, text: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": text})
    else:
        await _refusal(status, code, text).send(send)


def _refusal(status: int, code: str, text: str) -> Answer:
    headers = [(b"connection", b"close")] if status == 413 else []
    headers += [(b"retry-after", b"1")] if status in (429, 503) else []
    headers += [(b"www-authenticate", b"Bearer")] if status == 401 else []
    return refusal(status, code, text, *headers)


def _key(headers: Mapping[str, str]) -> str | None:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None
