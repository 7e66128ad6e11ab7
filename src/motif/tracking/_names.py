"""Names of runs: `{architecture}_lr{lr}_bs{batch}_{timestamp}`, safe as the name of a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from motif.errors import ConfigError, WriteError

__all__ = ["checked_name", "default_name", "new_name"]

_UNSAFE = re.compile(r"[^\w.+=-]+")
_LONGEST_BYTES = 120


def default_name(config: Mapping[str, Any], now: datetime) -> str:
    """Name a run by what most tells it from the others; what the configuration lacks is left out.

    Examples
    --------
    >>> default_name({"architecture": "tcn", "learning_rate": 0.001, "batch_size": 32}, datetime(2026, 3, 1, 9, 30))
    'tcn_lr0.001_bs32_20260301-093000'
    """
    found = _flat(config)
    parts = [str(found.get("architecture", "run"))]
    for prefix, names in (("lr", ("learning_rate", "lr")), ("bs", ("batch_size", "batch"))):
        parts += [f"{prefix}{found[name]}" for name in names if name in found][:1]
    return checked_name("_".join([*parts, now.strftime("%Y%m%d-%H%M%S")]))


def checked_name(name: str) -> str:
    """Return `name` as a folder may be called: what a path would take for its own becomes `-`.

    Raises
    ------
    ConfigError
        Nothing is left of it.

    Examples
    --------
    >>> checked_name("../tcn, third try")
    'tcn-third-try'
    """
    safe = _UNSAFE.sub("-", name).encode()[:_LONGEST_BYTES].decode(errors="ignore").strip(".-")
    if not safe:
        raise ConfigError(f"a run cannot be called {name!r}; want letters or digits, such as 'tcn_lr0.001'")
    return safe


def new_name(folder: Path, name: str) -> str:
    """Make a folder for a run and return its name: `name`, or where there is one already `name_2`, `name_3`, …

    Raises
    ------
    WriteError
        The place cannot be written.
    """
    candidate, number = name, 1
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / candidate).mkdir()  # of two who start at the same moment only one gets it
            return candidate
        except OSError as error:
            if not (folder / candidate).is_dir():
                raise WriteError(folder / candidate, error) from error
        number += 1
        candidate = f"{name}_{number}"


def _flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return all settings by their last name; those further out win."""
    found: dict[str, Any] = {}
    for value in config.values():
        if isinstance(value, Mapping):
            found = _flat(value) | found
    return found | {str(name): value for name, value in config.items() if not isinstance(value, Mapping)}
