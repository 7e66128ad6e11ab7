"""What is shared by readers of whole binary files: first bytes, NumPy arrays without objects."""

from __future__ import annotations

import io
import tokenize
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError

__all__ = ["begins_with", "one_line", "plain_array"]

_DAMAGED_ARRAY = (
    *(ValueError, TypeError, LookupError, OSError, EOFError, MemoryError, OverflowError, SyntaxError),
    *(RecursionError, tokenize.TokenError),
)


def plain_array(content: bytes, path: Path) -> NDArray[Any]:
    """Return the array of a `.npy` file; `path` is for the error.

    Raises
    ------
    FormatError
        It is cut off or garbled, or holds objects, which could run code.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # a garbled header also warns of its syntax
            loaded = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except _DAMAGED_ARRAY as error:
        problem = f"is not a whole array of plain numbers ({one_line(error)})"
        raise FormatError(path, problem, hint="write it again") from error
    return np.asarray(loaded)


def begins_with(path: Path, magic: bytes) -> bool:
    """Say whether a file begins with these bytes; False where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(magic)) == magic
    except OSError:
        return False


def one_line(error: BaseException) -> str:
    """Return another library's message on one line, or the kind of error where it says nothing."""
    return " ".join(str(error).split())[:200] or type(error).__name__
