"""Vectors turned by quaternions (w, x, y, z)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_vectors
from motif.errors import InputError, ShapeError

__all__ = ["rotate"]


def rotate(vectors: ArrayLike, quaternions: ArrayLike, *, inverse: bool = False) -> NDArray[np.float64]:
    """Turn vectors by quaternions.

    Parameters
    ----------
    vectors : (n_samples, 3)
    quaternions : (n_samples, 4) or (4,)
        (w, x, y, z), of any length but zero; one for all, or one for each.
    inverse : bool
        Turn back: from the earth's frame to the sensor's.

    Returns
    -------
    (n_samples, 3)
        NaN where either is.

    Raises
    ------
    ShapeError
        The arrays are of other shapes.
    InputError
        A quaternion is zero, which is no rotation.

    References
    ----------
    Diebel (2006), "Representing attitude", eq. 117.

    Examples
    --------
    >>> rotate([[1.0, 0.0, 0.0]], [np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)]).round(6) + 0.0  # a quarter turn to the left
    array([[0., 1., 0.]])
    """
    columns = as_vectors(vectors, "vectors")
    turns = as_vectors(np.atleast_2d(quaternions), "quaternions", size=4)
    if len(turns) not in (1, len(columns)):
        raise ShapeError("quaternions", got=np.shape(quaternions), want=f"({len(columns)}, 4) or (4,)")
    length = np.linalg.norm(turns, axis=1, keepdims=True)
    if (length == 0).any():
        raise InputError(f"quaternion {int(np.argmin(length))} is zero, which is no rotation; want a length of 1")
    turns = turns / length
    w, axis = turns[:, :1], -turns[:, 1:] if inverse else turns[:, 1:]
    across = 2 * np.cross(axis, columns)
    return np.asarray(columns + w * across + np.cross(axis, across), dtype=np.float64)
