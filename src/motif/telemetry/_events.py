"""Structured events: JSON lines in a file, readable lines on a terminal, nothing until somebody asks.

Loggers sit on the standard library's `motif` logger, so an application that configures `logging` itself gets our events
like anybody's. Importing this sets no handler, level or global option.
"""

from __future__ import annotations

import logging
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import structlog

from motif.errors import ConfigError, WriteError
from motif.telemetry._json import strict_json

__all__ = ["log_to", "logger", "run_context"]

_ROOT = logging.getLogger("motif")
_ROOT.addHandler(logging.NullHandler())  # without it Python prints warnings of unconfigured loggers itself

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    structlog.processors.StackInfoRenderer(),
]


def logger(name: str) -> Any:
    """Return a structured logger: `logger(__name__).info("window dropped", reason="gap", n=3)`.

    Parameters
    ----------
    name : str
        The module's name; what is not below `motif` already is put there.
    """
    if name != "motif" and not name.startswith("motif."):
        name = f"motif.{name}"
    return structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


@contextmanager
def run_context(run_id: str | None = None, **context: object) -> Iterator[str]:
    """Put a run id, and anything else, on every event inside the block; yields the id."""
    run_id = run_id or uuid.uuid4().hex[:12]
    with structlog.contextvars.bound_contextvars(run_id=run_id, **context):
        yield run_id


@contextmanager
def log_to(file: str | Path | None = None, *, terminal: TextIO | None = None, level: str = "info") -> Iterator[None]:
    """Send motif's events somewhere while the block runs.

    Parameters
    ----------
    file : path, optional
        Gets one JSON object a line: `time` (UTC), `level`, `event`, `logger`, `run_id`, and the event's own fields.
        Lines are added to a file that is there already.
    terminal : text stream, optional
        Gets readable lines, in colour where the stream is a terminal.
    level : debug, info, warning, error
        What is less important is left out.

    Raises
    ------
    ConfigError
        `level` is not one of the four.
    WriteError
        `file` cannot be opened.
    """
    if level not in ("debug", "info", "warning", "error"):
        raise ConfigError(f"level {level!r} is not known; want debug, info, warning or error")
    handlers = [*_file_handlers(file), *_terminal_handlers(terminal)]
    before = _ROOT.level
    for handler in handlers:
        _ROOT.addHandler(handler)
    _ROOT.setLevel(level.upper())
    try:
        yield
    finally:
        _ROOT.setLevel(before)
        for handler in handlers:
            _ROOT.removeHandler(handler)
            handler.close()


def _file_handlers(file: str | Path | None) -> list[logging.Handler]:
    if file is None:
        return []
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(file, encoding="utf-8")
    except OSError as error:
        raise WriteError(file, error) from error
    handler.setFormatter(
        _formatter(structlog.processors.format_exc_info, structlog.processors.JSONRenderer(strict_json))
    )
    return [handler]


def _terminal_handlers(terminal: TextIO | None) -> list[logging.Handler]:
    if terminal is None:
        return []
    handler = logging.StreamHandler(terminal)
    colours = terminal.isatty() and sys.platform != "win32"
    handler.setFormatter(_formatter(structlog.dev.ConsoleRenderer(colors=colours, timestamp_key="time")))
    return [handler]


def _formatter(*processors: Any) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *processors],
    )
