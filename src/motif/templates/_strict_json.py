"""JSON from strangers: of a limited size and depth, each key once, finite numbers."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from motif.errors import FormatError, MissingFileError

__all__ = ["MAX_BYTES", "parse_json", "read_bytes"]

MAX_BYTES = 64 << 20
"""No file of gestures may be larger: some 20,000 samples of a second of two sensors."""
_MAX_DEPTH = 32
_HINT = "export it again, or take it out of the folder"


def read_bytes(path: Path) -> bytes:
    """Return the content of a file of limited size.

    Raises
    ------
    MissingFileError, FormatError
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise MissingFileError(path, want="a file of gestures") from error
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror})", hint="check its permissions") from error
    if len(content) > MAX_BYTES:
        raise FormatError(path, f"holds more than {MAX_BYTES:,} bytes", hint="export fewer gestures at a time")
    return content


def parse_json(content: bytes, path: Path, *, lenient: bool = False) -> Any:
    """Return what a JSON text says.

    Parameters
    ----------
    content, path
        The text, and what to call it.
    lenient : bool
        Take NaN and infinity, as Python writes them, and keys that stand twice, the last of which counts.

    Raises
    ------
    FormatError
        It is no JSON, nested deeper than 32, or holds what is not taken.
    """
    try:
        text = content.decode("utf-8-sig")
        hooks: dict[str, Any] = {} if lenient else {"parse_constant": _refuse, "object_pairs_hook": _each_once}
        value = json.loads(text, **hooks)
    except RecursionError as error:
        raise FormatError(path, "is nested too deep", hint=_HINT) from error
    except ValueError as error:
        raise FormatError(path, f"is not the JSON it should be ({error})", hint=_HINT) from error
    _check(value, path, lenient)
    return value


def _check(value: Any, path: Path, lenient: bool) -> None:
    level = [value]
    for _ in range(_MAX_DEPTH):
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                below += each.values()
            elif isinstance(each, list):
                below += each
            elif isinstance(each, float) and not lenient and not math.isfinite(each):
                raise FormatError(path, "holds a number that is too large", hint=_HINT)
        level = below
    if level:
        raise FormatError(path, f"is nested deeper than {_MAX_DEPTH}", hint=_HINT)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
