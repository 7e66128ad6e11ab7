"""Checks that every reader of packed arrays makes before it trusts them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError

__all__ = ["check_class_indices", "check_columns", "check_offsets"]


def check_columns(
    path: Path,
    arrays: Mapping[str, NDArray[Any]],
    n: int,
    *,
    integers: Collection[str] = (),
    texts: Collection[str] = (),
) -> None:
    """Check that these arrays hold `n` integers, or `n` texts.

    Raises
    ------
    FormatError
        One has another length or type.
    """
    for key in (*integers, *texts):
        values = arrays[key]
        if values.shape != (n,):
            raise FormatError(path, f"{key} has shape {values.shape}", hint=f"want ({n},), as the other arrays have")
        if values.dtype.kind not in ("iu" if key in integers else "U"):
            want = "integers" if key in integers else "texts"
            raise FormatError(path, f"{key} has dtype {values.dtype}", hint=f"want {want}")


def check_class_indices(path: Path, y: NDArray[Any], class_names: NDArray[Any]) -> None:
    """Check that `class_names` are distinct texts and `y` are indices into them.

    Raises
    ------
    FormatError
        They are not.
    """
    if class_names.ndim != 1 or class_names.dtype.kind != "U" or np.unique(class_names).size != class_names.size:
        raise FormatError(
            path, f"its class names are {class_names.tolist()!r:.80}", hint="want a list of distinct texts"
        )
    if y.size and not 0 <= int(y.min()) <= int(y.max()) < class_names.size:
        raise FormatError(
            path,
            f"labels go from {y.min()} to {y.max()} but there are {class_names.size} class names",
            hint="want each label to be an index into the class names",
        )


def check_offsets(path: Path, offsets: NDArray[Any], n_samples: int) -> int:
    """Check that `offsets` cut `n_samples` into consecutive recordings, none of them empty; return how many.

    Raises
    ------
    FormatError
        They do not.
    """
    good = offsets.ndim == 1 and offsets.dtype.kind in "iu" and offsets.size > 1
    if not good or offsets[0] != 0 or offsets[-1] != n_samples or np.any(offsets[1:] <= offsets[:-1]):
        raise FormatError(path, f"offsets do not cut its {n_samples} samples", hint=f"want 0 … {n_samples}, ascending")
    return offsets.size - 1
