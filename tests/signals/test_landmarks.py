"""Hand landmarks: what may change in the image changes nothing here, and a missing hand is no hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference import landmarks as reference

from motif.errors import ConfigError, DtypeError, NotFiniteError, ShapeError
from motif.signals import (
    HAND_FINGERS,
    HAND_LANDMARKS,
    hand_present,
    landmark_feature_names,
    landmark_features,
    normalize_landmarks,
)

LAYOUTS = {"21x4": (1, 21, 4), "21x3": (1, 21, 3), "2x21x2": (2, 21, 2)}
layouts = st.sampled_from(sorted(LAYOUTS))
seeds = st.integers(0, 2**32 - 1)


def some_points(layout, seed, n=3, n_frames=9, missing=0.2):
    """Return (n, frames, hands, 21, stored) with some hands missing, in the layout's own shape."""
    generator = np.random.default_rng(seed)
    hands, n_landmarks, stored = LAYOUTS[layout]
    points = generator.uniform(0.2, 0.8, (n, 1, hands, n_landmarks, stored))
    points = points + generator.normal(0.0, 0.02, (n, n_frames, hands, n_landmarks, stored))
    if stored == 4:
        points[..., 3] = 0.0
    lost = generator.random((n, n_frames, hands)) < missing
    lost[:, 4] = False
    points[lost] = 0.0
    return points, ~lost


def flat(points):
    return points.reshape(*points.shape[:2], -1)


def moved(points, present, factor, offset):
    changed = points * factor
    changed[..., :2] += offset
    changed[~present] = 0.0
    return changed


@given(layout=layouts, seed=seeds, factor=st.floats(0.2, 8.0), offset=st.tuples(*[st.floats(-3, 3)] * 2))
@settings(deadline=None, max_examples=30)
def test_moving_and_scaling_a_window_changes_nothing(layout, seed, factor, offset):
    points, present = some_points(layout, seed)
    other = moved(points, present, factor, offset)
    for function in (normalize_landmarks, landmark_features):
        before, after = (function(flat(each), layout=layout) for each in (points, other))
        np.testing.assert_allclose(after, before, atol=2e-4)
    np.testing.assert_array_equal(hand_present(flat(points), layout=layout), present)


@given(layout=layouts, seed=seeds)
@settings(deadline=None, max_examples=20)
def test_a_mirrored_window_laid_over_is_the_same(layout, seed):
    points, present = some_points(layout, seed)
    other = points.copy()
    other[..., 0] = 1.0 - other[..., 0]
    other[~present] = 0.0
    mirrored = [False, True, True]
    mixed = np.where(np.array(mirrored)[:, None, None, None, None], other, points)
    for function in (normalize_landmarks, landmark_features):
        before = function(flat(points), layout=layout)
        np.testing.assert_allclose(function(flat(mixed), layout=layout, mirror=mirrored), before, atol=1e-5)


@given(layout=st.sampled_from(["21x4", "21x3"]), seed=seeds)
@settings(deadline=None, max_examples=25)
def test_normal_landmarks_equal_their_definition(layout, seed):
    points, present = some_points(layout, seed)
    normal = normalize_landmarks(flat(points), layout=layout).reshape(points.shape)
    assert not normal[..., 3:].any()
    for window, seen, result in zip(points, present, normal, strict=True):
        frames = [frame[0, :, :3].tolist() if s else None for frame, s in zip(window, seen[:, 0], strict=True)]
        np.testing.assert_allclose(result[:, 0, :, :3], reference.normalize(frames), atol=1e-5)


@given(layout=layouts, seed=seeds)
@settings(deadline=None, max_examples=20)
def test_features_are_named_and_mean_what_they_say(layout, seed):
    points, present = some_points(layout, seed)
    names = landmark_feature_names(layout)
    features = landmark_features(flat(points), layout=layout)
    assert features.shape == (*points.shape[:2], len(names))
    assert len(set(names)) == len(names)
    prefix = "hand0." if layout == "2x21x2" else ""
    row = dict(zip(names, features[1, 4], strict=True))
    hand = points[1, 4, 0, :, :3].tolist()
    assert row[f"{prefix}6.bend"] == pytest.approx(reference.bend(hand[5], hand[6], hand[7]), abs=1e-3)
    axes = "xyz"[: min(3, points.shape[-1])]
    tips = [[row[f"{prefix}{tip}.{axis}"] for axis in axes] for tip in (8, 12)]
    assert row[f"{prefix}8~12.distance"] == pytest.approx(np.linalg.norm(np.subtract(*tips)), abs=1e-4)
    assert row[f"{prefix}0~8.distance"] == pytest.approx(np.linalg.norm(tips[0]), abs=1e-4)
    path = features[..., names.index(f"{prefix}wrist.path_x")]
    np.testing.assert_allclose(features[:, 1:, names.index(f"{prefix}wrist.step_x")], np.diff(path), atol=1e-5)
    np.testing.assert_array_equal(features[..., names.index(f"{prefix}present")], present[..., 0])


def test_a_swipe_is_kept_in_the_wrists_place_and_nowhere_else():
    still, _ = some_points("21x4", seed=3, n=1, missing=0.0)
    swipe = still.copy()
    swipe[..., 0] += np.linspace(0, 1, still.shape[1])[None, :, None, None]
    shape_still, shape_swipe = (normalize_landmarks(flat(each), keep_path=False) for each in (still, swipe))
    np.testing.assert_allclose(shape_swipe, shape_still, atol=1e-5)
    path = normalize_landmarks(flat(swipe)).reshape(swipe.shape)[0, :, 0, 0, 0]
    assert path[0] == 0.0
    assert (np.diff(path) > 0).all()


def test_a_missing_hand_is_held_and_told_apart():
    points, _ = some_points("21x4", seed=5, n=2, missing=0.0)
    points[0, [0, 1, 6]] = 0.0
    points[1, 3] = np.nan
    normal = normalize_landmarks(flat(points))
    np.testing.assert_array_equal(normal[0, 0], normal[0, 2])
    np.testing.assert_array_equal(normal[0, 6], normal[0, 5])
    np.testing.assert_array_equal(normal[1, 3], normal[1, 2])
    present = hand_present(flat(points))[..., 0]
    np.testing.assert_array_equal(np.flatnonzero(~present[0]), [0, 1, 6])
    np.testing.assert_array_equal(np.flatnonzero(~present[1]), [3])


def test_a_window_without_a_hand_is_zero_and_says_so():
    nothing = np.zeros((2, 12, 84), dtype=np.float32)
    assert not normalize_landmarks(nothing).any()
    assert not landmark_features(nothing).any()
    assert not hand_present(nothing).any()


@given(seed=seeds, where=st.integers(0, 39))
@settings(deadline=None, max_examples=15)
def test_a_window_gets_the_same_bits_alone_and_among_others(seed, where):
    windows = flat(some_points("21x4", seed, n=40)[0])
    for function in (normalize_landmarks, landmark_features):
        np.testing.assert_array_equal(function(windows)[where], function(windows[where : where + 1])[0])


def test_a_palm_that_vanishes_gives_no_huge_numbers():
    points, _ = some_points("21x3", seed=8, n=1, missing=0.0)
    points[..., [0, 5, 9, 17], :] = 0.5
    assert np.abs(normalize_landmarks(flat(points), keep_path=False)).max() <= 20.0


def test_aspect_makes_the_picture_square_again():
    points, _ = some_points("21x4", seed=9, missing=0.0)
    squeezed = points.copy()
    squeezed[..., [0, 2]] /= 16 / 9
    np.testing.assert_allclose(
        landmark_features(flat(squeezed), aspect=16 / 9), landmark_features(flat(points)), atol=1e-4
    )


def test_the_input_stays_as_it_was():
    windows = flat(some_points("21x4", seed=1)[0])
    before = windows.copy()
    normalize_landmarks(windows, mirror=True)
    landmark_features(windows, mirror=True)
    np.testing.assert_array_equal(windows, before)


def test_bad_landmarks_are_refused_by_name():
    good = flat(some_points("21x4", seed=2, missing=0.0)[0])
    with pytest.raises(ShapeError, match="84"):
        normalize_landmarks(good[..., :83])
    with pytest.raises(ShapeError, match="landmarks"):
        normalize_landmarks(good[:, :0])
    with pytest.raises(ConfigError, match="layout is '3x3'"):
        normalize_landmarks(good, layout="3x3")
    with pytest.raises(ConfigError, match="aspect"):
        landmark_features(good, aspect=0.0)
    with pytest.raises(ShapeError, match="mirror"):
        normalize_landmarks(good, mirror=[True, False])
    with pytest.raises(DtypeError, match="landmarks"):
        normalize_landmarks(good.astype(str))
    good[1, 2, 5] = np.nan
    with pytest.raises(NotFiniteError, match="landmarks"):
        normalize_landmarks(good)


@pytest.mark.slow
def test_the_nearest_neighbour_gains_ten_points_on_real_hands(shared_data):
    from sklearn.metrics import f1_score
    from sklearn.neighbors import KNeighborsClassifier

    with np.load(shared_data("handflow") / "handflow.npz") as file:
        seen = file["n_zero_frames"] < 12
        windows = (file["q"].astype(np.float32) * file["scale"])[seen].reshape(-1, 12, 63)
        y, block = file["y"][seen], file["block"][seen]

    def macro_f1(rows):
        rows = rows.reshape(len(rows), -1)
        model = KNeighborsClassifier(1)
        folds = [(block != fold, block == fold) for fold in range(4)]
        return np.mean([f1_score(y[b], model.fit(rows[a], y[a]).predict(rows[b]), average="macro") for a, b in folds])

    assert macro_f1(normalize_landmarks(windows)) > macro_f1(windows) + 0.08  # 0.878 and 0.768 when written


def test_each_landmark_has_one_name_and_stands_in_one_finger():
    assert len(set(HAND_LANDMARKS)) == 21
    assert sorted([0, *(joint for finger in HAND_FINGERS.values() for joint in finger)]) == list(range(21))
    for name, joints in HAND_FINGERS.items():
        assert all(HAND_LANDMARKS[joint].startswith(f"{name}_") for joint in joints)
        assert HAND_LANDMARKS[joints[-1]] == f"{name}_tip"
