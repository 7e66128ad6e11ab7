"""A quadruped with a 9-axis sensor on its back and one on its right foreleg: windows and recordings of ten gaits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from motif.checks import Seed, generator, require_count, require_positive
from motif.errors import ConfigError
from motif.recordings._dataset import Dataset
from motif.recordings._recording import Annotation, Recording
from motif.recordings.simulator._animal import SENSORS, Animal
from motif.recordings.simulator._checks import check_known, check_variation
from motif.recordings.simulator._clock import PHONE_CLOCK, START_NS, ClockModel, stamp
from motif.recordings.simulator._gaits import GAITS
from motif.recordings.simulator._imu import CHANNELS, UNITS
from motif.recordings.simulator._quadruped_walk import semi_markov, walk
from motif.recordings.simulator._sensor import (
    PHONE_ACCELEROMETER,
    PHONE_GYROSCOPE,
    PHONE_MAGNETOMETER,
    SensorModel,
)

__all__ = ["simulate_quadruped", "simulate_quadruped_recordings"]


def simulate_quadruped(
    n_animals: int = 8,
    n_windows: int = 20,
    *,
    gaits: Sequence[str] = GAITS,
    rate_hz: float = 100.0,
    window_s: float = 1.0,
    variation: float = 1.0,
    accelerometer: SensorModel = PHONE_ACCELEROMETER,
    gyroscope: SensorModel = PHONE_GYROSCOPE,
    magnetometer: SensorModel = PHONE_MAGNETOMETER,
    random_state: Seed = 0,
) -> Dataset:
    """Simulate animals in their gaits, and cut one window from each bout.

    The feet's forces on the ground, in the order that the gait has them fall, lift, tip and roll the body; the leg
    swings; the heading turns. Two sensors feel that motion, gravity and the Earth's field by the laws of physics.

    Parameters
    ----------
    n_animals : int
        Each differs in size (and so in frequency), amplitude, style and how its sensors sit.
    n_windows : int
        Windows of each gait by each animal; each is cut from a bout of its own.
    gaits : sequence of str
        Of `motif.recordings.simulator.GAITS`.
    rate_hz, window_s : float
        Samples per second, and length of a window.
    variation : float
        How much animals and bouts differ: 0 hardly, 1 as animals do, up to 2.
    accelerometer, gyroscope, magnetometer : SensorModel
        Errors in m/s², rad/s and µT.
    random_state : int, numpy.random.Generator or None
        Same seed, same bytes; animal k is the same whatever `n_animals` is.

    Returns
    -------
    Dataset
        `X` (n, 9, 2, samples) in m/s², rad/s and µT; the groups are the animals.

    Raises
    ------
    ConfigError, LabelError
        A number is out of its range, or a gait is unknown.

    Examples
    --------
    >>> simulate_quadruped(2, 1).X.shape
    (20, 9, 2, 100)
    """
    require_count("n_windows", n_windows)
    require_positive("window_s", window_s)
    _check(n_animals, gaits, rate_hz, variation)
    n_samples = round(window_s * rate_hz)
    require_count("window_s * rate_hz", n_samples, 8)
    sensors = (accelerometer, gyroscope, magnetometer)
    windows, labels, groups, starts = [], [], [], []
    for number, rng in enumerate(generator(random_state).spawn(n_animals)):
        animal = Animal.draw(rng, variation=variation)
        script = rng.permutation(np.repeat(np.arange(len(gaits)), n_windows))
        lengths = n_samples + np.rint(rng.uniform(0.3, 0.8, script.size) * rate_hz).astype(np.int64)
        values = walk(animal, [gaits[k] for k in script], lengths, rate_hz, variation, sensors, rng)
        offsets = np.rint(rng.uniform(0.2, 0.8, script.size) * (lengths - n_samples)).astype(np.int64)
        first = np.cumsum(lengths) - lengths + offsets
        windows += [values[start : start + n_samples].T.reshape(2, 9, n_samples) for start in first]
        labels.append(script)
        groups += [_name(number)] * script.size
        starts.append(first)
    return Dataset(
        name="simulated quadruped",
        X=np.asarray(windows, dtype=np.float32).transpose(0, 2, 1, 3).copy(),
        y=np.concatenate(labels).astype(np.int64),
        class_names=tuple(gaits),
        groups=np.array(groups, dtype=np.str_),
        group_kind="subject",
        stretch=np.repeat(np.arange(n_animals, dtype=np.int64), len(gaits) * n_windows),
        start=np.concatenate(starts),
        rate_hz=rate_hz,
        channels=CHANNELS,
        sensors=SENSORS,
    )


def simulate_quadruped_recordings(
    n_animals: int = 3,
    duration_s: float = 60.0,
    *,
    gaits: Sequence[str] = GAITS,
    rate_hz: float = 100.0,
    variation: float = 1.0,
    accelerometer: SensorModel = PHONE_ACCELEROMETER,
    gyroscope: SensorModel = PHONE_GYROSCOPE,
    magnetometer: SensorModel = PHONE_MAGNETOMETER,
    clock: ClockModel = PHONE_CLOCK,
    random_state: Seed = 0,
) -> list[Recording]:
    """Simulate animals that change gait as they please, a recording each; see `simulate_quadruped`.

    The sequence is semi-Markov: each gait has its own distribution of durations (gamma of shape 3), and the next is any
    other with equal chance.

    Parameters
    ----------
    n_animals : int
        A recording each.
    duration_s : float
        Length of a recording.
    gaits, rate_hz, variation, accelerometer, gyroscope, magnetometer, random_state
        As `simulate_quadruped` has them.
    clock : ClockModel
        How timestamps differ from an even grid.

    Returns
    -------
    list of Recording
        Eighteen channels such as `back.acc_x`; annotations cover the recording without gaps.

    Raises
    ------
    ConfigError, LabelError
        A number is out of its range, or a gait is unknown.
    """
    require_positive("duration_s", duration_s)
    _check(n_animals, gaits, rate_hz, variation)
    sensors = (accelerometer, gyroscope, magnetometer)
    recordings = []
    for number, rng in enumerate(generator(random_state).spawn(n_animals)):
        animal = Animal.draw(rng, variation=variation)
        true_hz = rate_hz * float(np.exp(clock.rate_error_std * rng.standard_normal()))
        script, lengths = semi_markov(gaits, duration_s, true_hz, rng)
        values = walk(animal, script, lengths, true_hz, variation, sensors, rng)
        time_ns, index = stamp(len(values), true_hz, clock, rng)
        edges = [START_NS + round(1e9 * edge / true_hz) for edge in np.concatenate([[0], np.cumsum(lengths)])]
        recordings.append(
            Recording(
                values=values[index],
                time_ns=START_NS + time_ns,
                channels=tuple(f"{sensor}.{channel}" for sensor in SENSORS for channel in CHANNELS),
                units=UNITS * 2,
                annotations=tuple(map(Annotation, edges[:-1], edges[1:], script)),
                subject=_name(number),
                session="1",
                metadata={"source": "simulated", "leg_m": f"{animal.leg_m:.3f}"},
            )
        )
    return recordings


def _name(number: int) -> str:
    return f"animal{number + 1:02d}"


def _check(n_animals: int, gaits: Sequence[str], rate_hz: float, variation: float) -> None:
    require_count("n_animals", n_animals)
    check_known(gaits, GAITS)
    check_variation(variation)
    if not 40.0 <= rate_hz <= 1000.0:
        raise ConfigError(f"rate_hz is {rate_hz}; give 40 to 1000, a trotting leg holds frequencies up to 15 Hz")
