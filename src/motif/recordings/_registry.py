"""Which readers there are: the built-in ones, and those that installed packages offer as `motif.readers`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from motif.errors import ConfigError, FormatError
from motif.recordings._plugins import installed
from motif.recordings._reader import Reader

__all__ = ["GROUP", "find_reader", "known_readers"]

GROUP = "motif.readers"


@cache
def known_readers() -> dict[str, Reader]:
    """Return every reader by name, in the order they are asked; third parties first, so they can refine ours.

    A third party's reader that cannot be loaded is left out with a warning that names it.
    """
    from motif.recordings.readers import BUILT_IN

    offered: list[Reader] = installed(
        GROUP, Reader, what="reader", wrong="it has no name, description, sniff and read", made=lambda reader: reader()
    )
    found = {reader.name: reader for reader in offered}
    return found | {reader.name: reader for reader in BUILT_IN if reader.name not in found}


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
    listed = "".join(f"\n  {reader.name}: {reader.description}" for reader in known.values())
    way = (
        "name a file in it"
        if path.is_dir()
        else "name the reader that fits (motif import --reader, read(path, reader=…))"
    )
    raise FormatError(path, "no reader recognizes it", hint=f"{way}; readers are{listed}")
