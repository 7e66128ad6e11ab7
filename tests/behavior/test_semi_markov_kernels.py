"""Semi-Markov inference, judged by listing every segmentation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference import semi_markov as reference

from motif.behavior.semi_markov._messages import backward, forward
from motif.behavior.semi_markov._viterbi import viterbi


@st.composite
def models(draw, max_time=7):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    time, n_states = draw(st.integers(1, max_time)), draw(st.integers(2, 3))
    longest = draw(st.integers(1, max_time + 2))
    if n_states * longest < time and longest < time:
        longest = time  # else hardly a path fits
    emission = rng.random((time, n_states)) ** draw(st.sampled_from([1, 30]))
    duration = rng.dirichlet(np.ones(longest), n_states)
    if draw(st.booleans()) and longest > 2:
        duration[:, 0] = 0.0  # one-frame segments cannot be
        duration /= duration.sum(axis=1, keepdims=True)
    first_duration = rng.dirichlet(np.ones(longest), n_states)
    transition = rng.random((n_states, n_states)) * (1 - np.eye(n_states))
    transition /= transition.sum(axis=1, keepdims=True)
    return emission, duration, first_duration, transition, rng.dirichlet(np.ones(n_states))


def messages(emission, duration, first_duration, transition, initial):
    time, n_states = emission.shape
    survival = duration[:, ::-1].cumsum(axis=1)[:, ::-1].copy()
    begins, ends = np.empty((time + 1, n_states)), np.empty((time + 1, n_states))
    log_scale = np.empty(time + 1)
    arguments = (emission, duration, first_duration, survival, transition, initial, begins, ends, log_scale)
    log_likelihood = forward(*arguments)
    before = [message.copy() for message in (begins, ends)]
    expected = backward(*arguments[:4], transition, begins, ends, log_scale, log_likelihood, True)
    backward(*arguments[:4], transition, *before, log_scale, log_likelihood, False)  # without the counts: the same
    np.testing.assert_array_equal(before, (begins, ends))
    return log_likelihood, np.cumsum(begins - ends, axis=0)[:-1], expected


@settings(max_examples=60)
@given(model=models())
def test_posteriors_and_counts_equal_those_of_every_segmentation(model):
    truth = reference.everything(*model)
    log_likelihood, states, expected = messages(*model)
    assert log_likelihood == pytest.approx(np.log(truth["likelihood"]))
    np.testing.assert_allclose(states, truth["states"], atol=1e-9)
    for name in ("initial", "transitions", "durations", "first_durations", "cut_off"):
        np.testing.assert_allclose(getattr(expected, name), truth[name], atol=1e-9, err_msg=name)


def log(values):
    with np.errstate(divide="ignore"):
        return np.log(values)


def decoded(emission, duration, first_duration, transition, initial):
    def survival(table):
        return log(table[:, ::-1].cumsum(axis=1)[:, ::-1].copy())

    tables = (log(duration), log(first_duration), survival(duration), survival(first_duration))
    return viterbi(log(emission), *tables, log(transition), log(initial))


@settings(max_examples=60)
@given(model=models())
def test_no_path_is_more_probable_than_the_decoded_one(model):
    path = decoded(*model).tolist()
    assert reference.path_probability(path, *model) == pytest.approx(reference.everything(*model)["best"])


def long_model(time, n_states=4, longest=60, seed=0, contrast=200.0):
    rng = np.random.default_rng(seed)
    duration = rng.dirichlet(np.ones(longest), n_states)
    duration[:, :5] = 0.0
    duration /= duration.sum(axis=1, keepdims=True)
    transition = (1 - np.eye(n_states)) / (n_states - 1)
    truth = np.repeat(np.arange(time // 20 + 1) % n_states, 20)[:time]
    log_emission = -contrast * rng.random((time, n_states)) * (np.arange(n_states) != truth[:, None])
    return np.exp(log_emission), duration, duration, transition, np.full(n_states, 1 / n_states)


def test_thousands_of_sure_frames_neither_overflow_nor_vanish():
    model = long_model(6000)
    log_likelihood, states, expected = messages(*model)
    assert np.isfinite(log_likelihood)
    np.testing.assert_allclose(states.sum(axis=1), 1.0, atol=1e-9)
    assert states.min() > -1e-9
    n_segments = 1 + expected.transitions.sum()
    counted = expected.durations.sum() + expected.first_durations.sum() + expected.cut_off.sum()
    assert counted == pytest.approx(n_segments)
    np.testing.assert_array_equal(states.argmax(axis=1), decoded(*model))


@pytest.mark.parametrize(("longest", "contrast"), [(2, 1.0), (3, 60.0), (6, 1.0), (6, 60.0)])
def test_what_slides_along_a_buffer_is_the_same_after_its_end(longest, contrast):
    rng = np.random.default_rng(longest)
    time, n_states = 2400, 3
    transition = rng.random((n_states, n_states)) * (1 - np.eye(n_states))
    model = (
        np.exp(-contrast * rng.random((time, n_states))),
        *(rng.dirichlet(np.ones(longest), n_states) for _ in range(2)),
        transition / transition.sum(axis=1, keepdims=True),
        rng.dirichlet(np.ones(n_states)),
    )
    log_likelihood, states, expected = messages(*model)
    assert log_likelihood == pytest.approx(reference.score_of_all_or_best(np.logaddexp, *model))
    np.testing.assert_allclose(states.sum(axis=1), 1.0, atol=1e-9)
    n_segments = 1 + expected.transitions.sum()
    counted = expected.durations.sum() + expected.first_durations.sum() + expected.cut_off.sum()
    assert counted == pytest.approx(n_segments)
    path = decoded(*model)
    only_this = np.where(np.eye(n_states)[path] > 0, model[0], 0.0)
    best = reference.score_of_all_or_best(np.maximum, *model)
    assert reference.score_of_all_or_best(np.maximum, only_this, *model[1:]) == pytest.approx(best)


def test_frames_that_say_nothing_leave_the_prior():
    emission, *rest = long_model(400)
    log_likelihood, states, _ = messages(np.ones_like(emission), *rest)
    assert log_likelihood == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(states[0], 0.25, atol=1e-9)


def test_a_factor_on_all_densities_of_a_frame_changes_no_posterior():
    emission, *rest = long_model(300, contrast=3.0)
    factors = np.random.default_rng(1).uniform(1e-3, 1e3, size=(300, 1))
    plain, scaled = messages(emission, *rest), messages(emission * factors, *rest)
    assert scaled[0] == pytest.approx(plain[0] + np.log(factors).sum())
    np.testing.assert_allclose(scaled[1], plain[1], atol=1e-9)
