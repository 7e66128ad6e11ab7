"""Gestures in a stream: where each starts and ends, with no button."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_columns, as_time, require_count, require_positive
from motif.errors import ConfigError, ShapeError, TooFewSamplesError
from motif.recordings import Recording
from motif.templates._learning import distinct
from motif.templates._spotting_judge import Judge, strangers
from motif.templates._spotting_lessons import Motion, learn_motion, trimmed
from motif.templates._spotting_limits import limit_with_background, taught_limit
from motif.templates._spotting_stream import Movement, MovementStream

__all__ = ["Spotted", "Spotter"]

_NS = 1_000_000_000
_MUST_PASS = 0.1  # share of the taught samples that no background makes strangers


@dataclass(frozen=True, slots=True)
class Spotted:
    """A gesture that was found in a stream."""

    label: Any
    """As it was taught."""
    start_ns: int
    end_ns: int
    """The time of its last sample."""
    decided_ns: int
    """The time of the sample on which it was found: what a person feels as delay is the time since `end_ns`."""
    confidence: float
    """Probability of the label, 0…1."""
    outlier_score: float
    """How strange it is for its gesture, without a ceiling; about 0.5 to 1.5 for the taught samples themselves."""


class Spotter:
    """Find taught gestures in a stream of samples. No clock, no thread: a replay equals the live run.

    A gesture is a movement between two rests. The levels that tell movement from rest, how long a gesture may last
    and how strange it may look are learnt from the taught samples; `fit_background` lowers the last to what ordinary
    movement never reaches.

    Parameters
    ----------
    classifier : scikit-learn classifier
        Unfitted, with `answers` and `outlier_score` for windows (n, channels, samples), as `TemplateClassifier`.
    rate_hz : float
        Of samples and streams.
    length : int
        Samples a movement is stretched to before the classifier sees it.
    pause_s : float
        Rest that ends a gesture; most of the delay that is felt.
    keep : float, 0…1
        Share of further samples like those taught that shall not count as too strange.

    Examples
    --------
    >>> from motif.templates import TemplateClassifier
    >>> time = np.arange(50) / 50
    >>> nod, shake = (np.sin(2 * np.pi * f * time)[:, None] * np.ones(3) for f in (1, 3))
    >>> samples = [strength * gesture for gesture in (nod, shake) for strength in (1.0, 1.1, 1.2)]
    >>> spotter = Spotter(TemplateClassifier(), rate_hz=50).fit(samples, [0, 0, 0, 1, 1, 1])
    >>> rest = np.zeros((50, 3))
    >>> [found.label for found in spotter.spot(np.vstack([rest, shake, rest, nod, rest]))]
    [1, 0]
    """

    def __init__(
        self, classifier: Any, rate_hz: float, *, length: int = 32, pause_s: float = 0.16, keep: float = 0.95
    ) -> None:
        require_positive("rate_hz", rate_hz)
        require_positive("pause_s", pause_s)
        require_count("length", length, 8)
        if not 0 < keep < 1:
            raise ConfigError(f"keep={keep!r} cannot be; give a share between 0 and 1, such as 0.95")
        self.classifier = classifier
        self.rate_hz, self.length, self.pause_s, self.keep = rate_hz, length, pause_s, keep

    def fit(self, samples: Sequence[ArrayLike], labels: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Learn from taught samples, and forget the stream.

        Parameters
        ----------
        samples : list of (n_samples, n_channels)
            One gesture each, of any length, with or without rest around it, at `rate_hz`.
        labels : (n,)
        groups : (n,), optional
            Person or session of each sample: what is too strange is then judged on other groups than those taught,
            if every gesture was taught in two at least.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError, TooFewSamplesError
            The samples cannot be used.
        """
        taught = [_complete(sample, i) for i, sample in enumerate(samples)]
        y = np.asarray(labels)
        members = None if groups is None else np.asarray(groups)
        _check_taught(taught, y, members)
        different = distinct(taught, y)  # of a sample beside its copy nobody can say how strange it looks
        taught, y = [taught[i] for i in different.tolist()], y[different]
        members = None if members is None else members[different]
        if members is not None and not _each_in_two(y, members):
            members = None
        self.motion_: Motion = learn_motion(taught, y, self.rate_hz, self.pause_s)
        segments = [trimmed(sample, self.motion_) for sample in taught]
        self.judge_, held_out = Judge.learn(self.classifier, segments, y, members, self.motion_.scale, self.length)
        if np.isfinite(held_out).any():
            self.taught_limit_: float = taught_limit(held_out, self.keep, another_day=members is None)
            self.least_limit_ = float(np.nanquantile(held_out, _MUST_PASS))
        else:  # each gesture was taught once: none may be as strange as another one is
            others = strangers(self.classifier, segments, y, self.motion_.scale, self.length)
            self.taught_limit_ = float(others.min(initial=np.inf))
            self.least_limit_ = self.taught_limit_ / 2 if len(others) else -np.inf
        self.limit_: float = self.taught_limit_
        """A stranger movement is no gesture."""
        self._stream = MovementStream(self.motion_)
        return self

    def fit_background(self, values: ArrayLike, *, max_per_hour: float = 1.0) -> Self:
        """Learn from ordinary movement what is not a gesture, and forget the stream.

        Parameters
        ----------
        values : (n_samples, n_channels)
            At `rate_hz`, without any of the gestures in it; NaN marks a gap.
        max_per_hour : float
            How many gestures may be found in an hour of such movement. More are when the recording holds movements
            that look more like a gesture than most of the taught samples do: those are taken for gestures.
        """
        columns = self._samples(values)
        self.reset()
        movements = [*self._stream.step(np.zeros(len(columns), np.int64), columns), *self._stream.flush()]
        self.reset()
        strangeness = np.array([o.strangeness for o in self.judge_.opinions([m.values for m in movements])])
        allowed = max_per_hour * len(columns) / self.rate_hz / 3600
        self.limit_ = limit_with_background(self.taught_limit_, self.least_limit_, strangeness, allowed)
        return self

    def step(self, time_ns: ArrayLike, values: ArrayLike) -> list[Spotted]:
        """Take the next samples and return the gestures that were decided on them, in order.

        Parameters
        ----------
        time_ns : (n,), int64
            Nanoseconds.
        values : (n, n_channels)
            On an even grid of `rate_hz`. A sample with NaN is a gap, which ends a movement.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError
        """
        columns = self._samples(values)
        return self._judged(self._stream.step(as_time(time_ns, len(columns)), columns))

    def flush(self) -> list[Spotted]:
        """End the stream as a gap would, and return the gesture that was under way."""
        self._require_taught()
        return self._judged(self._stream.flush())

    def reset(self) -> None:
        """Forget the stream, not what was taught."""
        self._require_taught()
        self._stream.reset()

    def spot(self, recording: Recording | ArrayLike) -> list[Spotted]:
        """Return all gestures of a whole recording, as `step` would find them; forgets the stream.

        Parameters
        ----------
        recording : Recording, or (n_samples, n_channels)
            At `rate_hz`. The times of an array begin at 0.
        """
        if isinstance(recording, Recording):
            times, values = recording.time_ns, recording.values
        else:
            values = self._samples(recording)
            times = np.round(np.arange(len(values)) * (_NS / self.rate_hz)).astype(np.int64)
        self.reset()
        found = [*self.step(times, values), *self.flush()]
        self.reset()
        return found

    def _judged(self, movements: Iterable[Movement]) -> list[Spotted]:
        moved = list(movements)
        opinions = self.judge_.opinions([movement.values for movement in moved])
        return [
            Spotted(
                opinion.label,
                movement.start_ns,
                movement.end_ns,
                movement.decided_ns,
                opinion.confidence,
                opinion.strangeness,
            )
            for movement, opinion in zip(moved, opinions, strict=True)
            if opinion.strangeness <= self.limit_
        ]

    def _samples(self, values: ArrayLike) -> NDArray[np.float64]:
        self._require_taught()
        columns = as_columns(values)
        n_channels = len(self.motion_.scale)
        if columns.shape[1] != n_channels:
            raise ShapeError("values", got=columns.shape, want=f"(n_samples, {n_channels}), the channels taught")
        return columns

    def _require_taught(self) -> None:
        if not hasattr(self, "motion_"):
            raise ConfigError("this Spotter was not taught yet; call fit(samples, labels) first")


def _complete(sample: ArrayLike, index: int) -> NDArray[np.float64]:
    columns = as_columns(sample, f"samples[{index}]")
    whole = columns[~np.isnan(columns).any(axis=1)]
    if len(whole) < 4:
        raise TooFewSamplesError(f"samples[{index}] has {len(whole)} complete samples in time; want at least 4")
    return whole


def _each_in_two(y: NDArray[Any], groups: NDArray[Any]) -> bool:
    return all(len(np.unique(groups[y == label])) > 1 for label in np.unique(y))


def _check_taught(taught: list[NDArray[np.float64]], y: NDArray[Any], groups: NDArray[Any] | None) -> None:
    if not taught:
        raise TooFewSamplesError("samples is empty; teach at least two gestures by one sample each")
    widths = {sample.shape[1] for sample in taught}
    if len(widths) > 1:
        raise ShapeError("samples", got=tuple(sorted(widths)), want="samples that all have the same channels")
    for name, rows in (("labels", y), ("groups", groups)):
        if rows is not None and rows.shape != (len(taught),):
            raise ShapeError(name, got=rows.shape, want=f"({len(taught)},), one for each sample")
