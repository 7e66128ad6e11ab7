"""A source of live motion from what a person writes: `sensor-logger`, `replay:walk.parquet`, `mqtt:URL`, …."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from motif.cli._console import say
from motif.errors import ConfigError, FormatError, WriteError

if TYPE_CHECKING:
    from motif.sources import Source

__all__ = ["SOURCE_HELP", "kept_secret", "open_source"]

SOURCE_HELP = (
    "Where motion comes from: `sensor-logger` (we listen, for this machine alone), `sensor-logger:lan`, "
    "`sensor-logger:HOST:PORT`, all of them also with `?token=FILE` or `?devices=20`, in quotes; "
    "`mqtt:HOST:PORT/TOPIC`, `mqtt:wss://HOST/PATH` (user, password and `?topic=T` as in any URL), "
    "`websocket:HOST:PORT`, `phyphox:HOST:PORT`, `replay:PATH`, `simulator` or `simulator:SEED`, `stdin`; "
    "`replay-fast` and `simulator-fast` don't wait."
)

_SAMPLES_KEPT = 2_000
"""Of each of many devices, until they are taken: a few seconds."""


def open_source(text: str) -> Source:
    """Return the source that `text` names; it is opened by `async with`.

    Raises
    ------
    ConfigError
        No such source, or what stands behind the colon does not fit it.
    MissingFileError, FormatError
        There is nothing to replay.
    """
    kind = re.split("[:?]", text, maxsplit=1)[0]
    rest = text[len(kind) :].removeprefix(":")
    if kind not in _KINDS:
        raise ConfigError(f"source {text!r} is not known; want {', '.join(_KINDS)}")
    build, wants = _KINDS[kind]
    if wants and not rest:
        raise ConfigError(f"source {kind!r} needs more; write {kind}:{wants}")
    return build(rest)


def kept_secret(path: Path) -> str:
    """Return the secret of a phone's link that is kept in a file, or make one and keep it, readable by its owner alone.

    Raises
    ------
    WriteError, FormatError
        It cannot be kept, or read.
    """
    import secrets

    try:
        if path.exists():
            return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(path, f"cannot be read ({error})", hint="give the file that motif pair wrote") from error
    secret = secrets.token_urlsafe(24)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
    except OSError as error:
        raise WriteError(path, error) from error
    return secret


def _simulator(text: str, speed: float | None = 1.0) -> Source:
    from motif.sources import SimulatorSource

    return SimulatorSource(random_state=_number("simulator", text, 0), speed=speed)


def _replay(text: str, speed: float | None = 1.0) -> Source:
    from motif.sources import ReplaySource

    return ReplaySource(text, speed=speed)


def _sensor_logger(text: str) -> Source:
    from motif.sources import SensorLoggerHTTP

    address, _, options = text.partition("?")
    host, _, port = address.rpartition(":")
    if not host and address and not address.isdecimal():
        host, port = address, ""
    asked = parse_qs(options)
    token = asked.get("token", [""])[0]
    n_devices = _number("sensor-logger, devices", asked.get("devices", [""])[0], 1)
    source = SensorLoggerHTTP(
        host=host or "127.0.0.1",
        port=_number("sensor-logger", port, 8765),
        secret=kept_secret(Path(token)) if token else None,
        n_devices=n_devices,
        capacity_samples=max(200_000, _SAMPLES_KEPT * n_devices),
    )
    if source.port:
        say("[bold]Push URL for the phone[/]  ", source.url)
    return source


def _mqtt(text: str) -> Source:
    from motif.sources import SensorLoggerMQTT

    url = urlsplit(_with_scheme("mqtt", text))
    if url.scheme not in ("mqtt", "mqtts", "ws", "wss") or not url.hostname:
        raise ConfigError(f"{text!r} is no broker's address; write mqtt:HOST:PORT, or mqtt:wss://HOST:PORT/PATH")
    over_web = url.scheme.startswith("ws")
    topic = parse_qs(url.query).get("topic", ["" if over_web else url.path.strip("/")])[0]
    try:
        port = url.port
    except ValueError as error:
        raise ConfigError(f"{text!r} has no usable port ({error})") from error
    return SensorLoggerMQTT(
        url.hostname,
        port,
        topic=topic or "sensor-logger",
        transport="websockets" if over_web else "tcp",
        path=url.path or "/mqtt",
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        tls=url.scheme in ("mqtts", "wss"),
    )


def _websocket(text: str) -> Source:
    from motif.sources import WebSocketSource

    return WebSocketSource(_with_scheme("ws", text))


def _phyphox(text: str) -> Source:
    from motif.sources import PhyphoxSource

    return PhyphoxSource(_with_scheme("http", text))


def _stdin(text: str) -> Source:
    from motif.cli._stdin_source import StdinSource

    return StdinSource()


def _with_scheme(scheme: str, address: str) -> str:
    return address if "://" in address else f"{scheme}://{address}"


def _number(kind: str, text: str, default: int) -> int:
    try:
        return int(text) if text else default
    except ValueError as error:
        raise ConfigError(f"{text!r} is no number; write {kind} or {kind}:{default}") from error


_KINDS: dict[str, tuple[Callable[[str], Source], str]] = {
    "simulator": (_simulator, ""),
    "simulator-fast": (partial(_simulator, speed=None), ""),
    "replay": (_replay, "PATH"),
    "replay-fast": (partial(_replay, speed=None), "PATH"),
    "sensor-logger": (_sensor_logger, ""),
    "mqtt": (_mqtt, "HOST:PORT"),
    "websocket": (_websocket, "HOST:PORT"),
    "phyphox": (_phyphox, "HOST:PORT"),
    "stdin": (_stdin, ""),
}
