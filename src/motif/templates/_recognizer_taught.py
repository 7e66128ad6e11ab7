"""What a database teaches a recognizer: a classifier of motion, and named features for the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.errors import ColumnError
from motif.templates._classifier import TemplateClassifier
from motif.templates._recognizer_features import FeatureMatcher, default_weights
from motif.templates._recognizer_moves import at_rate, moving_part, pieces_like, window_of
from motif.templates._recognizer_query import Query
from motif.templates._recorder_sample import is_still
from motif.templates._sample import GestureSample
from motif.templates._sensor_features import SensorFeatures
from motif.templates._sensor_features_of import sensor_features

__all__ = ["Opinion", "Taught"]

LENGTH = 64
_SIGMAS = 3.0
_DEFAULT = default_weights()


@dataclass(frozen=True, slots=True, eq=False)
class Opinion:
    """What is thought of one movement, before anything was learnt from being right or wrong."""

    gestures: tuple[str, ...]
    probabilities: NDArray[np.float64]
    is_outlier: bool
    outlier_score: float


@dataclass(frozen=True, slots=True, eq=False)
class _Moves:
    """Gestures known by their motion."""

    classifier: TemplateClassifier
    channels: tuple[str, ...]
    rate_hz: float
    all_move: bool
    """None of them is a pose that is held."""

    @property
    def gestures(self) -> tuple[str, ...]:
        return tuple(str(name) for name in self.classifier.classes_)

    def judge(self, query: Query) -> tuple[NDArray[np.float32], float, bool]:
        """Return (n_gestures,) probabilities, how strange the movement is, and whether that is too strange."""
        window = self._window(query)
        if self.all_move and query.values is not None and is_still(query.values, query.channels):
            return np.full(len(self.gestures), 1 / len(self.gestures), np.float32), np.inf, True
        (probabilities,), (score,) = self.classifier.model_.answers(window[None])
        return probabilities, float(score), bool(score > self.classifier.model_.threshold)

    def _window(self, query: Query) -> NDArray[np.float32]:
        assert query.values is not None
        missing = [name for name in self.channels if name not in query.channels]
        if missing:
            raise ColumnError(missing[0], have=query.channels)
        values = query.values[:, [query.channels.index(name) for name in self.channels]]
        values = at_rate(values, query.rate_hz, self.rate_hz)
        return window_of(moving_part(values, self.rate_hz), LENGTH)


class Taught:
    """All that was taught, at one revision of a database.

    Parameters
    ----------
    samples : mapping
        Of each gesture.
    background : sequence of samples
        Ordinary movement: what is no gesture.
    """

    def __init__(
        self, samples: Mapping[str, Sequence[GestureSample]], background: Sequence[GestureSample] = ()
    ) -> None:
        used = {name: [sample for sample in each if not sample.outlying] for name, each in samples.items()}
        features = {name: [known for sample in each if (known := _features(sample))] for name, each in used.items()}
        self._matcher = FeatureMatcher({name: each for name, each in features.items() if each})
        raw = [(name, sample) for name, each in used.items() for sample in each if sample.values is not None]
        channels = _shared_channels(raw)
        whole = [(name, sample) for name, sample in raw if set(channels) <= set(sample.channels)]
        self.n_left_out = len(raw) - len(whole)
        """Samples that lack a channel which most of their gesture have."""
        self._moves = _learn(whole, channels, background)
        self.gestures = tuple(name for name, each in used.items() if each)

    @property
    def channels(self) -> tuple[str, ...]:
        """What motion was taught with; empty where only features are known."""
        return self._moves.channels if self._moves else ()

    def judge(self, query: Query, weights: Mapping[str, float]) -> Opinion:
        """Return what is thought of a movement.

        Raises
        ------
        ColumnError
            A channel that was taught is missing.
        """
        if self._moves is None or query.values is None:
            return self._by_features(_features_in(query), weights)
        probabilities, score, is_outlier = self._moves.judge(query)
        logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-12))
        if any(weights.get(name, 1.0) != weight for name, weight in _DEFAULT.items()):
            logits += self._tilt(self._moves.gestures, _features_in(query), weights)
        return Opinion(self._moves.gestures, _softmax(logits), is_outlier, score)

    def _tilt(
        self, names: tuple[str, ...], features: SensorFeatures | None, weights: Mapping[str, float]
    ) -> NDArray[np.float64]:
        """Return how much edited weights speak for each gesture, beyond what the weights as they were did."""
        if features is None:
            return np.zeros(len(names))
        change = self._matcher.logits(features, weights) - self._matcher.logits(features, _DEFAULT)
        by_name = dict(zip(self._matcher.gestures, change.tolist(), strict=True))
        return np.array([by_name.get(name, 0.0) for name in names])

    def _by_features(self, features: SensorFeatures | None, weights: Mapping[str, float]) -> Opinion:
        names = self._matcher.gestures
        if features is None or not names:
            return Opinion(names, np.full(len(names), 1 / max(len(names), 1)), True, np.inf)
        distances = np.sqrt(self._matcher.distances(features, weights))
        score = float(distances.min())
        if len(names) == 1:  # nothing to compare with: how likely is it that one of its samples is as far off?
            return Opinion(names, np.array([np.exp(-0.5 * min(score, 1e3) ** 2 / _SIGMAS)]), score > _SIGMAS, score)
        return Opinion(names, _softmax(self._matcher.logits(features, weights)), score > _SIGMAS, score)


def _learn(
    raw: Sequence[tuple[str, GestureSample]], channels: tuple[str, ...], background: Sequence[GestureSample]
) -> _Moves | None:
    if len({name for name, _ in raw}) < 2 or not channels:
        return None
    rate_hz = Counter(sample.rate_hz for _, sample in raw).most_common(1)[0][0]
    moves = [moving_part(_columns(sample, channels, rate_hz), rate_hz) for _, sample in raw]
    living = [_columns(each, channels, rate_hz) for each in background if set(channels) <= set(each.channels)]
    ordinary = [window_of(moving_part(piece, rate_hz), LENGTH) for piece in pieces_like(moves, living, rate_hz)]
    classifier = TemplateClassifier(outlier_rule="three-sigma", random_state=0)
    classifier.fit(
        np.stack([window_of(move, LENGTH) for move in moves]),
        np.array([name for name, _ in raw]),
        groups=_groups(raw),
        background=np.stack(ordinary) if ordinary else None,
    )
    all_move = not any(is_still(np.asarray(sample.values), sample.channels) for _, sample in raw)
    return _Moves(classifier, channels, rate_hz, all_move)


def _groups(raw: Sequence[tuple[str, GestureSample]]) -> NDArray[np.str_] | None:
    """Return each sample's session, where every gesture is of several: else leaving one out tells nothing."""
    sessions: dict[str, set[str]] = {}
    for name, sample in raw:
        sessions.setdefault(name, set()).add(sample.group)
    if all(sample.group for _, sample in raw) and all(len(each) > 1 for each in sessions.values()):
        return np.array([sample.group for _, sample in raw])
    return None


def _columns(sample: GestureSample, channels: tuple[str, ...], rate_hz: float) -> NDArray[np.float64]:
    values = np.asarray(sample.values, np.float64)[:, [sample.channels.index(name) for name in channels]]
    return at_rate(values, sample.rate_hz, rate_hz)


def _shared_channels(raw: Sequence[tuple[str, GestureSample]]) -> tuple[str, ...]:
    """Return the channels that samples of each gesture usually have, where all gestures have them."""
    by_gesture: dict[str, Counter[tuple[str, ...]]] = {}
    for name, sample in raw:
        by_gesture.setdefault(name, Counter())[sample.channels] += 1
    usual = [max(counts, key=lambda channels: (counts[channels], len(channels))) for counts in by_gesture.values()]
    return tuple(name for name in usual[0] if all(name in each for each in usual)) if usual else ()


def _features(sample: GestureSample) -> SensorFeatures | None:
    if sample.features is None and sample.values is not None:
        return _features_of(np.asarray(sample.values, np.float64), sample.rate_hz, sample.channels)
    return sample.features


def _features_in(query: Query) -> SensorFeatures | None:
    if query.features is None and query.values is not None:
        return _features_of(query.values, query.rate_hz, query.channels)
    return query.features


def _features_of(values: NDArray[np.float64], rate_hz: float, channels: tuple[str, ...]) -> SensorFeatures | None:
    try:
        return sensor_features(values, rate_hz, channels)
    except ValueError:  # no motion sensor among the channels, such as the landmarks of a hand; or too short
        return None


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    likelihood = np.exp(logits - logits.max())
    return np.asarray(likelihood / likelihood.sum())
