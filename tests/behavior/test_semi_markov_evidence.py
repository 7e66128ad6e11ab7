"""What a model is worth with its parameters integrated out, and that noise is worth one state."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from motif.behavior import HDPHSMM
from motif.behavior.semi_markov._covariance_prior import CovariancePrior
from motif.behavior.semi_markov._duration_families import duration_tables, durations_marginal, grid
from motif.behavior.semi_markov._durations import segments_of
from motif.behavior.semi_markov._evidence import _order_marginal, evidence, evidence_alike
from motif.behavior.semi_markov._frame_weight import autocorrelation_time, frame_weight
from motif.behavior.semi_markov._segment_marginal import segments_marginal
from motif.behavior.semi_markov._settings import Frames, durations_of, emission_of
from motif.behavior.semi_markov._starts import from_labels, neutral
from motif.evaluation import transition_counts

PRIOR_FRAMES, PRIOR_SCATTER = 0.05, 0.25
"""What a mean is worth beforehand, and the scatter, on the scale of all frames."""


def marginal(family, frames, **settings_):
    """Log probability of frames of one look, and the emission that says so."""
    settings_ = {"covariance": "full", "order": 1, "levels": None} | settings_
    emission = emission_of(family, [frames], 1, **settings_)
    path = np.zeros(len(frames), np.int64)
    return emission.marginal([frames], [path], np.zeros(1, np.int64), 1.0), emission


def one_by_one(frames):
    """Log probability of frames under a normal-inverse-Wishart prior, each predicted from those before it."""
    n_features = frames.shape[1]
    mean, weight, freedom = np.zeros(n_features), PRIOR_FRAMES, n_features + 2.0
    scatter, total = PRIOR_SCATTER * np.eye(n_features), 0.0
    for frame in frames:
        left = freedom - n_features + 1.0
        total += stats.multivariate_t(mean, scatter * (weight + 1.0) / (weight * left), df=left).logpdf(frame)
        away = frame - mean
        scatter = scatter + np.outer(away, away) * weight / (weight + 1.0)
        mean, weight, freedom = mean + away / (weight + 1.0), weight + 1.0, freedom + 1.0
    return total


@settings(max_examples=20)
@given(seed=st.integers(0, 999), n_frames=st.integers(3, 40), covariance=st.sampled_from(["full", "diag"]))
def test_frames_of_a_look_are_as_probable_as_if_each_were_predicted_from_those_before(seed, n_frames, covariance):
    frames = np.random.default_rng(seed).normal(size=(n_frames, 2)) @ [[1.0, 0.5], [0.0, 0.4]]
    emission = marginal("gaussian", frames, covariance=covariance)[1]
    relative = (frames - emission.centre) / emission.scale
    columns = [relative] if covariance == "full" else [relative[:, [0]], relative[:, [1]]]
    found = emission.frames_marginal(emission.counted(frames, np.ones((n_frames, 1))))
    assert found == pytest.approx(sum(map(one_by_one, columns)), rel=1e-9)


def test_codes_of_a_look_are_as_probable_as_if_each_were_predicted_from_those_before():
    codes = np.random.default_rng(1).integers(0, 3, (30, 2)).astype(np.float64)
    seen, expected = np.full((2, 3), 0.5), 0.0
    for frame in codes.astype(int):
        for column, code in enumerate(frame):
            expected += np.log(seen[column, code] / seen[column].sum())
            seen[column, code] += 1.0
    assert marginal("categorical", codes)[0] == pytest.approx(expected)


def test_an_autoregression_is_worth_more_than_a_mean_where_frames_remember():
    frames = noise(0.9, 300, 1, 0)
    remembers, emission = marginal("autoregressive", frames)
    alone = emission_of("gaussian", [frames], 1, covariance="full", order=1, levels=None)
    sums = alone.counted(frames[1:], np.ones((299, 1)))
    assert remembers > alone.frames_marginal(sums) + 100.0
    assert not emission.knows_offsets
    assert alone.knows_offsets


def test_a_segment_is_as_probable_as_a_sum_over_all_means_and_variances_says():
    frames = 0.4 * np.random.default_rng(4).normal(size=(6, 1)) + 0.8
    prior = CovariancePrior(1, diagonal=False)
    means, log_variances = np.linspace(-6.0, 6.0, 1201), np.linspace(-6.0, 4.0, 501)
    variances = np.exp(log_variances)
    logs = stats.norm.logpdf(means) + np.log(0.01)
    logs = (
        logs[:, None] + stats.invgamma(1.5, scale=PRIOR_SCATTER / 2.0).logpdf(variances) + log_variances + np.log(0.02)
    )
    squares = ((frames - means) ** 2).sum(axis=0)[:, None]
    logs -= 0.5 * (6.0 * np.log(2.0 * np.pi * variances) + squares / variances)
    found = segments_marginal([frames], [np.zeros(6, np.int64)], np.zeros(1, np.int64), 1.0, prior, learns=False)
    assert found == pytest.approx(np.logaddexp.reduce(logs.ravel()), abs=0.5)  # noise of the mean: what is expected


def test_each_way_of_sitting_is_worth_no_look_of_its_own_and_each_movement_is():
    rng = np.random.default_rng(5)
    moving, sitting = np.repeat([0, 1] * 10, 40), np.repeat(np.arange(20), 40)  # of looks, and of segments
    shared = rng.normal(size=20)[sitting]  # an offset that a segment keeps
    frames = (4.0 * moving + 0.7 * shared + 0.5 * rng.normal(size=800))[:, None] / 4.0
    prior = CovariancePrior(1, diagonal=False)
    one, two, all_ = (np.zeros(20, np.int64), np.arange(20) % 2, np.arange(20))
    worth = [segments_marginal([frames], [sitting], look, 1.0, prior) for look in (one, two, all_)]
    assert worth[1] > max(worth[0], worth[2]) + 10.0


@pytest.mark.parametrize("family", ["negative_binomial", "gamma", "lognormal", "poisson"])
@pytest.mark.parametrize("n_segments", [3, 300])
def test_durations_integrated_out_are_what_a_sum_over_all_of_them_gives(family, n_segments):
    lengths = np.random.default_rng(3).poisson(20, n_segments + 2) + 1
    path = np.repeat(np.arange(n_segments + 2) % 2, lengths)
    durations = durations_of(family, Frames(1, 20, 60), 2).learnt(segments_of([path]))
    counts = np.zeros((2, 60))
    np.add.at(counts, (np.arange(n_segments) % 2, lengths[1:-1] - 1), 1.0)
    ends = grid(family, 1, 60)
    means = np.geomspace(ends[:, 0].min(), ends[:, 0].max(), 150)
    shapes = np.geomspace(ends[:, 1].min(), ends[:, 1].max(), 60) if family != "poisson" else [1.0]
    logs = np.log(duration_tables(family, np.array([[m, s] for m in means for s in shapes]), 1, 60)) @ counts.T
    exact = np.logaddexp.reduce(logs, axis=0).sum() - 2.0 * np.log(len(logs))
    assert durations_marginal(family, counts, durations.parameters, 1) == pytest.approx(exact, abs=3.0)


@settings(max_examples=10)
@given(seed=st.integers(0, 999), diagonal=st.booleans(), size=st.floats(0.02, 1.0))
def test_what_covariances_have_in_common_is_learnt_from_them(seed, diagonal, size):
    rng = np.random.default_rng(seed)
    vectors = np.sqrt(size) * rng.normal(size=(30, 40, 3))
    plain = CovariancePrior(3, diagonal)
    scatters, counts = vectors.transpose(0, 2, 1) @ vectors, np.full(30, 40.0)
    learnt = plain.learnt(scatters, counts)
    assert learnt.variance == pytest.approx(size, rel=0.4)
    assert learnt.frames > 50.0  # they are all the same
    better, before = (sum(prior.log_probability(s, 40.0) for s in scatters) for prior in (learnt, plain))
    assert better > before
    different = plain.learnt(scatters * rng.uniform(0.1, 1.9, 30)[:, None, None], counts)
    assert different.frames < learnt.frames


def test_states_that_leave_more_to_memory_are_worth_no_more_for_it():
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(60) % 4, rng.integers(15, 50, 60))
    slow = np.stack([np.convolve(rng.normal(size=len(truth) + 9), np.full(10, 0.1), "valid") for _ in range(3)], axis=1)
    frames = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])[truth] + slow
    models = []
    for labels in (truth, np.minimum(truth, 1)):
        emission = emission_of("gaussian", [frames], labels.max() + 1, covariance="full", order=1, levels=None)
        durations = durations_of("negative_binomial", Frames(1, 30, 120), labels.max() + 1)
        model = from_labels(neutral(emission, durations), [frames], [labels])
        models.append(replace(model, frame_weight=frame_weight(model, [frames], knows_offsets=True)))
    of_each = [evidence(model, [frames]) for model in models]
    alike = evidence_alike(models, [frames])
    assert models[0].frame_weight > 2.0 * models[1].frame_weight
    assert of_each[0] < of_each[1]
    assert alike[0] == of_each[0] > alike[1]


@given(paths=st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=20), min_size=1, max_size=3))
def test_segments_of_paths_last_and_follow_each_other_as_frames_say(paths):
    segments = segments_of([np.array(path) for path in paths])
    np.testing.assert_array_equal(np.repeat(segments.states, segments.lengths), np.concatenate(paths))
    followed = sum(transition_counts(path, states=[0, 1, 2]) for path in paths)
    np.testing.assert_array_equal(segments.followed(3), followed)
    ends = np.flatnonzero(segments.is_last)
    np.testing.assert_array_equal(np.cumsum(segments.lengths)[ends], np.cumsum([len(path) for path in paths]))
    np.testing.assert_array_equal(np.flatnonzero(segments.is_first), np.append(0, ends[:-1] + 1))


@given(n_states=st.integers(2, 9), alone=st.integers(0, 1))
def test_which_number_the_only_state_that_occurs_has_says_nothing(n_states, alone):
    first = np.eye(n_states, dtype=np.int64)[alone]
    assert _order_marginal(first, np.zeros((n_states, n_states))) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.8])
def test_frames_remember_as_long_as_an_autoregression_does_with_and_without_the_means_of_segments(memory):
    frames, path = noise(memory, 20_000, 2, 0), np.arange(20_000) // 100 % 2
    expected = pytest.approx((1.0 + memory) / (1.0 - memory), rel=0.15)
    assert autocorrelation_time([frames], [path]) == expected
    centred = (frames.reshape(200, 100, 2) - frames.reshape(200, 100, 2).mean(axis=1, keepdims=True)).reshape(-1, 2)
    assert autocorrelation_time([centred], [path], centred=True) == expected


def test_few_frames_are_enough_for_states_whose_noise_is_alike():
    rng = np.random.default_rng(2)
    truth = np.repeat(np.arange(16) % 6, rng.integers(15, 45, 16))
    frames = 1.6 * rng.normal(size=(6, 8))[truth] + rng.normal(size=(len(truth), 8))
    model = HDPHSMM(random_state=0, n_starts=1).fit(frames)
    assert model.n_states_ == 6
    assert (model.predict(frames)[1:] != model.predict(frames)[:-1]).sum() == 15


def noise(memory, time, n_features, seed):
    """Frames that remember so much of the frame before them: 0 is white, 1 a walk at random."""
    steps = np.random.default_rng(seed).normal(size=(time, n_features))
    frames = np.zeros((time, n_features))
    for t in range(1, time):
        frames[t] = memory * frames[t - 1] + steps[t]
    return frames


AGAIN = [pytest.param(0.0, seed, marks=pytest.mark.slow) for seed in (2, 4)]


@pytest.mark.parametrize(("memory", "seed"), [(0.0, 0), (0.9, 0), (1.0, 0), *AGAIN])
def test_noise_has_one_state(memory, seed):
    model = HDPHSMM(start_states=6, random_state=seed).fit(noise(memory, 600, 2, seed))
    assert model.n_states_ == 1


def test_noise_of_more_features_than_its_past_can_be_told_from_has_one_state():
    model = HDPHSMM(n_starts=1, random_state=0).fit(np.random.default_rng(0).normal(size=(60, 40)))
    assert model.n_states_ == 1


@pytest.mark.parametrize("missing", [np.s_[::5], np.s_[np.random.default_rng(9).random(1200) < 0.2]])
def test_frames_that_are_missing_make_no_states_noise_and_no_noise_states(missing):
    rng = np.random.default_rng(1)
    states = np.repeat(np.arange(60) % 2, 20)[:, None]
    told = []
    for frames in (3.0 * states + rng.normal(size=(1200, 1)), noise(0.9, 1200, 1, 0)):
        frames[missing] = np.nan
        told.append(HDPHSMM(start_states=4, n_starts=1, typical_s=20.0, random_state=0).fit(frames).n_states_)
    assert told == [2, 1]
