"""Sensors that repeat themselves: stuck ones are found, still ones are not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.signals import stuck_stretches

RATE = 50


def at_rest_and_moving(step, seed=0):
    """Return 160 s (n, 3): a minute of movement, a minute at rest, movement again; noise 0.02, in steps of `step`."""
    rng = np.random.default_rng(seed)
    strength = np.repeat([3.0, 0.0, 3.0], [60 * RATE, 60 * RATE, 40 * RATE])[:, None]
    phase = np.arange(len(strength))[:, None] / RATE * [5.0, 6.0, 7.0]
    values = strength * np.sin(phase) + [0.0, 0.0, 9.8] + rng.normal(0, 0.02, (len(strength), 3))
    return np.round(values / step) * step


def time_ns(values):
    return np.arange(len(values)) * (1_000_000_000 // RATE)


@given(start=st.integers(600, 1000), length=st.integers(502, 5000), seed=st.integers(0, 99))
def test_a_sensor_that_repeats_itself_to_the_digit_is_stuck(start, length, seed):
    values = at_rest_and_moving(0.001, seed)
    values[start : start + length] = values[start]
    assert stuck_stretches(values, time_ns(values)).tolist() == [[start, start + length]]


@pytest.mark.parametrize("step", [0.001, 0.01, 0.1, 0.15, 0.5])
def test_a_sensor_that_lies_still_is_not_stuck_however_coarse_it_is(step):
    values = at_rest_and_moving(step)
    assert stuck_stretches(values, time_ns(values)).size == 0


def test_one_axis_that_stands_a_short_stretch_and_a_gap_are_not_stuck():
    values = at_rest_and_moving(0.001)
    one_axis, short = values.copy(), values.copy()
    one_axis[1000:4000, 0] = 0.0
    short[1000:1400] = short[1000]
    assert stuck_stretches(one_axis, time_ns(values)).size == 0
    assert stuck_stretches(short, time_ns(values)).size == 0
    pausing = values[:3000].copy()
    pausing[1000:1002] = pausing[1000]
    time = time_ns(pausing)
    time[1001:] += 60 * 10**9
    assert stuck_stretches(pausing, time).size == 0


def test_a_sensor_of_which_nothing_else_is_known_is_not_judged():
    assert stuck_stretches(np.zeros((3000, 3)), np.arange(3000) * 20_000_000).size == 0
    assert stuck_stretches(np.zeros((2, 3)), np.arange(2)).size == 0
