"""How a service listens, whom it lets in, and how much anybody may ask of it."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import socket
from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError, model_validator

from motif.errors import ConfigError
from motif.settings import read_settings

__all__ = ["Role", "ServiceSettings", "load_settings"]

_PREFIX = "MOTIF_SERVICE_"
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Role(IntEnum):
    """What a caller may do; each may also do what stands before it."""

    ANYONE = 0
    """Ask whether the service is alive and ready."""
    INFER = 1
    """Ask for predictions, streams and figures."""
    ADMIN = 2
    """Load and unload models."""


class ServiceSettings(BaseModel):
    """Settings of `motif serve`, from a YAML file, then the environment (`MOTIF_SERVICE_PORT=8081`), then options.

    Without keys a service is for this machine alone: it refuses to listen on any other address.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 takes any that is free."""
    hosts: tuple[str, ...] = ()
    """Further names by which callers may know this machine, such as `edge-device`."""
    origins: tuple[str, ...] = ()
    """Web pages that may call, such as `https://lab.example`; none by default."""
    key_sha256: _Sha256 | None = None
    """SHA-256 of the key that callers send as `Authorization: Bearer …`; `motif serve --new-key` makes one."""
    admin_key_sha256: _Sha256 | None = None
    """Of the key that may also load and unload models."""
    bundles_dir: Path | None = None
    """Folder whose bundles may be loaded while it runs; what the command line names is loaded at the start."""
    model: str | None = None
    """The model for streams and devices that name none; where left out, there may be only one."""
    body_bytes: PositiveInt = 8 * 2**20
    """Largest request."""
    body_s: PositiveFloat = 30.0
    """How long the head of a request, and its body, may take: who sends drop by drop takes a place from others."""
    frame_bytes: PositiveInt = 2**20
    """Largest WebSocket or MQTT message."""
    connections_at_once: PositiveInt = 4096
    """More than so many are closed as they come."""
    requests_at_once: PositiveInt = 256
    """More than so many requests are told to come back."""
    streams_at_once: PositiveInt = 2000
    """Over WebSocket, and devices heard of lately over MQTT."""
    late_s: PositiveFloat = 0.25
    """How long frames of a stream may wait for their turn; of those that waited longer the newest window alone is
    judged, so that what is told is never far behind."""
    windows_per_request: PositiveInt = 4096
    requests_per_s: PositiveFloat = 2000.0
    """Of each address; bursts of five seconds are let through."""
    keep_stream_s: PositiveFloat = 60.0
    """How long a stream that lost its connection is kept, to be resumed."""
    events_kept: PositiveInt = 256
    """Of each stream, to be told again after a lost connection."""
    stop_s: PositiveFloat = 10.0
    """How long requests under way may take when the service is stopped."""
    mqtt: Annotated[str, Field(pattern=r"^[^:\s]+(:\d{1,5})?$")] | None = None
    """`host` or `host:port` of a broker to hear readings from and to tell events to."""
    mqtt_topic: str = "motif"
    """Readings are heard below `motif/readings/`, events told below `motif/events/`."""

    @model_validator(mode="after")
    def _has_a_port(self) -> ServiceSettings:
        if not 0 < self.broker[1] <= 65535:
            raise ValueError(f"the broker's port in mqtt: {self.mqtt} cannot be; want 1 to 65535")
        return self

    @model_validator(mode="after")
    def _not_open_to_the_world(self) -> ServiceSettings:
        if not _is_loopback(self.host) and self.key_sha256 is None and self.admin_key_sha256 is None:
            raise ValueError(
                f"host {self.host} can be reached from other machines and no key is set; "
                "make one with `motif serve --new-key` and set key_sha256"
            )
        return self

    @property
    def broker(self) -> tuple[str, int]:
        """Host and port of the MQTT broker."""
        host, _, port = (self.mqtt or "").partition(":")
        return host, int(port or 1883)

    def is_called(self, name: str) -> bool:
        """Whether this machine may be addressed so. A page that rebinds its own name to our address is not fooled by.

        A service for other machines also answers to their word for it: its host name, or a bare address.
        """
        if name in {self.host.lower(), *(known.lower() for known in self.hosts)}:
            return True
        if name in {"localhost", "127.0.0.1", "::1"}:
            return _is_loopback(self.host) or self.host in ("0.0.0.0", "::")
        own = socket.gethostname().lower()
        return not _is_loopback(self.host) and (name in {own, f"{own}.local"} or _is_address(name))

    def role_of(self, key: str | None) -> Role:
        """Return what the bearer of `key` may do. Keys are compared in constant time."""
        if self.key_sha256 is None and self.admin_key_sha256 is None:
            return Role.ADMIN
        digest = hashlib.sha256((key or "").encode()).hexdigest()
        if self.admin_key_sha256 and hmac.compare_digest(digest, self.admin_key_sha256):
            return Role.ADMIN
        if self.key_sha256 and hmac.compare_digest(digest, self.key_sha256):
            return Role.INFER
        return Role.ANYONE


def load_settings(
    path: str | Path | None = None, *, environment: Mapping[str, str] | None = None, **options: Any
) -> ServiceSettings:
    """Return the settings of a file, of the environment, and of options that are not None; the later wins.

    Raises
    ------
    MissingFileError, ConfigError
        There is no such file, a name is not known, a value cannot be.
    """
    found: dict[str, Any] = {}
    if path is not None:
        found |= read_settings(ServiceSettings, path).model_dump(exclude_unset=True)
    for name, value in (os.environ if environment is None else environment).items():
        if name.startswith(_PREFIX):
            field = name.removeprefix(_PREFIX).lower()
            found[field] = [part.strip() for part in value.split(",")] if field in ("hosts", "origins") else value
    found |= {name: value for name, value in options.items() if value is not None}
    try:
        return ServiceSettings.model_validate(found)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'settings'}: {each['msg']}" for each in error.errors())
        raise ConfigError(f"the service cannot be set so: {wrong}") from error


def _is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback if _is_address(host) else host == "localhost"


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
