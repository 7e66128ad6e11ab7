"""A person who never stops: one gesture after the other, with rests between, as long as somebody asks for more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from motif.checks import Seed, generator, require_positive
from motif.recordings._recording import Recording
from motif.recordings.simulator._checks import check_known, check_variation
from motif.recordings.simulator._clock import PHONE_CLOCK, START_NS, ClockModel, stamp
from motif.recordings.simulator._gesture_paths import GESTURES, ORDINARY_MOVEMENTS, SHAPES
from motif.recordings.simulator._gestures import as_recording, check_rate
from motif.recordings.simulator._imu import measure
from motif.recordings.simulator._performance import perform
from motif.recordings.simulator._person import Person
from motif.recordings.simulator._sensor import PHONE_ACCELEROMETER, PHONE_GYROSCOPE, SensorModel

__all__ = ["simulate_gesture_stream"]

_SEAM = 0.4
"""Share of a rest over which one round goes over into the next."""


def simulate_gesture_stream(
    *,
    movements: Sequence[str] = GESTURES + ORDINARY_MOVEMENTS,
    rate_hz: float = 100.0,
    pause_s: float = 1.0,
    variation: float = 1.0,
    accelerometer: SensorModel = PHONE_ACCELEROMETER,
    gyroscope: SensorModel = PHONE_GYROSCOPE,
    clock: ClockModel = PHONE_CLOCK,
    random_state: Seed = 0,
    start_ns: int = START_NS,
) -> Iterator[Recording]:
    """Simulate one person without end: recordings that follow each other, each of every movement once in mixed order.

    Parameters
    ----------
    movements, rate_hz, pause_s, variation, accelerometer, gyroscope, clock, random_state
        As `simulate_gesture_recordings` has them.
    start_ns : int
        When it begins, nanoseconds since the epoch.

    Yields
    ------
    Recording
        Six channels, about 2.4 s a movement; annotated. Its first sample follows the last one of the recording before.

    Raises
    ------
    ConfigError, LabelError
        A number is out of its range, or a movement is unknown.

    Examples
    --------
    >>> rounds = simulate_gesture_stream(movements=["push", "twist"], random_state=3)
    >>> first, second = next(rounds), next(rounds)
    >>> second.time_ns[0] - first.time_ns[-1] < 50_000_000
    np.True_
    """
    check_known(movements, tuple(SHAPES))
    require_positive("pause_s", pause_s)
    check_variation(variation)
    check_rate(rate_hz)
    rng = generator(random_state)
    return _rounds(
        Person.draw(rng, variation=variation),
        tuple(movements),
        rate_hz * float(np.exp(clock.rate_error_std * rng.standard_normal())),
        pause_s,
        variation,
        (accelerometer, gyroscope),
        clock,
        rng,
        start_ns,
    )


def _rounds(
    person: Person,
    movements: tuple[str, ...],
    rate_hz: float,
    pause_s: float,
    variation: float,
    sensors: tuple[SensorModel, SensorModel],
    clock: ClockModel,
    rng: np.random.Generator,
    start_ns: int,
) -> Iterator[Recording]:
    seam = max(1, round(_SEAM * pause_s * rate_hz))
    tail: NDArray[np.float64] | None = None
    done = 0
    while True:
        script = [movements[k] for k in rng.permutation(len(movements))]
        played = perform(person, script, rate_hz=rate_hz, pause_s=pause_s, variation=variation, rng=rng)
        values = measure(played.position, played.orientation, rate_hz, sensors, rng)
        if tail is not None:
            into = np.linspace(0.0, 1.0, seam)[:, None]
            values[:seam] = (1.0 - into) * tail + into * values[:seam]
        tail = values[-seam:]
        n_samples = len(values) - seam
        stamps = stamp(n_samples, rate_hz, clock, rng)
        begin_ns = start_ns + round(1e9 * done / rate_hz)
        yield as_recording(values, stamps, played, person, rate_hz, begin_ns, name="person01")
        done += n_samples
