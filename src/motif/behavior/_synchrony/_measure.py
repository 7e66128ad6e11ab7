"""`synchrony`: how two streams move together, against chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.behavior._synchrony._chance import Measure, against_chance, any_beyond_chance
from motif.behavior._synchrony._checks import (
    checked_band,
    checked_measures,
    checked_pair,
    checked_samples,
    without_trends,
)
from motif.behavior._synchrony._drift import Drift, clock_drift
from motif.behavior._synchrony._lead import Leader, LeadOverTime, lag_of, lead_over_time
from motif.behavior._synchrony._recurrence import Recurrence
from motif.behavior._synchrony._statistics import MEASURES, Statistics, strength
from motif.behavior._synchrony._surrogates import few_turns_note, has_few_values
from motif.behavior._synchrony._unrelated import unrelated
from motif.errors import ConfigError

__all__ = ["Synchrony", "synchrony"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Synchrony:
    """What was found of two streams."""

    measures: tuple[Measure, ...]
    lag_s: float
    """How much later b does what a does; negative where b comes first."""
    lag_error_s: float
    """Standard error of the lag over the windows; NaN for a single one, and for a lag at the edge (see `notes`)."""
    leader: Leader
    """Who comes first; neither where the streams are not coupled beyond chance, or no lag stands out from none."""
    lead: LeadOverTime
    """Lag and leader of each window."""
    time_s: Array
    """(windows,), the middle of each window."""
    lags_s: Array
    """(lags,)."""
    correlation: Array
    """(windows, lags), Fisher-transformed and averaged over channels, those that move against each other turned round:
    the picture of who follows whom, when."""
    frequencies_hz: Array
    """(frequencies,)."""
    wavelet_coherence: Array
    """(windows, frequencies), 0 … 1: the picture of what is shared, when."""
    recurrence: Recurrence
    """Lines of the cross-recurrence plot, lengths in steps of `step_s`."""
    warped_lag_s: Array
    """(steps,), the lag that dynamic time warping finds, every `step_s`."""
    step_s: float
    drift: Drift | None
    """How b's clock ran against a's, where that was asked for."""
    surrogates: str = "phases"
    """What chance was made of: `phases` or `shifted`."""
    n_surrogates: int = 0
    """How many; of `shifted` no more than there are independent turns."""
    has_trend: bool = False
    """Whether both rise or fall throughout in some channel; their lines are taken off before anything is measured."""
    has_few_values: bool = False
    """Whether b has so few different values that surrogates of random phases are unlike it."""

    @property
    def is_coupled(self) -> bool:
        """Whether any measure is beyond chance at 5 %, corrected for how many there are."""
        return any_beyond_chance(self.measures)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know before reading the figures, in sentences."""
        found = []
        if abs(self.lag_s) >= (edge := self.lags_s[-1]):
            found.append(f"The lag is at the edge of those looked at, {edge:g} s, and may be longer: raise max_lag_s.")
        if self.has_trend:
            found.append(
                "Both rise or fall throughout: a straight line is taken off each, as any two trends look alike."
            )
        if self.has_few_values and self.surrogates == "phases":
            found.append(
                "b has few different values, which random phases do not keep in order, so that p values are too small: "
                'ask for surrogates="shifted", or of states for state_synchrony.'
            )
        if self.has_few_values and self.surrogates == "shifted":
            found.append(f"b has few different values, so chance is b turned in time: {self.n_surrogates} turns.")
        if self.surrogates == "shifted" and (note := few_turns_note(self.n_surrogates)):
            found.append(note)
        return tuple(found)

    def table(self) -> list[dict[str, Any]]:
        """Return a row for each measure, ready for any table."""
        return [asdict(measure) for measure in self.measures]


def synchrony(
    a: ArrayLike,
    b: ArrayLike,
    rate_hz: float,
    *,
    window_s: float = 30.0,
    max_lag_s: float = 2.5,
    band_hz: tuple[float, float] | None = None,
    measures: str | Sequence[str] = MEASURES,
    surrogates: Literal["auto", "phases", "shifted"] = "auto",
    n_surrogates: int = 199,
    undo_drift: bool = False,
    random_state: int | None = 0,
) -> Synchrony:
    """Measure how two streams move together.

    All measures stand against the same surrogates, which keep everything about each stream but their relation.
    `phases`: b with the phases of its frequencies drawn anew, its values kept. `shifted`: b as it is, turned in time
    against a by a window or more, its end joined to its beginning, which also keeps bursts and bouts but needs a long
    recording: no more turns are taken than are independent, and of fewer than 19 nothing is beyond chance. By default
    `shifted` where b has few different values (on and off, ratings, counts), which have no phases, `phases` elsewhere;
    `notes` says so. Recurrence, determinism and warping feel which states a body can be in, which random phases change:
    their chance is centred on a few turns of b as it is.

    Where both rise or fall throughout (a line explains a quarter of their variance), the lines are taken off first.

    - `mean_correlation`: over all windows and lags; positive where both are lively at the same times.
    - `lagged_correlation`: the largest over lags of the mean over windows: one lag that holds. Sign does not matter.
    - `phase_locking`: how constant the difference of phases in the band is.
    - `coherence`: the share of power in the band that a linear filter explains.
    - `wavelet_coherence`: the same, window by window and with a window for each frequency: relations that come and go.
    - `recurrence`: how often one is where the other was, at the lag where that is most often; nothing need be linear.
    - `determinism`: the share of those moments that belong to stretches both go through at the same pace.
    - `warped_similarity`: how alike they are once one is bent in time, within the largest lag.

    Parameters
    ----------
    a, b : (n,) or (n, channels)
        At the same times, gaps filled: see `pair_recordings`. Channel i is compared with channel i.
    rate_hz : float
    window_s, max_lag_s : float
        Length of a window; they overlap by half. The largest lag looked at.
    band_hz : optional
        Frequencies for phase and coherence; by default from two cycles a window to a tenth of the rate.
    measures : str or sequence of str
        Which of the above; p values are corrected for those asked for.
    surrogates : auto, phases or shifted
    n_surrogates : int
        At most so many; the smallest p value is 1 over one more than there are.
    undo_drift : bool
        Estimate how b's clock runs against a's, and undo it first where that is certain: for two devices.
    random_state : int, optional

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError
        The streams cannot be used, or have different shapes: bring them to one rate first (`pair_recordings`).
    InputError
        A channel is constant, or a measure cannot be told of it.
    TooFewSamplesError
        Fewer than three windows and lags fit.
    ConfigError

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> leader = np.convolve(rng.normal(size=6100), np.ones(20) / 20, "valid")[:6000]
    >>> follower = np.roll(leader, 40) + 0.2 * rng.normal(size=6000)
    >>> found = synchrony(leader, follower, rate_hz=100.0, window_s=10.0, n_surrogates=99)
    >>> found.leader, round(found.lag_s, 2)
    ('a', 0.4)
    """
    first, second = checked_pair(a, b)
    if n_surrogates < 99:
        raise ConfigError(f"n_surrogates is {n_surrogates}; want 99 or more, or nothing could be beyond chance")
    wanted = checked_measures(measures)
    window, max_lag = checked_samples(rate_hz, window_s, max_lag_s, len(first))
    drift = clock_drift(first, second, rate_hz, window_s=window_s, max_lag_s=max_lag_s) if undo_drift else None
    if drift is not None:
        second = drift.undo(second)
    band = checked_band(band_hz, rate_hz, window_s)
    few = has_few_values(second)
    first, second, has_trend = without_trends(first, second)
    statistics = Statistics(first, window, max_lag, band, rate_hz, wanted)
    observed = {name: float(value[0]) for name, value in statistics.of(second, np.zeros(1, np.int64)).items()}
    kind = ("shifted" if few else "phases") if surrogates == "auto" else surrogates
    chance = unrelated(statistics, second, kind, n_surrogates, np.random.default_rng(random_state))
    found = _found(statistics, second, against_chance(observed, chance), drift)
    return replace(found, surrogates=kind, n_surrogates=len(chance[wanted[0]]), has_trend=has_trend, has_few_values=few)


def _found(statistics: Statistics, b: Array, measures: tuple[Measure, ...], drift: Drift | None) -> Synchrony:
    """Return the measures with the pictures around them."""
    rate_hz, max_lag, window = statistics.rate_hz, statistics.max_lag, statistics.window
    apart = np.arange(window + max_lag, len(b) - window - max_lag + 1, window)  # far turns: windows by chance
    lagged = statistics.lagged(b, np.append(0, apart))
    profile = strength(lagged)[0]
    signs = np.where(lagged.profiles[0][:, profile.argmax()] < 0, -1.0, 1.0)
    picture = (lagged.windows * signs).mean(axis=2)
    lag, error = lag_of(profile, picture, max_lag)
    time_s = np.asarray((lagged.starts + window / 2) / rate_hz, np.float64)
    beyond = abs(lag) > max(0.5, 2.0 * error if np.isfinite(error) else 0.5)
    step_s = statistics.step / rate_hz
    return Synchrony(
        measures=measures,
        lag_s=float(lag / rate_hz),
        lag_error_s=float(error / rate_hz),
        leader=("a" if lag > 0 else "b") if any_beyond_chance(measures) and beyond else "neither",
        lead=lead_over_time(picture, lagged.peaks[1:], time_s, rate_hz),
        time_s=time_s,
        lags_s=np.arange(-max_lag, max_lag + 1) / rate_hz,
        correlation=picture,
        frequencies_hz=statistics.frequencies_hz,
        wavelet_coherence=statistics.wavelet(b, np.zeros(1, np.int64)).picture,
        recurrence=statistics.recurrence(b),
        warped_lag_s=statistics.warping(b).lags * step_s,
        step_s=step_s,
        drift=drift,
    )
