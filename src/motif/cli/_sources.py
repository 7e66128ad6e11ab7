"""A source of live motion from what a person writes: `sensor-logger`, `replay:walk.parquet`, `mqtt:URL`, …."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from motif.errors import ConfigError

if TYPE_CHECKING:
    from motif.sources import Source

__all__ = ["SOURCE_HELP", "open_source"]

SOURCE_HELP = (
    "Where motion comes from: `sensor-logger` or `sensor-logger:PORT` (we listen), `mqtt:URL`, `websocket:URL`, "
    "`phyphox:URL`, `replay:PATH`, `simulator` or `simulator:SEED`, `stdin`; "
    "`replay-fast` and `simulator-fast` don't wait."
)


def open_source(text: str) -> Source:
    """Return the source that `text` names; it is opened by `async with`.

    Raises
    ------
    ConfigError
        No such source, or what stands behind the colon does not fit it.
    MissingFileError, FormatError
        There is nothing to replay.
    """
    kind, _, rest = text.partition(":")
    if kind not in _KINDS:
        raise ConfigError(f"source {text!r} is not known; want {', '.join(_KINDS)}")
    build, wants = _KINDS[kind]
    if wants and not rest:
        raise ConfigError(f"source {kind!r} needs more; write {kind}:{wants}")
    return build(rest)


def _sources() -> Any:
    import motif.sources

    return cast(Any, motif.sources)


def _number(kind: str, text: str, default: int) -> int:
    try:
        return int(text) if text else default
    except ValueError as error:
        raise ConfigError(f"{text!r} is no number; write {kind} or {kind}:{default}") from error


def _simulator(text: str, speed: float | None = 1.0) -> Source:
    seed = _number("simulator", text, 0)
    return cast("Source", _sources().SimulatorSource(random_state=seed, speed=speed))


def _replay(text: str, speed: float | None = 1.0) -> Source:
    return cast("Source", _sources().ReplaySource(text, speed=speed))


def _sensor_logger(text: str) -> Source:
    port = _number("sensor-logger", text, 8765)
    return cast("Source", _sources().SensorLoggerHTTP(port=port))


def _mqtt(text: str) -> Source:
    return cast("Source", _sources().SensorLoggerMQTT(_with_scheme("mqtt", text)))


def _websocket(text: str) -> Source:
    return cast("Source", _sources().WebSocketSource(_with_scheme("ws", text)))


def _phyphox(text: str) -> Source:
    return cast("Source", _sources().PhyphoxSource(_with_scheme("http", text)))


def _stdin(text: str) -> Source:
    from motif.cli._stdin_source import StdinSource

    return StdinSource()


def _with_scheme(scheme: str, address: str) -> str:
    return address if "://" in address else f"{scheme}://{address}"


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
