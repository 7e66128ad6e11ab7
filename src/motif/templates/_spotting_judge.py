"""Which gesture a movement is, and how strange it is for that gesture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from motif.templates._recognizer_moves import window_of
from motif.templates._spotting_description import Descriptions, described, normalized

__all__ = ["Judge", "Opinion", "strangers"]

_N_FOLDS = 5
_TINY = 1e-9
_DEVIATION_WEIGHT = 2.0  # what a deviation weighs against a factor e of probability, when two gestures are alike


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is thought of one movement."""

    label: Any
    confidence: float
    """The classifier's probability of `label`."""
    strangeness: float


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """A classifier's distance and the plain description of a movement, added up.

    The classifier sees movements at one strength and one length: a person at arm's length from the phone's owner does
    the same gesture twice as hard. What that hides, strength and duration among it, the description tells, against
    what is usual for the gesture that the classifier names.
    """

    classifier: Any
    classes: NDArray[Any]
    scale: NDArray[np.float64]
    """(n_channels,)"""
    length: int
    usual: NDArray[np.float64]
    """(n_classes,), logarithm of the outlier score that counts as usual: some gestures vary more than others."""
    descriptions: Descriptions

    @classmethod
    def learn(
        cls,
        classifier: Any,
        segments: Sequence[NDArray[np.float64]],
        y: NDArray[Any],
        groups: NDArray[Any] | None,
        scale: NDArray[np.float64],
        length: int,
    ) -> tuple[Self, NDArray[np.float64]]:
        """Fit a clone of `classifier`; return the judge, and how strange each segment looked to one not taught it."""
        classes, labels = np.unique(y, return_inverse=True)
        X, numbers = _windows(segments, scale, length), described(segments, scale)
        scores, deviations = np.full(len(y), np.nan), np.full(len(y), np.nan)
        folds = _folds(labels, groups)
        for fold in np.unique(folds):
            out, rest = folds == fold, folds != fold
            out &= np.isin(labels, labels[rest])
            if out.any() and len(np.unique(labels[rest])) > 1:
                members = None if groups is None else groups[rest]
                scores[out] = _logarithm(clone(classifier).fit(X[rest], y[rest], groups=members).outlier_score(X[out]))
                usual = Descriptions.learn(numbers[rest], labels[rest], len(classes))
                deviations[out] = usual.strangeness(numbers[out])[np.arange(out.sum()), labels[out]]
        usual_scores = _usual(scores, labels, len(classes))
        fitted = clone(classifier).fit(X, y, groups=groups)
        judge = cls(fitted, classes, scale, length, usual_scores, Descriptions.learn(numbers, labels, len(classes)))
        return judge, scores - usual_scores[labels] + deviations

    def opinions(self, segments: Sequence[NDArray[np.float64]]) -> list[Opinion]:
        """Return an opinion on each segment (n_samples, n_channels)."""
        if not segments:
            return []
        X = _windows(segments, self.scale, self.length)
        probabilities, scores = self.classifier.answers(X)
        deviations = self.descriptions.strangeness(described(segments, self.scale))
        best = (_logarithm(probabilities) - _DEVIATION_WEIGHT * deviations).argmax(axis=1)
        rows = np.arange(len(X))
        strangeness = _logarithm(scores) - self.usual[best] + deviations[rows, best]
        labels, confidence = self.classes[best].tolist(), probabilities[rows, best].tolist()
        return [Opinion(*one) for one in zip(labels, confidence, strangeness.tolist(), strict=True)]


def strangers(
    classifier: Any,
    segments: Sequence[NDArray[np.float64]],
    y: NDArray[Any],
    scale: NDArray[np.float64],
    length: int,
) -> NDArray[np.float64]:
    """Return (n_gestures,) how strange each gesture's first sample looks where the gesture was not taught.

    What there is to know of strangeness when each gesture was taught once; nothing with fewer than three of them.
    """
    labels = np.unique(y)
    if len(labels) < 3:
        return np.empty(0)
    found = []
    for label in labels:
        rest = np.flatnonzero(y != label)
        judge, _ = Judge.learn(classifier, [segments[int(i)] for i in rest], y[rest], None, scale, length)
        (opinion,) = judge.opinions([segments[int(np.flatnonzero(y == label)[0])]])
        found.append(opinion.strangeness)
    return np.array(found)


def _windows(segments: Sequence[NDArray[np.float64]], scale: NDArray[np.float64], length: int) -> NDArray[np.float32]:
    return np.stack([window_of(normalized(segment, scale)[0], length) for segment in segments])


def _logarithm(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log(np.maximum(scores, _TINY))


def _usual(scores: NDArray[np.float64], labels: NDArray[np.int64], n_classes: int) -> NDArray[np.float64]:
    """Return half way between what is usual for a class and for all: a few samples say little of one class."""
    if np.isnan(scores).all():
        return np.zeros(n_classes)
    overall = float(np.nanmedian(scores))
    own = [scores[(labels == c) & np.isfinite(scores)] for c in range(n_classes)]
    return np.array([(overall + np.median(rows)) / 2 if len(rows) else overall for rows in own])


def _folds(labels: NDArray[np.int64], groups: NDArray[Any] | None) -> NDArray[np.int64]:
    if groups is not None:
        return np.unique(groups, return_inverse=True)[1].astype(np.int64) % _N_FOLDS
    folds = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        folds[members] = np.arange(len(members)) % _N_FOLDS
    return folds
