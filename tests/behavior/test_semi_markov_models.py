"""What a semi-Markov model promises its user: the truth found again, bad input named, nothing silent."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score

from motif.behavior import HDPHSMM, HSMM
from motif.behavior.semi_markov._duration_families import duration_tables, fit_durations
from motif.behavior.semi_markov._em import climb, expect
from motif.behavior.semi_markov._frame_weight import frame_weight
from motif.behavior.semi_markov._settings import Frames, durations_of, emission_of
from motif.behavior.semi_markov._starts import from_labels, neutral
from motif.errors import ConfigError, InputError, ShapeError, TooFewSamplesError

TABLES = ("negative_binomial", "poisson", "gamma", "lognormal", "free")
FAMILIES = (*TABLES, "stages", "geometric")


def made_up(family="negative_binomial", time=3000, seed=0, noise=1.0, diagonal=False):
    """A model of four states of which two look alike and differ in duration, and a sequence of it."""
    rng = np.random.default_rng(seed)
    covariance = "diag" if diagonal else "full"
    settings = {"covariance": covariance, "order": 1, "levels": None}
    emission = emission_of("gaussian", [rng.normal(size=(50, 2))], 4, **settings)
    blank = neutral(emission, durations_of(family, Frames(1, 20, 120), 4))
    labels = np.repeat(rng.permutation(np.arange(400) % 4), rng.integers(5, 40, 400))
    looks = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0], [3.0, 3.0]])
    frames = looks[labels] + noise * rng.normal(size=(len(labels), 2))
    model = from_labels(blank, [frames], [labels])
    return model, *model.sample(time, rng)


@settings(max_examples=10)
@given(family=st.sampled_from(FAMILIES), seed=st.integers(0, 99), diagonal=st.booleans())
def test_the_penalised_likelihood_climbs_at_every_step(family, seed, diagonal):
    model, frames, states = made_up(family, 800, seed, diagonal=diagonal)
    shuffled = from_labels(model, [frames], [np.roll(states, 7)])
    frames[100:105] = np.nan
    history = climb(shuffled, [frames[:500], frames[500:]], max_iterations=8, tolerance=0.0).history
    assert (np.diff(history) > -1e-6 * len(frames)).all()


@pytest.mark.parametrize("family", TABLES)
def test_durations_are_found_again_from_their_counts(family):
    longest = 150
    truth = np.array([[20.0, 4.0], [45.0, 9.0]]) if family != "lognormal" else np.array([[20.0, 0.5], [45.0, 0.3]])
    if family == "free":
        truth = np.random.default_rng(0).dirichlet(np.ones(longest), 2)
    tables = duration_tables(family, truth, 1, longest)
    start = np.full_like(truth, 1.0 / longest) if family == "free" else np.array([[30.0, 1.0], [30.0, 1.0]])
    fitted = duration_tables(family, fit_durations(family, 1e5 * tables, start), 1, longest)
    np.testing.assert_allclose(fitted, tables, atol=2e-3)


def test_the_number_of_states_is_found_even_where_two_differ_in_duration_alone():
    rng = np.random.default_rng(3)
    order = np.stack([rng.integers(0, 2, 120), rng.integers(2, 4, 120)], axis=1).ravel()  # 2 and 3 never meet
    states = np.repeat(order, np.where(order == 3, rng.poisson(70, 240), rng.poisson(20, 240)))
    looks = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0], [0.0, 3.0]])
    frames = looks[states] + rng.normal(size=(len(states), 2))
    model = HDPHSMM(max_states=10, start_states=6, random_state=0).fit(frames)
    assert model.n_states_ == 4
    assert adjusted_rand_score(states, model.predict(frames)) > 0.95
    np.testing.assert_allclose(model.predict_proba(frames).sum(axis=1), 1.0)


def test_a_given_number_of_states_is_kept_and_the_same_seed_gives_the_same_model():
    _, frames, states = made_up()
    model = HSMM(n_states=4, random_state=0, longest_s=120)
    first, second = clone(model).fit(frames), clone(model).fit(frames)
    assert first.n_states_ == 4
    assert adjusted_rand_score(states, first.predict(frames)) > 0.95
    np.testing.assert_array_equal(first.predict_proba(frames), second.predict_proba(frames))


def test_several_sequences_are_told_apart_and_new_data_gets_what_training_said():
    _, frames, _ = made_up()
    model = HSMM(n_states=4, random_state=0).fit(frames, lengths=[1000, 2000])
    together = model.predict(frames, lengths=[1000, 2000])
    np.testing.assert_array_equal(together[1000:], model.predict(frames[1000:]))
    assert model.score(frames, [1000, 2000]) == pytest.approx(model.score(frames[:1000]) + model.score(frames[1000:]))


def test_a_score_counts_each_frame_by_the_weight_it_has_in_the_model():
    frames = np.random.default_rng(0).normal(size=(300, 1)) + np.repeat([0.0, 5.0, 0.0], 100)[:, None]
    model = HSMM(n_states=2, random_state=0, longest_s=120).fit(frames)
    model.parameters_ = replace(model.parameters_, frame_weight=1.0)
    full = model.score(frames)
    model.parameters_ = replace(model.parameters_, frame_weight=0.25)
    assert model.score(frames) == pytest.approx(0.25 * full, rel=0.1)  # durations count in full


def test_missing_frames_are_bridged_and_never_give_nan():
    _, frames, states = made_up()
    gappy = frames.copy()
    gappy[::7] = np.nan
    gappy[500:503, 0] = np.nan
    gappy[1000:1100] = np.nan
    model = HSMM(n_states=4, random_state=0).fit(gappy)
    assert np.isfinite(model.predict_proba(gappy)).all()
    seen = np.isfinite(gappy).all(axis=1)
    assert adjusted_rand_score(states[seen], model.predict(gappy)[seen]) > 0.9


@pytest.mark.parametrize("shortest_s", [1.0, 3.0, 10.0])
def test_a_glimpse_shorter_than_any_segment_is_passed_over_and_gives_no_nan(shortest_s):
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(20) % 2, rng.integers(150, 300, 20))
    seen = truth.copy()
    seen[1003:1008] = 1 - seen[1003:1008]
    frames = 50.0 * seen[:, None] + rng.normal(0.0, 0.1, (len(seen), 3))
    model = HSMM(2, rate_hz=10.0, shortest_s=shortest_s, typical_s=20.0, longest_s=60.0, random_state=0).fit(frames)
    assert np.isfinite(model.predict_proba(frames)).all()
    for states in (model.predict(frames), model.predict_proba(frames).argmax(axis=1)):
        assert adjusted_rand_score(truth, states) == 1.0


def test_durations_are_asked_for_in_seconds_and_kept():
    _, frames, _ = made_up()
    model = HSMM(4, rate_hz=10.0, shortest_s=0.8, typical_s=2.0, longest_s=6.0, random_state=0).fit(frames)
    table = model.duration_probabilities_
    assert table.shape == (4, 60)
    assert (table[:, :7] == 0.0).all()
    starts = np.flatnonzero(np.diff(model.predict(frames)))
    assert np.diff(starts).min() >= 8


@pytest.mark.parametrize("shortest_s", [None, 2.0])
def test_segments_longer_than_seven_typical_ones_are_not_cut_into_states_that_take_turns(shortest_s):
    rng = np.random.default_rng(0)
    truth = np.repeat(np.resize([0, 1, 2], 24), rng.integers(60, 160, 24))
    frames = 2.0 * truth[:, None] + rng.normal(size=(len(truth), 2))
    model = HDPHSMM(start_states=4, n_starts=1, shortest_s=shortest_s, typical_s=5.0, random_state=0).fit(frames)
    assert model.n_states_ == 3
    assert adjusted_rand_score(truth, model.predict(frames)) > 0.98


def test_a_sample_looks_like_what_was_learnt():
    _, frames, _ = made_up()
    model = HSMM(n_states=4, random_state=0).fit(frames)
    again, states = model.sample(3000, random_state=1)
    assert again.shape == (3000, 2)
    assert set(states) == {0, 1, 2, 3}
    assert model.score(again) == pytest.approx(model.score(frames), rel=0.1)


def test_a_constant_feature_is_no_reason_to_stop():
    _, frames, _ = made_up()
    model = HSMM(n_states=4, random_state=0).fit(np.column_stack([frames, np.ones(len(frames))]))
    assert np.isfinite(model.log_likelihood_history_).all()


@pytest.mark.parametrize("unit", [1e-30, 1e-9, 1e9, 1e30])
def test_the_unit_of_the_frames_changes_no_state(unit):
    _, frames, _ = made_up(time=800)
    plain, scaled = (HSMM(4, random_state=0, n_starts=1).fit(each) for each in (frames, frames * unit))
    assert adjusted_rand_score(plain.predict(frames), scaled.predict(frames * unit)) > 0.98


def test_every_state_that_is_found_has_frames():
    rng = np.random.default_rng(2)
    truth = np.repeat(rng.integers(0, 3, 300), rng.integers(8, 30, 300))[:600]
    frames = 7 * np.eye(3)[truth] + rng.normal(size=(600, 3))
    model = HDPHSMM(random_state=0, n_starts=1).fit(frames)
    assert model.n_states_ == len(np.unique(model.predict(frames))) == 3
    assert adjusted_rand_score(truth, model.predict(frames)) == 1.0


@pytest.mark.parametrize("wrong", [0.0, 0.001, 0.01])
def test_clean_codes_are_as_good_as_noisy_ones(wrong):
    rng = np.random.default_rng(0)
    truth = np.repeat(rng.integers(0, 3, 300), rng.integers(8, 30, 300))[:3000]
    codes = np.where(rng.random(3000) < wrong, rng.integers(0, 3, 3000), truth)
    model = HSMM(3, emissions="categorical", random_state=0, n_starts=1).fit(codes[:, None])
    assert model.parameters_.frame_weight == 1.0
    assert adjusted_rand_score(truth, model.predict(codes[:, None])) > 0.99


def test_more_frames_than_the_search_looks_at_are_all_used():
    _, frames, states = made_up(time=6000)
    model = HSMM(n_states=4, random_state=0, search_frames=2500, longest_s=60).fit(frames)
    assert adjusted_rand_score(states, model.predict(frames)) > 0.9


@pytest.mark.parametrize(
    ("X", "settings", "error"),
    [
        (np.zeros(5), {}, ShapeError),
        (np.full((100, 2), np.inf), {}, InputError),
        (np.full((100, 2), 1e200), {}, InputError),
        (np.zeros((15, 2)), {}, TooFewSamplesError),
        (np.full((100, 2), np.nan), {}, TooFewSamplesError),
        (np.zeros((100, 2)), {"n_states": 1}, ConfigError),
        (np.zeros((100, 2)), {"durations": "uniform"}, ConfigError),
        (np.zeros((100, 2)), {"typical_s": 5.0, "longest_s": 2.0}, ConfigError),
    ],
)
def test_what_cannot_be_learnt_from_is_named(X, settings, error):
    with pytest.raises(error):
        HSMM(**{"n_states": 2} | settings).fit(X)


@pytest.mark.parametrize(
    ("lengths", "problem"),
    [([20, 40], "add up to 60, X has 100"), ([100.0], "lengths=100.0"), ([0, 100], "lengths=0"), ([], "add up to 0")],
)
def test_lengths_that_cannot_be_are_named(lengths, problem):
    with pytest.raises(ConfigError, match=problem):
        HSMM(n_states=2).fit(np.zeros((100, 2)), lengths=lengths)


def test_sequences_side_by_side_that_differ_in_length_are_named():
    with pytest.raises(InputError, match="parts of different lengths"):
        HSMM(n_states=2).fit([np.zeros((100, 2)), np.zeros((90, 2))])


def test_expected_segments_add_up():
    model, frames, _ = made_up()
    statistics = expect(model, [frames])
    expected = statistics.expectation
    closed = expected.durations.sum() + expected.first_durations.sum()
    assert closed == pytest.approx(expected.transitions.sum())
    assert expected.cut_off.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_frames_that_repeat_each_other_count_less(correlation):
    model, frames, states = made_up(time=4000)
    noise = np.random.default_rng(1).normal(size=frames.shape)
    for t in range(1, len(noise)):  # first-order autoregression of variance 1
        noise[t] = correlation * noise[t - 1] + np.sqrt(1 - correlation**2) * noise[t]
    repeated = model.emission.means[states] + noise
    assert frame_weight(model, [repeated]) == pytest.approx((1 - correlation) / (1 + correlation), abs=0.06)
