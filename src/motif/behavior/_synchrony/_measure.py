"""`synchrony`: how two streams move together, against chance."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import signal

from motif.behavior._synchrony._correlation import LaggedCorrelation, lagged_correlation
from motif.behavior._synchrony._spectral import coherence, phase_locking
from motif.behavior._synchrony._surrogates import random_phases
from motif.errors import ConfigError, DtypeError, InputError, NotFiniteError, ShapeError, TooFewSamplesError

__all__ = ["Measure", "Synchrony", "synchrony"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to say how much, and what chance says."""

    name: str
    value: float
    chance: float
    """Mean over the surrogates."""
    effect: float
    """How many standard deviations of the surrogates the value is above chance."""
    p_value: float
    """Share of surrogates that reach the value, itself counted."""
    p_corrected: float
    """By Holm's procedure over the measures."""


@dataclass(frozen=True, slots=True, eq=False)
class Synchrony:
    """What was found of two streams."""

    measures: tuple[Measure, ...]
    lag_s: float
    """How much later b does what a does; negative where b comes first."""
    lag_error_s: float
    """Standard error of the lag over the windows; NaN for a single one."""
    leader: Literal["a", "b", "neither"]
    """Who comes first; neither where the streams are not coupled beyond chance, or no lag stands out from none."""
    time_s: Array
    """(windows,), the middle of each window."""
    lags_s: Array
    """(lags,)."""
    correlation: Array
    """(windows, lags), Fisher-transformed and averaged over channels: the picture of who follows whom, when."""

    @property
    def is_coupled(self) -> bool:
        """Whether any measure is beyond chance at 5 %, corrected for how many there are."""
        return min(measure.p_corrected for measure in self.measures) < 0.05

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
    surrogates: Literal["phases", "shifted"] = "phases",
    n_surrogates: int = 199,
    random_state: int | None = 0,
) -> Synchrony:
    """Measure how two streams move together.

    Four measures, all against the same surrogates, which keep everything about each stream but their relation. By
    default b with the phases of its frequencies drawn anew, its values kept; `shifted`: b as it is, turned in time
    against a by a window or more, its end joined to its beginning, which also keeps bursts but needs an hour or so of
    recording, as there are only as many independent turns as windows.

    - `mean_correlation`: over all windows and lags; positive where both are lively at the same times.
    - `lagged_correlation`: the largest over lags of the mean over windows: one lag that holds. Sign does not matter.
    - `phase_locking`: how constant the difference of phases in the band is.
    - `coherence`: the share of power in the band that a linear filter explains.

    Parameters
    ----------
    a, b : (n,) or (n, channels)
        At the same times, gaps filled. Channel i is compared with channel i.
    rate_hz : float
    window_s, max_lag_s : float
        Length of a window; they overlap by half. The largest lag looked at.
    band_hz : optional
        Frequencies for phase and coherence; by default from two cycles a window to a tenth of the rate.
    surrogates : phases or shifted
    n_surrogates : int
        The smallest p value is 1 over one more.
    random_state : int, optional

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError
        The streams cannot be used, or have different shapes: bring them to one rate first (motif.signals.resample).
    InputError
        A channel is constant.
    TooFewSamplesError
        Fewer than three windows and lags fit.
    ConfigError

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> leader = np.convolve(rng.normal(size=6100), np.ones(20) / 20, "valid")[:6000]
    >>> follower = np.roll(leader, 40) + 0.2 * rng.normal(size=6000)
    >>> found = synchrony(leader, follower, rate_hz=100.0, window_s=10.0)
    >>> found.leader, round(found.lag_s, 2)
    ('a', 0.4)
    """
    first, second = _checked("a", a), _checked("b", b)
    if first.shape != second.shape:
        raise ShapeError("b", got=second.shape, want=f"{first.shape}, as a: at the same times, the same channels")
    window, max_lag = _samples(rate_hz, window_s, max_lag_s, n_surrogates, len(first))
    band = _band(band_hz, rate_hz, window_s)
    statistics = _Statistics(first, _band_passed(first, band, rate_hz), window, max_lag, band, rate_hz)
    lagged, observed = statistics.of(second, np.zeros(1, np.int64))
    rng = np.random.default_rng(random_state)
    chance = _chance(statistics, second, surrogates, n_surrogates, rng)
    measures = _against_chance({name: np.append(observed[name], chance[name]) for name in observed})
    strength = _strength(lagged)
    signs = np.sign(lagged.profiles[0][:, strength[0].argmax()])
    lag, error = _lag(strength[0], lagged.windows * (1.0 if signs.sum() >= 0 else -1.0), max_lag)
    coupled = min(measure.p_corrected for measure in measures) < 0.05
    beyond = abs(lag) > max(0.5, 2.0 * error if np.isfinite(error) else 0.5)
    return Synchrony(
        measures=measures,
        lag_s=float(lag / rate_hz),
        lag_error_s=float(error / rate_hz),
        leader=("a" if lag > 0 else "b") if coupled and beyond else "neither",
        time_s=np.asarray((lagged.starts + window / 2) / rate_hz, np.float64),
        lags_s=np.arange(-max_lag, max_lag + 1) / rate_hz,
        correlation=lagged.windows,
    )


def _strength(lagged: LaggedCorrelation) -> Array:
    """Return (turns, lags), over channels that may have opposite signs."""
    return np.asarray(np.sqrt((lagged.profiles**2).mean(axis=1)))


@dataclass(frozen=True, slots=True, eq=False)
class _Statistics:
    """All measures of one stream with any other."""

    a: Array
    narrow: Array
    """`a` in the band."""
    window: int
    max_lag: int
    band_hz: tuple[float, float]
    rate_hz: float

    def of(self, b: Array, turns: NDArray[np.int64]) -> tuple[LaggedCorrelation, dict[str, Array]]:
        """Return the lagged correlation and (turns,) values of each measure."""
        lagged = lagged_correlation(
            self.a, b, window=self.window, hop=self.window // 2, max_lag=self.max_lag, turns=turns
        )
        other = _band_passed(b, self.band_hz, self.rate_hz)
        segment = max(min(self.window, len(b) // 8), 8)
        band = (self.band_hz[0] / self.rate_hz, self.band_hz[1] / self.rate_hz)
        return lagged, {
            "mean_correlation": lagged.profiles.mean(axis=(1, 2)),
            "lagged_correlation": _strength(lagged).max(axis=1),
            "phase_locking": phase_locking(self.narrow, other, turns),
            "coherence": coherence(self.a, b, segment=segment, band=band, turns=turns),
        }


def _chance(
    statistics: _Statistics, b: Array, surrogates: str, n_surrogates: int, rng: np.random.Generator
) -> dict[str, Array]:
    """Return (n_surrogates,) values of each measure where there is no relation."""
    nearest = statistics.window + statistics.max_lag
    if surrogates == "shifted":
        return statistics.of(b, rng.integers(nearest, len(b) - nearest + 1, n_surrogates))[1]
    if surrogates != "phases":
        raise ConfigError(f"surrogates is {surrogates!r}; want 'phases' or 'shifted'")
    per_draw = min(max(len(b) // (nearest + statistics.max_lag), 1), n_surrogates)
    turns = np.arange(per_draw) * (len(b) // per_draw)
    draws = [statistics.of(random_phases(b, rng), turns)[1] for _ in range(-(-n_surrogates // per_draw))]
    return {name: np.concatenate([draw[name] for draw in draws])[:n_surrogates] for name in draws[0]}


def _checked(name: str, stream: ArrayLike) -> Array:
    values = np.asarray(stream)
    if values.dtype.kind not in "fiu":
        raise DtypeError(name, got=values.dtype, want="numbers")
    if values.ndim not in (1, 2) or 0 in values.shape:
        raise ShapeError(name, got=values.shape, want="(n,) or (n, channels)")
    columns = values.astype(np.float64).reshape(len(values), -1)
    finite = np.isfinite(columns)
    if not finite.all():
        row, column = map(int, np.argwhere(~finite)[0])
        raise NotFiniteError(name, count=int((~finite).sum()), first=(row, column))
    constant = np.flatnonzero(np.ptp(columns, axis=0) == 0)
    if constant.size:
        raise InputError(f"{name} is constant in channel {constant[0]}: nothing moves there; leave that channel out")
    return columns


def _samples(rate_hz: float, window_s: float, max_lag_s: float, n_surrogates: int, n: int) -> tuple[int, int]:
    if not (rate_hz > 0 and window_s > 0 and max_lag_s > 0 and n_surrogates >= 99):
        raise ConfigError(
            f"rate_hz={rate_hz}, window_s={window_s}, max_lag_s={max_lag_s}, n_surrogates={n_surrogates}; "
            "want the first three above 0 and 99 surrogates or more, or nothing could be beyond chance"
        )
    window, max_lag = round(window_s * rate_hz), max(round(max_lag_s * rate_hz), 1)
    if window < 8 or n < 3 * (window + max_lag):
        raise TooFewSamplesError(
            f"{n} samples hold no three windows of {window} samples with lags to {max_lag}; "
            "record longer, or ask for a shorter window_s or max_lag_s"
        )
    return window, max_lag


def _band(band_hz: tuple[float, float] | None, rate_hz: float, window_s: float) -> tuple[float, float]:
    low, high = band_hz or (2.0 / window_s, rate_hz / 10.0)
    if not 0.0 < low < high < rate_hz / 2.0:
        raise ConfigError(f"band_hz is {(low, high)}; want two rising frequencies between 0 and {rate_hz / 2} Hz")
    return low, high


def _band_passed(values: Array, band_hz: tuple[float, float], rate_hz: float) -> Array:
    sections = signal.butter(2, band_hz, btype="bandpass", fs=rate_hz, output="sos")
    return np.asarray(signal.sosfiltfilt(sections, values, axis=0))


def _against_chance(values: dict[str, Array]) -> tuple[Measure, ...]:
    """Return each measure, its first value against the others; Holm (1979) corrects for how many there are."""
    p = {name: float((v >= v[0]).mean()) for name, v in values.items()}
    corrected, worst = {}, 0.0
    for rank, name in enumerate(sorted(p, key=p.__getitem__)):
        worst = max(worst, min((len(p) - rank) * p[name], 1.0))
        corrected[name] = worst
    return tuple(
        Measure(
            name,
            value=float(v[0]),
            chance=float(v[1:].mean()),
            effect=float((v[0] - v[1:].mean()) / max(v[1:].std(), 1e-12)),
            p_value=p[name],
            p_corrected=corrected[name],
        )
        for name, v in values.items()
    )


def _lag(profile: Array, windows: Array, max_lag: int) -> tuple[float, float]:
    """Return the lag of the peak in samples, between samples by a parabola, and its standard error over windows."""
    own = np.array([_peak(np.mean(np.delete(windows, i, axis=0), axis=0)) for i in range(len(windows))])
    n = len(windows)  # jackknife: windows overlap by half, so its error is doubled in variance
    error = float(np.sqrt(2.0 * (n - 1) / n * ((own - own.mean()) ** 2).sum())) if n > 1 else float("nan")
    return _peak(profile) - max_lag, error


def _peak(profile: Array) -> float:
    i = int(profile.argmax())
    if not 0 < i < len(profile) - 1:
        return float(i)
    before, at, after = profile[i - 1 : i + 2]
    curvature = before - 2.0 * at + after
    return i + (0.5 * (before - after) / curvature if curvature < 0 else 0.0)
