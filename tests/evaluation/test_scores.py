import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.reference import scores as reference

from motif.errors import ConfigError, LabelError, ShapeError
from motif.evaluation import (
    METRICS,
    baseline_scores,
    brier_score,
    confused_pairs,
    expected_calibration_error,
    group_bootstrap,
    maximum_calibration_error,
    score,
)


@st.composite
def labelled_probabilities(draw):
    n, k = draw(st.integers(1, 25)), draw(st.integers(1, 7))
    weights = draw(hnp.arrays(np.float64, (n, k), elements=st.integers(1, 9).map(float)))
    y = draw(hnp.arrays(np.int64, n, elements=st.integers(0, k - 1)))
    return y, weights / weights.sum(axis=1, keepdims=True)


def names_of(p):
    return [f"class {i}" for i in range(p.shape[1])]


@settings(deadline=None, max_examples=20)
@given(labelled_probabilities())
def test_scores_equal_their_definitions(drawn):
    y, p = drawn
    scores = score(y, p, names_of(p))
    truth, predicted = y.tolist(), p.argmax(axis=1).tolist()
    assert scores.accuracy == pytest.approx(np.mean([t == q for t, q in zip(truth, predicted, strict=True)]))
    assert scores.macro_f1 == pytest.approx(reference.macro_f1(truth, predicted))
    assert scores.micro_f1 == pytest.approx(scores.accuracy)
    if len(set(truth) | set(predicted)) > 1:
        assert scores.kappa == pytest.approx(reference.kappa(truth, predicted))
        assert scores.matthews == pytest.approx(reference.matthews(truth, predicted))
    assert set(scores.top_k) == {1, 3, 5} & {1, *range(p.shape[1])}
    for k, value in scores.top_k.items():
        assert value == pytest.approx(reference.top_k(truth, p.tolist(), k))
    for i, of_class in enumerate(scores.per_class):
        hits, occurs, called = reference.counts(truth, predicted, i)
        assert (scores.confusion[i, i], of_class.support, of_class.predicted) == (hits, occurs, called)
        assert scores.confusion[i].tolist() == [sum((y == i) & (p.argmax(axis=1) == j)) for j in range(p.shape[1])]
        if occurs or called:
            three = (of_class.precision, of_class.recall, of_class.f1)
            assert three == pytest.approx((hits / max(called, 1), hits / max(occurs, 1), 2 * hits / (occurs + called)))
        if 0 < occurs < len(y):
            assert of_class.roc_auc == pytest.approx(reference.roc_auc(y == i, p[:, i]))


@settings(deadline=None, max_examples=20)
@given(labelled_probabilities())
def test_averages_are_those_of_the_classes_and_errors_of_confidence_those_of_their_names(drawn):
    y, p = drawn
    scores = score(y, p, names_of(p))
    seen = [of_class for of_class in scores.per_class if of_class.f1 is not None]
    for name in ("precision", "recall", "f1"):
        values = [getattr(of_class, name) for of_class in seen]
        weighted = np.average(values, weights=[of_class.support for of_class in seen])
        assert getattr(scores, f"macro_{name}") == pytest.approx(np.mean(values))
        assert getattr(scores, f"weighted_{name}") == pytest.approx(weighted)
        assert getattr(scores, f"micro_{name}") == pytest.approx(scores.accuracy)
    aucs = [of_class.roc_auc for of_class in scores.per_class if of_class.roc_auc is not None]
    assert scores.roc_auc == (pytest.approx(np.mean(aucs)) if aucs else None)
    assert (scores.ece, scores.mce) == (expected_calibration_error(y, p), maximum_calibration_error(y, p))
    assert scores.brier == brier_score(y, p)


@settings(deadline=None, max_examples=20)
@given(labelled_probabilities())
def test_nothing_undefined_reaches_json(drawn):
    y, p = drawn
    scores = score(y, p, names_of(p))
    plain = json.loads(json.dumps(scores.to_dict(), allow_nan=False))
    assert plain["n"] == len(y)
    assert {name for name in METRICS if plain[name] is None} == set(scores.reasons)
    assert np.isfinite(scores.confusion_normalized).all()
    assert scores.confusion.sum() == len(y)


def test_a_single_class_says_why_three_figures_are_missing():
    scores = score([0, 0], [[0.9, 0.1], [0.8, 0.2]], ["rest", "wave"])
    assert (scores.kappa, scores.matthews, scores.roc_auc) == (None, None, None)
    assert set(scores.reasons) == {"kappa", "matthews", "roc_auc"}
    assert scores.per_class[1].f1 is None
    assert scores.macro_f1 == 1.0


def test_a_certain_mistake_costs_a_finite_loss():
    assert score([1], [[1.0, 0.0]], ["a", "b"]).log_loss == pytest.approx(-math.log(np.finfo(float).eps))


def test_the_baseline_says_the_most_frequent_class_with_its_share():
    baseline = baseline_scores([0, 1, 1, 1], [1, 0], ["a", "b"])
    assert baseline.accuracy == 0.5
    assert baseline.ece == pytest.approx(0.25)
    with pytest.raises(LabelError, match="y_test holds class 2"):
        baseline_scores([0, 1], [2], ["a", "b"])


def test_names_and_columns_must_match():
    with pytest.raises(LabelError, match="3 class names for 2 columns"):
        score([0], [[0.5, 0.5]], ["a", "b", "c"])


def scores_of(confusion):
    confusion = np.asarray(confusion)
    y = np.repeat(np.arange(len(confusion)), confusion.sum(axis=1))
    predicted = np.concatenate([np.repeat(np.arange(len(confusion)), row) for row in confusion])
    return score(y, np.eye(len(confusion))[predicted], list("abcdef")[: len(confusion)])


def test_pairs_are_told_apart_as_symmetric_or_one_way():
    pairs = confused_pairs(scores_of([[10, 4, 0], [3, 10, 0], [0, 6, 2]]))
    assert [(p.first, p.second, p.windows, p.kind) for p in pairs] == [
        ("a", "b", 7, "symmetric"),
        ("c", "b", 6, "one-way"),
    ]
    assert pairs[1].first_rate == pytest.approx(0.75)
    assert len(confused_pairs(scores_of([[1, 1, 1], [1, 1, 1], [1, 1, 1]]), n_pairs=2)) == 2


def test_without_confusion_there_is_no_pair():
    assert confused_pairs(scores_of([[3, 0], [0, 3]])) == ()
    with pytest.raises(ConfigError, match="n_pairs is 0"):
        confused_pairs(scores_of([[3, 0], [0, 3]]), n_pairs=0)


@settings(deadline=None, max_examples=20)
@given(labelled_probabilities(), st.integers(2, 5))
def test_the_interval_of_groups_that_are_alike_is_a_point(drawn, n_groups):
    y, p = drawn
    predicted = p.argmax(axis=1)
    intervals = group_bootstrap(
        np.tile(y, n_groups), np.tile(predicted, n_groups), np.repeat(np.arange(n_groups), len(y)), n_resamples=20
    )
    assert intervals["accuracy"].low == pytest.approx(np.mean(y == predicted))
    assert intervals["macro_f1"].low == pytest.approx(reference.macro_f1(y.tolist(), predicted.tolist()))
    assert intervals["macro_f1"].high == pytest.approx(intervals["macro_f1"].low)


def test_the_interval_of_unlike_groups_is_that_of_drawing_groups():
    """Twenty people, each all right or all wrong: the spread of a mean of twenty coins."""
    right = np.arange(20) % 2
    y, predicted, groups = np.ones(2000, int), np.repeat(right, 100), np.repeat(np.arange(20), 100)
    interval = group_bootstrap(y, predicted, groups)["accuracy"]
    assert interval.n_groups == 20
    assert interval.low == pytest.approx(0.5 - 1.96 * math.sqrt(0.25 / 20), abs=0.04)
    assert interval.high == pytest.approx(0.5 + 1.96 * math.sqrt(0.25 / 20), abs=0.04)
    assert group_bootstrap(y, predicted, groups) == group_bootstrap(y, predicted, groups)


def test_one_group_has_no_interval_and_bad_settings_are_named():
    assert group_bootstrap([0, 1], [0, 1], ["a", "a"]) == {}
    with pytest.raises(ConfigError, match="level=1"):
        group_bootstrap([0, 1], [0, 1], ["a", "b"], level=1)
    with pytest.raises(ShapeError, match="groups"):
        group_bootstrap([0, 1], [0, 1], ["a"])
