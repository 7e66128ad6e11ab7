"""Named arrays in one file (`.npz`), read without trust: no pickle, nothing compressed, no odd type."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import BundleError

__all__ = ["array_bytes", "read_arrays"]


def array_bytes(arrays: Mapping[str, ArrayLike]) -> bytes:
    """Return the file's content; the same arrays give the same bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{name: np.asarray(values) for name, values in arrays.items()})
    return buffer.getvalue()


def read_arrays(name: str, content: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays by name; `name` is the file's, for messages.

    Raises
    ------
    BundleError
        The file is damaged, compressed (a small file could then fill the memory), or holds more than numbers and texts.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            packed = [entry.filename for entry in archive.infolist() if entry.compress_type != zipfile.ZIP_STORED]
        if packed:
            raise ValueError(f"{packed[0]} is compressed")
        with np.load(io.BytesIO(content), allow_pickle=False) as loaded:
            arrays = {key: np.asarray(loaded[key]) for key in loaded.files}
    except (ValueError, OSError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile) as error:
        raise BundleError(f"{name} cannot be read ({error}); save the bundle again") from error
    for key, values in arrays.items():
        if values.dtype.kind not in "biufU":
            raise BundleError(f"{name}: {key} has dtype {values.dtype}; want numbers or texts: save the bundle again")
    return arrays
