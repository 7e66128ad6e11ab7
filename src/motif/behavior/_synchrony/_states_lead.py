"""Which of two streams of states leads: the one that tells more of the other, beyond the error of the difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from motif.behavior._synchrony._lead import Leader
from motif.behavior._synchrony._transfer import transfer_entropy, transfer_without_blocks

__all__ = ["Transfers", "leader_of", "transfers"]

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

_MOST_BLOCKS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Transfers:
    """Transfer entropy, each way at the lag where it is largest; the first of the turns is the observed one."""

    onto_b: Array
    """(turns,), nats."""
    onto_a: Array
    """(turns,), nats."""
    difference: float
    """How much more a tells of b than b of a, bias taken off, nats."""
    error: float
    """Its standard error."""
    n_blocks: int
    """Of time, which were left out in turn."""

    @property
    def is_certain(self) -> bool:
        """Whether the difference is beyond its error at 5 %."""
        return abs(self.difference) > float(stats.t.ppf(0.975, self.n_blocks - 1)) * self.error


def transfers(a: Codes, b: Codes, turns: Codes, ahead: Codes, n_states: int, nearest: int) -> Transfers:
    """Return what each tells of the other's next state, and how far the two ways differ.

    The error is that of leaving out blocks of time, each longer than states remember each other, and of the surrogates
    from which the bias is known.

    Parameters
    ----------
    a, b : (n,)
        States 0 … n_states - 1.
    turns : (turns,)
        By how many samples b is turned against a; the first one 0.
    ahead : (lags,)
        Lags to look at, in samples, above 0.
    n_states : int
    nearest : int
        The shortest block, in samples; four or more of them fit.

    References
    ----------
    Künsch (1989), "The jackknife and the bootstrap for general stationary observations".
    """
    onto_b, onto_a = (
        transfer_entropy(source, target, (way * turns[:, None] + ahead).ravel(), n_states).reshape(len(turns), -1)
        for source, target, way in ((a, b, 1), (b, a, -1))
    )
    n_blocks = min(len(a) // nearest, _MOST_BLOCKS)
    without = transfer_without_blocks(a, b, int(ahead[onto_b[0].argmax()]), n_states, n_blocks)
    without -= transfer_without_blocks(b, a, int(ahead[onto_a[0].argmax()]), n_states, n_blocks)
    difference = onto_b.max(axis=1) - onto_a.max(axis=1)
    return Transfers(
        onto_b=onto_b.max(axis=1),
        onto_a=onto_a.max(axis=1),
        difference=float(difference[0] - difference[1:].mean()),
        error=float(np.sqrt((n_blocks - 1) * without.var() + difference[1:].var() / (len(turns) - 1))),
        n_blocks=n_blocks,
    )


def leader_of(found: Transfers, p_values: tuple[float, float], lag: float) -> Leader:
    """Return who leads.

    It is who tells more, beyond chance and beyond the error of the difference, and whose states the other has later.
    What two do at the same time they may have of a third; then the one with less noise tells more of the other.

    Parameters
    ----------
    found : Transfers
    p_values : (float, float)
        Of what a tells of b, and of what b tells of a.
    lag : float
        At which they share most; above 0 where b comes later.
    """
    leader: Leader = "a" if found.difference > 0 else "b"
    is_told = p_values[0 if leader == "a" else 1] <= 0.05
    is_first = lag > 0 if leader == "a" else lag < 0
    return leader if is_told and is_first and found.is_certain else "neither"
