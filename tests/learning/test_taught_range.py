"""Evidence counts where windows were taught, and fades where none was."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("jax")

from motif.learning import doubted, fit_reach, fit_taught_range, keras, predict, widen_taught_range

N_FEATURES = 5


def model_of():
    """The first two of its features are logits, all of them the description."""
    description = keras().Input((N_FEATURES,))
    return keras().Model(description, doubted(description[:, :2], description))


@pytest.fixture
def taught():
    return np.random.default_rng(0).normal(0, 3, (200, N_FEATURES)).astype(np.float32)


@pytest.fixture
def model(taught):
    made = model_of()
    fit_taught_range(made, taught)
    return made


def test_within_what_was_taught_nothing_changes(model, taught):
    assert np.array_equal(predict(model, taught), taught[:, :2])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, N_FEATURES - 1), st.sampled_from([-1, 1]))
def test_the_farther_beyond_it_the_less_evidence_counts(feature, side):
    made = model_of()
    fit_taught_range(made, np.array([[-1.0] * N_FEATURES, [1.0] * N_FEATURES], np.float32))
    windows = np.ones((4, N_FEATURES), np.float32)
    windows[:, feature] = side * np.array([1.0, 1.2, 2.0, 1e9])
    left = predict(made, windows) / windows[:, :2]
    other = left[:, 1 if feature == 0 else 0]
    assert other[0] == 1
    assert (np.diff(other) < 0).all()
    assert other[1] > 0.7
    assert other[2] < 0.01
    assert other[3] == 0


def test_a_feature_that_never_changed_may_do_so_a_little():
    made = model_of()
    fit_taught_range(made, np.zeros((3, N_FEATURES), np.float32))
    window = np.full((1, N_FEATURES), 0.9, np.float32)
    assert np.array_equal(predict(made, window), window[:, :2])


def test_how_far_new_people_go_is_learnt_from_windows_held_out(model, taught):
    before = predict(model, 1.5 * taught)
    fit_reach(model, taught)
    assert np.array_equal(predict(model, 1.5 * taught), before)
    fit_reach(model, 1.5 * taught)
    assert (np.abs(predict(model, 1.5 * taught)) >= np.abs(before)).all()
    assert (np.abs(predict(model, 1.5 * taught)) > np.abs(before)).any()


def test_windows_of_one_person_are_taken_in_and_nothing_is_forgotten(model, taught):
    own = np.array([[30.0] * N_FEATURES], np.float32)
    assert np.abs(predict(model, own)).max() < 1e-6
    widen_taught_range(model, own)
    assert np.allclose(predict(model, own), 30.0)
    assert np.array_equal(predict(model, taught), taught[:, :2])


def test_a_model_without_ranges_is_left_as_it_is():
    given_model = keras().Sequential([keras().Input((3,)), keras().layers.Dense(2)])
    widen_taught_range(given_model, np.ones((1, 3), np.float32))
