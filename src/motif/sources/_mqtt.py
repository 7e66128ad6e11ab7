"""Sensor Logger by MQTT: a broker between us and the phones, over TCP or WebSockets."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Literal

from motif.errors import ConfigError, FormatError, MissingFileError, SourceError
from motif.optional import require
from motif.sources._backoff import Backoff
from motif.sources._broker import connected
from motif.sources._buffered import SilenceHints
from motif.sources._clock import Clock
from motif.sources._device_signs import Platform
from motif.sources._sensor_logger import SensorLoggerSource
from motif.sources._source import SourceState
from motif.sources._unreachable import why_unreachable
from motif.telemetry import logger

__all__ = ["SensorLoggerMQTT"]

_LOG = logger(__name__)
_PORTS = {("tcp", False): 1883, ("tcp", True): 8883, ("websockets", False): 8000, ("websockets", True): 8884}
_QUEUED = 512


class SensorLoggerMQTT(SensorLoggerSource):
    """Subscribes to what the Sensor Logger app publishes; comes back by itself when the broker does.

    Nothing is asked again that was lost on the way (QoS 0): the numbers of the messages say how many were.

    Parameters
    ----------
    host : str
        Where the broker is.
    port : int, optional
        By default 1883 or, over WebSockets, 8000; with TLS 8883 or 8884.
    topic : str
        As in the app's settings; `+` and `#` are wildcards.
    transport : {"tcp", "websockets"}
        How we reach the broker; the phone may use the other way.
    path : str
        Of the broker's WebSocket.
    username, password : str, optional
    tls : bool
        Encrypt, and check the broker's certificate.
    ca_file : path, optional
        The certificate that signed the broker's, where the system does not know it.
    status_topic : str
        Where `online` is said while we listen; the broker says `offline` for us when we are gone (last will). An empty
        text says nothing.
    max_bytes : int
        Larger messages are left out, and counted.
    timeout_s : s
        How long the broker may take to answer.
    backoff : Backoff, optional
        How long to wait before each attempt to connect.
    platform, signs_file, reorder_s, clock, capacity_samples
        See `SensorLoggerSource`.

    Raises
    ------
    ConfigError
        A setting that cannot be.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int | None = None,
        *,
        topic: str = "sensor-logger",
        transport: Literal["tcp", "websockets"] = "tcp",
        path: str = "/mqtt",
        username: str | None = None,
        password: str | None = None,
        tls: bool = False,
        ca_file: str | Path | None = None,
        status_topic: str = "motif/status",
        max_bytes: int = 4 * 2**20,
        timeout_s: float = 5.0,
        backoff: Backoff | None = None,
        name: str = "sensor-logger-mqtt",
        platform: Platform | None = None,
        signs_file: str | Path | None = None,
        reorder_s: float = 0.5,
        clock: Clock | None = None,
        capacity_samples: int = 200_000,
    ) -> None:
        super().__init__(
            name,
            platform=platform,
            signs_file=signs_file,
            reorder_s=reorder_s,
            clock=clock,
            capacity_samples=capacity_samples,
        )
        if (transport, tls) not in _PORTS:
            raise ConfigError(f"transport={transport!r} is unknown; want 'tcp' or 'websockets'")
        if not topic:
            raise ConfigError("topic is empty; want the one in the app's settings, such as 'sensor-logger'")
        if not path.startswith("/"):
            raise ConfigError(f"path={path!r} cannot be; want one that begins with /")
        self.port = _PORTS[transport, tls] if port is None else port
        if not 0 < self.port < 65536:
            raise ConfigError(f"port={port} cannot be; want 1 to 65535")
        self._host, self._topic, self._status_topic, self._max_bytes = host, topic, status_topic, max_bytes
        self._transport, self._path, self._tls, self._ca_file = transport, path, tls, ca_file
        self._username, self._password = username, password
        self._backoff, self._timeout_s = backoff or Backoff(), timeout_s

    @property
    def hints(self) -> SilenceHints:  # type: ignore[override]
        """What to look at when nothing comes."""
        return SilenceHints(
            never=f"does the phone publish to topic {self._topic!r} of the broker at {self._host}, with MQTT on?",
            stopped="is the app in the background, the recording over, or the phone off the network?",
        )

    async def _open(self) -> None:
        aiomqtt = require("aiomqtt", extra="control")
        if self._ca_file is not None and not Path(self._ca_file).is_file():
            raise MissingFileError(self._ca_file, want="the certificate that signed the broker's")
        self._run(self._keep_connected(lambda: self._session(aiomqtt), (SourceError,), self._backoff))
        self._start_releasing()

    async def _session(self, aiomqtt: Any) -> None:
        """Receive until the connection breaks; why it did names the broker."""
        try:
            await self._receive(aiomqtt)
        except (aiomqtt.MqttError, OSError) as error:
            raise SourceError(f"{self._host}:{self.port} {why_unreachable(error)}") from error

    async def _receive(self, aiomqtt: Any) -> None:
        async with connected(aiomqtt.Client(**self._settings(aiomqtt))) as client:
            await client.subscribe(self._topic, qos=0)
            if self._status_topic:
                await client.publish(self._status_topic, "online", qos=0, retain=True)
            self._backoff.reset()
            self._enter(SourceState.CONNECTED)
            try:
                async for message in client.messages:
                    if message.topic.value != self._status_topic:  # a wildcard may bring our own words back
                        self._payload(message.payload)
            finally:
                if self._status_topic:
                    with contextlib.suppress(aiomqtt.MqttError):
                        await client.publish(self._status_topic, "offline", qos=0, retain=True)

    def _settings(self, aiomqtt: Any) -> dict[str, Any]:
        will = aiomqtt.Will(self._status_topic, "offline", qos=0, retain=True) if self._status_topic else None
        tls = aiomqtt.TLSParameters(ca_certs=str(self._ca_file) if self._ca_file else None) if self._tls else None
        return {
            "hostname": self._host,
            "port": self.port,
            "username": self._username,
            "password": self._password,
            "transport": self._transport,
            "websocket_path": self._path if self._transport == "websockets" else None,
            "tls_params": tls,
            "will": will,
            "timeout": self._timeout_s,
            "keepalive": 15,
            "max_queued_incoming_messages": _QUEUED,
        }

    def _payload(self, payload: object) -> None:
        if not isinstance(payload, bytes | bytearray) or len(payload) > self._max_bytes:
            self.registry.count("messages.too large")
            return
        try:
            self._take(self._parse(bytes(payload)))
        except FormatError as error:
            _LOG.debug("message refused", source=self.name, problem=str(error))
