"""Simulated phone gestures: seeds, shapes, marks, and that they are neither trivial nor hopeless."""

import numpy as np
import pytest

from motif.errors import ConfigError, LabelError
from motif.recordings.simulator import (
    EXACT_CLOCK,
    GESTURES,
    IDEAL,
    ORDINARY_MOVEMENTS,
    simulate_gesture_recordings,
    simulate_gestures,
)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    first, again, other = (simulate_gestures(2, 2, random_state=seed).X.tobytes() for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_a_person_is_the_same_whoever_else_is_there():
    few, many = simulate_gestures(1, 2, random_state=1), simulate_gestures(3, 2, random_state=1)
    np.testing.assert_array_equal(few.X, many.X[: len(few.X)])


def test_windows_remember_person_stretch_and_start():
    dataset = simulate_gestures(3, 4, random_state=0)
    assert dataset.X.shape == (3 * 4 * 13, 6, 1, 100)
    assert dataset.class_names == GESTURES + ORDINARY_MOVEMENTS
    assert (np.bincount(dataset.y) == 12).all()
    assert sorted(set(dataset.groups)) == ["person01", "person02", "person03"]
    for stretch in range(3):
        assert (np.diff(dataset.start[dataset.stretch == stretch]) > 0).all()
    assert np.isfinite(dataset.X).all()


def test_a_recording_marks_each_movement_once_and_in_order():
    recordings = simulate_gesture_recordings(2, 3, movements=["push", "circle_cw"], random_state=0)
    assert [recording.subject for recording in recordings] == ["person01", "person02"]
    for recording in recordings:
        assert sorted(mark.label for mark in recording.annotations) == ["circle_cw"] * 3 + ["push"] * 3
        edges = [edge for mark in recording.annotations for edge in (mark.start_ns, mark.stop_ns)]
        assert edges == sorted(edges)
        assert recording.time_ns[0] - 10**7 < edges[0]
        assert edges[-1] < recording.time_ns[-1]
        assert recording.values.shape == (len(recording.time_ns), 6)


def test_gestures_stand_out_from_the_rests_between_them():
    recording = simulate_gesture_recordings(1, 4, movements=["shake"], clock=EXACT_CLOCK, random_state=0)[0]
    inside = np.zeros(len(recording.time_ns), dtype=bool)
    for mark in recording.annotations:
        inside |= (recording.time_ns >= mark.start_ns) & (recording.time_ns < mark.stop_ns)
    length = np.linalg.norm(recording.values[:, :3], axis=1)
    assert length[inside].std() > 5 * length[~inside].std()


def test_a_resting_phone_feels_gravity_alone():
    resting = simulate_gestures(1, 3, movements=["rest"], accelerometer=IDEAL, gyroscope=IDEAL, random_state=0)
    force = np.linalg.norm(resting.X[:, :3, 0], axis=1)
    assert np.abs(force - 9.81).max() < 1.0
    assert np.median(np.abs(force - 9.81)) < 0.2


def test_left_and_right_swipes_turn_the_phone_opposite_ways():
    dataset = simulate_gestures(4, 6, movements=["swipe_left", "swipe_right"], variation=0.0, random_state=0)
    yaw = dataset.X[:, 4:6, 0, 30:70].sum(axis=(1, 2)) / 100
    assert yaw[dataset.y == 0].min() > 0 > yaw[dataset.y == 1].max()


def test_without_variation_people_differ_by_their_hands_alone():
    calm = simulate_gestures(3, 4, movements=["push"], variation=0.0, random_state=0)
    lively = simulate_gestures(3, 4, movements=["push"], variation=1.5, random_state=0)
    assert calm.X.std(axis=0).mean() < 0.5 * lively.X.std(axis=0).mean()


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"n_people": 0}, ConfigError, "n_people=0"),
        ({"random_state": -1}, ConfigError, "random_state is -1; give a whole number"),
        ({"random_state": "seven"}, ConfigError, "random_state is 'seven'"),
        ({"n_repetitions": -1}, ConfigError, "n_repetitions=-1"),
        ({"n_repetitions": 2.5}, ConfigError, "a whole number"),
        ({"pause_s": "long"}, ConfigError, "a number above 0"),
        ({"movements": ["wave"]}, LabelError, "no movement 'wave'; there are swipe_left"),
        ({"movements": []}, LabelError, "name at least one"),
        ({"movements": ["push", "push"]}, LabelError, "each once"),
        ({"rate_hz": 5.0}, ConfigError, "give 20 to 1000"),
        ({"pause_s": float("nan")}, ConfigError, "pause_s=nan"),
        ({"variation": 3.0}, ConfigError, "give 0"),
        ({"window_s": 0.01}, ConfigError, "at least 8"),
        ({"window_s": 600.0, "movements": ["push"]}, ConfigError, "a whole session"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, error, message):
    with pytest.raises(error, match=message):
        simulate_gestures(**{"n_people": 1, "n_repetitions": 1, **settings})
