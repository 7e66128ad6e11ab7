"""Named arrays in one file (safetensors: a header of names, types and shapes, then numbers), read without trust.

What an earlier motif wrote as `.npz` is read, too: no pickle, nothing compressed, no odd type.
"""

from __future__ import annotations

import io
import tokenize
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import ArrayLike, NDArray
from safetensors import SafetensorError

from motif.errors import BundleError

__all__ = ["ARRAYS", "ARRAY_FILES", "array_bytes", "model_arrays", "read_arrays"]

ARRAYS = "model.safetensors"
ARRAY_FILES = (ARRAYS, "model.npz")
"""What the arrays that answer are called in a bundle, today and by earlier versions."""
Arrays = dict[str, NDArray[Any]]

_ZIPPED = b"PK\x03\x04"
_DAMAGE = (
    SafetensorError,
    zipfile.BadZipFile,
    EOFError,
    KeyError,
    MemoryError,  # a header that asks for more than there is
    OSError,
    RuntimeError,  # an encrypted member
    SyntaxError,  # a header that is no Python literal
    tokenize.TokenError,
    ValueError,
)


def array_bytes(arrays: Mapping[str, ArrayLike]) -> bytes:
    """Return the file's content; the same arrays give the same bytes.

    Raises
    ------
    BundleError
        An array holds something else than numbers.
    """
    plain = {name: np.ascontiguousarray(values).reshape(np.shape(values)) for name, values in arrays.items()}
    if odd := {name: str(values.dtype) for name, values in plain.items() if values.dtype.kind not in "biuf"}:
        raise BundleError(f"{odd} cannot be saved as plain numbers; convert them")
    return safetensors.numpy.save(plain)


def model_arrays(files: Mapping[str, bytes]) -> Arrays:
    """Return the arrays that answer in a bundle, from its files.

    Raises
    ------
    BundleError
        It holds none, or they cannot be read.
    """
    for name in ARRAY_FILES:
        if name in files:
            return read_arrays(name, files[name])
    raise BundleError(f"the bundle holds no {ARRAYS}; it answers from something else")


def read_arrays(name: str, content: bytes) -> Arrays:
    """Return the arrays by name; `name` is the file's, for messages.

    Raises
    ------
    BundleError
        The file is damaged, or holds more than numbers.
    """
    try:
        arrays = _unzipped(content) if content.startswith(_ZIPPED) else _loaded(content)
    except _DAMAGE as error:
        raise BundleError(f"{name} cannot be read ({error}); save the bundle again") from error
    if odd := {key: str(values.dtype) for key, values in arrays.items() if values.dtype.kind not in "biufU"}:
        raise BundleError(f"{name} holds what is no number ({odd}); save the bundle again")
    return arrays


def _loaded(content: bytes) -> Arrays:
    return {name: values.copy() for name, values in safetensors.numpy.load(content).items()}  # else read-only


def _unzipped(content: bytes) -> Arrays:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        packed = [entry.filename for entry in archive.infolist() if entry.compress_type != zipfile.ZIP_STORED]
    if packed:  # a small file could fill the memory
        raise ValueError(f"{packed[0]} is compressed")
    with np.load(io.BytesIO(content), allow_pickle=False) as loaded:
        return {key: np.asarray(loaded[key]) for key in loaded.files}
