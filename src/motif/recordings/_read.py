"""`read`: any file a reader knows, as a `Recording`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from motif.checks import is_number
from motif.errors import ConfigError
from motif.recordings._existing import existing
from motif.recordings._reader import StreamReader
from motif.recordings._recording import Recording
from motif.recordings._registry import find_reader

__all__ = ["read", "read_streams"]


def read(path: str | Path, *, reader: str | None = None, rate_hz: float | None = None, **options: Any) -> Recording:
    """Read a recording, whatever its format.

    Parameters
    ----------
    path : str or Path
        A file, or a folder such as a Sensor Logger export.
    reader : str, optional
        The name of a reader, where the file does not tell; `known_readers()` lists them.
    rate_hz : Hz, optional
        Files with a clock: resample to this even grid (Sensor Logger exports always are, at the rate of the fastest
        core sensor if none is given). Files without one (Arduino, DeepLabCut, SLEAP): how fast the device ran.
    **options
        What this reader takes beside, such as `columns` for `csv`.

    Raises
    ------
    MissingFileError
        Nothing is there; the message suggests close names.
    FormatError
        No reader knows the format, or the file is damaged.
    ConfigError
        No such reader or option.
    """
    path = existing(path, want="a recording")
    found = find_reader(path, reader)
    if rate_hz is not None and not (is_number(rate_hz) and 0 < rate_hz <= 1e6):
        raise ConfigError(f"rate_hz={rate_hz!r} cannot be; want a number above 0 and at most 1,000,000 Hz")
    _check_options(found.name, found.read, options)
    return found.read(path, rate_hz=rate_hz, **options)


def read_streams(path: str | Path, *, reader: str | None = None, **options: Any) -> dict[str, Recording]:
    """Read each sensor on its own raw clock, where the format keeps them apart; else one recording, by the file's name.

    Raises
    ------
    MissingFileError, FormatError, ConfigError
        As `read` does.
    """
    path = existing(path, want="a recording")
    found = find_reader(path, reader)
    if not isinstance(found, StreamReader):
        return {path.stem: read(path, reader=found.name, **options)}
    _check_options(found.name, found.read_streams, options)
    return found.read_streams(path, **options)


def _check_options(name: str, method: Callable[..., object], options: dict[str, Any]) -> None:
    parameters = inspect.signature(method).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return
    taken = [parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY]
    for option in options:
        if option not in taken:
            raise ConfigError(f"reader {name!r} has no option {option!r}; it takes {', '.join(taken) or 'none'}")
