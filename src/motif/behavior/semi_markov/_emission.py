"""What a state looks like: the one interface that every family of emissions keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Emission", "summed"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


class Emission(Protocol):
    """Distributions of frames, one for each look a state can have.

    All that is learnt from frames passes through `counted`: sums, which add up over sequences and over machines.
    """

    @property
    def n_looks(self) -> int:
        """How many distributions there are."""

    @property
    def log_prior(self) -> float:
        """What the prior says of the parameters, up to a constant."""

    @property
    def memory(self) -> int:
        """How many frames of the past a frame depends on."""

    @property
    def nothing(self) -> Array:
        """What `counted` returns of no frames."""

    def check(self, frames: Array) -> None:
        """Raise InputError where a frame (time, features) cannot be of this family."""

    def seen(self, frames: Array) -> NDArray[np.bool_]:
        """Return (time,), which frames say something."""

    def log_density(self, frames: Array) -> Array:
        """Return (time, looks) of one sequence; a frame that is missing has 0 everywhere."""

    def counted(self, frames: Array, weights: Array) -> Array:
        """Return sums of one sequence (time, features) under weights (time, looks); the first axis is of looks."""

    def fitted(self, sums: Array) -> Self:
        """Return the most probable looks for these sums, the prior included."""

    @property
    def knows_offsets(self) -> bool:
        """Whether `marginal` allows for what whole segments of one look differ by."""

    def marginal(self, sequences: Sequence[Array], paths: Sequence[Labels], look: Labels, weight: float) -> float:
        """Return the log probability of frames along paths with looks integrated out, up to what all paths share.

        Parameters
        ----------
        sequences, paths : (time, features), (time,) each
        look : (states,)
        weight
            How many independent frames a frame is worth.
        """

    def allowing(self, offsets: Array) -> Self:
        """Return the same looks, now and wherever they are `fitted` with room for offsets of whole segments.

        Parameters
        ----------
        offsets : (numbers, numbers)
            Their covariance, in what `residuals` returns.
        """

    def expecting(self, sums: Array) -> Self:
        """Return the same looks, `fitted` from now on with the prior under which these sums are most probable."""

    def drawn(self, sums: Array, rng: np.random.Generator) -> Self:
        """Return looks drawn from what is known of them after these sums; all 0: from the prior."""

    def taken(self, looks: Labels) -> Self:
        """Return these looks, in this order."""

    def sample(self, looks: Labels, rng: np.random.Generator) -> Array:
        """Return a frame for each entry of `looks`, (time, features)."""

    def described(self, frames: Array) -> Array:
        """Return (time, numbers) whose averages over a segment tell looks apart; NaN where a frame is missing."""

    def residuals(self, frames: Array, looks: Labels) -> Array:
        """Return (time, numbers) that `looks` (time,) leave unexplained; NaN where a frame is missing."""

    def settings(self) -> dict[str, Any]:
        """Return what is no array, to be saved as JSON."""

    def arrays(self) -> dict[str, Array]:
        """Return the arrays to be saved."""


def summed(emission: Emission, sequences: Sequence[Array], paths: Sequence[Labels], weights: Array) -> Array:
    """Return what is `counted` along paths (time,) through sequences, under `weights` (states, looks) of frames."""
    pairs = zip(sequences, paths, strict=True)
    return np.asarray(np.sum([emission.counted(frames, weights[path]) for frames, path in pairs], axis=0))
