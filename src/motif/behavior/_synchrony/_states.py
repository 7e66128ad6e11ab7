"""`state_synchrony`: two streams of states or codes that go together, against chance."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.behavior._synchrony._chance import Measure, against_chance, any_beyond_chance
from motif.behavior._synchrony._lead import Leader
from motif.behavior._synchrony._states_lead import leader_of, transfers
from motif.behavior._synchrony._surrogates import few_turns_note, independent_turns, memory
from motif.behavior._synchrony._transfer import shared_information
from motif.errors import ConfigError, DtypeError, ShapeError, TooFewSamplesError

__all__ = ["CoupledStates", "StateSynchrony", "state_synchrony"]

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

_LAGS = 20
"""Lags that are looked at, evenly spaced up to the largest."""
_MOST_STATES = 64


@dataclass(frozen=True, slots=True)
class CoupledStates:
    """A state of a and a state of b at the same time."""

    a: int
    b: int
    share: float
    """Of the time."""
    chance: float
    """Mean share over the surrogates."""
    ratio: float
    """Share over chance: 2 is twice as often as chance."""
    p_value: float
    """Share of surrogates that are as far from chance, either way, itself counted."""
    p_corrected: float
    """For having looked at all pairs of states."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StateSynchrony:
    """What was found of two streams of states."""

    measures: tuple[Measure, ...]
    """`mutual_information` (largest over lags), `transfer_a_to_b`, `transfer_b_to_a`, `same_state`; nats, and a share.

    `value - chance` is the information with its bias taken off.
    """
    lag_s: float
    """At which lag the mutual information is largest; b comes later where it is positive."""
    transfer_a_to_b: float
    """Transfer entropy with its bias taken off, nats a step."""
    transfer_b_to_a: float
    leader: Leader
    """Where transfer one way is beyond chance, more than the other way beyond the error of the difference, and the
    other comes later."""
    states: tuple[CoupledStates, ...]
    """Every pair of states that occurs or should, the least likely by chance first."""
    lags_s: Array
    """(lags,)."""
    mutual_information: Array
    """(lags,), as counted."""
    n_surrogates: int
    """How many turns chance was made of."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know before reading the figures, in sentences."""
        note = few_turns_note(self.n_surrogates)
        return (note,) if note else ()

    @property
    def is_coupled(self) -> bool:
        """Whether any measure is beyond chance at 5 %, corrected for how many there are."""
        return any_beyond_chance(self.measures)

    def table(self) -> list[dict[str, Any]]:
        """Return a row for each measure."""
        return [asdict(measure) for measure in self.measures]

    def state_table(self) -> list[dict[str, Any]]:
        """Return a row for each pair of states."""
        return [asdict(pair) for pair in self.states]


def state_synchrony(
    a: ArrayLike,
    b: ArrayLike,
    rate_hz: float = 1.0,
    *,
    max_lag_s: float = 2.5,
    nearest_s: float = 30.0,
    n_surrogates: int = 199,
    random_state: int | None = 0,
) -> StateSynchrony:
    """Measure how two streams of states, codes or labels go together.

    Counts are biased: few frames and many states look like information. So every figure stands against the same
    streams, one turned in time against the other by `nearest_s` or more, its end joined to its beginning: each stream
    stays what it is, bouts and all, and their relation is lost. No more turns are taken than are independent; of fewer
    than 19 nothing is beyond chance, and `notes` says so.

    Parameters
    ----------
    a, b : (n,), int
        At the same times. The same number need not mean the same state, but for `same_state`.
    rate_hz : float
        Frames a second.
    max_lag_s : float
        The largest lag looked at.
    nearest_s : float
        How far a surrogate is turned at least: longer than states remember each other.
    n_surrogates : int
        At most so many turns; the smallest p value is 1 over one more than there are.
    random_state : int, optional

    Raises
    ------
    ShapeError, DtypeError, ConfigError
    TooFewSamplesError
        There are fewer frames than four times `nearest_s`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> a = np.repeat(rng.integers(0, 4, 300), 10)
    >>> found = state_synchrony(a, np.roll(a, 5), rate_hz=10.0, n_surrogates=99)
    >>> found.leader, found.lag_s, found.is_coupled
    ('a', 0.5, True)
    """
    first, second, n_states, names = _codes(a, b)
    nearest, lags = _samples(rate_hz, max_lag_s, nearest_s, n_surrogates, len(first))
    remembered = max(memory(np.eye(n_states)[stream]) for stream in (first, second))
    apart, rng = max(2 * int(lags[-1]) + 1, remembered), np.random.default_rng(random_state)
    turns = independent_turns(len(first), nearest=nearest, apart=apart, most=n_surrogates, rng=rng)
    turns = np.append(0, turns)
    information = shared_information(first, second, (turns[:, None] + lags).ravel(), n_states).reshape(len(turns), -1)
    told = transfers(first, second, turns, lags[lags > 0], n_states, nearest)
    values = {
        "mutual_information": information.max(axis=1),
        "transfer_a_to_b": told.onto_b,
        "transfer_b_to_a": told.onto_a,
        "same_state": np.array([(first == np.roll(second, -turn)).mean() for turn in turns]),
    }
    measures = against_chance({k: float(v[0]) for k, v in values.items()}, {k: v[1:] for k, v in values.items()})
    effective = {m.name: m.value - m.chance for m in measures}
    corrected = {m.name: m.p_corrected for m in measures}
    lag_s = float(lags[information[0].argmax()] / rate_hz)
    return StateSynchrony(
        measures=measures,
        lag_s=lag_s,
        transfer_a_to_b=effective["transfer_a_to_b"],
        transfer_b_to_a=effective["transfer_b_to_a"],
        leader=leader_of(told, (corrected["transfer_a_to_b"], corrected["transfer_b_to_a"]), lag_s),
        states=_coupled(first, second, turns, n_states, names),
        lags_s=lags / rate_hz,
        mutual_information=information[0],
        n_surrogates=len(turns) - 1,
    )


def _coupled(a: Codes, b: Codes, turns: Codes, n_states: int, names: Codes) -> tuple[CoupledStates, ...]:
    """Return how often each pair of states is seen; corrected by the largest deviation over all pairs."""
    counts = [np.bincount(a * n_states + np.roll(b, -turn), minlength=n_states**2) for turn in turns]
    shares = np.stack(counts) / len(a)  # (turns, pairs)
    z = np.abs(shares - shares.mean(axis=0)) / np.maximum(shares.std(axis=0), 1e-12)
    strongest = z.max(axis=1)
    rows = [
        CoupledStates(
            a=int(names[pair // n_states]),
            b=int(names[pair % n_states]),
            share=float(shares[0, pair]),
            chance=float(shares[1:, pair].mean()),
            ratio=float(shares[0, pair] / max(shares[1:, pair].mean(), 1e-12)),
            p_value=float((z[:, pair] >= z[0, pair]).mean()),
            p_corrected=float((strongest >= z[0, pair]).mean()),
        )
        for pair in np.argsort(-z[0], kind="stable")
        if shares[:, pair].any()
    ]
    return tuple(rows)


def _codes(a: ArrayLike, b: ArrayLike) -> tuple[Codes, Codes, int, Codes]:
    streams = []
    for name, labels in (("a", a), ("b", b)):
        stream = np.asarray(labels)
        if stream.ndim != 1 or not stream.size:
            raise ShapeError(name, got=stream.shape, want="(n,), one state a frame")
        if stream.dtype.kind not in "iu":
            raise DtypeError(name, got=stream.dtype, want="integers, one for each state")
        streams.append(stream.astype(np.int64))
    if streams[0].shape != streams[1].shape:
        raise ShapeError("b", got=streams[1].shape, want=f"{streams[0].shape}, as a: at the same times")
    names, codes = np.unique(np.concatenate(streams), return_inverse=True)
    if len(names) > _MOST_STATES:
        raise ConfigError(
            f"there are {len(names)} states; counts of {len(names)}³ cells say nothing: group them to {_MOST_STATES} "
            "or fewer first, such as by clustering codes"
        )
    first, second = np.split(codes.astype(np.int64), 2)
    return first, second, len(names), names


def _samples(rate_hz: float, max_lag_s: float, nearest_s: float, n_surrogates: int, n: int) -> tuple[int, Codes]:
    rising = rate_hz > 0 and 0 < max_lag_s < nearest_s and nearest_s * rate_hz < np.inf
    if not (rising and n_surrogates >= 99):
        raise ConfigError(
            f"rate_hz={rate_hz}, max_lag_s={max_lag_s}, nearest_s={nearest_s}, n_surrogates={n_surrogates}; want the "
            "first two above 0, nearest_s above max_lag_s, none infinite, 99 surrogates or more"
        )
    nearest, max_lag = max(round(nearest_s * rate_hz), 1), max(round(max_lag_s * rate_hz), 1)
    if n < 4 * nearest:
        raise TooFewSamplesError(
            f"{n} frames leave no room to turn one stream by {nearest} or more; record longer, or shorten nearest_s"
        )
    one_way = np.unique(np.rint(np.linspace(1, max_lag, min(_LAGS, max_lag))).astype(np.int64))
    return nearest, np.concatenate([-one_way[::-1], [0], one_way])
