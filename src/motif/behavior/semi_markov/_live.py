"""States as frames come in, a fixed time late: what the whole sequence would say, as far as it is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.behavior.semi_markov._live_filters import StageFilter, TableFilter
from motif.behavior.semi_markov._parameters import Parameters
from motif.behavior.semi_markov._sequences import checked_sequences
from motif.behavior.semi_markov._stage_durations import StageDurations
from motif.behavior.semi_markov._table_durations import TableDurations
from motif.errors import ConfigError
from motif.evaluation import apply_temperature, log_probabilities

__all__ = ["LiveStates"]

Array = NDArray[np.float64]


class LiveStates:
    """One stream, one frame at a time: the states of the frame `lag` frames ago, given all so far.

    After frame t it gives the probabilities that `predict_proba` of frames 1 … t gives for frame t - lag. What is kept
    does not grow with time.
    """

    def __init__(
        self, parameters: Parameters, n_features: int, used: NDArray[np.int64], lag: int, temperature: float = 1.0
    ) -> None:
        if lag < 0:
            raise ConfigError(f"lag is {lag} frames; want 0 or more")
        self._parameters, self._n_features, self._used = parameters, n_features, used
        self._temperature = temperature
        self._recent = np.empty((0, len(used)))
        self._filter: TableFilter | StageFilter
        if isinstance(parameters.durations, StageDurations):
            self._filter = StageFilter(parameters, parameters.durations, lag)
        else:
            assert isinstance(parameters.durations, TableDurations)
            self._filter = TableFilter(parameters, parameters.durations, lag)

    def step(self, frame: ArrayLike) -> Array | None:
        """Take the next frame (features,), NaN where it is missing; return (states,), or None for the first `lag`.

        Raises
        ------
        ShapeError, DtypeError, InputError
        """
        (row,) = checked_sequences(np.asarray(frame)[None], n_features=self._n_features)
        row = row[:, self._used]
        self._parameters.emission.check(row)
        past = self._parameters.emission.memory
        self._recent = np.vstack([self._recent[len(self._recent) - min(past, len(self._recent)) :], row])
        density = self._parameters.log_density(self._recent)[-1]
        states = self._filter.step(np.maximum(density - density.max(), -np.log(self._parameters.largest_odds)))
        if states is None or self._temperature == 1.0:
            return states
        (calibrated,) = apply_temperature(log_probabilities(states[None]), self._temperature)
        return np.asarray(calibrated)
