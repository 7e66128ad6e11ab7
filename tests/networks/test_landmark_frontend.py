import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from motif.errors import ConfigError, ShapeError
from motif.learning import keras
from motif.networks import build
from motif.networks._augment import augmentation, other_view
from motif.networks._landmark_frontend import aspect_of, fit_aspect, hand_layout, landmark_frontend

FRAMES = 6


@pytest.fixture(scope="module")
def describe():
    """One compiled front-end for each layout; its sequence, or with `summary` what the window does as a whole."""
    models = {}

    def run(windows, n_features=63, summary=False):
        if n_features not in models:
            inputs = keras().Input((FRAMES, n_features))
            models[n_features] = keras().Model(inputs, landmark_frontend(inputs, *hand_layout(n_features)))
        return models[n_features].predict_on_batch(windows.astype(np.float32))[int(summary)]

    return run


def hand(seed=0, values=3):
    rng = np.random.default_rng(seed)
    return 0.3 + 0.2 * rng.random((1, FRAMES, 21, values))


def flat(points):
    return points.reshape(*points.shape[:2], -1)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000), size=st.floats(0.5, 2.0), x=st.floats(-1, 1), y=st.floats(-1, 1))
def test_where_the_hand_is_and_how_large_is_not_seen(describe, seed, size, x, y):
    points = hand(seed)
    moved = size * points + np.array([x, y, 0.0])
    for summary in (False, True):
        before, after = (describe(flat(p), summary=summary) for p in (points, moved))
        np.testing.assert_allclose(after, before, atol=0.03)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000), angle=st.floats(-3, 3))
def test_a_turn_in_the_image_changes_nothing_but_where_the_palm_points_and_faces(describe, seed, angle):
    points = hand(seed)
    turned = points.copy()
    turned[..., 0] = np.cos(angle) * points[..., 0] - np.sin(angle) * points[..., 1]
    turned[..., 1] = np.sin(angle) * points[..., 0] + np.cos(angle) * points[..., 1]
    before, after = describe(flat(points)), describe(flat(turned))
    np.testing.assert_allclose(
        np.delete(after, range(-7, -1), axis=-1), np.delete(before, range(-7, -1), axis=-1), atol=0.05
    )


def test_a_missing_hand_is_described_as_zero_and_says_so(describe):
    points = hand()
    points[0, 2] = 0
    described = describe(flat(points))
    assert described[0, :, -1].tolist() == [1, 1, 0, 1, 1, 1]
    np.testing.assert_array_equal(described[0, 2], 0)
    np.testing.assert_array_equal(describe(np.zeros((1, FRAMES, 63))), 0)
    assert np.isfinite(describe(np.zeros((1, FRAMES, 63)), summary=True)).all()


def test_a_missing_frame_changes_no_level_or_extreme_of_a_hand_at_rest(describe):
    points = np.repeat(hand()[:, :1], FRAMES, axis=1)
    with_gap = points.copy()
    with_gap[0, 2] = 0
    np.testing.assert_allclose(describe(flat(with_gap), summary=True), describe(flat(points), summary=True), atol=1e-3)


def test_a_fourth_value_is_not_looked_at(describe):
    points = hand(values=4)
    np.testing.assert_allclose(describe(flat(points), 84), describe(flat(points[..., :3])), atol=1e-5)


def rigid_hand(n, aspect, seed=0):
    """Frames (1, n, 21 · 3) of a hand of constant bones, turned all ways, as a camera of this aspect gives it."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(21, 3)) @ Rotation.random(n, rng).as_matrix()
    return flat((points / np.array([1.0, 1 / aspect, 1.0]))[None]).astype(np.float32)


def learnt_aspect(windows):
    inputs = keras().Input(windows.shape[1:])
    model = keras().Model(inputs, landmark_frontend(inputs, *hand_layout(windows.shape[-1])))
    fit_aspect(model, windows)
    return aspect_of(model)


@pytest.mark.parametrize("aspect", [16 / 9, 4 / 3, 1.0, 9 / 16])
def test_the_cameras_aspect_is_learnt_from_bones_that_do_not_change(aspect):
    assert learnt_aspect(rigid_hand(200, aspect)) == pytest.approx(aspect, rel=0.03)


def test_two_hands_of_x_and_y_are_told_from_one_hand_by_saying_so():
    assert hand_layout(84) == (1, 4)
    assert hand_layout(84, "2x21x2") == (2, 2)
    assert hand_layout(63, "2x21x2") is None
    one, two = (build("cnn1d", (FRAMES, 84), 3, landmarks=layout) for layout in ("auto", "2x21x2"))
    still = np.zeros((1, FRAMES, 84), np.float32)
    still[0, :, 42:] = hand(values=2).reshape(1, FRAMES, 42)  # the second hand alone is there
    seen = [model.get_layer("standardize_sequence").input for model in (one, two)]
    described = [keras().Model(m.input, s).predict_on_batch(still) for m, s in zip((one, two), seen, strict=True)]
    half = described[1].shape[-1] // 2
    assert not described[1][..., :half].any()
    assert described[1][..., -1].all()


@pytest.mark.parametrize(
    "windows", [np.zeros((2, 3, 63), np.float32), np.ones((2, 3, 84), np.float32), rigid_hand(9, 99)]
)
def test_where_no_aspect_stands_out_it_is_one(windows):
    assert learnt_aspect(windows) == pytest.approx(1.0)


@pytest.mark.parametrize("n_features", [42, 126, 168])
def test_other_layouts_give_finite_features_for_every_hand(describe, n_features):
    hands, _ = hand_layout(n_features)
    described = describe(np.random.default_rng(0).random((2, FRAMES, n_features)), n_features)
    assert described.shape[-1] % hands == 0
    assert np.isfinite(described).all()


@pytest.mark.parametrize("aspect", [1.0, 16 / 9])
def test_another_view_keeps_every_length_and_the_wrist_where_it_was(aspect):
    windows = flat(np.concatenate([hand(seed) for seed in range(8)])).astype(np.float32)
    windows[0, 3] = 0
    turned = other_view(windows, np.random.default_rng(0), aspect)
    in_space = np.array([1.0, 1 / aspect, 1.0])
    before, after = (w.reshape(8, FRAMES, 21, 3) * in_space for w in (windows, turned))
    np.testing.assert_allclose(after[:, :, 0], before[:, :, 0], rtol=1e-6)
    lengths = [np.linalg.norm(p - p[:, :, :1], axis=-1) for p in (before, after)]
    np.testing.assert_allclose(lengths[1], lengths[0], atol=1e-5)
    assert not turned[0, 3].any()
    assert np.abs(after - before).max() > 0.05


def test_only_windows_of_one_hand_are_varied_unasked():
    assert augmentation((9, 3, 125)) is None
    assert augmentation((12, 27)) is None
    assert augmentation((12, 126)) is None
    windows = flat(hand()).astype(np.float32)
    kept = windows.copy()
    varied = augmentation((FRAMES, 63))(windows, np.random.default_rng(1))
    assert varied.shape == windows.shape
    assert varied.dtype == np.float32
    np.testing.assert_array_equal(windows, kept)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_windows_and_windows_without_a_hand_can_be_varied(n):
    vary = augmentation((FRAMES, 84))
    for seed in range(6):
        assert not vary(np.zeros((n, FRAMES, 84), np.float32), np.random.default_rng(seed)).any()


@pytest.mark.parametrize(("shape", "n_classes", "error"), [((12,), 3, ShapeError), ((FRAMES, 84), 1, ConfigError)])
def test_what_can_be_no_network_is_refused(shape, n_classes, error):
    with pytest.raises(error, match="want"):
        build("cnn1d", shape, n_classes)
