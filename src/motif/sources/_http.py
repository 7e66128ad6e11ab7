"""Sensor Logger by HTTP push: we listen, the phone sends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from motif.errors import ConfigError
from motif.sources._buffered import SilenceHints
from motif.sources._clock import Clock
from motif.sources._device_signs import Platform
from motif.sources._http_app import IngestApp
from motif.sources._http_limits import HTTPLimits
from motif.sources._http_server import HTTPServer, lan_address
from motif.sources._pairing import Admission, Pairing, Pairings
from motif.sources._sensor_logger import SensorLoggerSource

__all__ = ["PairingLink", "SensorLoggerHTTP"]

_REFUSED_NS = 10_000_000_000
"""So long a refusal is worth a remark."""


@dataclass(frozen=True, slots=True)
class PairingLink:
    """An address to paste into the app, good for one device."""

    url: str
    id: str
    """For `revoke`; not secret."""
    label: str

    def __repr__(self) -> str:
        return f"<PairingLink {self.id} {self.label!r}>"  # logs must not learn the address


class SensorLoggerHTTP(SensorLoggerSource):
    """Listens for what the Sensor Logger app pushes.

    The app sends no header that could say who it is, so a secret stands in the address: `url` is the first link, `pair`
    makes more, each for one device until `revoke`.

    Parameters
    ----------
    host : str
        The address to listen on: by default this machine alone. `"lan"` is its address in the local network, which a
        phone reaches; `"0.0.0.0"` are all of its addresses.
    port : int
        0 takes any that is free.
    secret : str, optional
        Of the first link, to keep a phone paired over restarts; by default a new one.
    n_devices : int
        How many phones may use the first link.
    hosts : sequence of str
        Further names by which phones may call this machine, such as `studio.local`.
    limits : HTTPLimits, optional
    platform, signs_file, reorder_s, clock, capacity_samples
        See `SensorLoggerSource`.

    Raises
    ------
    ConfigError
        A setting that cannot be.

    Examples
    --------
    >>> source = SensorLoggerHTTP(port=8765, secret="only-for-this-example")
    >>> source.url
    'http://127.0.0.1:8765/ingest/only-for-this-example'
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 8765,
        secret: str | None = None,
        n_devices: int = 1,
        hosts: tuple[str, ...] = (),
        limits: HTTPLimits | None = None,
        name: str = "sensor-logger-http",
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
        if not 0 <= port < 65536:
            raise ConfigError(f"port={port} cannot be; want 0 (any) to 65535")
        self._host = lan_address() if host == "lan" else host
        self._port = port
        self._hosts = hosts
        self._limits = limits or HTTPLimits()
        self._pairings = Pairings()
        self._secret, self._first = self._pairings.issue(label="first link", n_devices=n_devices, secret=secret)
        self._refused_ns: int | None = None
        self._server: HTTPServer | None = None

    @property
    def port(self) -> int:
        """The port it listens on; with `port=0` known once it is open."""
        return self._server.port if self._server else self._port

    @property
    def url(self) -> str:
        """The first link. It is a secret: show it to the phone's owner, keep it out of logs."""
        return self._url(self._secret)

    @property
    def hints(self) -> SilenceHints:  # type: ignore[override]
        """What to look at when nothing comes."""
        address = f"http://{self._name()}:{self.port}"
        local = " (this machine alone: a phone needs the host lan)" if self._is_local() else ""
        refused = self._refused()
        return SilenceHints(
            never=refused or f"does the phone reach {address}{local}, and is HTTP Push on in the app?",
            stopped=refused or "is the app in the background, or the recording over?",
        )

    def pair(self, label: str = "", *, expires_s: float | None = 600.0) -> PairingLink:
        """Make a link for one more device, to be used within `expires_s`; None is any time."""
        expires_ns = None if expires_s is None else self._clock.time_ns() + round(expires_s * 1e9)
        secret, pairing = self._pairings.issue(label=label, expires_ns=expires_ns)
        return PairingLink(self._url(secret), pairing.id, label)

    def revoke(self, link: PairingLink | str | None = None) -> None:
        """Make a link useless: one of `pair`, its id, or by default the first one.

        Raises
        ------
        ConfigError
            There is no such link.
        """
        link_id = self._first.id if link is None else link.id if isinstance(link, PairingLink) else link
        self._pairings.revoke(link_id)

    def admit_and_take(self, pairing: Pairing, body: bytes) -> Admission:
        """Take a message that came by a link; for the server.

        Raises
        ------
        FormatError
            It is no message of Sensor Logger.
        """
        message = self._parse(body)
        now_ns = self._clock.time_ns()
        if message.device not in pairing.devices and not message.holds_samples():
            if not pairing.devices:  # the app's test button, or sensors that are off: nobody has moved in yet
                self._take(message)
            return pairing.state(now_ns)
        admission = pairing.admit(message.device, now_ns)
        if admission is Admission.WELCOME:
            self._take(message)
        elif admission is Admission.TAKEN:
            self._refused_ns = now_ns
        return admission

    def line(self) -> str:
        """Return the health line; for the server's page."""
        return self.health().message

    def _remarks(self) -> list[str]:
        return super()._remarks() + ([refused] if (refused := self._refused()) else [])

    def _refused(self) -> str:
        recently = self._refused_ns is not None and self._clock.time_ns() - self._refused_ns < _REFUSED_NS
        return "another phone sends by this link and is refused: each needs a link of its own" if recently else ""

    async def _open(self) -> None:
        app = IngestApp(
            self,
            self._pairings,
            limits=self._limits,
            clock=self._clock,
            registry=self.registry,
            hosts={"127.0.0.1", "localhost", "::1", self._host, self._name(), *self._hosts},
        )
        server = HTTPServer(
            app,
            connections=self._limits.connections,
            silent_s=self._limits.body_timeout_s,
            prompt=app.answer_whole,
        )
        await server.start(self._host, self._port)
        self._server = server
        self._start_releasing()

    async def _close(self) -> None:
        if self._server is not None:
            self._port = self._server.port
            await self._server.stop()
            self._server = None
        await super()._close()

    def _url(self, secret: str) -> str:
        name = self._name()
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}/ingest/{secret}"

    def _name(self) -> str:
        """Return the address a phone should use."""
        return lan_address() if self._host in ("0.0.0.0", "::") else self._host

    def _is_local(self) -> bool:
        return self._host in ("127.0.0.1", "::1", "localhost")
