"""NumPy's numbers as Arrow's, without pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow

__all__ = ["arrow_array", "numpy_array"]


def arrow_array(numbers: NDArray[Any]) -> pyarrow.Array:
    """Return int64 or float64 numbers (n,) as an Arrow array; NaN stays NaN.

    Not `pyarrow.array`: its first call on NumPy imports pandas where there is one, which takes a second or two.
    """
    import pyarrow

    kind = pyarrow.from_numpy_dtype(numbers.dtype)
    return pyarrow.Array.from_buffers(kind, len(numbers), [None, pyarrow.py_buffer(np.ascontiguousarray(numbers))])


def numpy_array(column: pyarrow.Array) -> NDArray[Any]:
    """Return a column of numbers, (n,).

    Raises
    ------
    pyarrow.ArrowInvalid
        Entries are missing, or are not numbers.
    """
    import pyarrow

    if column.null_count or not (pyarrow.types.is_integer(column.type) or pyarrow.types.is_floating(column.type)):
        raise pyarrow.ArrowInvalid(f"{column.null_count} entries of a column of {column.type} are missing")
    return np.from_dlpack(column)  # not `to_numpy`, which imports pandas too
