"""The MQTT face of a service: frames of readings heard on one topic, events told on another."""

from __future__ import annotations

import asyncio
from typing import Any

from motif.errors import MotifError
from motif.optional import require
from motif.service._figures import Figures
from motif.service._json import to_json
from motif.service._settings import ServiceSettings
from motif.service._shelf import Shelf
from motif.service._streams import Streams, read_frame
from motif.sources import Backoff
from motif.telemetry import logger

__all__ = ["MqttFace"]

_LOG = logger(__name__)
_QUEUED = 4096


class MqttFace:
    """Listens below `TOPIC/readings/DEVICE`, tells below `TOPIC/events/DEVICE`; connects again when the broker is back.

    A frame is what a WebSocket stream takes. QoS is 0 both ways: a lost message is a gap, as it is for a phone's own.
    `TOPIC/status` says `online`, or `offline` by the last will.
    """

    def __init__(self, settings: ServiceSettings, shelf: Shelf, streams: Streams, figures: Figures) -> None:
        self._host, self._port = settings.broker
        self._topic, self._frame_bytes = settings.mqtt_topic, settings.frame_bytes
        self._shelf, self._streams, self._figures = shelf, streams, figures
        self._backoff = Backoff()
        self.connected = asyncio.Event()
        """Set while readings are heard."""

    async def run(self) -> None:
        """Serve until cancelled."""
        aiomqtt = require("aiomqtt", extra="service")
        while True:
            try:
                await self._serve(aiomqtt)
            except (aiomqtt.MqttError, OSError, TimeoutError) as error:
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
        async with client:
            await client.subscribe(f"{self._topic}/readings/+", qos=0)
            await client.publish(status, "online", qos=0, retain=True)
            self._backoff.reset()
            self.connected.set()
            _LOG.info("broker found", host=self._host, port=self._port)
            async for message in client.messages:
                device = message.topic.value.rpartition("/")[2]
                for event in self._told(device, message.payload):
                    await client.publish(f"{self._topic}/events/{device}", to_json(event), qos=0)

    def _told(self, device: str, payload: object) -> list[dict[str, Any]]:
        if not isinstance(payload, bytes | bytearray) or len(payload) > self._frame_bytes:
            self._figures.refused.labels("size").inc()
            return []
        try:
            readings, _ = read_frame(bytes(payload), device)
            stream, _ = self._streams.attach(f"mqtt/{device}", self._shelf.only, self, 0)
            events = stream.step(readings)
            self._streams.detach(stream, self)
        except MotifError as error:
            self._figures.refused.labels(error.code).inc()
            _LOG.warning("frame refused", device=device, error=str(error))
            return []
        self._figures.samples.inc(readings.n_samples if readings is not None else 0)
        self._figures.events.inc(len(events))
        return events
