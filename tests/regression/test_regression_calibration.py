"""Group 4: confidence stays honest: smoothing and temperature never make it worse than chance would."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.evaluation import (
    apply_temperature,
    behavior_scores,
    expected_calibration_error,
    fit_temperature,
    log_probabilities,
    maximum_calibration_error,
)
from motif.experiments import Judged


def noise(n: int) -> float:
    """What the error of 15 bins comes to by chance alone, for n windows of a perfectly honest recognizer."""
    return float(1.5 * np.sqrt(15 / n))


def test_smoothing_does_not_make_an_experiment_less_honest(judged: Judged) -> None:
    figures = judged.metrics
    assert figures["ece"] <= figures["raw"]["ece"] + noise(figures["windows"])
    assert figures["mce"] >= figures["ece"]
    assert figures["raw"]["mce"] >= figures["raw"]["ece"]


def test_the_report_says_how_honest_before_and_after(judged: Judged) -> None:
    told = json.loads((judged.folder / "calibration.json").read_text())
    for bins in (told["raw"], told["smoothed"]):
        assert sum(each["count"] for each in bins) == judged.metrics["windows"]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), sharpness=st.floats(0.3, 4.0))
def test_temperature_never_costs_honesty_beyond_noise_and_never_changes_an_answer(seed, sharpness) -> None:
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (800, 4))
    honest = apply_temperature(logits, 1.0)
    labels = (honest.cumsum(axis=1) > rng.random((800, 1))).argmax(axis=1)
    given_out = apply_temperature(logits * sharpness, 1.0)
    cooled = apply_temperature(
        log_probabilities(given_out), fit_temperature(log_probabilities(given_out[:400]), labels[:400])
    )
    np.testing.assert_array_equal(cooled.argmax(axis=1), given_out.argmax(axis=1))
    before, after = (expected_calibration_error(labels[400:], p[400:]) for p in (given_out, cooled))
    assert after <= before + noise(400)


@given(seed=st.integers(0, 10_000))
def test_the_largest_gap_is_never_below_the_mean_gap(seed) -> None:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(3), 50)
    y = rng.integers(0, 3, 50)
    assert maximum_calibration_error(y, p) >= expected_calibration_error(y, p) - 1e-12
    scores = behavior_scores(y, p.argmax(axis=1), p)
    assert scores.mce >= scores.ece - 1e-12
