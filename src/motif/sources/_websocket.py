"""Phones that serve their sensors over WebSocket: a client that comes back by itself."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import numpy as np

from motif.checks import require_count
from motif.errors import ConfigError, SourceError
from motif.optional import require
from motif.recordings import Readings
from motif.sources._backoff import Backoff
from motif.sources._buffered import BufferedSource, SilenceHints
from motif.sources._clock import Clock
from motif.sources._device_clock import DeviceClock
from motif.sources._source import SourceState
from motif.sources._unreachable import why_unreachable
from motif.sources._websocket_packets import parse_sample, sensor_types, sensor_url

__all__ = ["WebSocketSource"]

_ASKED_WRONG = frozenset({4001, 4002, 4003, 4006, 4007, 4008, 4009})
"""SensorServer's close codes that trying again cannot mend: no such sensor, unsupported, parameters, permission."""


class WebSocketSource(BufferedSource):
    """Sensors that an Android phone serves with the app SensorServer.

    Its stamps count from when the phone started; they are mapped to the time of day by when samples arrive. The
    accelerometer is the specific force, with gravity in it. A lost connection is tried again, waiting longer each time.

    Parameters
    ----------
    address : str
        As the app shows it, `ws://192.168.0.10:8080`; one with a path (`…/sensor/connect?type=…`) is used as it is.
    sensors : sequence of str
        `accelerometer`, `gyroscope`, `linear_acceleration`, `gravity`, `magnetic_field`, `rotation_vector`,
        `game_rotation_vector`.
    device : str, optional
        Whose readings these are; the phone's address where left out.
    max_message_bytes : int
        A longer message ends the connection.
    backoff : Backoff, optional
        How long to wait between attempts.
    name : str
    clock : Clock, optional
    capacity_samples : int
        How much waits for a slow reader.

    Raises
    ------
    ConfigError
        The address is no WebSocket, or a sensor is unknown.

    References
    ----------
    SensorServer, its README and `SensorWebSocketServer.kt`; Android's `SensorEvent` for values and units.
    """

    hints = SilenceHints(
        never="is the screen of the phone locked, or the sensor not there?",
        stopped="is the phone asleep, or out of the network?",
    )

    def __init__(
        self,
        address: str,
        sensors: Sequence[str] = ("accelerometer", "gyroscope"),
        *,
        device: str | None = None,
        max_message_bytes: int = 65_536,
        backoff: Backoff | None = None,
        name: str = "websocket",
        clock: Clock | None = None,
        capacity_samples: int = 200_000,
    ) -> None:
        super().__init__(name, clock=clock, capacity_samples=capacity_samples)
        self.url = sensor_url(address, sensors)
        """What is connected to."""
        require_count("max_message_bytes", max_message_bytes)
        self.n_unusable = 0
        """Messages that held no usable sample."""
        self._device = device or urlsplit(self.url).netloc
        self._max_message_bytes = max_message_bytes
        self._backoff = backoff or Backoff()
        self._device_clock = DeviceClock()

    async def _open(self) -> None:
        exceptions = require("websockets.exceptions", extra="control")
        failures = (OSError, TimeoutError, exceptions.WebSocketException)
        self._run(self._keep_connected(lambda: self._listen(failures), (SourceError, _ClosedError), self._backoff))

    async def _listen(self, failures: tuple[type[Exception], ...]) -> None:
        try:
            await self._hear()
        except _ClosedError:
            raise
        except failures as error:
            where = urlsplit(self.url).netloc
            raise SourceError(f"{where} {why_unreachable(error)}; does the app serve on that port?") from error

    async def _hear(self) -> None:
        from websockets.asyncio.client import connect
        from websockets.exceptions import ConnectionClosed

        default_type = sensor_types(self.url)
        async with connect(self.url, max_size=self._max_message_bytes, proxy=None, compression=None) as connection:
            self._backoff.reset()
            self._enter(SourceState.CONNECTING)
            try:
                while True:
                    self._take(await connection.recv(), default_type)
            except ConnectionClosed as closed:
                raise _reason(closed) from closed

    def _take(self, message: str | bytes, default_type: str) -> None:
        sample = parse_sample(message, default_type)
        if sample is None:
            self.n_unusable += 1
            return
        time_ns = self._device_clock.epoch_ns(sample.stamp_ns, arrived_ns=self._clock.time_ns())
        self._put(
            Readings(
                device=self._device,
                channels=sample.channels,
                time_ns=np.array([time_ns]),
                values=np.array([sample.values]),
                quality=sample.quality,
            )
        )

    def _remarks(self) -> list[str]:
        unusable = [f"{self.n_unusable} messages held no usable sample"] if self.n_unusable else []
        return super()._remarks() + unusable


class _ClosedError(ConnectionError):
    """The phone, or what is between, closed the connection."""


def _reason(closed: object) -> Exception:
    """Return what to tell the person: an error that ends it, or one after which it is tried again."""
    received = getattr(closed, "rcvd", None)
    sent = getattr(closed, "sent", None)
    if received is not None and received.code in _ASKED_WRONG:
        return ConfigError(f"the phone refused ({received.reason or received.code}); choose sensors it has")
    if sent is not None and received is None and sent.code == 1009:
        return _ClosedError("the phone sent a message that was too long")
    if received is not None and received.reason:
        return _ClosedError(f"the phone closed the connection ({received.reason[:120]})")
    return _ClosedError("the connection was lost")
