"""The most probable segments behind probabilities, when each label lasts and follows others as it was seen to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from motif.errors import ConfigError, LabelError, ShapeError
from motif.smoothing._policy import checked_probabilities
from motif.smoothing._segment_kernel import best_segments
from motif.smoothing._segments import segment_starts

__all__ = ["SegmentDecoder"]

Array = NDArray[np.float64]

NEVER_SEEN = 0.02
"""How many times what was never seen to begin, or to follow, counts as seen."""
LEAST_SPREAD, WIDER = 0.15, 1.3
"""Of the logarithm of durations: few people say too little of how others differ."""
TABLED = 1e-4
"""Durations are tabled until so few last longer. What lasts longer still ends at random, after as long again on
average: that nobody was seen to do it so long is no reason to break it up."""
LONGEST_TABLE = 4000


@dataclass(frozen=True, eq=False)
class SegmentDecoder:
    """Exact decoding of a semi-Markov model whose durations and successions were learnt from labels.

    A label's duration is log-normal, in whole frames. The first segment may have begun before the stream, the last may
    go on after it.

    References
    ----------
    Yu (2010), "Hidden semi-Markov models", Artificial Intelligence 174: the explicit-duration form, with a geometric
    tail. Twin: tests/reference/smoothing.py.

    Examples
    --------
    >>> decoder = SegmentDecoder.learn([np.repeat([0, 1, 0], [5, 9, 6])] * 3, n_classes=2)
    >>> unsure = np.array([0.1] * 4 + [0.4, 0.6, 0.4] + [0.9] * 8 + [0.3] * 5)
    >>> decoder.decode(np.stack([1 - unsure, unsure], axis=1))
    array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0])
    """

    first: Array
    """(n_classes,), probability to be what a stream begins with."""
    following: Array
    """(n_classes, n_classes), from row to column; nothing follows itself."""
    location: Array
    """(n_classes,), mean of the logarithm of the duration in frames."""
    spread: Array
    """(n_classes,), its standard deviation."""
    evidence_weight: float = 0.3
    """What a frame says counts so much: it has looked at much the same as its neighbours."""

    def __post_init__(self) -> None:
        n = len(self.first)
        for name, want in (("first", (n,)), ("following", (n, n)), ("location", (n,)), ("spread", (n,))):
            if (got := getattr(self, name).shape) != want:
                raise ShapeError(name, got=got, want=str(want))
        finite = all(np.isfinite(each).all() for each in (self.first, self.following, self.location, self.spread))
        if not (finite and self.first.min() >= 0.0 and self.following.min() >= 0.0 and self.spread.min() > 0.0):
            raise ConfigError(
                "first, following, location or spread is negative or no number; want shares, and spreads above 0"
            )
        if not 0.0 < self.evidence_weight <= 1.0:
            raise ConfigError(f"evidence_weight is {self.evidence_weight}; want above 0, at most 1")

    @classmethod
    def learn(cls, streams: Sequence[ArrayLike], n_classes: int, *, evidence_weight: float = 0.3) -> Self:
        """Learn how long labels last and what follows what, from the labels of streams.

        Parameters
        ----------
        streams : sequence of (time,) int
            The class of each frame, 0 … n_classes − 1; negative where nothing is known, which parts the stream.
        n_classes : int
        evidence_weight : float

        Raises
        ------
        LabelError
            No frame has a label, or one is not below `n_classes`.
        ConfigError
        """
        first, following = np.full(n_classes, NEVER_SEEN), np.full((n_classes, n_classes), NEVER_SEEN)
        whole: list[list[float]] = [[] for _ in range(n_classes)]
        cut: list[list[float]] = [[] for _ in range(n_classes)]
        for labels, lengths in _runs(streams, n_classes):
            first[labels[0]] += 1
            np.add.at(following, (labels[:-1], labels[1:]), 1)
            for i, (label, length) in enumerate(zip(labels, lengths, strict=True)):
                (whole if 0 < i < len(labels) - 1 else cut)[label].append(np.log(length))
        np.fill_diagonal(following, 0.0)
        every = [seen or parts for seen, parts in zip(whole, cut, strict=True)]
        pooled = [value for values in every for value in values]
        if not pooled:
            raise LabelError("no frame has a label; label some recordings first")
        location, spread = np.transpose([_middle(values or pooled) for values in every])
        following /= np.maximum(following.sum(axis=1, keepdims=True), 1e-12)
        return cls(first / first.sum(), following, location, spread, evidence_weight)

    def decode(self, probabilities: ArrayLike) -> NDArray[np.int64]:
        """Return the class of each frame, (time,), from probabilities (time, n_classes).

        Raises
        ------
        ShapeError, NotFiniteError, LabelError
        """
        given = checked_probabilities(probabilities, len(self.first))
        evidence = self.evidence_weight * np.log(np.maximum(given, 1e-6))
        with np.errstate(divide="ignore"):
            return np.asarray(best_segments(evidence, np.log(self.first), np.log(self.following), *self._durations()))

    def _durations(self) -> tuple[Array, Array, float]:
        """Return log P(d) and log P(d or longer) for d from 1, each (longest, n_classes), and log P(one more)."""
        edges = np.append(0.0, np.arange(1, LONGEST_TABLE + 1) + 0.5)
        with np.errstate(divide="ignore"):
            beyond = ndtr((self.location - np.log(edges)[:, None]) / self.spread)  # P(longer than the edge)
        longest = max(int(np.argmax((beyond < TABLED).all(axis=1))) or LONGEST_TABLE, 2)
        lasts = np.maximum(beyond[:longest] - beyond[1 : longest + 1], 1e-12)
        reaches = np.maximum(beyond[:longest], 1e-12)
        return np.log(lasts), np.log(reaches), float(np.log1p(-1.0 / longest))


def _runs(streams: Sequence[ArrayLike], n_classes: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return labels and lengths of the segments of each stretch that is labelled throughout."""
    found = []
    for stream in streams:
        labels = np.asarray(stream, np.int64)
        if labels.ndim != 1:
            raise ShapeError("a stream of labels", got=labels.shape, want="(time,)")
        if labels.size and labels.max() >= n_classes:
            raise LabelError(f"a stream holds class {labels.max()}; want 0 to {n_classes - 1}, or below 0 for none")
        known = np.maximum(labels, -1)
        starts = segment_starts(known)
        of_segment, lengths = known[starts[:-1]], np.diff(starts)
        holes = np.flatnonzero(of_segment < 0)
        for part in np.split(np.arange(len(lengths)), holes):
            part = part[of_segment[part] >= 0]
            if part.size:
                found.append((of_segment[part], lengths[part]))
    return found


def _middle(logarithms: list[float]) -> tuple[float, float]:
    """Return location and spread, which a few flickers in the labels do not move."""
    middle = float(np.median(logarithms))
    deviation = 1.4826 * float(np.median(np.abs(np.asarray(logarithms) - middle)))
    return middle, WIDER * max(deviation, LEAST_SPREAD)
