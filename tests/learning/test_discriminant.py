"""The solved half of a network for inertial windows, and how much it counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

pytest.importorskip("jax")

from motif.learning._backend import keras
from motif.learning._discriminant import fit_discriminant, set_weights, with_discriminant
from motif.learning._weights import LEAST_RATIO, fit_weights, scale_for_a_new_group


def model_of(n_features, n_classes):
    """Half of the input is the network's logits, half is the summary."""
    logits, summary = keras().Input((n_classes,)), keras().Input((n_features,))
    return keras().Model([logits, summary], with_discriminant(logits, summary))


def clouds(n, n_features, n_classes, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    mixing = rng.normal(size=(n_features, n_features))
    return (3 * rng.normal(size=(n_classes, n_features))[y] + rng.normal(size=(n, n_features)) @ mixing).astype("f"), y


@pytest.mark.parametrize(("n_features", "n_classes"), [(6, 2), (12, 5), (3, 7)])
def test_it_decides_as_a_shrunken_linear_discriminant_does(n_features, n_classes):
    X, y = clouds(40 * n_classes, n_features, n_classes)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    model = model_of(n_features, n_classes)
    fit_discriminant(model, X, y)
    set_weights(model, (0.0, 1.0))
    ours = model.predict_on_batch([np.zeros((len(X), n_classes), np.float32), X]).argmax(axis=1)
    theirs = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(X, y).predict(X)
    assert (ours == theirs).mean() > 0.97


def test_a_window_unlike_all_classes_gets_no_surer_answer():
    X, y = clouds(200, 8, 4)
    model = model_of(8, 4)
    fit_discriminant(model, X, y)
    far = np.concatenate([X[:1] + step * X[:1] for step in (0, 1e2, 1e4)]).astype(np.float32)
    logits = model.predict_on_batch([np.zeros((3, 4), np.float32), far])
    confidence = np.exp(log_softmax(logits, axis=1)).max(axis=1)
    assert confidence[2] < 0.3


def test_equal_windows_leave_finite_weights():
    X = np.ones((6, 3), np.float32)
    model = model_of(3, 2)
    fit_discriminant(model, X, np.array([0, 1] * 3))
    assert np.isfinite(model.predict_on_batch([np.zeros((6, 2), np.float32), X])).all()


def opinions(rng, trust, n_classes, n=200):
    """Noisy logits and evidence; the network is right as often as `trust` says."""
    y = np.arange(n) % n_classes
    truth = np.eye(n_classes)[y]
    return trust * truth + rng.normal(size=truth.shape), 0.2 * truth + rng.normal(0, 0.2, truth.shape), y


def likelihood_loss(weights, network, evidence, y):
    return -log_softmax(weights[0] * network + weights[1] * evidence, axis=1)[np.arange(len(y)), y].mean()


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 1000), trust=st.floats(0, 3), n_classes=st.integers(2, 6))
def test_no_other_scale_is_likelier(seed, trust, n_classes):
    network, evidence, y = opinions(np.random.default_rng(seed), trust, n_classes)
    found = np.array(fit_weights(np.concatenate([network, evidence], axis=1).astype(np.float32), y))
    loss = likelihood_loss(found, network, evidence, y)
    if found[1] > 0.1:
        for factor in (0.5, 0.9, 1.1, 2.0):
            assert loss <= likelihood_loss(factor * found, network, evidence, y) + 1e-6


def test_a_network_that_helps_with_every_class_counts():
    network, evidence, y = opinions(np.random.default_rng(0), 5, 6, n=600)
    weights = fit_weights(np.concatenate([network, evidence], axis=1).astype(np.float32), y)
    alone = min(likelihood_loss((0, scale), network, evidence, y) for scale in np.geomspace(0.1, 50, 40))
    assert weights[0] > 0.5
    assert likelihood_loss(weights, network, evidence, y) < 0.5 * alone


@pytest.mark.parametrize("helped", [0, 1])
def test_a_network_that_helps_with_no_class_or_one_counts_as_little_as_can_be(helped):
    rng = np.random.default_rng(1)
    network, evidence, y = opinions(rng, 0, 8, n=800)
    evidence += 0.6 * np.eye(8)[y]
    network[y < helped, 0] += 8
    weights = fit_weights(np.concatenate([network, evidence], axis=1).astype(np.float32), y)
    assert weights[0] == pytest.approx(LEAST_RATIO * weights[1])


def people(n_people, differ, seed=0, n_classes=4, n_features=6):
    """Classes that each person does somewhat differently, by `differ` times the distance between classes."""
    rng = np.random.default_rng(seed)
    classes = rng.normal(size=(n_classes, n_features))
    own = differ * rng.normal(size=(n_people, n_classes, n_features))
    person, y = (rows.ravel() for rows in np.mgrid[:n_people, : n_classes * 10])
    y = y % n_classes
    return (classes[y] + own[person, y] + 0.3 * rng.normal(size=(len(y), n_features))).astype(np.float32), y, person


def test_confidence_meets_accuracy_on_people_who_were_not_there():
    gaps = []
    for seed in range(12):
        X, y, person = people(12, 0.45, seed)
        known = person < 6
        model = model_of(X.shape[1], 4)
        fit_discriminant(model, X[known], y[known])
        set_weights(model, (0.0, scale_for_a_new_group(X[known], y[known], person[known])))
        logits = model.predict_on_batch([np.zeros((sum(~known), 4), np.float32), X[~known]])
        gaps.append(
            np.exp(log_softmax(logits, axis=1)).max(axis=1).mean() - (logits.argmax(axis=1) == y[~known]).mean()
        )
    assert abs(np.mean(gaps)) < 0.05


@pytest.mark.parametrize("n_people", [1, 2])
def test_two_groups_tell_no_scale(n_people):
    assert scale_for_a_new_group(*people(n_people, 0.3)) is None


def test_a_class_of_one_group_only_tells_no_scale():
    X, y, person = people(4, 0.3)
    assert scale_for_a_new_group(X, np.where(person == 2, 4, y), person) is None


def test_many_groups_are_left_out_several_at_a_time():
    X, y, person = people(40, 0.3)
    assert 0.1 < scale_for_a_new_group(X, y, np.array([f"p{i}" for i in person])) < 100
