"""The most probable segments behind noisy labels, when each lasts a while."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError, ShapeError
from motif.smoothing._policy import checked_streams, from_codes, require_at_least, to_codes
from motif.smoothing._segments import merge_short, segment_starts

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

    def __post_init__(self) -> None:
        require_at_least(1, min_dwell=self.min_dwell)
        require_at_least(self.min_dwell + 1, mean_dwell=self.mean_dwell)
        if not 0.5 < self.label_accuracy < 1.0:
            raise ConfigError(f"label_accuracy is {self.label_accuracy}; want above 0.5, below 1")

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
            streams[i] = from_codes(present, decoded)
        return streams

    def smooth_probabilities(self, probabilities: ArrayLike) -> NDArray[np.int64]:
        """Return the most probable class of each frame, (time,), from probabilities (time, n_classes).

        Raises
        ------
        ShapeError
        """
        if np.ndim(probabilities) != 2:
            raise ShapeError("probabilities", got=np.shape(probabilities), want="(time, n_classes)")
        evidence = np.log(np.maximum(np.asarray(probabilities, np.float64), 1e-6))
        return self._decode(evidence)

    def _decode(self, evidence: NDArray[np.float64]) -> NDArray[np.int64]:
        if len(evidence) <= self.min_dwell:
            return np.full(len(evidence), evidence.sum(axis=0).argmax() if len(evidence) else 0, np.int64)
        log_switch = self._log_end - np.log(max(evidence.shape[1] - 1, 1))
        return np.asarray(_viterbi(evidence, self.min_dwell, self._log_stay, log_switch))

    def live(self) -> _LiveForward:
        """Return a fresh causal smoother: `step(label)` gives the label that holds now."""
        return _LiveForward(self)


@njit(cache=True)
def _viterbi(evidence: NDArray[np.float64], min_dwell: int, log_stay: float, log_switch: float) -> NDArray[np.int64]:
    """Return the best path whose segments last `min_dwell` or longer, (time,), in O(time × labels).

    `running[k]` is the best score of a path whose present segment, of label k, has lasted long enough to end.
    Twin: tests/reference/smoothing.py.
    """
    length, n_labels = evidence.shape
    total = np.zeros((length + 1, n_labels))  # evidence of the first t frames
    for t in range(length):
        for k in range(n_labels):
            total[t + 1, k] = total[t, k] + evidence[t, k]
    score = np.full((length + 1, n_labels), -np.inf)
    came_from = np.full((length + 1, n_labels), -1, np.int64)  # -1: it was running; else the label before the segment
    for t in range(min_dwell, length + 1):
        began = t - min_dwell
        best, second, best_label = -np.inf, -np.inf, -1
        for k in range(n_labels):
            if score[began, k] > best:
                best, second, best_label = score[began, k], best, k
            elif score[began, k] > second:
                second = score[began, k]
        for k in range(n_labels):
            if began == 0:
                score[t, k] = total[t, k]
                came_from[t, k] = k
                continue
            score[t, k] = score[t - 1, k] + log_stay + evidence[t - 1, k]
            before = second if k == best_label else best
            entered = before + log_switch + total[t, k] - total[began, k]
            if entered > score[t, k]:
                score[t, k] = entered
                came_from[t, k] = _other_best(score[began], k)
    path = np.empty(length, np.int64)
    label, t = score[length].argmax(), length
    while t > 0:
        if came_from[t, label] < 0:
            path[t - 1] = label
            t -= 1
        else:
            path[t - min_dwell : t] = label
            label, t = came_from[t, label], t - min_dwell
    return path


@njit(cache=True)
def _other_best(score: NDArray[np.float64], label: int) -> int:
    best = -1
    for k in range(score.size):
        if k != label and (best < 0 or score[k] > score[best]):
            best = k
    return best


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
