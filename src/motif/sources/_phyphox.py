"""The app phyphox: asked over HTTP, again and again, for what came since."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from motif.checks import require_count, require_positive
from motif.errors import ConfigError, SourceError
from motif.optional import require
from motif.recordings import Readings
from motif.sources._backoff import Backoff
from motif.sources._buffered import BufferedSource, SilenceHints
from motif.sources._clock import Clock
from motif.sources._device_clock import DeviceClock
from motif.sources._interleaved import interleaved
from motif.sources._phyphox_answer import ExperimentClock, Status, newest, query_since, values_of
from motif.sources._phyphox_config import PhyphoxSensor, sensors_of
from motif.sources._source import SourceState
from motif.sources._unreachable import why_unreachable

__all__ = ["PhyphoxSource"]


class PhyphoxSource(BufferedSource):
    """Sensors of a phone that runs phyphox with remote access allowed.

    Every sensor of the experiment that is shown is read: acceleration with and without gravity, gyroscope,
    magnetometer, attitude. It joins what runs: samples taken before are not fetched. Where the person opens another
    experiment it follows. Times are the phone's own, by the moment at which it started measuring.

    Parameters
    ----------
    address : str
        As the app shows it, `http://192.168.0.42:8080`.
    interval_s : s
        From one answer to the next question; the phone answers one at a time.
    start : bool
        Press play on the phone when it is found.
    device : str, optional
        Whose readings these are; the phone's address where left out.
    max_answer_bytes : int
        A longer answer is none.
    timeout_s : s
        For one answer.
    backoff : Backoff, optional
    name : str
    clock : Clock, optional
    capacity_samples : int
        How much waits for a slow reader.

    Raises
    ------
    ConfigError
        The address is no `http://` one, or a number is out of its range.

    References
    ----------
    phyphox documentation, "Remote-interface communication" and its `openapi.yaml`.
    """

    hints = SilenceHints(
        never="is the experiment running, and the screen on?", stopped="is the experiment paused, or the screen off?"
    )

    def __init__(
        self,
        address: str,
        *,
        interval_s: float = 0.05,
        start: bool = False,
        device: str | None = None,
        max_answer_bytes: int = 4_000_000,
        timeout_s: float = 5.0,
        backoff: Backoff | None = None,
        name: str = "phyphox",
        clock: Clock | None = None,
        capacity_samples: int = 200_000,
    ) -> None:
        super().__init__(name, clock=clock, capacity_samples=capacity_samples)
        parts = urlsplit(address if "://" in address else f"http://{address}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"address {address!r} is no phone; give one like http://192.168.0.42:8080")
        require_positive("interval_s", interval_s)
        require_positive("timeout_s", timeout_s)
        require_count("max_answer_bytes", max_answer_bytes, 1000)
        self.url = f"{parts.scheme}://{parts.netloc}"
        """Whom it asks."""
        self._where = parts.netloc if parts.port else f"{parts.netloc}:{443 if parts.scheme == 'https' else 80}"
        self._interval_s, self._start, self._timeout_s = interval_s, start, timeout_s
        self._device = device or parts.netloc
        self._max_answer_bytes = max_answer_bytes
        self._backoff = backoff or Backoff(cap_s=5.0)

    async def _open(self) -> None:
        httpx = require("httpx", extra="control")
        self._run(self._keep_connected(self._listen, (httpx.HTTPError, OSError, ValueError), self._backoff))

    async def _listen(self) -> None:
        httpx = require("httpx", extra="control")
        try:
            await self._follow(httpx)
        except httpx.TransportError as error:
            raise SourceError(f"{self._where} {why_unreachable(error)}; is phyphox's remote access on?") from error

    async def _follow(self, httpx: Any) -> None:
        limits = httpx.Limits(max_keepalive_connections=0)  # the phone's server does not keep connections well
        async with httpx.AsyncClient(
            base_url=self.url, timeout=self._timeout_s, limits=limits, trust_env=False
        ) as client:
            experiment = _Experiment(sensors_of(await self._ask(client, "/config")))
            if self._start:
                await self._ask(client, "/control", cmd="start")
            self._enter(SourceState.CONNECTING)
            while await self._poll(client, experiment):
                self._backoff.reset()
                await self._clock.sleep(self._interval_s)
        raise SourceError("another experiment was opened")

    async def _poll(self, client: Any, experiment: _Experiment) -> bool:
        """Fetch what is new; return whether it is still the same experiment."""
        answer = await self._ask(client, "/get", **query_since(experiment.sensors, experiment.since_s))
        status = Status.of(answer)
        if experiment.session not in (None, status.session):
            return False
        began = status.measuring and not experiment.measuring
        experiment.session, experiment.measuring = status.session, status.measuring
        if began:
            experiment.clock = ExperimentClock(await self._ask_or_none(client, "/time"))
        taken = (self._taken(answer, sensor, experiment) for sensor in experiment.sensors)
        for readings in interleaved([each for each in taken if each is not None]):
            self._put(readings)
        self._tell(status)
        return True

    def _taken(self, answer: dict[str, Any], sensor: PhyphoxSensor, experiment: _Experiment) -> Readings | None:
        after_s = experiment.since_s.get(sensor.time_buffer)
        if after_s is None:
            experiment.since_s[sensor.time_buffer] = newest(answer, sensor)
            return None
        time_s, values = values_of(answer, sensor, after_s)
        if not len(time_s):
            return None
        experiment.since_s[sensor.time_buffer] = float(time_s.max())
        time_ns = experiment.epoch_ns(time_s, arrived_ns=self._clock.time_ns())
        return Readings(
            device=self._device,
            channels=sensor.channels,
            time_ns=time_ns,
            values=values,
            session=experiment.session or "",
        )

    def _tell(self, status: Status) -> None:
        if status.measuring:
            self._enter(self._state)
        elif status.starts_in_s:
            self._enter(self._state, f"phyphox starts in {status.starts_in_s:.0f} s")
        else:
            self._enter(self._state, "phyphox is paused: press play on the phone")

    async def _ask(self, client: Any, path: str, **query: str) -> Any:
        content = bytearray()
        async with client.stream("GET", path, params=query) as response:
            if response.status_code != 200:
                raise SourceError(f"the phone answered {response.status_code} to {path}; is another app on its port?")
            async for part in response.aiter_bytes():
                content += part
                if len(content) > self._max_answer_bytes:
                    raise SourceError(f"the phone's answer to {path} is over {self._max_answer_bytes} bytes")
        try:
            answer = json.loads(bytes(content))
        except (ValueError, RecursionError) as error:
            raise SourceError(f"the phone's answer to {path} is no JSON; is it phyphox?") from error
        if not isinstance(answer, dict if path != "/time" else list):
            raise SourceError(f"the phone's answer to {path} is not what phyphox says; is it another app?")
        return answer

    async def _ask_or_none(self, client: Any, path: str) -> Any:
        try:
            return await self._ask(client, path)
        except SourceError:
            return None  # before phyphox 1.1.8 there is no /time


class _Experiment:
    """What is known of the experiment that is shown."""

    def __init__(self, sensors: tuple[PhyphoxSensor, ...]) -> None:
        self.sensors = sensors
        self.session: str | None = None
        self.measuring = False
        self.since_s: dict[str, float] = {}
        """The last time of each sensor that was fetched."""
        self.clock = ExperimentClock(None)
        self._by_arrival = DeviceClock()

    def epoch_ns(self, time_s: NDArray[np.float64], *, arrived_ns: int) -> NDArray[np.int64]:
        """Return when samples were taken; where the phone does not say, by when they came."""
        if self.clock:
            return self.clock.epoch_ns(time_s)
        stamps = np.rint(1e9 * time_s).astype(np.int64)
        newest_ns = int(stamps.max())
        return np.asarray(
            stamps + (self._by_arrival.epoch_ns(newest_ns, arrived_ns=arrived_ns) - newest_ns), dtype=np.int64
        )
