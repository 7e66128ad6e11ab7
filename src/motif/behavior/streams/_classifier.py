"""`StreamClassifier`: what somebody does at every moment of a continuous recording."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from motif.behavior.streams._checks import checked_labels, checked_settings, checked_stream
from motif.behavior.streams._learning import learn_network
from motif.behavior.streams._moments import FEWEST_AROUND, moments, usual_sizes
from motif.behavior.streams._network import frame_probabilities
from motif.behavior.streams._saved import read_classifier, write_classifier
from motif.errors import LabelError, ShapeError
from motif.smoothing import SegmentDecoder

__all__ = ["StreamClassifier"]

Values = NDArray[np.float32]


class StreamClassifier(BaseEstimator):
    """Labels for every frame of recordings that go on, learnt from recordings with a label for every sample.

    Windows answer what happened around a second; here a network of dilated convolutions looks at some seconds to both
    sides of every frame, and a semi-Markov model, whose durations and successions are those of the labels, decides
    where one thing ends and the next begins.

    Parameters
    ----------
    rate_hz : float
        Of the samples.
    frame_s : float
        Time between two answers, at least a sample.
    epochs : int
    label_smoothing : float, 0 ≤ label_smoothing < 1
    random_state : int, RandomState or None
        The same number gives the same weights on the same machine.

    Attributes
    ----------
    classes_ : (n_classes,)
    model_ : keras.Model
    decoder_ : motif.smoothing.SegmentDecoder
    stream_shape_ : (channels, sensors)

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels = np.repeat([0, 1, 0, 1], 300)
    >>> streams = [rng.normal(1.0, 0.05 + 0.5 * labels, (3, 1, 1200)) for _ in range(4)]
    >>> classifier = StreamClassifier(epochs=6, random_state=0).fit(streams[:3], [labels] * 3)
    >>> classifier.predict(streams[3])[[0, 100, 239]]
    array([0, 1, 1])
    """

    def __init__(
        self,
        *,
        rate_hz: float = 100.0,
        frame_s: float = 0.05,
        epochs: int = 30,
        label_smoothing: float = 0.05,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.rate_hz = rate_hz
        self.frame_s = frame_s
        self.epochs = epochs
        self.label_smoothing = label_smoothing
        self.random_state = random_state

    def fit(self, streams: Sequence[ArrayLike], labels: Sequence[ArrayLike]) -> Self:
        """Learn from whole recordings.

        Parameters
        ----------
        streams : sequence of (channels, sensors, samples)
            Three channels that follow each other are the axes of one kind of sensor; the first feels gravity.
        labels : sequence of (samples,)
            Whole numbers, negative where nothing is known; or texts, empty where nothing is known.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError
            A recording or its labels cannot be used.
        LabelError, TooFewSamplesError
            Fewer than two classes, or a recording is shorter than a frame.
        ConfigError
        MissingExtraError
            Keras or JAX is not installed.
        """
        checked_settings(self.get_params())
        if len(streams) != len(labels):
            raise ShapeError("labels", got=(len(labels),), want=f"({len(streams)},), one for each recording")
        values = [checked_stream(stream, self._frame) for stream in streams]
        self.classes_, of_sample = checked_labels(labels, [each.shape[2] for each in values])
        if len(self.classes_) < 2:
            raise LabelError(f"there are labels of {len(self.classes_)} class; want two or more")
        self.stream_shape_ = values[0].shape[:2]
        for each in values:
            self._check_shape(each)
        self._sizes = usual_sizes(values)
        self._around = max(self._frame, FEWEST_AROUND)
        frames = [self._moments(each) for each in values]
        targets = [_of_frames(each, self._frame, len(self.classes_)) for each in of_sample]
        every = np.concatenate(frames)
        self._center, self._scale = every.mean(axis=0), every.std(axis=0) + 1e-6
        self.decoder_ = SegmentDecoder.learn(targets, len(self.classes_))
        self.model_ = learn_network(
            [(each - self._center) / self._scale for each in frames],
            [self._likely(each) for each in targets],
            self.epochs,
            seed=int(check_random_state(self.random_state).randint(2**31 - 1)),
        )
        return self

    def predict_proba(self, stream: ArrayLike) -> NDArray[np.float32]:
        """Return the probability of each class at each frame, (frames, n_classes) float32, before it is decoded.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError, TooFewSamplesError
        """
        check_is_fitted(self, "model_")
        values = checked_stream(stream, self._frame)
        self._check_shape(values)
        return frame_probabilities(self.model_, (self._moments(values) - self._center) / self._scale)

    def predict(self, stream: ArrayLike) -> NDArray[Any]:
        """Return the class at each frame, (frames,), in segments that last as labels do.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError, TooFewSamplesError
        """
        probabilities = self.predict_proba(stream)
        return np.asarray(self.classes_[self.decoder_.decode(probabilities)])

    def save(self, path: str | Path) -> Path:
        """Write one file of arrays, about 100 kB.

        Raises
        ------
        WriteError
            The disk is full or the place cannot be written; what stood there still stands.
        """
        check_is_fitted(self, "model_")
        write_classifier(self, Path(path))
        return Path(path)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote: the same answers to the same recordings.

        Raises
        ------
        MissingFileError, BundleError
            Nothing is there; or it is damaged, or another thing.
        """
        return read_classifier(cls, Path(path))

    def _moments(self, values: Values) -> Values:
        return moments(values, self._sizes, self.rate_hz, self._frame, self._around)

    def _likely(self, targets: NDArray[np.int64]) -> Values:
        """Return smoothed one-hot rows (frames, n_classes), of zeros where nothing is known."""
        n_classes, share = len(self.classes_), self.label_smoothing
        rows = np.eye(n_classes)[targets] * (1 - share) + share / n_classes
        return np.where(targets[:, None] < 0, 0.0, rows).astype(np.float32)

    @property
    def _frame(self) -> int:
        """Samples in a frame."""
        return max(round(self.frame_s * self.rate_hz), 1)

    def _check_shape(self, values: Values) -> None:
        if values.shape[:2] != self.stream_shape_:
            channels, sensors = self.stream_shape_
            raise ShapeError("a recording", got=values.shape, want=f"({channels}, {sensors}, samples), as in training")


def _of_frames(labels: NDArray[np.int64], frame: int, n_classes: int) -> NDArray[np.int64]:
    """Return the class that most samples of each frame have, −1 where most have none."""
    cut = labels[: len(labels) // frame * frame].reshape(-1, frame)
    votes = (cut[:, :, None] == np.arange(-1, n_classes)).sum(axis=1)
    return np.asarray(votes.argmax(axis=1) - 1)
