"""OSC messages over UDP: visuals, sound engines, lights."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from motif.errors import ActionError
from motif.live._event import Event
from motif.live.actions._action import ActionModel, Filled, filled
from motif.optional import require
from motif.sources import Clock

__all__ = ["OscAction", "OscMessage", "OscSettings"]


class OscSettings(ActionModel):
    """Who listens."""

    host: str = "127.0.0.1"
    """Name or address."""
    port: Annotated[int, Field(ge=1, le=65535)]
    """UDP port."""


class OscMessage(ActionModel):
    """What is sent."""

    address: Annotated[str, Field(pattern=r"^/[^\s#*,?\[\]{}]*$")]
    """Such as `/deck/a/play`."""
    arguments: Annotated[tuple[StrictBool | StrictInt | StrictFloat | str, ...], Filled] = ()
    """Numbers, texts, true or false; a text such as `$confidence` becomes the event's."""

    def of(self, event: Event) -> Self:
        """Return it with the event's values in place of texts such as `$confidence`.

        Raises
        ------
        ActionError
            The event has no such field.
        """
        return self.model_copy(update={"arguments": tuple(filled(list(self.arguments), event))})


class OscAction:
    """Sends OSC messages. UDP says nothing back: whether anybody listens is not known."""

    Settings: ClassVar = OscSettings
    Message: ClassVar = OscMessage

    def __init__(self, settings: OscSettings) -> None:
        self._settings = settings
        self._client: Any = None

    @classmethod
    def make(cls, settings: OscSettings, *, clock: Clock, gestures: tuple[str, ...] = ()) -> Self:
        """Return it, not opened."""
        return cls(settings)

    async def open(self) -> None:
        """Look the host up."""
        client = require("pythonosc.udp_client", extra="control").SimpleUDPClient
        try:
            self._client = await asyncio.to_thread(client, self._settings.host, self._settings.port)
        except OSError as error:
            raise ActionError(
                f"OSC host {self._settings.host!r} is not known ({error.strerror}); check its name"
            ) from error

    async def perform(self, event: Event, message: OscMessage) -> None:
        """Send one packet."""
        if self._client is None:
            raise ActionError("OSC is not open; open it first")
        try:
            self._client.send_message(message.address, list(message.of(event).arguments))
        except (OSError, OverflowError) as error:
            where, why = f"{self._settings.host}:{self._settings.port}", getattr(error, "strerror", None) or error
            raise ActionError(
                f"OSC {message.address} was not sent to {where} ({why}); check host and arguments"
            ) from error

    def describe(self, message: OscMessage) -> str:
        """Return target, address and arguments."""
        arguments = " ".join(map(str, message.arguments))
        return f"OSC to {self._settings.host}:{self._settings.port} {message.address} {arguments}".rstrip()

    async def release(self) -> None:
        """Nothing is held."""

    async def close(self) -> None:
        """Close the socket."""
        client, self._client = self._client, None
        if client is not None:
            client.close()
