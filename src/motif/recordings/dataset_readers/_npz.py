"""Packed arrays (`.npz`) from anywhere: nothing is unpickled, and a damaged file is an error of ours."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError, MissingFileError

__all__ = ["is_packed", "keys", "packed_files", "read_arrays", "scaled"]

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    MemoryError,  # a header that asks for more than there is
    NotImplementedError,  # a compression Python has no decoder for
    OverflowError,
    RuntimeError,  # an encrypted member
    SyntaxError,
    TypeError,
    ValueError,
    OSError,
)


def keys(path: Path) -> frozenset[str]:
    """Return the names of the arrays in a packed file; none if it is not one."""
    try:
        with zipfile.ZipFile(path) as archive:
            return frozenset(name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy"))
    except _DAMAGE:
        return frozenset()


def is_packed(path: Path, wanted: Collection[str]) -> bool:
    """Tell whether `path` is a packed file with these arrays, or a folder that holds such files."""
    return bool(packed_files(path, wanted))


def packed_files(path: Path, wanted: Collection[str]) -> list[Path]:
    """Return the packed files with these arrays: `path` itself, or those in the folder, sorted by name.

    Raises
    ------
    FormatError
        Beside such files in the folder stands a damaged one: somebody's data would be missed without a word.
    """
    candidates = [path] if path.is_file() else sorted(path.glob("[!.]*.npz"))
    found = [file for file in candidates if keys(file).issuperset(wanted)]
    damaged = [file for file in candidates if found and not keys(file)]
    if damaged:
        raise FormatError(damaged[0], "it cannot be read as npz", hint="copy it again, or move it out of the folder")
    return found


def read_arrays(path: Path, wanted: Collection[str]) -> dict[str, NDArray[Any]]:
    """Read all arrays of a packed file.

    Raises
    ------
    MissingFileError, FormatError
        It is not there, is damaged, asks to be unpickled, or lacks an array of `wanted`.
    """
    if not path.is_file():
        raise MissingFileError(path, want="a packed file (.npz)")
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()  # NumPy reads headers before the check sum is known
        if damaged is not None:
            raise FormatError(path, f"{damaged} does not match its check sum", hint="copy the file again")
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: np.asarray(archive[name]) for name in archive.files}
    except FormatError:
        raise
    except _DAMAGE as error:
        raise FormatError(
            path, f"it cannot be read as npz ({error})", hint="copy or download the file again"
        ) from error
    missing = sorted(set(wanted) - set(arrays))
    if missing:
        have = ", ".join(sorted(arrays)) or "nothing"
        raise FormatError(path, f"it lacks {', '.join(missing)}", hint=f"it holds {have}; is it of another layout?")
    return arrays


def scaled(q: NDArray[Any], scale: NDArray[Any], path: Path) -> NDArray[np.float32]:
    """Return `q * scale` as float32; `scale` must fit along the axes it is given for."""
    if q.dtype.kind not in "iuf" or scale.dtype.kind not in "iuf":
        raise FormatError(path, f"q and scale are {q.dtype} and {scale.dtype}", hint="want numbers")
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is counted and dropped by the reader
            product: NDArray[np.float32] = np.multiply(q, scale, dtype=np.float32, casting="unsafe")
    except ValueError as error:
        raise FormatError(
            path, f"q is {q.shape} but scale is {scale.shape}", hint="want a scale for each channel"
        ) from error
    return product
