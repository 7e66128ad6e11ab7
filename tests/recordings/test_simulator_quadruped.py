"""Simulated quadrupeds: seeds, shapes, and that each gait moves as its footfalls say."""

from itertools import pairwise

import numpy as np
import pytest

from motif.errors import ConfigError, LabelError
from motif.recordings.simulator import EXACT_CLOCK, GAITS, IDEAL, simulate_quadruped, simulate_quadruped_recordings
from motif.recordings.simulator._animal import Animal
from motif.recordings.simulator._bout import move
from motif.recordings.simulator._gaits import STYLES, bounce_of

IDEALS = {"accelerometer": IDEAL, "gyroscope": IDEAL, "magnetometer": IDEAL}


@pytest.fixture(scope="module")
def plain():
    return simulate_quadruped(2, 6, variation=0.0, random_state=0, **IDEALS)


def of(dataset, gait):
    return dataset.X[dataset.y == dataset.class_names.index(gait)]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    first, again, other = (simulate_quadruped(1, 2, random_state=seed).X.tobytes() for seed in (5, 5, 6))
    assert first == again
    assert first != other


def test_windows_remember_animal_stretch_and_start():
    dataset = simulate_quadruped(3, 2, random_state=0)
    assert dataset.X.shape == (60, 9, 2, 100)
    assert dataset.class_names == GAITS
    assert dataset.sensors == ("back", "right_fore_leg")
    assert (np.bincount(dataset.y) == 6).all()
    assert sorted(set(dataset.groups)) == ["animal01", "animal02", "animal03"]
    for stretch in range(3):
        assert (np.diff(dataset.start[dataset.stretch == stretch]) >= 100).all()
    assert np.isfinite(dataset.X).all()


def test_turns_to_the_left_and_to_the_right_have_opposite_rates_of_turn(plain):
    left, right = (of(plain, gait)[:, 5, 0].mean(axis=1) for gait in ("turn_left", "turn_right"))
    assert left.min() > 0.4
    assert right.max() < -0.4


def test_a_standing_animal_feels_gravity_upwards_and_the_field_of_the_earth(plain):
    stand = of(plain, "stand")
    force = np.linalg.norm(stand[:, :3], axis=1)
    assert np.median(np.abs(force - 9.81)) < 0.3
    assert stand[:, 2].mean() > 9.5
    np.testing.assert_allclose(np.linalg.norm(plain.X[:, 6:], axis=1), 48.0, rtol=1e-4)


def test_gaits_shake_the_back_more_the_faster_they_are(plain):
    shaking = [of(plain, gait)[:, 2, 0].std(axis=1).mean() for gait in ("stand", "walk", "trot", "pronk")]
    assert shaking == sorted(shaking)


def test_a_leap_is_weightless_in_flight(plain):
    lightest = np.linalg.norm(of(plain, "jump")[:, :3, 0], axis=1).min(axis=1)
    assert np.median(lightest) < 4.0


@pytest.mark.parametrize("seconds", [0.8, 1.2, 5.0])
def test_every_bout_of_jumping_holds_a_leap(seconds):
    rng = np.random.default_rng(3)
    for _ in range(20):
        bout = move("jump", Animal.draw(rng, variation=1.0), round(100 * seconds), 100.0, 1.0, rng)
        assert bout.heave.max() > 0.01


def test_sitting_down_turns_the_nose_up(plain):
    force = of(plain, "sit_down")[:, :3, 0]
    assert np.median(force[:, 0, -10:].mean(axis=1) - force[:, 0, :10].mean(axis=1)) > 1.0


def test_a_trot_bounces_twice_a_stride_and_a_pronk_once():
    animal = Animal.draw(np.random.default_rng(0), variation=0.0)
    strongest = {gait: 1 + int(np.abs(bounce_of(STYLES[gait], animal).heave).argmax()) for gait in ("trot", "pronk")}
    assert strongest == {"trot": 2, "pronk": 1}


@pytest.mark.parametrize("gait", GAITS)
def test_a_bout_begins_and_ends_where_another_can_join(gait):
    rng = np.random.default_rng(0)
    bout = move(gait, Animal.draw(rng, variation=1.0), 300, 100.0, 1.0, rng)
    for course in (bout.heave, bout.surge, bout.roll, bout.pitch, bout.swing, bout.bend):
        np.testing.assert_allclose(course[[0, -1]], 0.0, atol=0.02)


def test_a_recording_is_covered_by_its_marks_and_no_gait_follows_itself():
    recording = simulate_quadruped_recordings(1, 40.0, clock=EXACT_CLOCK, random_state=0)[0]
    marks = recording.annotations
    assert recording.values.shape == (4000, 18)
    assert recording.channels[9] == "right_fore_leg.acc_x"
    assert len(recording.units) == 18
    assert marks[0].start_ns == recording.time_ns[0]
    assert marks[-1].stop_ns == recording.time_ns[-1] + 10_000_000
    for mark, following in pairwise(marks):
        assert mark.stop_ns == following.start_ns
        assert mark.label != following.label


def test_a_single_gait_may_follow_itself():
    recording = simulate_quadruped_recordings(1, 20.0, gaits=["jump"], random_state=0)[0]
    assert {mark.label for mark in recording.annotations} == {"jump"}


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"n_animals": 0}, ConfigError, "n_animals=0"),
        ({"n_windows": 0}, ConfigError, "n_windows=0"),
        ({"gaits": ["amble"]}, LabelError, "no movement 'amble'"),
        ({"rate_hz": 10.0}, ConfigError, "give 40 to 1000"),
        ({"window_s": 0.0}, ConfigError, "window_s=0.0"),
        ({"variation": -1.0}, ConfigError, "variation is -1.0"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, error, message):
    with pytest.raises(error, match=message):
        simulate_quadruped(**{"n_animals": 1, "n_windows": 1, **settings})


def test_a_recording_of_no_length_is_refused():
    with pytest.raises(ConfigError, match="duration_s=-1"):
        simulate_quadruped_recordings(1, -1.0)
