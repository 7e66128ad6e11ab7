import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.reference import calibration as reference

from motif import evaluation
from motif.errors import ConfigError, DtypeError, LabelError, NotFiniteError, ShapeError, TooFewSamplesError
from motif.evaluation import (
    apply_temperature,
    brier_score,
    expected_calibration_error,
    fit_temperature,
    log_probabilities,
    maximum_calibration_error,
    reliability,
)


@st.composite
def labelled_logits(draw, max_n=25):
    n, k = draw(st.integers(1, max_n)), draw(st.integers(2, 5))
    logits = draw(hnp.arrays(np.float64, (n, k), elements=st.floats(-12, 12, width=32)))
    return logits, draw(hnp.arrays(np.int64, n, elements=st.integers(0, k - 1)))


@settings(deadline=None, max_examples=40)
@given(labelled_logits(), st.integers(1, 20))
def test_calibration_errors_equal_their_definition(drawn, n_bins):
    logits, y = drawn
    p = apply_temperature(logits, 1.0)
    if np.abs(p.max(axis=1) * n_bins - np.round(p.max(axis=1) * n_bins)).min() < 1e-9:
        return  # on the edge of a bin rounding decides
    rows = p.tolist()
    ece, mce = expected_calibration_error(y, p, n_bins), maximum_calibration_error(y, p, n_bins)
    assert ece == pytest.approx(reference.expected_calibration_error(y, rows, n_bins))
    assert mce == pytest.approx(reference.maximum_calibration_error(y, rows, n_bins))
    assert brier_score(y, p) == pytest.approx(reference.brier_score(y, rows))
    assert 0 <= ece <= mce + 1e-12 <= 1 + 1e-9


@settings(deadline=None, max_examples=40)
@given(labelled_logits(), st.integers(1, 20))
def test_every_window_stands_in_one_bin(drawn, n_bins):
    logits, y = drawn
    bins = reliability(y, apply_temperature(logits, 1.0), n_bins)
    assert sum(b.count for b in bins) == len(y)
    assert all(b.low - 1e-12 <= b.confidence <= b.high + 1e-12 and 0 <= b.accuracy <= 1 for b in bins)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below():
    assert reliability([0], [[0.5, 0.5]], n_bins=2)[0].high == 0.5


@settings(deadline=None, max_examples=20)
@given(labelled_logits(max_n=12))
def test_the_temperature_is_the_one_an_exhaustive_search_finds(drawn):
    logits, y = drawn
    found = reference.cost(logits, y, fit_temperature(logits, y))
    assert found <= reference.cost(logits, y, reference.fit_temperature(logits, y, steps=400)) + 1e-6


@settings(deadline=None, max_examples=40)
@given(labelled_logits())
def test_a_fitted_temperature_never_raises_the_loss_nor_changes_a_decision(drawn):
    logits, y = drawn
    before, after = apply_temperature(logits, 1.0), apply_temperature(logits, fit_temperature(logits, y))
    rows = np.arange(len(y))
    assert -np.log(after[rows, y] + 1e-300).sum() <= -np.log(before[rows, y] + 1e-300).sum() + 1e-9
    np.testing.assert_array_equal(after[rows, logits.argmax(axis=1)], after.max(axis=1))
    np.testing.assert_allclose(after.sum(axis=1), 1)


def test_an_overconfident_recognizer_is_cooled_to_the_temperature_that_made_it():
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 1.5, (20_000, 6))
    y = np.array([rng.choice(6, p=p) for p in apply_temperature(honest, 1.0)])
    assert fit_temperature(3 * honest, y) == pytest.approx(3, rel=0.03)
    assert expected_calibration_error(y, apply_temperature(3 * honest, 1.0)) > 0.1
    assert expected_calibration_error(y, apply_temperature(3 * honest, 3.0)) < 0.02


def test_windows_that_are_all_right_do_not_ask_for_certainty():
    y = np.arange(30) % 3
    temperature = fit_temperature(4 * np.eye(3)[y], y)
    assert 0.2 < temperature < 1


def test_probabilities_of_zero_have_a_finite_logarithm():
    logs = log_probabilities([[1.0, 0.0]])
    assert np.isfinite(logs).all()
    np.testing.assert_allclose(apply_temperature(logs, 1.0), [[1, 0]], atol=1e-30)


@pytest.mark.parametrize(
    ("y", "p", "error", "message"),
    [
        ([0, 1], [[0.5, 0.5]], ShapeError, "one row for each"),
        ([0], [[0.5, 0.6]], LabelError, "sum to 1.1"),
        ([0], [[1.5, -0.5]], LabelError, "softmax"),
        ([2], [[0.5, 0.5]], LabelError, "class 2"),
        ([-1], [[0.5, 0.5]], LabelError, "class -1"),
        ([0.0], [[0.5, 0.5]], DtypeError, "integers"),
        ([[0]], [[0.5, 0.5]], ShapeError, "y_true"),
        ([0], [0.5, 0.5], ShapeError, "n_classes"),
        ([0], [["a", "b"]], DtypeError, "numbers"),
        ([0], [[np.nan, 1.0]], NotFiniteError, "probabilities"),
        (np.zeros(0, int), np.zeros((0, 2)), TooFewSamplesError, "empty"),
    ],
)
def test_input_that_does_not_fit_is_named(y, p, error, message):
    with pytest.raises(error, match=message):
        expected_calibration_error(y, p)


def test_settings_that_cannot_be_are_named():
    with pytest.raises(ConfigError, match="n_bins is 0"):
        reliability([0], [[1.0, 0.0]], n_bins=0)
    for temperature in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ConfigError, match="temperature"):
            apply_temperature([[0.0, 1.0]], temperature)
    with pytest.raises(ShapeError, match="logits"):
        fit_temperature([[0.0, 1.0]], [0, 1])


def test_the_room_lists_its_names_and_knows_no_others():
    assert dir(evaluation) == sorted(evaluation.__all__)
    assert all(hasattr(evaluation, name) for name in evaluation.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = evaluation.nothing
