"""`reference.safetensors`: a few windows and the trainer's own answers to them, so that any device can be compared."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.bundles._arrays import array_bytes, read_arrays
from motif.errors import BundleError

__all__ = ["REFERENCE", "REFERENCE_FILES", "Reference", "read_reference", "reference_bytes"]

REFERENCE = "reference.safetensors"
REFERENCE_FILES = (REFERENCE, "reference.npz")
"""What the file is called, today and by earlier versions."""
Reference = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Windows (n, *window) and their probabilities (n, n_classes)."""


def reference_bytes(windows: ArrayLike, probabilities: ArrayLike) -> bytes:
    """Return the file's content; the same arrays give the same bytes."""
    return array_bytes(
        {"windows": np.asarray(windows, np.float32), "probabilities": np.asarray(probabilities, np.float32)}
    )


def read_reference(files: Mapping[str, bytes], *, window_shape: tuple[int, ...], n_classes: int) -> Reference | None:
    """Return windows and answers from the files of a bundle, or None where it holds none.

    Raises
    ------
    BundleError
        The file is damaged, or its arrays do not fit the bundle.
    """
    name = next((name for name in REFERENCE_FILES if name in files), None)
    if name is None:
        return None
    arrays = read_arrays(name, files[name])
    if set(arrays) != {"windows", "probabilities"}:
        raise BundleError(f"{name} holds {', '.join(arrays) or 'nothing'}; want windows and probabilities: save again")
    windows, answers = arrays["windows"], arrays["probabilities"]
    if windows.shape[1:] != window_shape or answers.shape != (len(windows), n_classes) or not len(windows):
        raise BundleError(f"{name} holds windows {windows.shape} and answers {answers.shape}; save again")
    if windows.dtype != np.float32 or answers.dtype != np.float32:
        raise BundleError(f"{name} holds {windows.dtype} and {answers.dtype}; want float32: save again")
    return windows, answers
