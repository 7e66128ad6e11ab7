"""Simulated hands: bones keep their length, fingers meet where they should, clips look as a tracker's do."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.errors import ConfigError, LabelError
from motif.recordings.simulator import HAND_GESTURES, simulate_hand
from motif.recordings.simulator._skeleton import hand_joints

CALM = {"jitter": 0.0, "missing": 0.0, "variation": 0.0}
fractions = st.floats(0.0, 1.0)


def landmarks(dataset, gesture):
    return dataset.X[dataset.y == dataset.class_names.index(gesture)].reshape(-1, 12, 21, 4)


@given(curl=st.lists(fractions, min_size=4, max_size=4), thumb=fractions, pinch=fractions, finger=st.integers(0, 3))
@settings(deadline=None, max_examples=40)
def test_bones_keep_their_length_whatever_the_pose(curl, thumb, pinch, finger):
    reach = np.zeros((2, 4))
    reach[1, finger] = pinch
    joints = hand_joints(np.array([[0.0] * 4, curl]), np.array([0.0, thumb]), reach)
    for begin in (1, 5, 9, 13, 17):
        for first, second in pairwise(range(begin, begin + 4)):
            straight, bent = np.linalg.norm(joints[:, second] - joints[:, first], axis=1)
            assert bent == pytest.approx(straight, abs=1e-9)


def test_a_fist_brings_the_tips_to_the_palm_and_a_pinch_the_thumb_to_the_finger():
    curl = np.array([[0.0] * 4, [1.0] * 4, [0.56, 0.2, 0.2, 0.2]])
    pinch = np.array([[0.0] * 4, [0.0] * 4, [1.0, 0.0, 0.0, 0.0]])
    flat, fist, pinched = hand_joints(curl, np.array([0.0, 1.0, 0.3]), pinch)
    for tip in (8, 12, 16, 20):
        assert np.linalg.norm(fist[tip]) < 0.75 * np.linalg.norm(flat[tip])
    assert np.linalg.norm(pinched[4] - pinched[8]) < 0.015
    assert np.linalg.norm(pinched[4] - pinched[12]) > 0.04


def test_swipes_move_the_wrist_where_they_say():
    dataset = simulate_hand(2, 8, random_state=0, **CALM)
    way = {g: landmarks(dataset, g)[:, -1, 0, :2] - landmarks(dataset, g)[:, 0, 0, :2] for g in HAND_GESTURES}
    assert way["swipe_left"][:, 0].max() < -0.05
    assert way["swipe_right"][:, 0].min() > 0.05
    assert way["swipe_up"][:, 1].max() < -0.05
    assert np.abs(way["close_fist"]).max() < 0.05


def test_a_clip_is_in_the_image_with_the_fingers_up_and_the_wrist_at_depth_zero():
    dataset = simulate_hand(6, 5, missing=0.0, random_state=0)
    points = dataset.X.reshape(-1, 12, 21, 4)
    assert np.quantile(points[..., :2], 0.01) > 0.0
    assert np.quantile(points[..., :2], 0.99) < 1.0
    np.testing.assert_array_equal(points[:, :, 0, 2], 0.0)
    np.testing.assert_array_equal(points[..., 3], 0.0)
    assert (points[:, :, 9, 1] < points[:, :, 0, 1]).mean() > 0.98


def test_missing_frames_are_all_zero_and_a_clip_never_misses_all():
    dataset = simulate_hand(4, 10, missing=0.9, random_state=0)
    lost = (dataset.X == 0).all(axis=2)
    assert 0.75 < lost.mean() < 0.9
    assert not lost.all(axis=1).any()
    assert np.isfinite(dataset.X).all()


def test_left_hands_are_mirrored():
    dataset = simulate_hand(40, 1, gestures=["swipe_up"], jitter=0.0, missing=0.0, random_state=0)
    points = dataset.X.reshape(-1, 12, 21, 4)
    thumb_side = np.sign(points[:, 0, 5, 0] - points[:, 0, 17, 0])
    assert 0.02 < (thumb_side < 0).mean() < 0.4


def test_the_same_seed_gives_the_same_bytes_and_people_do_not_depend_on_others():
    first, again, other = (simulate_hand(1, 2, random_state=seed).X for seed in (5, 5, 6))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()
    np.testing.assert_array_equal(simulate_hand(3, 2, random_state=5).X[: len(first)], first)


def test_clips_carry_names_people_and_stretches():
    dataset = simulate_hand(2, 3, random_state=0)
    assert dataset.X.shape == (2 * 3 * 9, 12, 84)
    assert len(dataset.channels) == 84
    assert dataset.channels[0] == "wrist_x"
    assert len(set(dataset.stretch)) == len(dataset.X)
    assert sorted(set(dataset.groups)) == ["person01", "person02"]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"n_people": 0}, ConfigError, "n_people=0"),
        ({"n_frames": 2}, ConfigError, "n_frames=2"),
        ({"gestures": ["wave"]}, LabelError, "no movement 'wave'"),
        ({"missing": 1.0}, ConfigError, "missing is 1.0"),
        ({"jitter": -1.0}, ConfigError, "jitter -1.0"),
        ({"rate_hz": 0.0}, ConfigError, "rate_hz=0.0"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, error, message):
    with pytest.raises(error, match=message):
        simulate_hand(**{"n_people": 1, "n_repetitions": 1, **settings})
