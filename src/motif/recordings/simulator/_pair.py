"""Two movers, one of whom follows the other: with known coupling, lag and leader."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation

from motif.checks import Seed, generator, require_count, require_positive
from motif.errors import ConfigError
from motif.recordings._recording import Recording
from motif.recordings.simulator._clock import START_NS
from motif.recordings.simulator._imu import CHANNELS, UNITS, Models, measure
from motif.recordings.simulator._noise import band_noise
from motif.recordings.simulator._sensor import PHONE_ACCELEROMETER, PHONE_GYROSCOPE, SensorModel

__all__ = ["simulate_pair"]

_REACH_M = 0.05
_TURN_RAD = 0.3


def simulate_pair(
    duration_s: float = 60.0,
    rate_hz: float = 100.0,
    *,
    coupling: float = 0.6,
    lag_s: float = 0.4,
    leader: Literal["a", "b"] = "a",
    band_hz: tuple[float, float] = (0.3, 3.0),
    accelerometer: SensorModel = PHONE_ACCELEROMETER,
    gyroscope: SensorModel = PHONE_GYROSCOPE,
    random_state: Seed = 0,
) -> tuple[Recording, Recording]:
    """Simulate two movers, a and b, each with a sensor; the follower does in part what the leader did before.

    Movement is random in six degrees of freedom. With x the leader's and e the follower's own, equally strong and
    independent, the follower moves as c·x(t - lag) + √(1 - c²)·e(t): the two correlate by c at that lag, up to the
    sensors' errors, and not at all where c is 0.

    Parameters
    ----------
    duration_s, rate_hz : float
        Length of both recordings, and samples per second.
    coupling : float
        c, 0 (independent) to 1 (a delayed copy).
    lag_s : float
        How much later the follower moves; need not be a whole number of samples.
    leader : {"a", "b"}
        Who moves first.
    band_hz : (float, float)
        Slowest and fastest frequency of the movement.
    accelerometer, gyroscope : SensorModel
        Errors in m/s² and rad/s.
    random_state : int, numpy.random.Generator or None
        Same seed, same bytes.

    Returns
    -------
    (Recording, Recording)
        Of a and of b, six channels each, on one clock. Their metadata hold the truth: `coupling`, `lag_s`, `leader`.

    Raises
    ------
    ConfigError
        A number is out of its range.

    Examples
    --------
    >>> a, b = simulate_pair(20.0, coupling=0.9, lag_s=0.25, leader="b")
    >>> a.values.shape, b.metadata["leader"], b.metadata["lag_s"]
    ((2000, 6), 'b', '0.25')
    """
    _check(duration_s, rate_hz, coupling, lag_s, leader, band_hz)
    rng = generator(random_state)
    n = round(duration_s * rate_hz)
    ahead = int(np.ceil(lag_s * rate_hz)) + 1
    lead = band_noise(n + ahead, band_hz, rate_hz, rng, n_series=6)
    own = band_noise(n, band_hz, rate_hz, rng, n_series=6)
    delayed = CubicSpline(np.arange(n + ahead), lead)(np.arange(n) + ahead - lag_s * rate_hz)
    follow = coupling * delayed + np.sqrt(1 - coupling**2) * own
    movers = (lead[ahead:], follow) if leader == "a" else (follow, lead[ahead:])
    first, second = (_feel(mover, rate_hz, (accelerometer, gyroscope), rng) for mover in movers)
    truth = {"source": "simulated", "coupling": repr(float(coupling)), "lag_s": repr(float(lag_s)), "leader": leader}
    time_ns = START_NS + np.rint(np.arange(n) * 1e9 / rate_hz).astype(np.int64)
    return _recording("a", first, time_ns, truth), _recording("b", second, time_ns, truth)


def _feel(
    movement: NDArray[np.float64], rate_hz: float, models: Models, rng: np.random.Generator
) -> NDArray[np.float64]:
    return measure(_REACH_M * movement[:, :3], Rotation.from_rotvec(_TURN_RAD * movement[:, 3:]), rate_hz, models, rng)


def _recording(name: str, values: NDArray[np.float64], time_ns: NDArray[np.int64], truth: dict[str, str]) -> Recording:
    return Recording(
        values=values,
        time_ns=time_ns,
        channels=CHANNELS[:6],
        units=UNITS[:6],
        subject=name,
        session="pair",
        metadata=truth,
    )


def _check(
    duration_s: float, rate_hz: float, coupling: float, lag_s: float, leader: str, band_hz: tuple[float, float]
) -> None:
    require_positive("duration_s", duration_s)
    require_positive("rate_hz", rate_hz)
    require_count("duration_s * rate_hz", round(duration_s * rate_hz), 64)
    if not 0.0 <= coupling <= 1.0:
        raise ConfigError(f"coupling is {coupling}; give 0 (independent) to 1 (a copy)")
    if not 0.0 <= lag_s <= duration_s:
        raise ConfigError(f"lag_s is {lag_s}; give 0 to duration_s={duration_s}, and name the other leader to turn it")
    if leader not in ("a", "b"):
        raise ConfigError(f"leader is {leader!r}; give 'a' or 'b'")
    if not 0.0 < band_hz[0] < band_hz[1] <= rate_hz / 4:
        raise ConfigError(f"band_hz is {band_hz}; give two rising frequencies up to a quarter of rate_hz={rate_hz}")
    if (band_hz[1] - band_hz[0]) * duration_s < 4:
        raise ConfigError(f"band_hz {band_hz} holds too little movement for {duration_s} s; widen it or take longer")
