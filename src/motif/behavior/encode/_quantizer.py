"""What every quantizer does: vectors in, whole numbers out, and a report on how the numbers are used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_numbers, require_finite
from motif.errors import DtypeError, LabelError, ShapeError

__all__ = ["CodeUsage", "Quantizer", "checked_codes", "checked_vectors", "code_usage"]


@runtime_checkable
class Quantizer(Protocol):
    """Vectors of a few numbers in, one code each out; a code stands for a vector that `decode` gives back.

    A vector's code depends on nothing but the vector: not on what else is in the batch, nor on threads.
    """

    @property
    def n_dimensions(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def codebook_size(self) -> int:
        """How many codes there are: 0 … codebook_size − 1."""
        ...

    def fit(self, vectors: ArrayLike) -> Self:
        """Learn what there is to learn from (…, n_dimensions)."""
        ...

    def encode(self, vectors: ArrayLike) -> NDArray[np.int32]:
        """Return the code of each vector: (…, n_dimensions) → (…)."""
        ...

    def decode(self, codes: ArrayLike) -> NDArray[np.float32]:
        """Return the vector each code stands for: (…) → (…, n_dimensions)."""
        ...

    def usage(self, codes: ArrayLike) -> CodeUsage:
        """Say how codes are used."""
        ...


@dataclass(frozen=True, eq=False)
class CodeUsage:
    """How often each code occurs."""

    counts: NDArray[np.int64]
    """(codebook_size,)"""
    level_counts: tuple[NDArray[np.int64], ...]
    """For each dimension, how often each of its levels occurs; a codebook without levels is one dimension."""

    @property
    def n_used(self) -> int:
        """Codes that occur at all."""
        return int(np.count_nonzero(self.counts))

    @property
    def perplexity(self) -> float:
        """Of how many equally frequent codes the stream would be as varied; 0 where there are no codes."""
        share = self.counts[self.counts > 0] / max(self.counts.sum(), 1)
        return float(np.exp(-(share * np.log(share)).sum())) if share.size else 0.0

    @property
    def every_level_used(self) -> bool:
        """Whether each level of each dimension occurs."""
        return all(bool(counts.all()) for counts in self.level_counts)


def code_usage(codes: ArrayLike, levels: tuple[int, ...]) -> CodeUsage:
    """Count codes of a codebook that has `levels` in each dimension, the first dimension changing fastest.

    Raises
    ------
    LabelError, DtypeError
    """
    size = int(np.prod(levels))
    counts = np.bincount(checked_codes(codes, size).ravel(), minlength=size)
    grid = counts.reshape(levels[::-1])
    axes = range(len(levels))
    return CodeUsage(counts, tuple(grid.sum(axis=tuple(a for a in axes if a != len(levels) - 1 - d)) for d in axes))


def checked_vectors(vectors: ArrayLike, n_dimensions: int) -> NDArray[np.float32]:
    """Return (…, n_dimensions) float32.

    Raises
    ------
    DtypeError, ShapeError, NotFiniteError
    """
    array = as_numbers(vectors, "vectors")
    if array.ndim < 1 or array.shape[-1] != n_dimensions:
        raise ShapeError("vectors", got=array.shape, want=f"(…, {n_dimensions})")
    require_finite("vectors", array)
    return np.asarray(array, np.float32)


def checked_codes(codes: ArrayLike, codebook_size: int) -> NDArray[np.int64]:
    """Return codes as whole numbers.

    Raises
    ------
    DtypeError
        They are no whole numbers.
    LabelError
        One of them is outside the codebook.
    """
    array = np.asarray(codes)
    if array.dtype.kind not in "iu" and array.size:
        raise DtypeError("codes", got=array.dtype, want="whole numbers")
    if array.size and (array.min() < 0 or array.max() >= codebook_size):
        raise LabelError(f"codes reach from {array.min()} to {array.max()}; want 0 … {codebook_size - 1}")
    return array.astype(np.int64)
