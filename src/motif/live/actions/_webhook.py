"""A gesture as a POST of JSON to a server of the person's choice."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import Field, PositiveFloat, field_validator

from motif.errors import ActionError
from motif.live._event import Event
from motif.live.actions._action import ActionModel, Filled, filled
from motif.optional import require
from motif.sources import Clock, why_unreachable

__all__ = ["WebhookAction", "WebhookMessage", "WebhookSettings"]

_TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)
_ANSWER_BYTES, _ANSWER_S = 65_536, 1.0
"""So much of an answer is read: its status is all that counts."""


class WebhookSettings(ActionModel):
    """Where it goes."""

    url: Annotated[str, Field(repr=False)]
    """With `http://` or `https://`. A redirect is not followed: motion goes where it was sent, and nowhere else."""
    headers: dict[str, str] = Field(default_factory=dict, repr=False)
    """Such as an `Authorization`."""
    timeout_s: PositiveFloat = 2.0
    """How long it may take to connect, and as long again for the answer."""
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """Tries after the first, where nobody could be reached or the answer says to come again."""
    backoff_s: PositiveFloat = 0.25
    """Wait before the second try; doubled before each further one."""

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")) or not urlsplit(url).netloc:
            raise ValueError("want a URL that begins with http:// or https://")
        return url


class WebhookMessage(ActionModel):
    """What is sent beside the event."""

    fields: Annotated[dict[str, Any], Filled] = Field(default_factory=dict)
    """Put into the JSON object as they are; a text such as `$confidence` becomes the event's."""


class WebhookAction:
    """Posts events as JSON objects."""

    Settings: ClassVar = WebhookSettings
    Message: ClassVar = WebhookMessage

    def __init__(self, settings: WebhookSettings, *, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._where = urlsplit(settings.url).netloc.rpartition("@")[2]  # what follows it may be a key, as Slack's is
        self._client: Any = None

    @classmethod
    def make(cls, settings: WebhookSettings, *, clock: Clock, gestures: tuple[str, ...] = ()) -> Self:
        """Return it, not opened."""
        return cls(settings, clock=clock)

    async def open(self) -> None:
        """Make the client; the server is not called before the first gesture."""
        httpx = require("httpx", extra="control")
        self._client = httpx.AsyncClient(
            headers=self._settings.headers,
            timeout=self._settings.timeout_s,
            follow_redirects=False,
            trust_env=False,
        )

    async def perform(self, event: Event, message: WebhookMessage) -> None:
        """Post, and try again where that may help."""
        body = event.to_dict() | filled(message.fields, event)
        wait_s = self._settings.backoff_s
        for tries_left in range(self._settings.retries, -1, -1):
            problem, is_worth_it = await self._post(body)
            if not problem:
                return
            if not is_worth_it or not tries_left:
                break
            await self._clock.sleep(wait_s)
            wait_s *= 2
        raise ActionError(f"webhook at {self._where} did not take {event.gesture!r}: {problem}")

    async def _post(self, body: dict[str, Any]) -> tuple[str, bool]:
        if self._client is None:
            return "it is not open", False
        httpx = require("httpx", extra="control")
        try:
            async with asyncio.timeout(2 * self._settings.timeout_s + _ANSWER_S):  # httpx counts from byte to byte
                async with self._client.stream("POST", self._settings.url, json=body) as answer:
                    await _read_a_little(answer)
        except httpx.InvalidURL as error:
            return f"the URL is none ({error})", False
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return f"it {why_unreachable(error)}; is the server running?", True
        except (httpx.TransportError, TimeoutError):  # it may have been taken: a gesture must not count twice
            return "it was sent, and no answer came; raise `timeout_s` where the server needs longer", False
        if answer.is_success:
            return "", False
        if answer.is_redirect:
            return f"it redirects to {answer.headers.get('location')}, which is not followed; set that URL", False
        return f"it answered {answer.status_code}", answer.status_code in _TRY_AGAIN

    def describe(self, message: WebhookMessage) -> str:
        """Return where the post would go."""
        return f"POST to {self._where}"

    async def release(self) -> None:
        """Nothing is held."""

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


async def _read_a_little(answer: Any) -> None:
    """Read an answer that is short, so that its connection serves again; one that goes on is left."""
    n_bytes = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(_ANSWER_S):
            async for part in answer.aiter_raw():
                n_bytes += len(part)
                if n_bytes > _ANSWER_BYTES:
                    return
