"""What the bridge leaves out, mends and says of the rest."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from motif.recordings import Readings
from motif.sources._bridge_intake import BridgeIntake
from motif.sources._live_quality import LiveQuality
from motif.sources._sanitize import Cleaned, Sanitizer
from motif.telemetry import Registry

GYR = ("gyr_x", "gyr_y", "gyr_z")
STEP = 10_000_000
START = 1_700_000_000_000_000_000


def readings(values, times=None, channels=GYR, **more):
    values = np.asarray(values, dtype=float).reshape(-1, len(channels))
    times = START + STEP * np.arange(len(values)) if times is None else np.asarray(times)
    return Readings(device="d", channels=channels, time_ns=times, values=values, **more)


def cleaned(*several):
    registry = Registry()
    sanitizer = Sanitizer(registry)
    return [sanitizer.clean(one) for one in several], registry.counters


def times_of(*several):
    found, counters = cleaned(*several)
    return [t for one in found if one for t in one.readings.time_ns.tolist()], counters


def test_good_readings_pass_untouched():
    good = readings(np.random.default_rng(0).normal(size=(50, 3)))
    (clean,), counters = cleaned(good)
    assert clean.readings is good
    assert counters == {}


@settings(deadline=None)
@given(
    values=arrays.arrays(
        np.float64, (20, 3), elements=st.one_of(st.floats(-60, 60), st.sampled_from([math.nan, 1e308, -1e308, 71.0]))
    ),
    seed=st.integers(0, 2**32 - 1),
)
def test_whatever_comes_what_leaves_is_possible_and_forward_in_time(values, seed):
    rng = np.random.default_rng(seed)
    times = START + rng.integers(-(2**40), 2**40, 20)
    found, counters = cleaned(*(readings(values[i : i + 5], times[i : i + 5]) for i in range(0, 20, 5)))
    kept = [one.readings for one in found if one]
    for one in kept:
        assert (abs(one.values) <= 70).all()
        assert (np.diff(one.time_ns) != 0).all()
    n_left_out = sum(n for name, n in counters.items() if name.startswith("left out"))
    assert sum(one.n_samples for one in kept) + n_left_out >= 20


def test_one_or_two_bad_samples_between_good_ones_are_drawn_over_and_more_are_left_out():
    values = np.column_stack([np.arange(12.0)] * 3)
    values[2] = math.nan
    values[5, 1] = 1e308
    values[6, 2] = 100.0
    values[8:11, 0] = math.nan
    (clean,), counters = cleaned(readings(values))
    assert clean.readings.values[:, 1].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 11]
    assert clean.n_mended == counters["mended"] == 3
    assert counters["left out: not a number"] == 4
    assert counters["left out: impossible"] == 2
    assert cleaned(readings([[math.nan] * 3]))[0] == [None]


def test_a_hand_out_of_sight_is_a_gap_that_is_meant():
    channels = ("hand_0_x", "hand_0_y")
    (clean,), counters = cleaned(readings([[math.nan, math.nan], [0.1, 0.2]], channels=channels))
    assert clean.readings.n_samples == 2
    assert counters["left out: not a number"] == 1


def test_marks_pass_and_nothing_at_all_does_not():
    from motif.recordings import Annotation

    empty = readings(np.empty((0, 3)))
    mark = readings(np.empty((0, 3)), annotations=(Annotation(1, 2, "here"),))
    found, _ = cleaned(empty, mark)
    assert found[0] is None
    assert found[1].readings.annotations[0].label == "here"


def test_duplicates_and_time_running_back_are_left_out_and_counted():
    kept, counters = times_of(
        readings(np.ones((3, 3))), readings(np.ones((4, 3)), START + STEP * np.array([2, 1, 3, 4]))
    )
    assert kept == [START + STEP * i for i in range(5)]
    assert counters == {"left out: duplicate": 1, "left out: time backward": 1}


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_is_followed_after_one_sample_and_a_stray_time_is_not(hours):
    jump = hours * 3600 * 10**9
    before, after = START + STEP * np.arange(3), START + jump + STEP * np.arange(3, 6)
    kept, counters = times_of(readings(np.ones((3, 3)), before), readings(np.ones((3, 3)), after))
    assert kept == [*before.tolist(), *after[1:].tolist()]
    assert counters == {"left out: stray time": 1, "clock jumps": 1}
    stray = START + np.array([0, STEP, jump, 2 * STEP])
    kept, counters = times_of(*(readings([[1, 1, 1]], [t]) for t in stray))
    assert kept == [START, START + STEP, START + 2 * STEP]
    assert counters == {"left out: stray time": 1}


def test_a_new_session_may_begin_at_any_time():
    kept, _ = times_of(readings([[1, 1, 1]], session="a"), readings([[1, 1, 1]], [START - 100], session="b"))
    assert len(kept) == 2


def test_memory_of_sensors_is_bounded():
    registry = Registry()
    sanitizer, quality = Sanitizer(registry), LiveQuality()
    intake = BridgeIntake(None, calibrate_live=True)
    for index in range(4100):
        one = Readings(device=f"d{index}", channels=GYR, time_ns=np.array([START]), values=np.ones((1, 3)))
        quality.score(sanitizer.clean(one))
        intake.take(one)
    assert len(sanitizer._times) == len(quality._streams) == len(intake.latest()) == 4096
    assert len(intake.calibration._axes) <= 2048


def score_of(*several, n_came=None):
    quality = LiveQuality()
    scores = [quality.score(Cleaned(one, n_came or one.n_samples, 0)) for one in several]
    return scores[-1]


def noisy(n, start=0, seed=0):
    times = START + STEP * np.arange(start, start + n)
    return readings(np.random.default_rng(seed).normal(size=(n, 3)), times)


def test_good_readings_are_of_good_quality_and_the_devices_own_word_counts():
    assert score_of(noisy(100)) == 1.0
    assert score_of(noisy(1)) == 1.0
    assert score_of(readings(np.random.default_rng(0).normal(size=(9, 3)), quality=0.4)) == 0.4


def test_what_was_left_out_or_is_missing_in_time_lowers_the_quality_and_it_recovers():
    assert score_of(noisy(50), n_came=100) == 0.5
    gap = readings(np.ones((2, 3)), [START, START + STEP])
    assert score_of(noisy(100), noisy(100, 200)) == pytest.approx(0.5, abs=0.02)
    assert score_of(noisy(100), noisy(100, 200), noisy(100, 300)) == 1.0
    half = readings([[1, math.nan], [math.nan, 2.0]], channels=("hand_0_x", "hand_0_y"))
    assert score_of(half) == 0.5
    assert score_of(gap, readings(np.empty((0, 3)), quality=0.9)) == 0.9


def test_a_sensor_that_never_changes_is_stuck_also_when_samples_come_one_by_one():
    stuck = [readings([[1, 2, 3]], [START + STEP * i]) for i in range(60)]
    assert score_of(*stuck[:49]) == 1.0
    assert score_of(*stuck) == 0.5
    assert score_of(*stuck, noisy(10, 60)) == 1.0
    resting = [readings([[0, 0, 9.8]], [START + STEP * i], ("gravity_x", "gravity_y", "gravity_z")) for i in range(60)]
    assert score_of(*resting) == 1.0
