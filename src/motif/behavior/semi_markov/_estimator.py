"""What every semi-Markov model does once its parameters are known, and what they all are told."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from motif.behavior.semi_markov._bundle import BundleAbout, write_bundle
from motif.behavior.semi_markov._durations import DurationFamily
from motif.behavior.semi_markov._independent import Independent, independent_features
from motif.behavior.semi_markov._live import LiveStates
from motif.behavior.semi_markov._parameters import Parameters
from motif.behavior.semi_markov._report import Report, over_confidence, report_of
from motif.behavior.semi_markov._saved import model_bytes, read_model
from motif.behavior.semi_markov._sequences import checked_sequences
from motif.behavior.semi_markov._settings import EmissionFamily, Frames, durations_of, emission_of, frames_of
from motif.behavior.semi_markov._starts import neutral
from motif.checks import generator, require_count
from motif.errors import ConfigError, FormatError, InputError, TooFewSamplesError
from motif.evaluation import apply_temperature, log_probabilities
from motif.files import write_bytes

__all__ = ["SemiMarkovEstimator"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

_LARGEST = 1e100
_NOT_SAVED = ("cluster", "progress")
"""Settings of the moment."""


class SemiMarkovEstimator(BaseEstimator, ABC):
    """Data in, states out; subclasses say how the states are found."""

    durations: DurationFamily
    emissions: EmissionFamily
    covariance: str
    order: int
    levels: Sequence[int] | None
    rate_hz: float
    shortest_s: float | None
    typical_s: float | None
    longest_s: float | None
    random_state: int | None
    progress: Callable[[str, float], Any] | None
    parameters_: Parameters
    temperature_: float = 1.0
    """What log probabilities are divided by: 1 until `calibrate` says otherwise."""
    features_: Independent
    """Which features are looked at: constant ones, and those that follow from others, say nothing new."""

    def predict(self, X: ArrayLike, lengths: Sequence[int] | None = None) -> Labels:
        """Return the states of the most probable path, (frames,): on what was fitted as on what is new."""
        return np.concatenate([self._fitted.decode(part) for part in self._checked(X, lengths)])

    def predict_proba(self, X: ArrayLike, lengths: Sequence[int] | None = None) -> Array:
        """Return the probability of each state at each frame, given the whole sequence, (frames, states)."""
        parts = [self._fitted.posterior(part, counting=False).states for part in self._checked(X, lengths)]
        probabilities = np.concatenate(parts)
        if self.temperature_ == 1.0:
            return probabilities
        return apply_temperature(log_probabilities(probabilities), self.temperature_)

    def score(self, X: ArrayLike, lengths: Sequence[int] | None = None) -> float:
        """Return the log likelihood of all frames, each counted by `parameters_.frame_weight`.

        Frames that overlap count less, so models that weigh frames differently cannot be compared by it.
        """
        parts = self._checked(X, lengths)
        return float(sum(self._fitted.posterior(part, counting=False).log_likelihood for part in parts))

    def sample(self, n_samples: int = 1, random_state: int | None = None) -> tuple[Array, Labels]:
        """Return frames (n_samples, features) that the model made up, and their states.

        Raises
        ------
        ConfigError
        """
        require_count("n_samples", n_samples)
        frames, states = self._fitted.sample(n_samples, generator(random_state))
        return self.features_.rebuilt(frames), states

    def report(self, X: ArrayLike, lengths: Sequence[int] | None = None) -> Report:
        """Return what the fit is worth, judged on the frames it was fitted to; `print` it.

        It tells whether starts agree, whether more data is needed, whether a plain hidden Markov model would do, and
        how far probabilities are too sure. Some short climbs are made for it; the model stays as it is.
        """
        return report_of(self._fitted, self._checked(X, lengths), self._elsewhere, self._frames, self.rate_hz)

    def calibrate(self, X: ArrayLike, lengths: Sequence[int] | None = None) -> Self:
        """Make `predict_proba` as sure as it may be, from the frames the model was fitted to.

        Without labels, what one half of the frames taught is judged by what the other half did; where they differ, the
        probabilities are softened. States and paths stay as they are.
        """
        sequences = self._checked(X, lengths)
        paths = [self._fitted.decode(part) for part in sequences]
        self.temperature_ = over_confidence(self._fitted, sequences, paths).temperature
        return self

    @property
    def _elsewhere(self) -> list[Parameters]:
        """Where other starts led."""
        return []

    def live(self, lag_s: float = 0.0) -> LiveStates:
        """Return what takes one stream frame by frame, and says of each `lag_s` later how probable every state is.

        The longer the lag, the nearer to `predict_proba` of the whole.

        Raises
        ------
        ConfigError
        """
        if not 0 <= lag_s < np.inf:
            raise ConfigError(f"lag_s is {lag_s}; want seconds, 0 or more")
        lag = round(lag_s * self.rate_hz)
        return LiveStates(self._fitted, self.n_features_in_, self.features_.used, lag, self.temperature_)

    def save(self, path: str | Path) -> None:
        """Write the fitted model to one file (safetensors) of plain arrays and JSON.

        Raises
        ------
        WriteError
        """
        write_bytes(Path(path), self._bytes())

    def save_bundle(
        self,
        path: str | Path,
        *,
        window_s: float | None = None,
        lag_s: float = 0.0,
        name: str = "states",
        state_names: Sequence[str] | None = None,
        window: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> Path:
        """Write a bundle that `motif.bundles.load` answers from without this class, and `load` reads again.

        It takes windows of frames and gives the probability of each state, as `predict_proba` has it, in the frame
        `lag_s` before the end of a window, as far as that window tells.

        Parameters
        ----------
        path : folder to make
        window_s : float, optional
            How much it sees at a time; by default the longest duration and the lag.
        lag_s : float
            The later it answers, the surer it is.
        name : str
            What people call it.
        state_names : (states,), optional
        window : optional
            What is known of the frames: `channels`, `units`.
        data : optional
            What it was fitted to.
        metrics : optional
            JSON-ready figures.

        Raises
        ------
        ConfigError
            The window is too short.
        LabelError
            There is one state only, or names that stand twice.
        MissingExtraError
            `onnx` is not installed.
        WriteError
        """
        about = BundleAbout(name=name, state_names=state_names, window=window or {}, data=data or {}, metrics=metrics)
        lag = round(lag_s * self.rate_hz)
        n_frames = self._frames.longest + lag if window_s is None else round(window_s * self.rate_hz)
        return write_bundle(self, Path(path), n_frames=n_frames, lag=lag, about=about, parameters=self._bytes())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Return the model that `save` or `save_bundle` wrote: it says of any recording what it said before.

        Raises
        ------
        MissingFileError, FormatError, BundleError
        """
        parameters, about = read_model(Path(path))
        if about.get("class") != cls.__name__:
            raise FormatError(path, f"it holds a {about.get('class')!r:.40}", hint=f"{cls.__name__} cannot load it")
        try:
            model = cls(**about["settings"])
            model.temperature_ = float(about["temperature"])
            used, offset, slopes = about["features"]
            model._look_at(Independent(np.array(used, np.int64), np.array(offset, float), np.array(slopes, float)))
            parameters.log_density(np.zeros((1, len(used))))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise FormatError(path, f"its settings do not fit ({error})", hint="save the model again") from error
        model.parameters_ = parameters
        return model

    def _bytes(self) -> bytes:
        """Return what `save` writes."""
        settings = {name: value for name, value in self.get_params().items() if name not in _NOT_SAVED}
        about = {
            "class": type(self).__name__,
            "settings": settings,
            "temperature": self.temperature_,
            "features": [part.tolist() for part in self.features_],
        }
        return model_bytes(self._fitted, about)

    @property
    def n_states_(self) -> int:
        """How many states there are."""
        return self._fitted.n_states

    @property
    def transmat_(self) -> Array:
        """(states, states), what follows what; the diagonal is 0."""
        return self._fitted.transition

    @property
    def duration_probabilities_(self) -> Array:
        """(states, longest), the probability of lasting 1, 2, … frames."""
        return self._fitted.durations.tables

    @property
    def _frames(self) -> Frames:
        return frames_of(self.rate_hz, self.shortest_s, self.typical_s, self.longest_s)

    def _neutral(self, sequences: list[Array], n_states: int) -> Parameters:
        """Return a model of this kind in which all states are the same."""
        emission = emission_of(
            self.emissions, sequences, n_states, covariance=self.covariance, order=self.order, levels=self.levels
        )
        if (n_seen := sum(int(emission.seen(part).sum()) for part in sequences)) < 10:
            raise TooFewSamplesError(
                f"{n_seen} frames have the {emission.memory} frames before them that they depend on"
            )
        return neutral(emission, durations_of(self.durations, self._frames, n_states))

    def _learnable(self, X: ArrayLike, lengths: Sequence[int] | None, n_states: int) -> list[Array]:
        """Return the sequences, or say that there are too few frames for so many states, or too large ones."""
        sequences = checked_sequences(X, lengths)
        if (largest := max(float(np.nanmax(np.abs(part), initial=0.0)) for part in sequences)) > _LARGEST:
            raise InputError(f"X reaches {largest:.3g}, too much to be squared; fit it in another unit")
        n_seen = sum(int(np.isfinite(part).all(axis=1).sum()) for part in sequences)
        if n_seen < 10 * n_states:
            raise TooFewSamplesError(f"{n_seen} whole frames for {n_states} states; want ten for each at least")
        self.temperature_ = 1.0
        if self.emissions == "categorical":
            n_columns = sequences[0].shape[1]
            self._look_at(Independent(np.arange(n_columns), np.zeros(n_columns), np.eye(n_columns)))
        else:
            self._look_at(independent_features(sequences))
        return [part[:, self.features_.used] for part in sequences]

    def _look_at(self, features: Independent) -> None:
        n_features = features.offset.size
        if features.slopes.shape != (features.used.size, n_features) or not features.used.min() >= 0:
            raise ValueError("the features looked at do not fit each other")
        if features.used.max() >= n_features:
            raise ValueError(f"there is no feature {features.used.max()} of {n_features}")
        self.features_, self.n_features_in_ = features, n_features

    @property
    def _fitted(self) -> Parameters:
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self, "parameters_")
        return self.parameters_

    def _checked(self, X: ArrayLike, lengths: Sequence[int] | None) -> list[Array]:
        emission = self._fitted.emission
        whole = checked_sequences(X, lengths, n_features=self.n_features_in_)
        sequences = [part[:, self.features_.used] for part in whole]
        for part in sequences:
            emission.check(part)
        return sequences
