"""States found without labels, held against what a person coded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.errors import LabelError
from motif.evaluation._behavior_agreement import adjusted_rand, contingency, normalized_mutual_information
from motif.evaluation._ethogram import UNSEEN, Ethogram
from motif.recordings import Annotation

__all__ = ["CodedAgreement", "coded_agreement"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CodedAgreement:
    """How far states and coded behaviours agree, over the moments that are coded and were seen."""

    nmi: float
    """What one tells about the other, 0 … 1 (`normalized_mutual_information`)."""
    ari: float
    """1 perfect, 0 chance (`adjusted_rand`)."""
    states: tuple[str, ...]
    """Those that occur while something is coded."""
    behaviours: tuple[str, ...]
    """What is coded; `walk + look` where two are at once."""
    shares: NDArray[np.float64]
    """(states, behaviours), share of each state's coded time; a row adds up to 1."""
    coded_s: float
    """Time that is coded and was seen."""
    seen_s: float
    """Time that was seen, of the recordings that were coded."""


def coded_agreement(ethograms: Sequence[Ethogram], coded: Sequence[Sequence[Annotation]]) -> CodedAgreement:
    """Return how far the states agree with what was coded; moments of no duration label no time.

    Parameters
    ----------
    ethograms : sequence of Ethogram
        All with the same states.
    coded : sequence of annotations
        What was coded in each of the recordings.

    Raises
    ------
    LabelError
        Nothing that was seen is coded.

    Examples
    --------
    >>> times = np.arange(4) * 10**9
    >>> found = Ethogram(name="a", states=np.array([0, 0, 1, 1]), time_ns=times, rate_hz=1.0, names=("x", "y"))
    >>> coded = [Annotation(0, 2 * 10**9, "walk"), Annotation(2 * 10**9, 3 * 10**9, "rest")]
    >>> agreement = coded_agreement([found], [coded])
    >>> agreement.ari, agreement.behaviours, agreement.coded_s
    (1.0, ('rest', 'walk'), 3.0)
    """
    pairs = [
        (state, label, 1 / one.rate_hz)
        for one, marks in zip(ethograms, coded, strict=True)
        for state, label in zip(one.states.tolist(), _labels(one, marks), strict=True)
        if state != UNSEEN and label
    ]
    if not pairs:
        raise LabelError("nothing that was seen is coded; code spans of the time the recordings cover")
    seen, labels, steps_s = zip(*pairs, strict=True)
    states, found = np.unique(seen, return_inverse=True)
    behaviours, truth = np.unique(labels, return_inverse=True)
    counts = contingency(found, truth)
    return CodedAgreement(
        nmi=normalized_mutual_information(truth, found),
        ari=adjusted_rand(truth, found),
        states=tuple(ethograms[0].names[state] for state in states),
        behaviours=tuple(map(str, behaviours)),
        shares=counts / counts.sum(axis=1, keepdims=True),
        coded_s=float(sum(steps_s)),
        seen_s=sum(float((one.states != UNSEEN).sum()) / one.rate_hz for one in ethograms),
    )


def _labels(one: Ethogram, marks: Sequence[Annotation]) -> list[str]:
    """Return what is coded in the middle of each frame; an empty text where nothing is."""
    middle = one.time_ns + round(5e8 / one.rate_hz)
    names = sorted({mark.label for mark in marks})
    is_coded = np.zeros((len(middle), len(names)), bool)
    for mark in marks:
        first, last = np.searchsorted(middle, [mark.start_ns, mark.stop_ns])
        is_coded[first:last, names.index(mark.label)] = True
    return [" + ".join(name for name, here in zip(names, row, strict=True) if here) for row in is_coded]
