"""Gestures to an MQTT broker, and to Home Assistant behind it."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, field_validator

from motif.errors import ActionError
from motif.live._event import Event
from motif.live.actions._action import ActionModel, Filled, filled
from motif.live.actions._mqtt_discovery import discovery
from motif.optional import require
from motif.sources import Backoff, Clock, connected, end_tasks, why_unreachable
from motif.telemetry import logger

__all__ = ["MqttAction", "MqttMessage", "MqttSettings"]

_LOG = logger(__name__)
_Plain = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]+$")]


class MqttSettings(ActionModel):
    """Which broker, and what we are called there."""

    host: str = "127.0.0.1"
    """The broker."""
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    """Its port; with TLS usually 8883."""
    username: str | None = None
    """Where the broker asks for one."""
    password: str | None = Field(default=None, repr=False)
    """The user's."""
    tls: bool = False
    """Encrypt, and check the broker's certificate."""
    node: _Plain = "motif"
    """Our name in topics: letters, digits, `_` and `-`."""
    name: str = "Motif"
    """Our name for people."""
    base: _Plain = "motif"
    """The first part of our topics."""
    home_assistant: bool = True
    """Announce ourselves to Home Assistant."""
    discovery_prefix: _Plain = "homeassistant"
    """What Home Assistant is configured to listen to."""
    qos: Annotated[int, Field(ge=0, le=1)] = 0
    """1 asks the broker to say that it has the message."""


class MqttMessage(ActionModel):
    """What is published. With nothing set: the gesture, for Home Assistant and whoever listens."""

    topic: str | None = None
    """Another topic than ours."""
    payload: Annotated[Any, Filled] = None
    """A text, or anything else as JSON; texts such as `$confidence` become the event's; the whole event if left out."""
    retain: bool = False
    """Whether the broker keeps it for who comes later."""

    @field_validator("topic")
    @classmethod
    def _is_a_topic(cls, topic: str | None) -> str | None:
        if topic is not None and (not topic or any(sign in topic for sign in "+#\0")):
            raise ValueError(f"{topic!r} cannot be published to; want a topic without + and #")
        return topic


class MqttAction:
    """Publishes gestures. The connection comes back by itself; gestures made meanwhile are not sent later."""

    Settings: ClassVar = MqttSettings
    Message: ClassVar = MqttMessage

    def __init__(self, settings: MqttSettings, *, clock: Clock, gestures: tuple[str, ...] = ()) -> None:
        self._settings, self._clock, self._gestures = settings, clock, gestures
        self._client: Any = None
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._base = f"{settings.base}/{settings.node}"

    @classmethod
    def make(cls, settings: MqttSettings, *, clock: Clock, gestures: tuple[str, ...] = ()) -> Self:
        """Return it, not opened."""
        return cls(settings, clock=clock, gestures=gestures)

    async def open(self) -> None:
        """Connect, and announce ourselves. A broker that is not there is an error now; later it is waited for."""
        if self._task is not None:
            return
        self._ready.clear()
        self._task = asyncio.create_task(self._stay_connected(), name="motif-mqtt-action")
        ready = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end_tasks(ready)
        if self._task.done():
            task, self._task = self._task, None
            task.result()

    async def _stay_connected(self) -> None:
        errors = require("aiomqtt", extra="control").MqttError
        backoff = Backoff()
        while True:
            try:
                async with connected(self._connection()) as client:
                    backoff.reset()
                    await self._serve(client)
            except (errors, ValueError) as error:  # of a host that cannot be one
                if not self._ready.is_set():
                    where = f"{self._settings.host}:{self._settings.port}"
                    raise ActionError(
                        f"MQTT broker {where} cannot be reached, it {why_unreachable(error)}; "
                        "is it running, are user and port right?"
                    ) from error
                _LOG.warning("broker lost", host=self._settings.host, error=str(error))
            finally:
                self._client = None
            await self._clock.sleep(backoff.next_s())

    def _connection(self) -> Any:
        aiomqtt = require("aiomqtt", extra="control")
        wish = self._settings
        return aiomqtt.Client(
            wish.host,
            wish.port,
            username=wish.username,
            password=wish.password,
            tls_params=aiomqtt.TLSParameters() if wish.tls else None,
            will=aiomqtt.Will(f"{self._base}/availability", "offline", qos=1, retain=True),
            timeout=5,
        )

    async def _serve(self, client: Any) -> None:
        if self._settings.home_assistant:
            await client.subscribe(f"{self._settings.discovery_prefix}/status")
        await self._announce(client)
        self._client = client
        self._ready.set()
        async for message in client.messages:  # ends with an error when the connection is lost
            if message.payload == b"online":  # Home Assistant was started again
                await self._announce(client)

    async def _announce(self, client: Any) -> None:
        wish = self._settings
        if wish.home_assistant:
            topic = f"{wish.discovery_prefix}/device/{wish.node}/config"
            found = json.dumps(discovery(wish.node, wish.name, self._gestures, wish.base))
            await client.publish(topic, found, qos=wish.qos, retain=True)
        await client.publish(f"{self._base}/availability", "online", qos=wish.qos, retain=True)

    async def perform(self, event: Event, message: MqttMessage) -> None:
        """Publish."""
        if self._client is None:
            raise ActionError(f"{event.gesture!r} was not published: the broker is gone; we go on trying to reach it")
        errors = require("aiomqtt", extra="control").MqttError
        try:
            for topic, payload in self._messages(event, message):
                await self._client.publish(topic, payload, qos=self._settings.qos, retain=message.retain)
        except errors as error:
            raise ActionError(f"{event.gesture!r} was not published ({error}); is the broker running?") from error

    def _messages(self, event: Event, message: MqttMessage) -> list[tuple[str, str]]:
        if message.topic is None and message.payload is None:
            body = {"event_type": event.gesture} | event.to_dict()
            return [(f"{self._base}/event", json.dumps(body)), (f"{self._base}/gesture", event.gesture)]
        payload = event.to_dict() if message.payload is None else filled(message.payload, event)
        text = payload if isinstance(payload, str) else json.dumps(payload)
        return [(message.topic or f"{self._base}/event", text)]

    def describe(self, message: MqttMessage) -> str:
        """Return broker and topic."""
        return f"MQTT to {self._settings.host}:{self._settings.port} {message.topic or f'{self._base}/event'}"

    async def release(self) -> None:
        """Nothing is held."""

    async def close(self) -> None:
        """Say that we go, and disconnect."""
        task, self._task = self._task, None
        if self._client is not None:
            with suppress(require("aiomqtt", extra="control").MqttError):
                await self._client.publish(f"{self._base}/availability", "offline", qos=1, retain=True)
        if task is not None:
            await end_tasks(task)
