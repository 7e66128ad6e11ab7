"""Two streams: coupling, lag and leader found where they are, and nothing found where there is nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference import synchrony as reference

from motif.behavior import synchrony
from motif.behavior._synchrony._correlation import lagged_correlation
from motif.behavior._synchrony._spectral import coherence, phase_locking
from motif.behavior._synchrony._surrogates import random_phases
from motif.errors import ConfigError, DtypeError, InputError, NotFiniteError, ShapeError, TooFewSamplesError
from motif.recordings import simulate_pair


def noise(n, channels=1, smooth=8, seed=0):
    rng = np.random.default_rng(seed)
    kernel = np.ones(smooth) / smooth
    return np.stack([np.convolve(rng.normal(size=n + smooth - 1), kernel, "valid") for _ in range(channels)], axis=1)


@settings(max_examples=20)
@given(seed=st.integers(0, 999), window=st.integers(8, 20), max_lag=st.integers(1, 5), turn=st.integers(0, 60))
def test_lagged_correlation_equals_its_definition(seed, window, max_lag, turn):
    a, b = noise(64, 2, seed=seed), noise(64, 2, seed=seed + 1)
    turns = np.array([0, turn])
    found = lagged_correlation(a, b, window=window, hop=window // 2, max_lag=max_lag, turns=turns)
    for i, t in enumerate(turns):
        expected = reference.lagged_profile(a, b, window, window // 2, max_lag, t)
        np.testing.assert_allclose(found.profiles[i], expected, atol=1e-6)


@given(seed=st.integers(0, 999), turn=st.integers(-40, 90))
def test_phase_locking_equals_its_definition(seed, turn):
    a, b = noise(50, 2, seed=seed), noise(50, 2, seed=seed + 1)
    assert phase_locking(a, b, np.array([turn]))[0] == pytest.approx(reference.phase_locking(a, b, turn))


def test_a_filtered_copy_is_wholly_coherent_and_noise_is_not():
    a = noise(4000, smooth=2)
    options = {"segment": 200, "band": (0.01, 0.2), "turns": np.array([0, 2000])}
    copy, far = coherence(a, np.roll(a, 3, axis=0) * 5.0 + 2.0, **options)
    assert copy > 0.95
    assert far < 0.2


@given(n=st.integers(20, 61), seed=st.integers(0, 99))
def test_a_surrogate_has_the_same_values_in_another_order(n, seed):
    values = noise(n, 3, seed=seed)
    shuffled = random_phases(values, np.random.default_rng(seed))
    np.testing.assert_array_equal(np.sort(shuffled, axis=0), np.sort(values, axis=0))


def test_a_surrogate_keeps_the_spectrum_and_what_channels_share():
    base = noise(4000, 1, smooth=20)
    values = np.concatenate([base, base + 0.3 * noise(4000, 1, smooth=20, seed=5)], axis=1)
    shuffled = random_phases(values, np.random.default_rng(0))
    neighbours = [np.corrcoef(x[1:, 0], x[:-1, 0])[0, 1] for x in (values, shuffled)]
    assert neighbours[1] == pytest.approx(neighbours[0], abs=0.02)
    assert np.corrcoef(shuffled.T)[0, 1] == pytest.approx(np.corrcoef(values.T)[0, 1], abs=0.05)


@pytest.mark.parametrize("leader", ["a", "b"])
def test_lag_and_leader_of_a_simulated_pair_are_found_within_20_ms(leader):
    a, b = simulate_pair(40.0, 50.0, coupling=0.7, lag_s=0.37, leader=leader, random_state=3)
    found = synchrony(a.values, b.values, 50.0, window_s=8.0, max_lag_s=1.5, n_surrogates=99)
    assert found.leader == leader
    assert abs(found.lag_s) == pytest.approx(0.37, abs=0.02)
    assert found.is_coupled == any(row["p_corrected"] < 0.05 for row in found.table())
    assert found.correlation.shape == (len(found.time_s), len(found.lags_s))


def test_opposite_movement_is_coupled_as_well():
    a = noise(4000, smooth=20)
    found = synchrony(a, -np.roll(a, 30, axis=0), 100.0, window_s=5.0, max_lag_s=1.0, n_surrogates=99)
    assert found.leader == "a"
    assert found.lag_s == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("surrogates", ["phases", "shifted"])
def test_false_alarms_come_as_often_as_they_may(surrogates):
    rows = []
    for seed in range(40):
        a, b = noise(3000, seed=2 * seed), noise(3000, seed=2 * seed + 1)
        options = {"window_s": 3.0, "max_lag_s": 0.3, "surrogates": surrogates, "n_surrogates": 99}
        rows.append([m.p_value <= 0.05 for m in synchrony(a, b, 50.0, **options).measures])
    alarms = np.mean(rows, axis=0)
    assert (alarms <= 0.2).all()  # 5 % nominal; 8 of 40 or more would come once in a thousand times


def test_unrelated_streams_have_no_leader():
    found = synchrony(noise(3000), noise(3000, seed=9), 50.0, window_s=3.0, max_lag_s=0.5, n_surrogates=99)
    assert not found.is_coupled
    assert found.leader == "neither"


GOOD = np.random.default_rng(0).normal(size=(600, 2))


@pytest.mark.parametrize(
    ("a", "b", "settings", "error"),
    [
        (GOOD, GOOD[:-1], {}, ShapeError),
        (GOOD[None], GOOD[None], {}, ShapeError),
        (GOOD.astype(str), GOOD, {}, DtypeError),
        (np.where(np.arange(600)[:, None] == 5, np.nan, GOOD), GOOD, {}, NotFiniteError),
        (GOOD * [1.0, 0.0], GOOD, {}, InputError),
        (GOOD, GOOD, {"window_s": 30.0}, TooFewSamplesError),
        (GOOD, GOOD, {"rate_hz": 0.0}, ConfigError),
        (GOOD, GOOD, {"band_hz": (3.0, 2.0)}, ConfigError),
        (GOOD, GOOD, {"surrogates": "none"}, ConfigError),
        (GOOD, GOOD, {"n_surrogates": 5}, ConfigError),
    ],
)
def test_what_cannot_be_compared_is_named(a, b, settings, error):
    with pytest.raises(error):
        synchrony(a, b, **{"rate_hz": 20.0, "window_s": 4.0, "max_lag_s": 0.5} | settings)
