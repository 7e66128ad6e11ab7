"""One request to a Gemini model, and what its failures mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from motif.optional import require
from motif.sources._gemini_answer import ANSWER_SCHEMA

__all__ = ["GeminiClient", "Trouble", "trouble_of"]

DEFAULT_ADDRESS = "https://generativelanguage.googleapis.com"
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_LONGEST_WAIT_S = 600.0
_PLAIN = {
    400: "the request was refused",
    401: "the key was refused",
    403: "the key may not use this model",
    404: "there is no such model",
    408: "the answer took too long",
    429: "too many requests",
    500: "the service failed",
    503: "the service is overloaded",
    504: "the answer took too long",
}


class GeminiClient:
    """Sends JPEG images and a question, returns the text of the answer. Its key is in no text it gives out."""

    def __init__(self, key: str, *, model: str, base_url: str | None, timeout_s: float) -> None:
        genai = require("google.genai", extra="video")
        self._types = genai.types
        self._model = model
        # Its own choice is aiohttp wherever that is installed, which reads refusals and their headers otherwise.
        self._http = require("httpx", extra="video").AsyncClient(timeout=timeout_s)
        self._client = genai.Client(
            api_key=key,
            vertexai=False,
            http_options=genai.types.HttpOptions(
                base_url=base_url, timeout=round(1000 * timeout_s), httpx_async_client=self._http
            ),
        )

    def __repr__(self) -> str:
        return f"<GeminiClient of {self._model}>"

    async def ask(self, prompt: str, images: Sequence[bytes]) -> str:
        """Return the answer's text; empty where the model said nothing."""
        parts = [self._types.Part.from_bytes(data=image, mime_type="image/jpeg") for image in images]
        answer = await self._client.aio.models.generate_content(
            model=self._model,
            contents=[*parts, self._types.Part.from_text(text=prompt)],
            config=self._types.GenerateContentConfig(
                temperature=0.0, response_mime_type="application/json", response_json_schema=ANSWER_SCHEMA
            ),
        )
        return answer.text or ""

    async def close(self) -> None:
        """Free its connections."""
        with suppress(Exception):
            await self._client.aio.aclose()
        await self._http.aclose()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a request failed."""

    text: str
    """For a person; holds nothing that was sent."""
    again: bool
    """Whether the same request may succeed later."""
    refused: bool = False
    """Whether every other request will be refused too: the key, the model."""
    wait_s: float = 0.0
    """How long the service asked to wait."""


def trouble_of(error: Exception) -> Trouble:
    """Say what a failed request means: refused for good, or to be tried again and when."""
    code = getattr(error, "code", None)
    if isinstance(code, int):
        text = f"{code}: {_PLAIN.get(code, 'the service answered so')}"
        return Trouble(text, again=code in _AGAIN, refused=code not in _AGAIN, wait_s=_asked_wait_s(error))
    name = type(error).__name__
    if "Timeout" in name:
        return Trouble("the answer took too long", again=True)
    if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in ("httpx", "httpx2", "aiohttp"):
        return Trouble(f"no connection ({name})", again=True)
    return Trouble(f"the answer could not be understood ({name})", again=False)


def _asked_wait_s(error: Exception) -> float:
    """Return what Retry-After says, in seconds or as a date, or else the service's own RetryInfo."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    asked = str(headers.get("retry-after") or _retry_info(getattr(error, "details", None)))
    wait_s = 0.0
    with suppress(ValueError):
        wait_s = float(asked)
    with suppress(ValueError, TypeError):
        wait_s = (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()
    return wait_s if 0.0 <= wait_s <= _LONGEST_WAIT_S else _LONGEST_WAIT_S * (wait_s > 0)


def _retry_info(details: Any) -> str:
    with suppress(AttributeError, KeyError, TypeError):
        for detail in details["error"]["details"] if "error" in details else details["details"]:
            found = re.fullmatch(r"(\d+(?:\.\d+)?)s", str(detail.get("retryDelay", "")))
            if found:
                return found.group(1)
    return ""
