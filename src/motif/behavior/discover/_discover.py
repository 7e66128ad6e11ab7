"""`StateFinder`: states of motion that nobody labelled, the same ones in every recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from motif.behavior.discover._doubt import disagreement
from motif.behavior.discover._folder import read_folder, unreadable, write_folder
from motif.behavior.discover._frames import FrameMaker
from motif.behavior.discover._heading import heads_everywhere
from motif.behavior.discover._motion import motion_of
from motif.behavior.semi_markov._evidence import evidence_alike
from motif.behavior.semi_markov._hsmm import HDPHSMM
from motif.checks import require_positive
from motif.errors import ConfigError
from motif.evaluation import Ethogram
from motif.recordings import Recording

__all__ = ["StateFinder"]

Array = NDArray[np.float64]

_HIGHEST_RATE_HZ = 100.0


class StateFinder:
    """Find states in recordings, and the same states in others.

    Ten frames a second, each of the last 0.6 s: mean and spread of each channel, each recording on its own scale, and
    of these the directions that hold most. A hidden semi-Markov model finds how many states there are and how long each
    lasts. Magnetometers, barometers and the like are left out: they tell of places, not of movements. Key points are
    looked at around their centre, and where bodies head all round, as seen from above, along the way each one heads.

    Parameters
    ----------
    frames_hz : float
        Frames a second: how exactly a change is placed.
    window_s : float
        How much a frame sees: about a step.
    n_features : int
        Numbers a frame has.
    channels : sequence of str, optional
        Which channels; by default all motion.
    max_states : int
        No more than this.
    n_models : int
        Models from different starts. The one that explains most is asked; how far the others disagree says how much of
        the doubt is of the search and not of the moment. Each costs as much time as the first.
    shortest_s, typical_s, longest_s : float, optional
        How long a segment lasts; there is no stickiness to guess.
    random_state : int, optional
    progress : optional
        Called with what was changed and the evidence for it.

    Examples
    --------
    >>> from motif.recordings import simulate_quadruped_recordings
    >>> (dog,) = simulate_quadruped_recordings(1, 60.0, random_state=0)
    >>> finder = StateFinder(max_states=8, longest_s=10.0, random_state=0).fit([dog])
    >>> ethogram = finder.label(dog)
    >>> 500 < len(ethogram.states) < 700
    True
    """

    def __init__(
        self,
        *,
        frames_hz: float = 10.0,
        window_s: float = 0.6,
        n_features: int = 8,
        channels: Sequence[str] | None = None,
        max_states: int = 25,
        n_models: int = 1,
        shortest_s: float | None = None,
        typical_s: float = 1.5,
        longest_s: float | None = None,
        random_state: int | None = 0,
        progress: Callable[[str, float], Any] | None = None,
    ) -> None:
        self.frames_hz = frames_hz
        self.window_s = window_s
        self.n_features = n_features
        self.channels = None if channels is None else tuple(channels)
        self.max_states = max_states
        self.n_models = n_models
        self.shortest_s = shortest_s
        self.typical_s = typical_s
        self.longest_s = longest_s
        self.random_state = random_state
        self.progress = progress

    def fit(self, recordings: Sequence[Recording]) -> Self:
        """Find states that the recordings have in common.

        Raises
        ------
        ConfigError, InputError, TooFewSamplesError
        ColumnError
            A recording lacks a channel that the first one has.
        """
        if not recordings or self.n_models < 1:
            raise ConfigError(f"{len(recordings)} recordings, n_models={self.n_models}; want at least one of each")
        if strange := [each for each in recordings if not isinstance(each, Recording)]:
            raise ConfigError(f"want recordings, got {type(strange[0]).__name__}; HDPHSMM takes arrays")
        self.rate_hz_ = self._rate(min(recording.rate_hz for recording in recordings))
        motions = [motion_of(recording, self.rate_hz_) for recording in recordings]
        self.own_axes_ = heads_everywhere([motion.heading for motion in motions if motion.heading is not None])
        if self.own_axes_:
            motions = [motion_of(recording, self.rate_hz_, own_axes=True) for recording in recordings]
        self.channels_ = motions[0].channels if self.channels is None else self.channels
        motions = [motion.select(self.channels_) for motion in motions]
        window, hop = round(self.window_s * self.rate_hz_), round(self.rate_hz_ / self.frames_hz)
        n_features = min(self.n_features, 2 * len(self.channels_))
        self.maker_ = FrameMaker.fit(
            [m.values for m in motions], window=window, hop=hop, rate_hz=self.rate_hz_, n_features=n_features
        )
        parts = [self.maker_.frames(motion.values) for motion in motions]
        together, lengths = np.concatenate(parts), [len(part) for part in parts]
        models = [self._model(start).fit(together, lengths=lengths) for start in range(self.n_models)]
        used = [part[:, models[0].features_.used] for part in parts]
        worth = evidence_alike([model.parameters_ for model in models], used)
        self.models_ = [models[i] for i in np.argsort(-np.array(worth), kind="stable")]
        model = self.models_[0]
        states = np.concatenate([model.predict(part)[np.isfinite(part).all(axis=1)] for part in parts])
        time = np.bincount(states, minlength=model.n_states_)
        self.order_ = np.argsort(-time, kind="stable")  # the most frequent first
        self.names_ = tuple(f"state {i + 1}" for i in range(len(time)))
        return self

    def label(self, recording: Recording) -> Ethogram:
        """Return which state when, and how sure; what training saw is labelled as any other recording is.

        A frame in a gap is unseen; the model goes on through gaps by what it knows of durations.

        Raises
        ------
        ColumnError, InputError, TooFewSamplesError
        """
        motion = motion_of(recording, self.rate_hz_, own_axes=self.own_axes_).select(self.channels_)
        frames = self.maker_.frames(motion.values)
        rank = np.argsort(self.order_)
        unseen = np.asarray(np.isnan(frames).any(axis=1))
        states = np.where(unseen, -1, rank[self.models_[0].predict(frames)]).astype(np.int64)
        posteriors = [model.predict_proba(frames) for model in self.models_]
        posteriors[0] = posteriors[0][:, self.order_]
        starts = np.arange(len(frames)) * self.maker_.hop + (self.maker_.window - self.maker_.hop) // 2
        return Ethogram(
            name=" ".join(filter(None, (recording.subject, recording.session))) or "recording",
            states=states,
            time_ns=motion.time_ns[starts],
            rate_hz=self.rate_hz_ / self.maker_.hop,
            names=self.names_,
            probabilities=np.where(unseen[:, None], np.nan, posteriors[0]),
            epistemic=disagreement(posteriors, unseen) if len(posteriors) > 1 else None,
            motion=motion.shown[starts[0] :] if len(starts) else motion.shown[:0],
            motion_rate_hz=self.rate_hz_,
            motion_channels=motion.shown_names,
            position=None if motion.position is None else motion.position[starts],
        )

    def rename(self, names: dict[str, str]) -> Self:
        """Give states the names a person found for them; the same name for two states is refused.

        Raises
        ------
        ConfigError
        """
        if unknown := set(names) - set(self.names_):
            raise ConfigError(f"no state {', '.join(sorted(unknown))}; there are {', '.join(self.names_)}")
        renamed = tuple(names.get(name, name) for name in self.names_)
        if len(set(renamed)) < len(renamed):
            raise ConfigError(f"{', '.join(renamed)}: two states of one name; give each its own")
        self.names_ = renamed
        return self

    def save(self, path: str | Path) -> Path:
        """Write a folder that `load` gives back: settings as JSON, numbers as arrays, nothing that can run."""
        settings = {
            "frames_hz": self.frames_hz,
            "rate_hz": self.rate_hz_,
            "own_axes": self.own_axes_,
            "channels": list(self.channels_),
            "names": list(self.names_),
            "order": self.order_.tolist(),
        }
        write_folder(Path(path), settings, self.maker_, self.models_)
        return Path(path)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Return what was saved.

        Raises
        ------
        MissingFileError, BundleError
        """
        settings, maker, models = read_folder(Path(path))
        try:
            finder = cls(frames_hz=float(settings["frames_hz"]), n_models=len(models))
            finder.rate_hz_ = float(settings["rate_hz"])
            finder.own_axes_ = bool(settings.get("own_axes", False))
            finder.channels_ = tuple(map(str, settings["channels"]))
            finder.names_ = tuple(map(str, settings["names"]))
            finder.order_ = np.asarray(settings["order"], np.int64)
            n_states, n_features = models[0].n_states_, models[0].n_features_in_
            fits = sorted(finder.order_.tolist()) == list(range(n_states)) and len(finder.names_) == n_states
            if not (fits and maker.directions.shape == (2 * len(finder.channels_), n_features)):
                raise ValueError("its parts are of different models")
        except (KeyError, TypeError, ValueError) as error:
            raise unreadable(Path(path), error) from error
        finder.maker_, finder.models_ = maker, models
        return finder

    def _model(self, start: int) -> HDPHSMM:
        return HDPHSMM(
            self.max_states,
            rate_hz=self.frames_hz,
            shortest_s=self.shortest_s,
            typical_s=self.typical_s,
            longest_s=self.longest_s,
            random_state=None if self.random_state is None else self.random_state + start,
            progress=self.progress,
        )

    def _rate(self, slowest_hz: float) -> float:
        """Return a rate that frames divide evenly, at most 100 Hz and hardly above the slowest recording's."""
        require_positive("frames_hz", self.frames_hz)
        require_positive("window_s", self.window_s)
        samples = max(round(min(slowest_hz, _HIGHEST_RATE_HZ) / self.frames_hz), 1)
        if round(self.window_s * samples * self.frames_hz) < 2:
            raise ConfigError(
                f"frames_hz={self.frames_hz} and window_s={self.window_s} leave a frame less than two samples at "
                f"{slowest_hz:.4g} Hz; ask for fewer frames or a longer window"
            )
        return samples * self.frames_hz
