"""Lines of a log of any size, a piece at a time, whatever else is in the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from motif.errors import MissingFileError, SourceError

__all__ = ["json_object", "pieces"]

PIECE_BYTES = 8 * 1024 * 1024
LONGEST_LINE_BYTES = 32 * 1024 * 1024


def pieces(path: Path) -> Iterator[bytes]:
    """Yield whole lines, some megabytes at a time; what follows the last newline comes last, by itself.

    A line longer than 32 MB is cut there: no memory is worth it.

    Raises
    ------
    MissingFileError, SourceError
        There is no such file, or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            begun = b""
            while block := file.read(PIECE_BYTES):
                end = block.rfind(b"\n") + 1
                if end:
                    yield begun + block[:end]
                    begun = block[end:]
                else:
                    begun += block
                    if len(begun) > LONGEST_LINE_BYTES:
                        yield begun + b"\n"
                        begun = b""
            if begun:
                yield begun
    except FileNotFoundError as error:
        raise MissingFileError(path, want="a log with one JSON object a line, as `motif --log FILE` writes") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror or error}); want a file of this user") from error


def json_object(line: bytes) -> dict[str, Any] | None:
    """Return the JSON object of a line, None where it is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
