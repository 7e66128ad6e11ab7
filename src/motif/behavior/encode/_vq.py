"""Vector quantization: codes are the nearest of learnt vectors, which follow the data by moving averages."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.behavior.encode._nearest import nearest
from motif.behavior.encode._quantizer import CodeUsage, checked_codes, checked_vectors, code_usage
from motif.errors import ConfigError, InputError, TooFewSamplesError

__all__ = ["VQ"]


class VQ:
    """Vector quantization with moving averages and revival of codes that nothing uses.

    Parameters
    ----------
    codebook_size : int
        Codes, 2 or more.
    n_dimensions : int
        Numbers in a vector.
    decay : float, 0 ≤ decay < 1
        Share of the averages that stays when a batch comes in.
    revive_below : float
        A code whose averaged count falls below this share of a fair one is put on a vector of the batch.
    epochs, batch_size : int
        Passes over the vectors in `fit`, and vectors in a batch.
    random_state : int or None

    Attributes
    ----------
    codebook_ : (codebook_size, n_dimensions) float32

    References
    ----------
    van den Oord, Vinyals, Kavukcuoglu (2017), "Neural Discrete Representation Learning", appendix A.1: averages.
    Dhariwal et al. (2020), "Jukebox", section 3.1: revival by vectors of the batch.

    Examples
    --------
    >>> corners = np.repeat([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], 50, axis=0)
    >>> codes = VQ(4, 2, random_state=0).fit(corners).encode(corners)
    >>> len(set(codes.tolist()))
    4
    """

    codebook_: NDArray[np.float32]
    _counts: NDArray[np.float64]
    _sums: NDArray[np.float64]
    _rng: np.random.Generator

    def __init__(
        self,
        codebook_size: int = 240,
        n_dimensions: int = 3,
        *,
        decay: float = 0.95,
        revive_below: float = 0.05,
        epochs: int = 5,
        batch_size: int = 4096,
        random_state: int | None = None,
    ) -> None:
        if codebook_size < 2 or n_dimensions < 1 or epochs < 1 or batch_size < 1:
            raise ConfigError(
                f"codebook_size={codebook_size}, n_dimensions={n_dimensions}, epochs={epochs}, "
                f"batch_size={batch_size}; want two codes or more, the others 1 or more"
            )
        if not (0 <= decay < 1 and 0 <= revive_below < 1):
            raise ConfigError(f"decay={decay}, revive_below={revive_below}; want 0 or more and less than 1")
        self.codebook_size = codebook_size
        self.n_dimensions = n_dimensions
        self.decay = decay
        self.revive_below = revive_below
        self.epochs = epochs
        self.batch_size = batch_size
        self.random_state = random_state

    def __repr__(self) -> str:
        """Say how many codes for how many numbers."""
        return f"VQ({self.codebook_size}, {self.n_dimensions})"

    @classmethod
    def of(cls, codebook: ArrayLike) -> Self:
        """Return a quantizer with the given codebook (codebook_size, n_dimensions)."""
        vectors = np.asarray(codebook)
        made = cls(*vectors.shape)
        made.codebook_ = np.ascontiguousarray(checked_vectors(vectors, made.n_dimensions))
        return made

    def fit(self, vectors: ArrayLike) -> Self:
        """Learn the codebook from vectors (…, n_dimensions).

        Raises
        ------
        DtypeError, ShapeError, NotFiniteError
        TooFewSamplesError
            There is no vector.
        """
        values = checked_vectors(vectors, self.n_dimensions).reshape(-1, self.n_dimensions)
        if not len(values):
            raise TooFewSamplesError("there are no vectors to learn a codebook from; give one or more")
        self._rng = np.random.default_rng(self.random_state)
        self._begin(values)
        for _ in range(self.epochs):
            order = self._rng.permutation(len(values))
            for start in range(0, len(values), self.batch_size):
                self.update(values[order[start : start + self.batch_size]])
        return self

    def update(self, vectors: ArrayLike) -> Self:
        """Let the codebook follow one batch (…, n_dimensions); the first batch begins it.

        Raises
        ------
        DtypeError, ShapeError, NotFiniteError
        """
        values = checked_vectors(vectors, self.n_dimensions).reshape(-1, self.n_dimensions)
        if not len(values):
            return self
        if not hasattr(self, "_counts"):
            self._rng = np.random.default_rng(self.random_state)
            self._begin(values)
        codes = nearest(values, self.codebook_)
        counts = np.bincount(codes, minlength=self.codebook_size)
        sums = np.stack(
            [np.bincount(codes, weights=column, minlength=self.codebook_size) for column in values.T], axis=1
        )
        self._counts = self.decay * self._counts + (1 - self.decay) * counts
        self._sums = self.decay * self._sums + (1 - self.decay) * sums
        self._revive(values)
        self.codebook_ = (self._sums / np.maximum(self._counts, 1e-9)[:, None]).astype(np.float32)
        return self

    def encode(self, vectors: ArrayLike) -> NDArray[np.int32]:
        """Return the nearest code of each vector, the lower number where two are as near: (…, n_dimensions) → (…).

        Raises
        ------
        DtypeError, ShapeError, NotFiniteError
        InputError
            Nothing was learnt yet.
        """
        values = checked_vectors(vectors, self.n_dimensions)
        codes = nearest(np.ascontiguousarray(values.reshape(-1, self.n_dimensions)), self._learnt())
        return codes.reshape(values.shape[:-1])

    def decode(self, codes: ArrayLike) -> NDArray[np.float32]:
        """Return the vector of each code: (…) → (…, n_dimensions).

        Raises
        ------
        DtypeError, LabelError, InputError
        """
        return np.asarray(self._learnt()[checked_codes(codes, self.codebook_size)])

    def usage(self, codes: ArrayLike) -> CodeUsage:
        """Say how often each code occurs.

        Raises
        ------
        DtypeError, LabelError
        """
        return code_usage(codes, (self.codebook_size,))

    def _learnt(self) -> NDArray[np.float32]:
        if not hasattr(self, "codebook_"):
            raise InputError("this VQ has no codebook yet; call fit with vectors first")
        return self.codebook_

    def _begin(self, values: NDArray[np.float32]) -> None:
        self.codebook_ = self._spread_out(values)
        fair = min(self.batch_size, len(values)) / self.codebook_size
        self._counts = np.full(self.codebook_size, fair)
        self._sums = self.codebook_.astype(np.float64) * fair

    def _revive(self, values: NDArray[np.float32]) -> None:
        fair = self._counts.sum() / self.codebook_size
        dead = np.flatnonzero(self._counts < self.revive_below * fair)
        if dead.size:
            self._counts[dead] = fair
            self._sums[dead] = self._drawn(values, dead.size) * fair

    def _spread_out(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a first codebook: vectors of the data that lie apart (k-means++)."""
        from sklearn.cluster import kmeans_plusplus

        some = values[self._rng.permutation(len(values))[: self.batch_size]]
        if len(some) < self.codebook_size:
            return self._drawn(values, self.codebook_size)
        found = kmeans_plusplus(some, self.codebook_size, random_state=int(self._rng.integers(2**31 - 1)))[0]
        return np.asarray(found, np.float32)

    def _drawn(self, values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
        """Return vectors by chance, moved a little where there are too few of them."""
        drawn = values[self._rng.choice(len(values), count, replace=count > len(values))]
        noise = 1e-3 * values.std(axis=0) * self._rng.standard_normal(drawn.shape)
        return np.asarray(drawn + noise, np.float32)
