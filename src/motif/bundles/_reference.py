"""`reference.npz`: a few windows and the trainer's own answers to them, so that any device can be compared."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import BundleError

__all__ = ["REFERENCE", "Reference", "read_reference", "reference_bytes"]

REFERENCE = "reference.npz"
Reference = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Windows (n, *window) and their probabilities (n, n_classes)."""


def reference_bytes(windows: ArrayLike, probabilities: ArrayLike) -> bytes:
    """Return the file's content; the same arrays give the same bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, windows=np.asarray(windows, np.float32), probabilities=np.asarray(probabilities, np.float32))
    return buffer.getvalue()


def read_reference(files: Mapping[str, bytes], *, window_shape: tuple[int, ...], n_classes: int) -> Reference | None:
    """Return windows and answers from the files of a bundle, or None where it holds none.

    Raises
    ------
    BundleError
        The file is damaged, or its arrays do not fit the bundle.
    """
    if REFERENCE not in files:
        return None
    try:
        with np.load(io.BytesIO(files[REFERENCE]), allow_pickle=False) as arrays:
            windows, answers = arrays["windows"], arrays["probabilities"]
    except (ValueError, OSError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BundleError(f"{REFERENCE} cannot be read ({error}); save the bundle again") from error
    if windows.shape[1:] != window_shape or answers.shape != (len(windows), n_classes) or not len(windows):
        raise BundleError(f"{REFERENCE} holds windows {windows.shape} and answers {answers.shape}; save again")
    return windows, answers
