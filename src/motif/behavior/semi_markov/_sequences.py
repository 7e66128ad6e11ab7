"""Sequences of frames, checked, and excerpts of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_array, require_count
from motif.errors import ConfigError, DtypeError, InputError, ShapeError

__all__ = ["checked_sequences", "excerpts"]

Array = NDArray[np.float64]


def checked_sequences(
    X: ArrayLike, lengths: Sequence[int] | None = None, *, n_features: int | None = None
) -> list[Array]:
    """Return each sequence as (frames, features) float64; NaN marks what is missing.

    Raises
    ------
    ShapeError, DtypeError
    InputError
        Infinite values.
    ConfigError
        `lengths` are no whole numbers, or do not add up.
    """
    frames = as_array(X, "X")
    want = "(frames, features)" if n_features is None else f"(frames, {n_features})"
    if frames.ndim != 2 or 0 in frames.shape or (n_features and frames.shape[1] != n_features):
        raise ShapeError("X", got=frames.shape, want=want)
    if frames.dtype.kind not in "fiu":
        raise DtypeError("X", got=frames.dtype, want="numbers")
    frames = frames.astype(np.float64)
    if np.isinf(frames).any():
        row, column = map(int, np.argwhere(np.isinf(frames))[0])
        raise InputError(f"X is infinite at frame {row}, feature {column}; mark what is missing with NaN")
    if lengths is None:
        return [frames]
    for each in lengths:
        require_count("lengths", each)
    if sum(lengths) != len(frames):
        raise ConfigError(f"lengths add up to {sum(lengths)}, X has {len(frames)} frames; want all of X")
    return np.split(frames, np.cumsum(lengths)[:-1])


def excerpts(sequences: list[Array], at_most: int, *, block: int) -> list[Array]:
    """Return contiguous blocks, spread evenly, of `at_most` frames together; all where there are no more."""
    if sum(map(len, sequences)) <= at_most:
        return sequences
    blocks = [part[i : i + block] for part in sequences for i in range(0, len(part), block)]
    blocks = [part for part in blocks if len(part) >= block // 2 and np.isfinite(part).all(axis=1).any()]
    wanted = max(at_most // block, 1)
    if len(blocks) <= wanted:
        return blocks or sequences
    chosen = np.linspace(0, len(blocks) - 1, wanted).round().astype(int)
    return [blocks[i] for i in np.unique(chosen)]
