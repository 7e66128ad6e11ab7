"""`conv2d.metrics`, as its contract writes it."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from conv2d.metrics.core import MetricsCalculator
from motif.errors import LabelError, NotFiniteError, ShapeError


@st.composite
def answers(draw):
    """Truth, answers and probabilities of 1 to 80 windows of 1 to 6 classes."""
    n, classes, seed = draw(st.integers(1, 80)), draw(st.integers(1, 6)), draw(st.integers(0, 9999))
    rng = np.random.default_rng(seed)
    y_prob = rng.dirichlet(np.full(classes, draw(st.sampled_from([0.05, 1.0]))), n)
    return rng.integers(0, classes, n), y_prob.argmax(axis=1), y_prob


@given(given_=answers())
def test_the_contract_s_figures_are_what_their_definitions_say(given_):
    y_true, y_pred, y_prob = given_
    result = MetricsCalculator().compute_all(y_true, y_pred, y_prob)
    assert result.accuracy == accuracy_score(y_true, y_pred)
    assert result.macro_f1 == f1_score(y_true, y_pred, average="macro", zero_division=0)
    assert 0.0 <= result.ece <= result.mce + 1e-12 <= 1.0 + 1e-12
    assert result.coverage == len(set(y_pred) & set(y_true)) / len(set(y_true))
    assert result.transition_rate == (np.mean(y_pred[1:] != y_pred[:-1]) if len(y_pred) > 1 else 0.0)
    assert sum(sum(lengths) for lengths in result.dwell_times.values()) == len(y_pred)
    assert 0.0 <= result.entropy <= np.log(y_prob.shape[1]) + 1e-9
    assert json.loads(json.dumps(result.to_dict()))["accuracy"] == result.accuracy


@given(given_=answers(), n_bins=st.integers(1, 20))
def test_calibration_errors_equal_the_plain_definition(given_, n_bins):
    y_true, y_pred, y_prob = given_
    confidence, right = y_prob.max(axis=1), y_true == y_pred
    gaps, weights = [], []
    for k in range(n_bins):
        inside = (confidence > k / n_bins) & (confidence <= (k + 1) / n_bins)
        if inside.any():
            gaps.append(abs(confidence[inside].mean() - right[inside].mean()))
            weights.append(inside.mean())
    result = MetricsCalculator(n_bins=n_bins).compute_all(y_true, y_pred, y_prob)
    assert result.ece == pytest.approx(np.dot(gaps, weights), abs=1e-9)
    assert result.mce == pytest.approx(max(gaps), abs=1e-9)


def test_several_streams_are_judged_without_a_change_between_them():
    y_true = np.array([[0, 0, 1, 1], [1, 1, 0, 0]])
    result = MetricsCalculator(rate_hz=2.0).compute_all(y_true, y_true, np.eye(2)[y_true])
    assert (result.accuracy, result.ece, result.motif_count) == (1.0, 0.0, 2)
    assert result.transition_rate == pytest.approx(2.0 * 2 / 6)
    assert result.dwell_times == {0: [1.0, 1.0], 1: [1.0, 1.0]}


def test_without_probabilities_what_needs_them_is_none():
    result = MetricsCalculator().compute_all([0, 1, 1], [0, 1, 0])
    assert (result.ece, result.mce, result.predictive_entropy, result.reliability) == (None, None, None, ())


def test_reliability_diagram_and_confidence_histogram_are_drawn():
    rng = np.random.default_rng(0)
    y_prob = rng.dirichlet(np.ones(3), 200)
    result = MetricsCalculator().compute_all(rng.integers(0, 3, 200), y_prob.argmax(axis=1), y_prob)
    bars = result.confidence_histogram().data[0]
    assert sum(bars.y) == 200
    assert any(trace.name == "predicted" for trace in result.reliability_diagram().data)


def test_nan_infinity_and_outliers_of_the_features_are_counted():
    features = np.random.default_rng(0).normal(size=(100, 3))
    features[4, 0], features[7, 1], features[9, 2] = np.nan, np.inf, 1e6
    audit = MetricsCalculator().compute_all(np.zeros(100, int), np.zeros(100, int), features=features).audit
    assert (audit.n_nan, audit.n_infinite, audit.n_outliers) == (1, 1, 1)
    assert (audit.first_nan, audit.first_infinite, audit.first_outlier) == (4, 7, 9)
    assert len(audit.findings()) == 3


@pytest.mark.parametrize(
    ("y_true", "y_pred", "y_prob", "error"),
    [
        ([0, 1], [0], None, ShapeError),
        ([0, 1], [0, 1], [[0.5, 0.5]], ShapeError),
        ([0, 1], [0, 1], [[0.5, np.nan], [0.5, 0.5]], NotFiniteError),
        ([0, 1], [0, 1], [[0.5, np.inf], [0.5, 0.5]], NotFiniteError),
        ([0, 2], [0, 1], [[0.5, 0.5], [0.5, 0.5]], LabelError),
        ([0, 1], [0, 1], [[2.0, 3.0], [0.5, 0.5]], LabelError),
    ],
)
def test_what_cannot_be_judged_is_named(y_true, y_pred, y_prob, error):
    with pytest.raises(error):
        MetricsCalculator().compute_all(y_true, y_pred, y_prob)
