"""The most probable segments behind noisy labels, when each lasts a while."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError
from motif.smoothing._policy import checked_probabilities, checked_streams, require_frames, to_codes
from motif.smoothing._segments import merge_short, segment_starts
from motif.smoothing._semi_markov_kernels import best_path, marginals

__all__ = ["SemiMarkovPolicy"]


@dataclass(frozen=True)
class SemiMarkovPolicy:
    """Exact decoding of a semi-Markov model: a segment lasts `min_dwell` frames for certain, then ends at random.

    The raw labels are right with probability `label_accuracy`, and otherwise any other label of the stream. Where a
    recognizer's probabilities are at hand, pass them to `smooth_probabilities` instead: they know more than labels.

    Raises
    ------
    ConfigError
        A setting that cannot be.

    References
    ----------
    Rabiner (1989), "A tutorial on hidden Markov models", section IV.D, with a shifted geometric duration.

    Examples
    --------
    >>> SemiMarkovPolicy(min_dwell=3).smooth(np.array([[0, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1]]))
    array([[0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]])
    """

    min_dwell: int = 5
    """Frames that a segment lasts at least."""
    mean_dwell: float = 50.0
    """Frames that a segment lasts on average; at least one above the shortest."""
    label_accuracy: float = 0.8
    """How often a raw label is right."""
    evidence_weight: float = 1.0
    """What the probabilities of a frame count: 1 where frames know nothing of each other, less where they look at the
    same samples, as windows that overlap do."""

    def __post_init__(self) -> None:
        require_frames(min_dwell=self.min_dwell)
        if not self.min_dwell + 1 <= self.mean_dwell < np.inf:
            raise ConfigError(f"mean_dwell is {self.mean_dwell}; want {self.min_dwell + 1} or more, and finite")
        if not 0.5 < self.label_accuracy < 1.0:
            raise ConfigError(f"label_accuracy is {self.label_accuracy}; want above 0.5, below 1")
        if not 0.0 < self.evidence_weight <= 1.0:
            raise ConfigError(f"evidence_weight is {self.evidence_weight}; want above 0, at most 1")

    @property
    def _log_stay(self) -> float:
        extra = self.mean_dwell - self.min_dwell
        return float(np.log(extra / (extra + 1.0)))

    @property
    def _log_end(self) -> float:
        return float(-np.log(self.mean_dwell - self.min_dwell + 1.0))

    def smooth(self, labels: ArrayLike) -> NDArray[np.int64]:
        """Return (n, time) smoothed labels of (n, time) labels, each row by itself.

        Raises
        ------
        ShapeError, DtypeError
        """
        streams = checked_streams(labels)
        for i, stream in enumerate(streams):
            present, codes = to_codes(stream)
            wrong = np.log((1.0 - self.label_accuracy) / max(len(present) - 1, 1))
            evidence = np.full((codes.size, len(present)), wrong)
            evidence[np.arange(codes.size), codes] = np.log(self.label_accuracy)
            decoded = self._decode(evidence)
            merge_short(decoded, codes, 1, len(segment_starts(codes)) - 1)
            streams[i] = present[decoded]
        return streams

    def smooth_probabilities(self, probabilities: ArrayLike) -> NDArray[np.int64]:
        """Return the most probable class of each frame, (time,), from probabilities (time, n_classes).

        Raises
        ------
        ShapeError, NotFiniteError, LabelError
        """
        return self._decode(self._evidence(probabilities))

    def posterior(self, probabilities: ArrayLike) -> NDArray[np.float64]:
        """Return how probable each class is at each frame given the whole stream, (time, n_classes).

        Parameters
        ----------
        probabilities : (time, n_classes)
            What each frame says by itself.

        Raises
        ------
        ShapeError, NotFiniteError, LabelError

        Examples
        --------
        >>> alone = np.repeat([[0.9, 0.1], [0.4, 0.6], [0.9, 0.1]], [6, 1, 6], axis=0)
        >>> SemiMarkovPolicy(min_dwell=3, mean_dwell=10.0).posterior(alone)[6].round(2)
        array([1., 0.])
        """
        evidence = self._evidence(probabilities)
        if len(evidence) <= self.min_dwell:
            scores = np.broadcast_to(evidence.sum(axis=0), evidence.shape)
        else:
            scores = marginals(evidence, self.min_dwell, self._log_stay, self._log_switch(evidence.shape[1]))
        likely = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(likely / likely.sum(axis=1, keepdims=True))

    def _evidence(self, probabilities: ArrayLike) -> NDArray[np.float64]:
        return np.asarray(self.evidence_weight * np.log(np.maximum(checked_probabilities(probabilities), 1e-6)))

    def _decode(self, evidence: NDArray[np.float64]) -> NDArray[np.int64]:
        if len(evidence) <= self.min_dwell:
            return np.full(len(evidence), evidence.sum(axis=0).argmax() if len(evidence) else 0, np.int64)
        return np.asarray(best_path(evidence, self.min_dwell, self._log_stay, self._log_switch(evidence.shape[1])))

    def _log_switch(self, n_labels: int) -> float:
        return self._log_end - float(np.log(max(n_labels - 1, 1)))

    def live(self) -> _LiveForward:
        """Return a fresh causal smoother: `step(label)` gives the label that holds now."""
        return _LiveForward(self)


class _LiveForward:
    """How much better than the present label the raw ones have been, summed: a change pays its price first."""

    def __init__(self, policy: SemiMarkovPolicy) -> None:
        self._policy = policy
        self._gain = np.log(policy.label_accuracy / (1.0 - policy.label_accuracy))
        self._price = policy._log_stay - policy._log_end
        self._advantage: dict[int, float] = {}
        self._present: int | None = None
        self._held = 0

    def step(self, label: int) -> int:
        """Take the next raw label; return the label that holds now."""
        if self._present is None:
            self._present = label
        self._count(label)
        if self._held >= self._policy.min_dwell and self._advantage.get(label, 0.0) > self._price:
            self._present, self._held = label, 0
            self._advantage.clear()
        self._held += 1
        return self._present

    def _count(self, label: int) -> None:
        """Sequential probability ratio of each other label against the present one, never below 0."""
        for other in {*self._advantage, label} - {self._present}:
            change = self._gain if other == label else (-self._gain if label == self._present else 0.0)
            self._advantage[other] = max(self._advantage.get(other, 0.0) + change, 0.0)
