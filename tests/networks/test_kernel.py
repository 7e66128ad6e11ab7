import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.evaluation import apply_temperature
from motif.learning import keras, output_of, predict, set_weights
from motif.networks import build
from motif.networks._augment import has_views
from motif.networks._kernel import (
    AXES,
    CENTERS,
    SHARE,
    KernelMachine,
    cool_opinions,
    fit_kernel,
    has_kernel,
    with_kernel,
)
from motif.networks._model import standardize

FRAMES = 6


def rings(n=300, features=8, seed=0):
    """Two classes that no straight line divides: near the middle, and around it."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    direction = rng.standard_normal((n, features))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    radius = np.where(y == 0, 0.5, 2.0) + 0.1 * rng.standard_normal(n)
    values = direction * radius[:, None]
    return ((values - values.mean(axis=0)) / values.std(axis=0)).astype(np.float32), y


def test_what_no_straight_line_divides_is_told_apart():
    X, y = rings()
    solved = KernelMachine.solve(X, y)
    others, truth = rings(seed=1)
    assert np.mean(solved.opinion(others).argmax(axis=1) == truth) > 0.95


def test_what_a_change_of_view_changes_tells_no_classes_apart():
    rng = np.random.default_rng(0)
    y = np.arange(300) % 2
    sign = np.where(y == 0, -1.0, 1.0)
    X = rng.standard_normal((300, 6))
    X[:, 0] += 3 * sign
    X[:, 1] = 0.1 * X[:, 1] + sign  # goes along with the class, as long as nobody moves the camera
    seen_otherwise = X.copy()
    seen_otherwise[:, 1] += 10 * rng.standard_normal(300)
    asked = X.copy()
    asked[:, 1] *= -1
    blind = KernelMachine.solve(X.astype(np.float32), y).opinion(asked).argmax(axis=1)
    aware = (
        KernelMachine.solve(X.astype(np.float32), y, seen_otherwise.astype(np.float32)).opinion(asked).argmax(axis=1)
    )
    assert np.mean(blind == y) < 0.5
    assert np.mean(aware == y) > 0.95


@settings(deadline=None, max_examples=20)
@given(counts=st.lists(st.integers(1, 30), min_size=2, max_size=6), copies=st.booleans(), seed=st.integers(0, 99))
def test_few_windows_and_copies_of_one_another_have_a_finite_opinion(counts, copies, seed):
    y = np.repeat(np.arange(len(counts)), counts)
    X = np.random.default_rng(seed).standard_normal((len(y), 5)).astype(np.float32)
    X[y == 0] = X[0] if copies else X[y == 0]
    solved = KernelMachine.solve(X, y)
    assert len(solved.centers) <= CENTERS
    assert solved.axes.shape == (5, AXES)
    assert np.isfinite(solved.opinion(X)).all()


@pytest.fixture(scope="module")
def hands():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 3
    at_rest = rng.random((21, 3))
    windows = at_rest + 0.1 * y[:, None, None, None] * rng.random((21, 3)) + 0.01 * rng.random((60, FRAMES, 21, 3))
    return windows.reshape(60, FRAMES, 63).astype(np.float32), y


def test_the_graph_says_what_the_solved_machine_says(hands):
    X, y = hands
    model = build("cnn1d", (FRAMES, 63), 3)
    assert has_kernel(model)
    standardize(model, X)
    summary = predict(output_of(model, "standardize_summary"), X)
    fit_kernel(model, summary, y)
    wanted = KernelMachine.solve(summary, y).opinion(summary)
    found = predict(output_of(model, "kernel_scores"), X)
    np.testing.assert_allclose(found, wanted, atol=2e-2)


def test_probabilities_of_both_are_averaged_each_as_sure_as_it_may_be(hands):
    X, y = hands
    model = build("cnn1d", (FRAMES, 63), 3, seed=1)
    standardize(model, X)
    fit_kernel(model, predict(output_of(model, "standardize_summary"), X), y)
    network, machine = (predict(output_of(model, name), X) for name in ("network_logits", "kernel_scores"))
    cool_opinions(model, (2.0, 4.0))
    wanted = (1 - SHARE) * apply_temperature(network, 2.0) + SHARE * apply_temperature(machine, 4.0)
    np.testing.assert_allclose(predict(model, X), wanted, atol=1e-5)


@settings(deadline=None, max_examples=5)
@given(n_classes=st.integers(2, 6), seed=st.integers(0, 99))
def test_where_the_two_disagree_neither_is_believed(n_classes, seed):
    first, second = np.random.default_rng(seed).permutation(n_classes)[:2]
    k = keras()
    network = k.Input((n_classes,))
    model = k.Model([network, summary := k.Input((4,))], k.ops.softmax(with_kernel(network, summary)))
    scores = 50 * np.eye(n_classes)[second]
    model.get_layer("kernel_scores").set_weights([np.zeros((CENTERS + AXES, n_classes)), scores])
    set_weights(model, (1.0, 0.0, 0.0))
    sure = 1000 * np.eye(n_classes)[[first, second]]
    said = model.predict_on_batch([sure.astype(np.float32), np.zeros((2, 4), np.float32)])
    assert said[0].argmax() == second
    assert said[0].max() == pytest.approx(SHARE, abs=1e-4)
    assert said[1].max() == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    ("shape", "wanted"), [((12, 84), True), ((12, 63), True), ((12, 42), False), ((12, 126), False)]
)
def test_one_hand_with_depth_can_be_seen_from_elsewhere(shape, wanted):
    assert has_views(shape) is wanted
    assert not has_views((6, 2, 100))


def test_only_hands_that_are_described_have_a_kernel_machine():
    assert not has_kernel(build("cnn1d", (FRAMES, 63), 3, features="raw"))
    assert not has_kernel(build("cnn1d", (FRAMES, 5), 3))
