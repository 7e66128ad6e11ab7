"""Phone gestures: recordings with marks, and labelled windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motif.checks import Seed, generator, require_count, require_positive
from motif.errors import ConfigError
from motif.recordings._dataset import Dataset
from motif.recordings._recording import Annotation, Recording
from motif.recordings.simulator._checks import check_known, check_variation
from motif.recordings.simulator._clock import PHONE_CLOCK, START_NS, ClockModel, stamp
from motif.recordings.simulator._gesture_paths import GESTURES, ORDINARY_MOVEMENTS, SHAPES
from motif.recordings.simulator._imu import CHANNELS, UNITS, measure
from motif.recordings.simulator._performance import Performance, perform
from motif.recordings.simulator._person import Person
from motif.recordings.simulator._sensor import PHONE_ACCELEROMETER, PHONE_GYROSCOPE, SensorModel

__all__ = ["as_recording", "check_rate", "simulate_gesture_recordings", "simulate_gestures"]


def simulate_gesture_recordings(
    n_people: int = 5,
    n_repetitions: int = 10,
    *,
    movements: Sequence[str] = GESTURES + ORDINARY_MOVEMENTS,
    rate_hz: float = 100.0,
    pause_s: float = 1.0,
    variation: float = 1.0,
    accelerometer: SensorModel = PHONE_ACCELEROMETER,
    gyroscope: SensorModel = PHONE_GYROSCOPE,
    clock: ClockModel = PHONE_CLOCK,
    random_state: Seed = 0,
) -> list[Recording]:
    """Simulate people who make gestures with a phone in the hand, a recording each.

    The hand follows a path and the phone turns with it; an accelerometer and a gyroscope feel that path by the laws of
    physics, and add their own errors. Axes of the phone are Android's: x right, y to the top, z out of the screen.

    Parameters
    ----------
    n_people : int
        Each differs in size, tempo, hand, grip and style.
    n_repetitions : int
        Of each movement by each person, in mixed order, with rests between.
    movements : sequence of str
        Of `motif.recordings.simulator.GESTURES` and `ORDINARY_MOVEMENTS`.
    rate_hz : float
        Samples per second, nominally.
    pause_s : float
        Rest between movements, on average a little more than this.
    variation : float
        How much people and trials differ: 0 not at all, 1 as people do, up to 2.
    accelerometer, gyroscope : SensorModel
        Errors in m/s² and rad/s.
    clock : ClockModel
        How timestamps differ from an even grid.
    random_state : int, numpy.random.Generator or None
        Same seed, same bytes; person k is the same whatever `n_people` is.

    Returns
    -------
    list of Recording
        Six channels; each movement is annotated, rests between are not.

    Raises
    ------
    ConfigError, LabelError
        A number is out of its range, or a movement is unknown.

    Examples
    --------
    >>> recording = simulate_gesture_recordings(1, 1, movements=["push", "twist"], random_state=3)[0]
    >>> sorted(annotation.label for annotation in recording.annotations)
    ['push', 'twist']
    """
    _check(n_people, n_repetitions, movements, rate_hz, pause_s, variation)
    recordings = []
    for person, rng in enumerate(generator(random_state).spawn(n_people)):
        true_hz = rate_hz * float(np.exp(clock.rate_error_std * rng.standard_normal()))
        played, subject = _session(movements, n_repetitions, true_hz, pause_s, variation, rng)
        values = measure(played.position, played.orientation, true_hz, (accelerometer, gyroscope), rng)
        stamps = stamp(len(values), true_hz, clock, rng)
        recordings.append(as_recording(values, stamps, played, subject, true_hz, START_NS, name=_name(person)))
    return recordings


def simulate_gestures(
    n_people: int = 5,
    n_repetitions: int = 10,
    *,
    movements: Sequence[str] = GESTURES + ORDINARY_MOVEMENTS,
    rate_hz: float = 100.0,
    window_s: float = 1.0,
    pause_s: float = 1.0,
    variation: float = 1.0,
    accelerometer: SensorModel = PHONE_ACCELEROMETER,
    gyroscope: SensorModel = PHONE_GYROSCOPE,
    random_state: Seed = 0,
) -> Dataset:
    """Simulate phone gestures and cut a window around each; see `simulate_gesture_recordings`.

    Windows lie on an even grid, as after resampling. A spotter never hits the middle of a gesture exactly, so the
    window's middle is up to 0.15 s beside it; a gesture longer than the window loses its ends.

    Parameters
    ----------
    n_people, n_repetitions, movements, rate_hz, pause_s, variation, accelerometer, gyroscope, random_state
        As `simulate_gesture_recordings` has them.
    window_s : float
        Length of a window.

    Returns
    -------
    Dataset
        `X` (n, 6, 1, samples) in m/s² and rad/s; the groups are the people.

    Raises
    ------
    ConfigError, LabelError
        A number is out of its range, or a movement is unknown.

    Examples
    --------
    >>> dataset = simulate_gestures(2, 3, random_state=0)
    >>> dataset.X.shape, len(dataset.class_names)
    ((78, 6, 1, 100), 13)
    """
    _check(n_people, n_repetitions, movements, rate_hz, pause_s, variation)
    require_positive("window_s", window_s)
    n_samples = round(window_s * rate_hz)
    require_count("window_s * rate_hz", n_samples, 8)
    windows, labels, groups, stretch, starts = [], [], [], [], []
    for person, rng in enumerate(generator(random_state).spawn(n_people)):
        played, _ = _session(movements, n_repetitions, rate_hz, pause_s, variation, rng)
        values = measure(played.position, played.orientation, rate_hz, (accelerometer, gyroscope), rng)
        if len(values) < n_samples:
            raise ConfigError(f"window_s is {window_s}, a whole session {len(values) / rate_hz:.1f} s; give less")
        for span in played.spans:
            middle = (span.start + span.stop) / 2 + rng.uniform(-0.15, 0.15) * rate_hz
            start = int(np.clip(middle - n_samples / 2, 0, len(values) - n_samples))
            windows.append(values[start : start + n_samples].T)
            labels.append(movements.index(span.label))
            groups.append(_name(person))
            stretch.append(person)
            starts.append(start)
    return Dataset(
        name="simulated gestures",
        X=np.asarray(windows, dtype=np.float32)[:, :, None, :],
        y=np.array(labels, dtype=np.int64),
        class_names=tuple(movements),
        groups=np.array(groups, dtype=np.str_),
        group_kind="subject",
        stretch=np.array(stretch, dtype=np.int64),
        start=np.array(starts, dtype=np.int64),
        rate_hz=rate_hz,
        channels=CHANNELS[:6],
        sensors=("phone",),
    )


def _session(
    movements: Sequence[str],
    n_repetitions: int,
    rate_hz: float,
    pause_s: float,
    variation: float,
    rng: np.random.Generator,
) -> tuple[Performance, Person]:
    person = Person.draw(rng, variation=variation)
    script = [movements[k] for k in rng.permutation(np.repeat(np.arange(len(movements)), n_repetitions))]
    return perform(person, script, rate_hz=rate_hz, pause_s=pause_s, variation=variation, rng=rng), person


def as_recording(
    values: NDArray[np.float64],
    stamps: tuple[NDArray[np.int64], NDArray[np.int64]],
    played: Performance,
    person: Person,
    rate_hz: float,
    begin_ns: int,
    *,
    name: str,
) -> Recording:
    """Return the samples (n, 6) that arrived, as `stamp` says, with a mark for each movement."""
    time_ns, index = stamps

    def time_of(sample: int) -> int:
        return begin_ns + round(1e9 * sample / rate_hz)

    return Recording(
        values=values[index],
        time_ns=begin_ns + time_ns,
        channels=CHANNELS[:6],
        units=UNITS[:6],
        annotations=tuple(Annotation(time_of(span.start), time_of(span.stop), span.label) for span in played.spans),
        subject=name,
        session="1",
        metadata={"source": "simulated", "hand": "right" if person.side > 0 else "left"},
    )


def _name(person: int) -> str:
    return f"person{person + 1:02d}"


def _check(
    n_people: int, n_repetitions: int, movements: Sequence[str], rate_hz: float, pause_s: float, variation: float
) -> None:
    require_count("n_people", n_people)
    require_count("n_repetitions", n_repetitions)
    check_known(movements, tuple(SHAPES))
    require_positive("pause_s", pause_s)
    check_variation(variation)
    check_rate(rate_hz)


def check_rate(rate_hz: float) -> None:
    """Raise where a rate is too low for hand movements, or no phone's."""
    if not 20.0 <= rate_hz <= 1000.0:
        raise ConfigError(f"rate_hz is {rate_hz}; give 20 to 1000, hand movements hold frequencies up to 10 Hz")
