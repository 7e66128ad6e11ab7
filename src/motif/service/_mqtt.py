"""The MQTT face of a service: frames of readings heard on one topic, events told on another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from motif.errors import MotifError
from motif.optional import require
from motif.recordings import Readings
from motif.service._answers import TooLargeError
from motif.service._frames import read_frame
from motif.service._json import to_json
from motif.sources import Backoff, connected
from motif.telemetry import logger

if TYPE_CHECKING:
    from motif.service._app import Service

__all__ = ["MqttFace"]

_LOG = logger(__name__)
_QUEUED = 4096
_SHOWN = 200
"""So much of what a stranger sent is logged."""
_LATE_MESSAGES = 64
"""More than so many that wait are late: they are taken together, and of each device the newest window is judged."""


class MqttFace:
    """Listens below `TOPIC/readings/DEVICE`, tells below `TOPIC/events/DEVICE`; connects again when the broker is back.

    A frame is what a WebSocket stream takes. QoS is 0 both ways: a lost message is a gap, as it is for a phone's own.
    `TOPIC/status` says `online`, or `offline` by the last will.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._host, self._port = service.settings.broker
        self._topic = service.settings.mqtt_topic
        self._backoff = Backoff()
        self.connected = asyncio.Event()
        """Set while readings are heard."""

    async def run(self) -> None:
        """Serve until cancelled."""
        aiomqtt = require("aiomqtt", extra="service")
        while True:
            try:
                await self._serve(aiomqtt)
            except (aiomqtt.MqttError, OSError, ValueError) as error:  # ValueError: of a host that cannot be one
                self.connected.clear()
                wait_s = self._backoff.next_s()
                _LOG.warning("broker lost", host=self._host, error=str(error), again_in_s=round(wait_s, 1))
                await asyncio.sleep(wait_s)

    async def _serve(self, aiomqtt: Any) -> None:
        status = f"{self._topic}/status"
        will = aiomqtt.Will(status, "offline", qos=0, retain=True)
        client = aiomqtt.Client(
            self._host, self._port, will=will, keepalive=15, timeout=5, max_queued_incoming_messages=_QUEUED
        )
        async with connected(client):
            await client.subscribe(f"{self._topic}/readings/+", qos=0)
            await client.publish(status, "online", qos=0, retain=True)
            self._backoff.reset()
            self.connected.set()
            _LOG.info("broker found", host=self._host, port=self._port)
            async for message in client.messages:
                n_waiting = len(client.messages)
                is_late = n_waiting > _LATE_MESSAGES
                together = [message]
                if is_late:
                    together += [await anext(client.messages) for _ in range(_LATE_MESSAGES)]
                for device, payloads in _by_device(together).items():
                    await self._service.turns.next()
                    for event in self._told(device, payloads, is_late):
                        await client.publish(f"{self._topic}/events/{device}", to_json(event), qos=0)

    def _told(self, device: str, payloads: list[object], is_late: bool) -> list[dict[str, Any]]:
        """Return the events of what a device sent."""
        service, name = self._service, f"mqtt/{device}"
        frames: list[Readings | None] = []
        for payload in payloads:
            try:
                frames.append(self._read(device, payload))
            except MotifError as error:
                self._refuse(device, error)
        if not frames:
            return []
        try:
            stream = service.streams.begin(name, service.model(None), self)
        except MotifError as error:
            self._refuse(device, error)
            return []
        try:
            events, n_skipped = stream.take(frames, is_late=is_late)
        except MotifError as error:
            self._refuse(device, error)
            return []
        finally:
            service.streams.detach(stream, self)
        service.skipped.add(n_skipped, name)
        service.figures.samples.inc(sum(frame.n_samples for frame in frames if frame is not None))
        service.figures.events.inc(len(events))
        return events

    def _read(self, device: str, payload: object) -> Readings | None:
        most = self._service.settings.frame_bytes
        if not isinstance(payload, bytes | bytearray) or len(payload) > most:
            raise TooLargeError(f"a message may have {most} bytes; send fewer samples at once")
        return read_frame(bytes(payload), device)[0]

    def _refuse(self, device: str, error: MotifError) -> None:
        self._service.figures.refused.labels(error.code).inc()
        _LOG.warning("frame refused", device=device[:_SHOWN], error=str(error)[:_SHOWN])


def _by_device(messages: Iterable[Any]) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for message in messages:
        found.setdefault(message.topic.value.rpartition("/")[2], []).append(message.payload)
    return found
