"""Finite scalar quantization: each number of a vector is bounded and rounded to one of a few levels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.behavior.encode._quantizer import CodeUsage, checked_codes, checked_vectors, code_usage
from motif.errors import ConfigError

__all__ = ["FSQ"]


class FSQ:
    """Finite scalar quantization.

    A dimension with L levels is bounded by h·tanh(z + s) − o and rounded with floor(· + ½); h, s and o are chosen so
    that just L whole numbers can come out, with z = 0 in the middle of one. With 8 levels the values are −1 … 0.75.

    Parameters
    ----------
    levels : sequence of int
        Levels of each dimension, 2 or more. [8, 6, 5] makes 240 codes.

    References
    ----------
    Mentzer, Minnen, Agustsson, Tschannen (2023), "Finite Scalar Quantization: VQ-VAE Made Simple", arXiv 2309.15505.

    Examples
    --------
    >>> FSQ([8, 6, 5]).encode([[0.0, 0.0, 0.0], [-9.0, -9.0, -9.0], [9.0, 9.0, 9.0]])
    array([124,   0, 239], dtype=int32)
    """

    def __init__(self, levels: Sequence[int] = (8, 6, 5)) -> None:
        self.levels = _checked_levels(levels)
        self._thresholds = [_thresholds(n) for n in self.levels]
        self._place = np.cumprod([1, *self.levels[:-1]])

    def __repr__(self) -> str:
        """Say which levels."""
        return f"FSQ({list(self.levels)})"

    @property
    def n_dimensions(self) -> int:
        """Numbers in a vector."""
        return len(self.levels)

    @property
    def codebook_size(self) -> int:
        """How many codes there are."""
        return math.prod(self.levels)

    def fit(self, vectors: ArrayLike) -> Self:
        """Check (…, n_dimensions); there is nothing to learn."""
        checked_vectors(vectors, self.n_dimensions)
        return self

    def encode(self, vectors: ArrayLike) -> NDArray[np.int32]:
        """Return the code of each vector: (…, n_dimensions) → (…) int32.

        Levels are found by comparing with the places where the rounding turns, never by computing a tanh: its last bit
        differs between machines.

        Raises
        ------
        DtypeError, ShapeError, NotFiniteError
        """
        values = checked_vectors(vectors, self.n_dimensions)
        codes = np.zeros(values.shape[:-1], np.int64)
        for d, thresholds in enumerate(self._thresholds):
            codes += np.searchsorted(thresholds, values[..., d], side="right") * self._place[d]
        return codes.astype(np.int32)

    def decode(self, codes: ArrayLike) -> NDArray[np.float32]:
        """Return the rounded vector of each code: (…) → (…, n_dimensions) float32 in [−1, 1].

        Raises
        ------
        DtypeError, LabelError
        """
        levels = np.array(self.levels)
        digits = checked_codes(codes, self.codebook_size)[..., None] // self._place % levels
        return np.asarray((digits - levels // 2) / (levels // 2), np.float32)

    def usage(self, codes: ArrayLike) -> CodeUsage:
        """Say how often each code and each level occurs.

        Raises
        ------
        DtypeError, LabelError
        """
        return code_usage(codes, self.levels)

    def bounds(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Return h, s and o of every dimension, for a graph that bounds by itself."""
        half, shift, offset = np.array([_bound(n) for n in self.levels], np.float32).T
        return half, shift, offset


def _bound(n_levels: int) -> tuple[float, float, float]:
    """Return h, s and o: h·tanh(z + s) − o lies strictly between −(n // 2) − ½ and (n − 1) // 2 + ½."""
    half = (n_levels - 1) / 2 * 1.001  # the outermost level is reached at a finite z
    offset = 0.5 if n_levels % 2 == 0 else 0.0
    return half, math.atanh(offset / half), offset


def _thresholds(n_levels: int) -> NDArray[np.float32]:
    """Return the n − 1 values of z at which the rounding turns to the next level."""
    half, shift, offset = _bound(n_levels)
    turns = np.arange(n_levels - 1) - n_levels // 2 + 0.5
    return np.array([math.atanh((turn + offset) / half) - shift for turn in turns], np.float32)


def _checked_levels(levels: Any) -> tuple[int, ...]:
    array = np.asarray(levels)
    if array.ndim != 1 or not array.size or array.dtype.kind not in "iu" or array.min() < 2:
        raise ConfigError(f"levels is {levels!r}; want whole numbers of 2 or more, such as [8, 6, 5]")
    if math.prod(array.tolist()) >= 2**31:
        raise ConfigError(f"levels {array.tolist()} make {math.prod(array.tolist())} codes; want fewer than 2³¹")
    return tuple(array.tolist())
