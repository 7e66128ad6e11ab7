"""Which readers there are: the built-in ones, and those that installed packages offer as `motif.readers`."""

from __future__ import annotations

import warnings
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from motif.errors import ConfigError, FormatError
from motif.recordings._reader import Reader

__all__ = ["GROUP", "find_reader", "known_readers"]

GROUP = "motif.readers"


@cache
def known_readers() -> dict[str, Reader]:
    """Return every reader by name, in the order they are asked; third parties first, so they can refine ours.

    A third party's reader that cannot be loaded is left out with a warning that names it.
    """
    from motif.recordings.readers import BUILT_IN

    found = {reader.name: reader for point in entry_points(group=GROUP) if (reader := _loaded(point)) is not None}
    return found | {reader.name: reader for reader in BUILT_IN if reader.name not in found}


def _loaded(point: EntryPoint) -> Reader | None:
    try:
        reader = point.load()()
    except (ImportError, AttributeError, TypeError, ValueError, OSError, RuntimeError) as error:
        problem = f"{type(error).__name__}: {error}"
    else:
        if isinstance(reader, Reader):
            return reader
        problem = "it has no name, description, sniff and read"
    message = (
        f"reader {point.name!r} ({point.value}) is left out, {problem}; update or remove the package it comes from"
    )
    warnings.warn(message, RuntimeWarning, stacklevel=4)
    return None


def find_reader(path: Path, name: str | None = None) -> Reader:
    """Return the reader called `name`, or the first that recognizes the file.

    Raises
    ------
    ConfigError
        No reader has this name.
    FormatError
        No reader recognizes the file; the message lists them.
    """
    known = known_readers()
    if name is not None:
        if name not in known:
            raise ConfigError(f"no reader is called {name!r}; there are {', '.join(known)}")
        return known[name]
    for reader in known.values():
        if reader.sniff(path):
            return reader
    listed = "; ".join(f"{reader.name}: {reader.description}" for reader in known.values())
    raise FormatError(path, f"no reader recognizes it ({listed})", hint="say which one fits: read(path, reader='csv')")
