"""Every family of durations and of emissions: exact on tiny cases, and climbing at every step, in every combination."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import adjusted_rand_score
from tests.reference import semi_markov as reference

from motif.behavior import HDPHSMM, HSMM
from motif.behavior.semi_markov._em import climb
from motif.behavior.semi_markov._live import LiveStates
from motif.behavior.semi_markov._settings import Frames, durations_of, emission_of
from motif.behavior.semi_markov._stage_durations import StageDurations
from motif.behavior.semi_markov._starts import from_labels, neutral
from motif.errors import ConfigError, InputError

DURATIONS = ("negative_binomial", "poisson", "gamma", "lognormal", "free", "stages", "geometric")
EMISSIONS = ("full", "diagonal", "autoregressive", "categorical", "product")


def frames_of_kind(kind, time, rng):
    """Frames of three looks that a model of this kind can tell apart, and the looks."""
    order = np.cumsum(rng.integers(1, 3, time)) % 3  # no state follows itself
    labels = np.repeat(order, rng.integers(4, 15, time))[:time]
    if kind in ("categorical", "product"):
        n_columns = 1 if kind == "categorical" else 3
        peaks = np.eye(3)[labels][:, None] * 4.0 + rng.gumbel(size=(time, n_columns, 3))
        return peaks.argmax(axis=2).astype(float), labels
    frames = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])[labels] + rng.normal(size=(time, 2))
    if kind == "autoregressive":
        for t in range(1, time):
            frames[t] += (0.8, -0.5, 0.0)[labels[t]] * frames[t - 1]
    return frames, labels


def model_of(kind, durations, sequences, n_states=3, longest=20):
    covariance = "diag" if kind == "diagonal" else "full"
    family = {"autoregressive": "autoregressive", "categorical": "categorical", "product": "categorical"}
    emission = emission_of(
        family.get(kind, "gaussian"), sequences, n_states, covariance=covariance, order=2, levels=None
    )
    return neutral(emission, durations_of(durations, Frames(1, 6, longest), n_states))


@pytest.mark.parametrize("kind", EMISSIONS)
@pytest.mark.parametrize("durations", DURATIONS)
def test_the_penalised_likelihood_climbs_at_every_step(durations, kind):
    rng = np.random.default_rng(len(durations) + 10 * len(kind))
    frames, labels = frames_of_kind(kind, 300, rng)
    frames[50:53] = np.nan
    frames[80, 0] = np.nan
    sequences = [frames[:120], frames[120:]]
    wrong = np.where(rng.random(300) < 0.3, rng.integers(0, 3, 300), labels)
    start = from_labels(model_of(kind, durations, sequences), sequences, [wrong[:120], wrong[120:]])
    for weight in (1.0, 0.3):
        history = climb(replace(start, frame_weight=weight), sequences, max_iterations=8, tolerance=0.0).history
        assert np.isfinite(history).all()
        assert (np.diff(history) > -1e-7 * 300).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999), time=st.integers(1, 6), n_states=st.integers(2, 3))
def test_stages_say_what_every_segmentation_says(seed, time, n_states):
    rng = np.random.default_rng(seed)
    stages, stay = rng.integers(1, 4, n_states), rng.uniform(0.05, 0.95, n_states)
    durations = StageDurations(stages, stay, typical=3, longest=2000)
    emission = rng.random((time, n_states))
    transition = rng.random((n_states, n_states)) * (1 - np.eye(n_states))
    transition /= transition.sum(axis=1, keepdims=True)
    initial = rng.dirichlet(np.ones(n_states))
    left = [StageDurations(np.full(n_states, i), stay, typical=3, longest=2000).tables for i in (1, 2, 3)]
    first = np.stack([np.mean([left[i][k] for i in range(r)], axis=0) for k, r in enumerate(stages)])
    truth = reference.everything(emission, durations.tables, first, transition, initial)
    log_likelihood, states, expected = durations.posterior(emission, transition, initial, counting=True)
    assert log_likelihood == pytest.approx(np.log(truth["likelihood"]))
    np.testing.assert_allclose(states, truth["states"], atol=1e-9)
    np.testing.assert_allclose(expected.transitions, truth["transitions"], atol=1e-9)
    assert expected.durations.sum() == pytest.approx(time - 1)  # after each frame but the last: moves on, or stays


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 9999))
def test_one_stage_decodes_the_most_probable_of_all_paths(seed):
    rng = np.random.default_rng(seed)
    time, n_states = 6, 3
    durations = StageDurations(np.ones(n_states, np.int64), rng.uniform(0.1, 0.9, n_states), 3, 2000, most_stages=1)
    emission = rng.random((time, n_states))
    transition = (1 - np.eye(n_states)) / (n_states - 1)
    initial = rng.dirichlet(np.ones(n_states))
    model = (emission, durations.tables, durations.tables, transition, initial)
    path = durations.decoded(np.log(emission), transition, initial).tolist()
    best = max(reference.joint(segments, *model) for segments in reference.segmentations(time, n_states))
    assert reference.path_probability(path, *model) == pytest.approx(best)


def test_durations_by_stages_are_those_of_a_negative_binomial():
    tables = StageDurations(np.array([3, 1]), np.array([0.8, 0.9]), typical=10, longest=400).tables
    np.testing.assert_allclose(tables[0, 2:], stats.nbinom(3, 0.2).pmf(np.arange(398)), atol=1e-12)
    np.testing.assert_allclose(tables[1], stats.geom(0.1).pmf(np.arange(1, 401)), atol=1e-12)


@pytest.mark.parametrize("diagonal", [False, True])
def test_a_gaussian_look_has_the_density_it_should(diagonal):
    rng = np.random.default_rng(0)
    frames, labels = frames_of_kind("full", 200, rng)
    frames = frames * [10.0, 0.1] + [5e3, 0.0]  # units differ
    kind = "diagonal" if diagonal else "full"
    emission = from_labels(model_of(kind, "poisson", [frames]), [frames], [labels]).emission
    frames[7] = np.nan
    density = emission.log_density(frames)
    for k in range(3):
        covariance = np.outer(emission.scale, emission.scale) * emission.covariances[k]
        if diagonal:
            assert covariance[0, 1] == 0.0
        expected = stats.multivariate_normal(emission.means[k], covariance).logpdf(frames[:7])
        np.testing.assert_allclose(density[:7, k], expected, rtol=1e-6)
    assert (density[7] == 0.0).all()


def test_an_autoregression_finds_its_coefficients_and_forgets_across_gaps():
    rng = np.random.default_rng(0)
    frames = np.zeros((4000, 1))
    for t in range(1, 4000):
        frames[t] = 0.7 * frames[t - 1] + 0.1 + rng.normal()
    settings_ = {"covariance": "full", "order": 1, "levels": None}
    emission = emission_of("autoregressive", [frames], 1, **settings_)
    emission = emission.fitted(emission.counted(frames, np.ones((4000, 1))))
    assert emission.coefficients[0, 0, 1] == pytest.approx(0.7, abs=0.03)
    away = frames[1:4, 0] - emission.centre[0]
    past = frames[0:3, 0] - emission.centre[0]
    expected = emission.coefficients[0, 0, 0] * emission.scale[0] + emission.coefficients[0, 0, 1] * past
    spread = emission.scale[0] * np.sqrt(emission.covariances[0, 0, 0])
    density = emission.log_density(frames)
    np.testing.assert_allclose(density[1:4, 0], stats.norm(expected, spread).logpdf(away))
    gappy = frames.copy()
    gappy[10] = np.nan
    np.testing.assert_array_equal(np.flatnonzero(emission.log_density(gappy)[:50, 0] == 0.0), [0, 10, 11])


def test_codes_in_columns_are_independent_given_the_state():
    rng = np.random.default_rng(0)
    frames, labels = frames_of_kind("product", 400, rng)
    emission = from_labels(model_of("product", "poisson", [frames]), [frames], [labels]).emission
    for k in range(3):
        expected = np.zeros(400)
        for column in range(3):
            counts = np.bincount(frames[labels == k, column].astype(int), minlength=3) + 0.5
            expected += np.log(counts / counts.sum())[frames[:, column].astype(int)]
        np.testing.assert_allclose(emission.log_density(frames)[:, k], expected)


@pytest.mark.parametrize("wrong", [-1.0, 3.0, 0.5])
def test_codes_that_cannot_be_are_named(wrong):
    frames, _ = frames_of_kind("categorical", 300, np.random.default_rng(0))
    model = HSMM(3, emissions="categorical", levels=[3], random_state=0, search_frames=300).fit(frames)
    with pytest.raises(InputError, match="whole codes 0…2"):
        model.predict(np.array([[0.0], [wrong]]))
    with pytest.raises(InputError, match="columns of codes"):
        HSMM(3, emissions="categorical", levels=[3, 3]).fit(frames)


@pytest.mark.parametrize("kind", ["autoregressive", "product"])
def test_states_are_found_in_frames_of_every_kind(kind):
    frames, labels = frames_of_kind(kind, 2500, np.random.default_rng(1))
    emissions = "categorical" if kind == "product" else kind
    settings_ = {"typical_s": 8, "longest_s": 40, "n_starts": 1, "random_state": 0}
    model = HDPHSMM(6, start_states=5, emissions=emissions, **settings_).fit(frames)
    taught = from_labels(model_of(kind, "negative_binomial", [frames]), [frames], [labels])
    assert model.n_states_ == 3
    reached = adjusted_rand_score(labels, taught.decode(frames))
    assert adjusted_rand_score(labels, model.predict(frames)) > max(reached - 0.03, 0.75)
    again, _ = model.sample(500, random_state=0)
    assert model.score(again) / 500 == pytest.approx(model.score(frames) / 2500, rel=0.15)


@pytest.mark.parametrize("kind", ["full", "autoregressive", "categorical"])
@pytest.mark.parametrize("durations", ["negative_binomial", "stages", "geometric"])
@pytest.mark.parametrize("lag", [0, 5])
def test_live_it_says_what_the_frames_so_far_say(durations, kind, lag):
    frames, labels = frames_of_kind(kind, 70, np.random.default_rng(2))
    frames[20:22] = np.nan
    model = from_labels(model_of(kind, durations, [frames], longest=15), [frames], [labels])
    live = LiveStates(model, frames.shape[1], np.arange(frames.shape[1]), lag)
    for t, frame in enumerate(frames, start=1):
        states = live.step(frame)
        if t <= lag:
            assert states is None
        else:
            expected = model.posterior(frames[:t]).states[t - lag - 1]
            np.testing.assert_allclose(states, expected, atol=1e-7)


@pytest.mark.parametrize(
    "wrong",
    [
        {"emissions": "poisson"},
        {"covariance": "tied"},
        {"emissions": "autoregressive", "order": 0},
        {"durations": "stages", "shortest_s": 3.0},
        {"n_states": "two"},
        {"n_states": 1},
        {"n_starts": 0},
        {"max_iterations": 1.5},
        {"tolerance": "small"},
        {"random_state": "a"},
        {"order": 1.5, "emissions": "autoregressive"},
        *({"rate_hz": rate_hz} for rate_hz in (0.0, -10.0, np.nan, np.inf, "fast")),
        *({"typical_s": typical_s} for typical_s in (np.nan, np.inf, 1e9)),
    ],
)
def test_settings_that_cannot_be_are_named(wrong):
    with pytest.raises(ConfigError):
        HSMM(**{"n_states": 2} | wrong).fit(np.random.default_rng(0).normal(size=(100, 2)))


def test_live_it_is_as_sure_as_what_was_calibrated():
    frames, _ = frames_of_kind("full", 120, np.random.default_rng(2))
    model = HSMM(2, random_state=0, longest_s=20).fit(frames)
    model.temperature_ = 2.0
    live = model.live()
    said = [live.step(frame) for frame in frames[:40]]
    np.testing.assert_allclose(said[-1], model.predict_proba(frames[:40])[-1], atol=1e-7)
    for wrong in (-1.0, np.nan, np.inf):
        with pytest.raises(ConfigError, match="lag_s"):
            model.live(wrong)
    with pytest.raises(ConfigError, match="n_samples=-1"):
        model.sample(-1)


def test_a_negative_lag_is_named():
    frames, labels = frames_of_kind("full", 50, np.random.default_rng(2))
    model = from_labels(model_of("full", "poisson", [frames]), [frames], [labels])
    with pytest.raises(ConfigError, match="lag is -1"):
        LiveStates(model, 2, np.arange(2), -1)
