"""Frames of a state are codes: one column of them, or several that are independent given the state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special

from motif.behavior.semi_markov._emission import summed
from motif.errors import InputError

__all__ = ["CategoricalEmission"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

_PRIOR_FRAMES = 0.5
"""How often each code is taken as seen before."""


@dataclass(frozen=True)
class CategoricalEmission:
    """Probabilities of the codes in each column; a frame that holds a NaN says nothing.

    The levels of a quantizer are columns: with FSQ levels (8, 6, 5) a state learns 19 numbers instead of 240.
    """

    probabilities: Array
    """(looks, codes of all columns side by side)."""
    levels: tuple[int, ...]
    """How many codes each column has: 0, 1, … one less."""

    @classmethod
    def of(cls, sequences: list[Array], n_looks: int, *, levels: tuple[int, ...] | None) -> Self:
        """Return looks that all are as the frames are on average; by default the largest code seen is the last."""
        frames = np.concatenate(sequences)
        if levels is None:
            levels = tuple(int(largest) + 1 for largest in np.nanmax(frames, axis=0))
        blank = cls(np.ones((n_looks, sum(levels))), tuple(levels))
        for part in sequences:
            blank.check(part)
        return blank.fitted(blank.counted(frames, np.ones((len(frames), n_looks))))

    @property
    def n_looks(self) -> int:
        return len(self.probabilities)

    @property
    def log_prior(self) -> float:
        return float(_PRIOR_FRAMES * np.log(self.probabilities).sum())

    @property
    def memory(self) -> int:
        return 0

    @property
    def nothing(self) -> Array:
        return np.zeros_like(self.probabilities)

    def check(self, frames: Array) -> None:
        if frames.shape[1] != len(self.levels):
            raise InputError(f"X has {frames.shape[1]} columns of codes, levels name {len(self.levels)}")
        wrong = (frames < 0) | (frames >= self.levels) | (np.floor(frames) != frames)
        wrong &= np.isfinite(frames)
        if wrong.any():
            row, column = map(int, np.argwhere(wrong)[0])
            raise InputError(
                f"X is {frames[row, column]:g} at frame {row}, column {column}; want whole codes "
                f"0…{self.levels[column] - 1}: say how many there are with levels"
            )

    def seen(self, frames: Array) -> NDArray[np.bool_]:
        return np.asarray(np.isfinite(frames).all(axis=1))

    def log_density(self, frames: Array) -> Array:
        logs = np.log(self.probabilities).T
        density = np.zeros((len(frames), self.n_looks))
        for column in self._codes(frames).T:
            density += logs[column]
        density[~self.seen(frames)] = 0.0
        return density

    def counted(self, frames: Array, weights: Array) -> Array:
        return np.ascontiguousarray((self._one_hot(frames).T @ weights).T)

    def fitted(self, sums: Array) -> Self:
        return self._normalized(sums + _PRIOR_FRAMES)

    @property
    def knows_offsets(self) -> bool:
        return False

    def marginal(self, sequences: Sequence[Array], paths: Sequence[Labels], look: Labels, weight: float) -> float:
        sums = summed(self, sequences, paths, weight * np.eye(look.max() + 1)[look])
        total = (special.gammaln(sums + _PRIOR_FRAMES) - special.gammaln(_PRIOR_FRAMES)).sum()
        for part in self._split(sums):
            prior = _PRIOR_FRAMES * part.shape[1]
            total += (special.gammaln(prior) - special.gammaln(prior + part.sum(axis=1))).sum()
        return float(total)

    def allowing(self, offsets: Array) -> Self:
        return self  # codes have no width

    def expecting(self, sums: Array) -> Self:
        return self

    def drawn(self, sums: Array, rng: np.random.Generator) -> Self:
        return self._normalized(np.maximum(rng.standard_gamma(sums + _PRIOR_FRAMES), 1e-100))

    def taken(self, looks: Labels) -> Self:
        return replace(self, probabilities=self.probabilities[looks])

    def sample(self, looks: Labels, rng: np.random.Generator) -> Array:
        columns = []
        for part in self._split(self.probabilities):
            above = rng.random(len(looks))[:, None] > np.cumsum(part, axis=1)[looks, :-1]
            columns.append(above.sum(axis=1))
        return np.stack(columns, axis=1).astype(np.float64)

    def described(self, frames: Array) -> Array:
        return np.where(self.seen(frames)[:, None], self._one_hot(frames).toarray(), np.nan)

    def residuals(self, frames: Array, looks: Labels) -> Array:
        return self.described(frames) - self.probabilities[looks]

    def settings(self) -> dict[str, Any]:
        return {"levels": list(self.levels)}

    def arrays(self) -> dict[str, Array]:
        return {"probabilities": self.probabilities}

    def _codes(self, frames: Array) -> Labels:
        """Return (time, columns), where the probability of each code stands; missing ones as the first."""
        first = np.concatenate(([0], np.cumsum(self.levels)[:-1]))
        return np.asarray(np.nan_to_num(frames).astype(np.int64) + first)

    def _one_hot(self, frames: Array) -> sparse.csr_array:
        seen, codes = self.seen(frames), self._codes(frames)
        values = np.repeat(seen.astype(np.float64), codes.shape[1])
        starts = np.arange(len(frames) + 1) * codes.shape[1]
        return sparse.csr_array((values, codes.ravel(), starts), shape=(len(frames), sum(self.levels)))

    def _normalized(self, weights: Array) -> Self:
        """Return these weights (looks, codes of all columns) as the probabilities of each column."""
        parts = [part / part.sum(axis=1, keepdims=True) for part in self._split(weights)]
        return replace(self, probabilities=np.hstack(parts))

    def _split(self, values: Array) -> list[Array]:
        return np.split(values, np.cumsum(self.levels)[:-1], axis=1)
