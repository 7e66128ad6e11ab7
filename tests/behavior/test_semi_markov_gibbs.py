"""The sampler draws from what it should: Geweke's joint test, and truths found again with what is uncertain."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import adjusted_rand_score
from tests.reference import semi_markov as reference

from motif.behavior.semi_markov import GibbsHDPHSMM
from motif.behavior.semi_markov._chains import matched, potential_scale_reduction
from motif.behavior.semi_markov._concentrations import dirichlet, drawn_tables
from motif.behavior.semi_markov._durations import segments_of
from motif.behavior.semi_markov._gibbs import drawn_from_prior, joint_log_probability, swept
from motif.behavior.semi_markov._settings import Frames, durations_of, emission_of
from motif.behavior.semi_markov._starts import neutral
from motif.errors import ConfigError

TIME, N_STATES, N_SWEEPS = 12, 3, 3


def tiny(durations, emissions):
    """A model whose prior is proper, about frames on a fixed scale."""
    about = np.random.default_rng(0)
    frames = about.integers(0, 3, (200, 2)).astype(float) if emissions == "categorical" else about.normal(size=(200, 1))
    covariance = "diag" if emissions == "diagonal" else "full"
    family = "gaussian" if emissions == "diagonal" else emissions
    emission = emission_of(family, [frames], N_STATES, covariance=covariance, order=1, levels=None)
    return neutral(emission, durations_of(durations, Frames(1, 3, 8), N_STATES))


def summary(sample, frames, path):
    """Statistics that a wrong step anywhere in the sweep would move."""
    parameters = sample.parameters
    tables = parameters.durations.tables
    segments = segments_of([path])
    order = segments.states
    squashed = np.tanh(frames / 3.0)
    return [
        squashed.mean(),
        (squashed**2).mean(),
        (squashed[1:] * squashed[:-1]).mean(),
        len(order),
        np.bincount(path, minlength=N_STATES).max(),
        float(path[0] == path[-1]),
        sample.base.max(),
        (sample.base**2).sum(),
        np.log(sample.row_concentration + 0.1),
        np.log(sample.base_concentration + 0.1),
        (tables @ np.arange(1, tables.shape[1] + 1)).mean(),
        tables[0, 0],
        parameters.transition[0].max(),
        parameters.initial[path[0]],
        parameters.transition[order[:-1], order[1:]].sum(),
        tables[order, np.minimum(segments.lengths, tables.shape[1]) - 1].sum(),
        np.tanh(parameters.log_density(frames)[np.arange(len(path)), path] / 5.0).mean(),
    ]


@pytest.mark.parametrize(
    ("durations", "emissions", "n_chains"),
    [
        ("negative_binomial", "gaussian", 500),
        pytest.param("free", "categorical", 3000, marks=pytest.mark.slow),
        pytest.param("geometric", "gaussian", 3000, marks=pytest.mark.slow),
        pytest.param("poisson", "diagonal", 3000, marks=pytest.mark.slow),
        pytest.param("lognormal", "autoregressive", 3000, marks=pytest.mark.slow),
        pytest.param("gamma", "gaussian", 3000, marks=pytest.mark.slow),
    ],
)
def test_sampling_parameters_and_data_in_turn_leaves_the_prior_as_it_is(durations, emissions, n_chains):
    """Geweke (2004), "Getting it right", by many short chains: each starts at the prior, so what it moves by is zero.

    Chains know nothing of each other, so the error of their mean is known however slowly they mix.
    """
    rng = np.random.default_rng(7)
    model = tiny(durations, emissions)
    moved, time = [], 4 if emissions == "autoregressive" else TIME  # one drawn from its prior may explode
    for _ in range(n_chains):
        sample = drawn_from_prior(model, rng)
        frames, path = sample.parameters.sample(time, rng)
        course = [summary(sample, frames, path)]
        for _ in range(N_SWEEPS):
            sample = swept(sample, [frames], rng)
            (path,) = sample.paths
            frames = sample.parameters.emission.sample(path, rng)
            course.append(summary(sample, frames, path))
        moved.append(np.mean(course[1:], axis=0) - course[0])
    z = np.mean(moved, axis=0) / (np.std(moved, axis=0) / np.sqrt(n_chains))
    assert np.abs(z).max() < 4.0, z.round(1)


def test_the_test_would_notice_a_sampler_that_forgets_the_last_segment_goes_on():
    model = tiny("poisson", "gaussian")
    rng = np.random.default_rng(0)
    paths = [np.zeros(3, np.int64)] * 400  # every segment is cut off at three of eight frames
    durations = model.durations
    segments = segments_of([np.r_[np.ones(1, np.int64), path] for path in paths])
    drawn = np.mean([durations.drawn(segments, rng).tables[0] @ np.arange(1, 9) for _ in range(5)])
    forgetful = segments._replace(is_last=np.zeros_like(segments.is_last))
    shorter = np.mean([durations.drawn(forgetful, rng).tables[0] @ np.arange(1, 9) for _ in range(5)])
    assert drawn > shorter + 0.2


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 9999), family=st.sampled_from(["free", "geometric"]))
def test_paths_are_drawn_as_often_as_they_are_probable(seed, family):
    rng = np.random.default_rng(seed)
    parameters = drawn_from_prior(tiny(family, "gaussian"), rng).parameters
    frames = rng.normal(size=(4, 1))
    emission = np.exp(parameters.log_density(frames))
    counts = {}
    n_draws = 1000
    for _ in range(n_draws):
        path = tuple(parameters.path(frames, rng).tolist())
        counts[path] = counts.get(path, 0) + 1
    joint = {path: np.exp(joint_log_probability(parameters, [frames], [np.array(path)])) for path in counts}
    total = np.exp(parameters.posterior(frames).log_likelihood)
    expected = np.array([joint[path] / total for path in counts])
    observed = np.array(list(counts.values())) / n_draws
    assert (np.abs(observed - expected) < 5.0 * np.sqrt(expected * (1 - expected) / n_draws) + 2.0 / n_draws).all()
    if family == "free":
        durations = parameters.durations
        model = (emission, durations.tables, durations.first_tables, parameters.transition, parameters.initial)
        for path, probability in joint.items():
            assert probability == pytest.approx(reference.path_probability(list(path), *model))


def sequence(time=1500, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(time) % 3, rng.integers(15, 40, time))[:time]
    looks = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]])
    return looks[labels] + 0.8 * rng.normal(size=(time, 2)), labels


@pytest.mark.parametrize("durations", ["negative_binomial", "geometric"])
def test_the_states_are_found_and_several_chains_agree(durations):
    frames, labels = sequence()
    model = GibbsHDPHSMM(
        8, n_chains=2, n_sweeps=40, n_warm_up=20, start_states=3, durations=durations, random_state=0
    ).fit(frames, lengths=[700, 800])
    assert adjusted_rand_score(labels, model.predict(frames, lengths=[700, 800])) > 0.95
    assert model.agreement_ > 0.95
    assert max(model.n_states_posterior_, key=model.n_states_posterior_.get) == 3
    assert sum(model.n_states_posterior_.values()) == pytest.approx(1.0)
    np.testing.assert_allclose(model.state_probabilities_.sum(axis=1), 1.0)
    surest = model.state_probabilities_.argmax(axis=1)
    assert (surest == model.predict(frames, lengths=[700, 800])).mean() > 0.95
    assert len(model.chains_) == 2
    assert model.chains_[0].log_joint.shape == (40,)


def test_the_same_seed_gives_the_same_chains():
    frames, _ = sequence(600)
    settings_ = {"max_states": 5, "n_chains": 1, "n_sweeps": 12, "n_warm_up": 4, "random_state": 3}
    first, second = (GibbsHDPHSMM(**settings_).fit(frames) for _ in range(2))
    np.testing.assert_array_equal(first.chains_[0].log_joint, second.chains_[0].log_joint)
    np.testing.assert_array_equal(first.predict(frames), second.predict(frames))


def test_a_chain_may_begin_at_clusters_that_last_longer_than_any_segment():
    frames = np.repeat([0.0, 6.0, 0.0, 6.0], [30, 30, 30, 200])[:, None] + np.random.default_rng(0).normal(
        size=(290, 1)
    )
    durations = {"typical_s": 20.0, "longest_s": 40.0}
    model = GibbsHDPHSMM(4, n_chains=1, n_sweeps=6, n_warm_up=2, start_states=2, random_state=0, **durations)
    assert model.fit(frames).duration_probabilities_.shape[1] == 40


def test_frames_that_say_little_are_sampled_with_little_weight():
    model = tiny("poisson", "gaussian")
    rng = np.random.default_rng(0)
    frames = rng.normal(size=(300, 1))
    tempered = replace(model, frame_weight=0.1)
    sample = swept(drawn_from_prior(tempered, rng), [frames], rng)
    assert sample.parameters.frame_weight == 0.1


def test_labels_of_chains_are_matched_one_to_one():
    reference_path = np.array([0, 0, 1, 1, 2, 2])
    np.testing.assert_array_equal(matched(np.array([2, 2, 0, 0, 1, 1]), reference_path, 3), [1, 2, 0])


def test_chains_that_went_elsewhere_are_told_apart():
    rng = np.random.default_rng(0)
    together = rng.normal(size=(2, 200))
    assert potential_scale_reduction(list(together)) == pytest.approx(1.0, abs=0.05)
    assert potential_scale_reduction([together[0], together[1] + 5.0]) > 2.0
    assert potential_scale_reduction([np.ones(8), np.ones(8)]) == 1.0


def test_tables_and_shares_have_the_means_they_should():
    rng = np.random.default_rng(0)
    draws = [drawn_tables(np.array([[20.0, 0.0]]), np.array([2.0, 1.0]), rng) for _ in range(4000)]
    expected = (2.0 / (2.0 + np.arange(20))).sum()  # Antoniak (1974)
    assert np.mean(draws, axis=0)[0] == pytest.approx([expected, 0.0], abs=0.15)
    shares = np.array([dirichlet(np.array([0.2, 0.3, 3.0]), rng) for _ in range(4000)])
    assert stats.kstest(shares[:, 2], stats.beta(3.0, 0.5).cdf).pvalue > 1e-4


@pytest.mark.parametrize(
    "wrong",
    [
        {"durations": "stages"},
        {"max_states": 1},
        {"n_chains": 0},
        {"random_state": "a"},
        {"n_sweeps": 10, "n_warm_up": 8},
        {"keep_every": 0},
    ],
)
def test_what_cannot_be_sampled_is_named(wrong):
    with pytest.raises(ConfigError):
        GibbsHDPHSMM(**wrong).fit(np.zeros((100, 2)))
