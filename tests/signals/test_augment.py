"""Augmentation: random, repeatable, and harmless to what a label means."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from tests.reference import augment as reference

from motif.errors import ConfigError, DtypeError, ShapeError
from motif.signals import Augmentation, LandmarkAugmentation, MotionAugmentation, hand_present
from motif.signals import _augment_motion as motion
from motif.signals._augment_time import moments, read_at, smooth_curves

seeds = st.integers(0, 2**32 - 1)
OFF = {"rotation_deg": 0.0, "scale": 0.0, "time_warp": 0.0, "shift": 0.0, "jitter": 0.0}
MOTION_OFF = {**OFF, "magnitude_warp": 0.0}
LANDMARKS_OFF = {**OFF, "translation": 0.0, "frame_dropout": 0.0}


def some_motion(seed, n=6, n_channels=9, n_sensors=3, n_samples=60):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, n_channels, n_sensors, n_samples)).cumsum(axis=-1).astype(np.float32)


def some_hands(seed, n=6, n_frames=12, missing=0.15):
    generator = np.random.default_rng(seed)
    points = np.zeros((n, n_frames, 21, 4), dtype=np.float32)
    points[..., :3] = generator.uniform(0.1, 0.9, (n, 1, 21, 3)) + generator.normal(0, 0.01, (n, n_frames, 21, 3))
    lost = generator.random((n, n_frames)) < missing
    lost[:, 0] = False
    points[lost] = 0.0
    return points.reshape(n, n_frames, 84)


def motion_only(**steps):
    return Augmentation(motion=MotionAugmentation(**{**MOTION_OFF, **steps}))


def landmarks_only(**steps):
    return Augmentation(landmarks=LandmarkAugmentation(**{**LANDMARKS_OFF, **steps}))


@pytest.mark.parametrize("some", [some_motion, some_hands])
@given(seed=seeds)
@settings(deadline=None, max_examples=10)
def test_the_same_generator_gives_the_same_windows_and_leaves_the_input(some, seed):
    X = some(seed)
    before = X.copy()
    first, again, other = (Augmentation().apply(X, np.random.default_rng(s)) for s in (seed, seed, seed + 1))
    assert first.shape == X.shape
    assert first.dtype == np.float32
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    np.testing.assert_array_equal(X, before)
    assert not np.shares_memory(first, X)


@pytest.mark.parametrize(("some", "off"), [(some_motion, motion_only()), (some_hands, landmarks_only())])
def test_with_every_step_off_nothing_changes(some, off):
    X = some(3)
    varied = off.apply(X, np.random.default_rng(0))
    np.testing.assert_allclose(varied, X, atol=1e-7)
    assert not np.shares_memory(varied, X)


@given(seed=seeds)
@settings(deadline=None, max_examples=15)
def test_a_turn_keeps_lengths_and_the_angles_between_quantities(seed):
    X = some_motion(seed).astype(np.float32)
    turned = motion.turn(X, 90.0, motion.quantities(9), np.random.default_rng(seed))
    acc, gyr, mag = (X[:, i : i + 3].astype(float) for i in (0, 3, 6))
    acc2, gyr2, mag2 = (turned[:, i : i + 3].astype(float) for i in (0, 3, 6))
    size = max(1.0, float(np.abs(X).max()) ** 2)
    for a, b in ((acc, acc), (acc, gyr), (gyr, mag), (mag, acc)):
        a2, b2 = (({id(acc): acc2, id(gyr): gyr2, id(mag): mag2})[id(each)] for each in (a, b))
        np.testing.assert_allclose((a2 * b2).sum(axis=1), (a * b).sum(axis=1), atol=1e-5 * size)
    volume = (acc * np.cross(gyr, mag, axis=1)).sum(axis=1)
    volume2 = (acc2 * np.cross(gyr2, mag2, axis=1)).sum(axis=1)
    np.testing.assert_allclose(volume2, volume, atol=1e-5 * size**1.5)  # a rotation, not a reflection


def test_a_channel_that_is_no_axis_is_not_turned_wherever_it_stands():
    X = some_motion(0, n_channels=6)
    names = ("pressure", "acc_x", "acc_y", "acc_z", "light", "steps")
    turned = motion_only(rotation_deg=90.0, channels=names).apply(X, np.random.default_rng(0))
    np.testing.assert_array_equal(turned[:, [0, 4, 5]], X[:, [0, 4, 5]])
    np.testing.assert_allclose((turned[:, 1:4] ** 2).sum(axis=1), (X[:, 1:4] ** 2).sum(axis=1), rtol=1e-3, atol=1e-3)
    assert (turned[:, 1:4] != X[:, 1:4]).any()


def test_axes_are_found_in_any_order_of_channels():
    X = some_motion(0, n_channels=6)
    names, order = ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z"), [2, 4, 0, 3, 1, 5]
    straight, mixed = (
        motion_only(rotation_deg=90.0, channels=[names[i] for i in each]).apply(X[:, each], np.random.default_rng(0))
        for each in (range(6), order)
    )
    np.testing.assert_array_equal(mixed, straight[:, order])


def test_channels_without_names_are_turned_only_where_their_number_divides_by_three():
    X = some_motion(0, n_channels=7)
    np.testing.assert_array_equal(motion_only(rotation_deg=90.0).apply(X, np.random.default_rng(0)), X)


def test_names_that_are_not_those_of_the_windows_are_refused():
    with pytest.raises(ConfigError, match="channels names 1, acc_x; the windows have 9"):
        motion_only(channels=("acc_x",)).apply(some_motion(0), np.random.default_rng(0))


@given(seed=seeds, n_samples=st.integers(2, 200), warp=st.floats(0.0, 1.0))
@settings(deadline=None, max_examples=40)
def test_warped_time_never_runs_backward_and_keeps_its_ends(seed, n_samples, warp):
    place = moments(4, n_samples, np.random.default_rng(seed), warp=warp, shift=0.0)
    assert (np.diff(place, axis=1) >= 0).all()
    np.testing.assert_allclose(place[:, 0], 0.0, atol=1e-4)
    np.testing.assert_allclose(place[:, -1], n_samples - 1, rtol=1e-5)


@given(seed=seeds)
@settings(deadline=None, max_examples=15)
def test_reading_between_samples_equals_straight_lines(seed):
    series = np.random.default_rng(seed).normal(size=(3, 4, 30)).astype(np.float32)
    place = moments(3, 30, np.random.default_rng(seed), warp=0.3, shift=0.2)
    np.testing.assert_allclose(read_at(series, place), reference.read_at(series, place), atol=1e-5)


def test_a_shift_moves_a_peak_by_no_more_than_asked():
    X = np.zeros((200, 3, 1, 100), dtype=np.float32)
    X[..., 50] = 1.0
    X[..., 49] = X[..., 51] = 0.9
    peaks = motion_only(shift=0.1).apply(X, np.random.default_rng(0)).argmax(axis=-1)[:, 0, 0]
    assert peaks.min() in range(40, 44)
    assert peaks.max() in range(57, 61)


def test_curves_are_smooth_and_about_one_in_size():
    curves = smooth_curves((2000,), 100, np.random.default_rng(0))
    assert abs(curves.mean()) < 0.05
    assert 0.7 < curves.std() < 1.0
    assert np.abs(np.diff(curves, axis=1)).max() < 0.4


@given(seed=seeds)
@settings(deadline=None, max_examples=15)
def test_strengthening_keeps_directions(seed):
    X = some_motion(seed, n_samples=20)
    stronger = motion.strengthen(X, 0.3, 0.3, motion.quantities(9), np.random.default_rng(seed))
    for first in (0, 3, 6):
        a, b = X[:, first : first + 3].astype(float), stronger[:, first : first + 3].astype(float)
        np.testing.assert_allclose(np.cross(a, b, axis=1), 0.0, atol=1e-4 * max(1.0, np.abs(a).max() ** 2))
        assert ((a * b).sum(axis=1) > 0).all()


def test_jitter_is_as_strong_as_asked_and_silent_on_a_still_series():
    X = some_motion(1, n=50, n_samples=200)
    X[:, 0] = 5.0
    noise = motion_only(jitter=0.1).apply(X, np.random.default_rng(0)) - X
    assert not noise[:, 0].any()
    ratio = noise[:, 1:].std(axis=-1) / X[:, 1:].std(axis=-1)
    assert ratio.mean() == pytest.approx(0.1, rel=0.02)


def test_one_sensor_is_always_left():
    X = np.ones((200, 6, 3, 8), dtype=np.float32)
    left = motion_only(sensor_dropout=1.0).apply(X, np.random.default_rng(0))
    np.testing.assert_array_equal(left.any(axis=(1, 3)).sum(axis=1), 1)
    some = motion_only(channel_dropout=0.25).apply(X, np.random.default_rng(0)).any(axis=-1)
    assert some.mean() == pytest.approx(0.75, abs=0.03)


@given(seed=seeds)
@settings(deadline=None, max_examples=15)
def test_moving_a_hand_in_the_image_keeps_its_form(seed):
    X = some_hands(seed)
    moved = landmarks_only(rotation_deg=30.0, scale=0.3, translation=1.0).apply(X, np.random.default_rng(seed))
    np.testing.assert_array_equal(hand_present(moved), hand_present(X))
    for before, after in zip(X.reshape(6, 12, 21, 4), moved.reshape(6, 12, 21, 4), strict=True):
        seen = before.any(axis=(1, 2))
        a, b = (np.linalg.norm(each[seen][:, 1:, :3] - each[seen][:, :1, :3], axis=-1) for each in (before, after))
        assert (b / a).std() < 1e-4
        assert 0.69 < (b / a).mean() < 1.31


@given(seed=seeds)
@settings(deadline=None, max_examples=15)
def test_a_missing_hand_is_never_invented_and_the_fourth_value_stays_zero(seed):
    X = some_hands(seed, missing=0.4)
    varied = Augmentation().apply(X, np.random.default_rng(seed)).reshape(6, 12, 21, 4)
    assert not varied[..., 3].any()
    seen = hand_present(varied.reshape(X.shape))[..., 0]
    assert not varied[~seen].any()
    assert seen.any(axis=1).all()
    original = X.reshape(6, 12, 21, 4)
    for before, after, kept in zip(original, varied, seen, strict=True):
        hands = before[before.any(axis=(1, 2))]
        size = np.ptp(hands[..., :3], axis=1).max()
        sizes = np.ptp(after[kept][..., :3], axis=1).max(axis=1)
        assert (sizes < 1.5 * size).all()  # a blend with a hand at the origin would stretch


def test_time_without_a_hand_stays_without_one():
    nothing = np.zeros((3, 12, 84), dtype=np.float32)
    assert not Augmentation().apply(nothing, np.random.default_rng(0)).any()


def test_frames_are_lost_but_never_all():
    X = some_hands(2, n=300, missing=0.0)
    assert hand_present(landmarks_only(frame_dropout=1.0).apply(X, np.random.default_rng(0))).sum(axis=1).min() == 1
    seen = hand_present(landmarks_only(frame_dropout=0.2).apply(X, np.random.default_rng(0)))
    assert seen.mean() == pytest.approx(0.8, abs=0.03)


def test_a_mirrored_pair_of_hands_changes_places():
    generator = np.random.default_rng(0)
    points = generator.uniform(0, 1, (4, 5, 2, 21, 2))
    points[:, 2, 1] = 0.0
    both = landmarks_only(mirror=1.0, layout="2x21x2").apply(points.reshape(4, 5, 84), generator).reshape(points.shape)
    steps, mirrored = np.diff(points, axis=3), np.diff(both, axis=3)
    seen = points[:, :, ::-1].any(axis=(3, 4))
    np.testing.assert_allclose(mirrored[seen][..., 0], -steps[:, :, ::-1][seen][..., 0], atol=1e-5)
    np.testing.assert_allclose(mirrored[seen][..., 1], steps[:, :, ::-1][seen][..., 1], atol=1e-5)
    np.testing.assert_array_equal(both.any(axis=(3, 4)), seen)


def test_sixty_three_features_and_a_single_frame_work_too():
    hands = some_hands(4, n_frames=1, missing=0.0).reshape(6, 1, 21, 4)[..., :3].reshape(6, 1, 63)
    assert Augmentation().apply(hands, np.random.default_rng(0)).shape == hands.shape
    motion_windows = some_motion(0, n_samples=1)
    assert Augmentation().apply(motion_windows, np.random.default_rng(0)).shape == motion_windows.shape
    assert Augmentation().apply(motion_windows[:0], np.random.default_rng(0)).shape == motion_windows[:0].shape


def test_settings_are_checked_and_described():
    with pytest.raises(ValidationError, match="rotation_deg"):
        MotionAugmentation(rotation_deg=-1.0)
    with pytest.raises(ValidationError, match="wobble"):
        LandmarkAugmentation(wobble=1.0)
    described = TypeAdapter(Augmentation).json_schema()
    assert "mirror image" in described["$defs"]["LandmarkAugmentation"]["properties"]["mirror"]["description"]


def test_bad_windows_are_refused_by_name():
    generator = np.random.default_rng(0)
    with pytest.raises(ShapeError, match="X has shape"):
        Augmentation().apply(np.zeros((3, 5)), generator)
    with pytest.raises(ShapeError, match="landmarks"):
        Augmentation().apply(np.zeros((3, 5, 17)), generator)
    with pytest.raises(DtypeError, match="X has dtype"):
        Augmentation().apply(np.array([[[["a"]]]]), generator)
