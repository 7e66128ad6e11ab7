"""Faults of sensors, told in words: which axis, since when, and nothing of a sensor that only lies still."""

import numpy as np
import pytest

from motif.cli._sensor_notes import sensor_notes
from motif.recordings import Recording


def notes_of(values):
    channels, time_ns = ("acc_x", "acc_y", "acc_z"), np.arange(len(values)) * 20_000_000
    return sensor_notes(Recording(values=values, time_ns=time_ns, channels=channels, units=("m/s²",) * 3))


@pytest.fixture
def moving():
    return np.random.default_rng(0).normal(size=(6000, 3))


def test_one_axis_that_sticks_while_the_others_move_is_named(moving):
    moving[1000:3200, 1] = moving[1000, 1]
    assert notes_of(moving) == ["acc_y stands at one value for 44 s from 00:00:20 after the beginning: is it stuck?"]


def test_an_axis_that_stands_while_the_sensor_lies_still_is_not_stuck():
    """One rest of a minute, in which noise moves two axes now and then and the third never."""
    values = np.random.default_rng(0).normal(0, 6, (6000, 3))
    values[1000:4000] = np.random.default_rng(1).normal([0, 0.025, 9.825], 0.004, (3000, 3))
    assert notes_of(np.round(values / 0.05) * 0.05) == []


def test_what_never_changes_is_named_by_axis_or_as_a_sensor(moving):
    moving[:, 2] = 0.3
    assert notes_of(moving) == ["acc_z never changes while acc does: is it stuck, or not connected?"]
    assert notes_of(np.full((6000, 3), 0.3)) == ["acc never changes: is it stuck, or not connected?"]
    assert notes_of(np.full((60, 3), 0.3)) == []


def test_a_sensor_of_few_levels_is_told_to_be_coarse(moving):
    assert notes_of(np.round(moving)) == ["acc has 9 different values at most: are its steps too wide for this motion?"]
    assert notes_of(np.round(moving, 1)) == []
