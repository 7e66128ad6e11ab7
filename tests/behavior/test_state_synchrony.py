"""Two streams of states: what one tells about the other, who leads, and which states go together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference import synchrony as reference

from motif.behavior import state_synchrony
from motif.behavior._synchrony._states_lead import transfers
from motif.behavior._synchrony._transfer import shared_information, transfer_entropy
from motif.errors import ConfigError, DtypeError, ShapeError, TooFewSamplesError


def bouts(n_bouts, seed, n_states=4, length=12):
    rng = np.random.default_rng(seed)
    return np.repeat(rng.integers(0, n_states, n_bouts), rng.poisson(length, n_bouts) + 2)


@settings(max_examples=40)
@given(seed=st.integers(0, 9999), n=st.integers(2, 60), shift=st.integers(-20, 20))
def test_information_equals_its_definition(seed, n, shift):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 3, n), rng.integers(0, 3, n)
    shifts = np.array([0, shift])
    for got, want in (
        (transfer_entropy(a, b, shifts, 3), [reference.transfer_entropy(a, b, s) for s in shifts]),
        (shared_information(a, b, shifts, 3), [reference.shared_information(a, b, s) for s in shifts]),
    ):
        np.testing.assert_allclose(got, want, atol=1e-12)


@pytest.mark.parametrize("lag", [-8, 8])
def test_who_goes_first_leads(lag):
    a = bouts(250, seed=1)
    rng = np.random.default_rng(2)
    b = np.where(rng.random(len(a)) < 0.1, rng.integers(0, 4, len(a)), np.roll(a, lag))
    found = state_synchrony(a, b, rate_hz=10.0, nearest_s=20.0, n_surrogates=99)
    assert found.leader == ("a" if lag > 0 else "b")
    assert found.lag_s == pytest.approx(lag / 10.0, abs=0.15)
    assert found.lags_s[found.mutual_information.argmax()] == found.lag_s
    assert (found.transfer_a_to_b > found.transfer_b_to_a) == (lag > 0)
    assert found.is_coupled == any(row["p_corrected"] <= 0.05 for row in found.table())


def test_streams_that_are_the_same_have_no_leader():
    same = np.repeat(np.random.default_rng(0).integers(0, 4, 300), 10)
    found = state_synchrony(same, same, rate_hz=10.0, n_surrogates=99)
    assert found.is_coupled
    assert (found.leader, found.lag_s) == ("neither", 0.0)


def noisy_copies(seed, noise=(0.1, 0.1)):
    rng, source = np.random.default_rng(seed), bouts(150, seed)
    return (np.where(rng.random(len(source)) < share, rng.integers(0, 4, len(source)), source) for share in noise)


@pytest.mark.parametrize("noise", [(0.1, 0.1), (0.05, 0.3)])
def test_copies_of_a_third_that_do_the_same_at_the_same_time_have_no_leader(noise):
    for seed in range(8):
        a, b = noisy_copies(seed, noise)
        assert state_synchrony(a, b, rate_hz=10.0, nearest_s=10.0, n_surrogates=99).leader == "neither"


def test_two_ways_that_are_alike_differ_beyond_the_error_as_rarely_as_asked():
    alarms = []
    for seed in range(60):
        a, b = noisy_copies(seed)
        turns = np.append(0, np.random.default_rng(seed).integers(100, len(a) - 99, 20))
        alarms.append(transfers(a, b, turns, np.arange(1, 11, 3), 4, nearest=100).is_certain)
    assert 0.0 < np.mean(alarms) <= 0.15  # 5 % nominal; 10 of 60 or more come once in a thousand times


def test_states_that_go_together_are_named_and_others_are_not():
    a = bouts(400, seed=3)
    other = bouts(400, seed=4)
    n = min(len(a), len(other))
    b = np.where(a[:n] == 2, 3, np.where(other[:n] == 3, 1, other[:n]))  # 3 of b is there when 2 of a is, and only then
    found = state_synchrony(a[:n], b, rate_hz=10.0, n_surrogates=99)
    first = found.states[0]
    assert (first.a, first.b) == (2, 3)
    assert first.ratio > 2.0
    assert first.chance == pytest.approx((a[:n] == 2).mean() * (b == 3).mean(), abs=0.01)
    assert first.p_value == first.p_corrected == 1 / (1 + found.n_surrogates)
    for pair in found.states:
        assert pair.share == pytest.approx(((a[:n] == pair.a) & (b == pair.b)).mean())
        assert pair.ratio == pytest.approx(pair.share / pair.chance)
    same = {measure.name: measure.value for measure in found.measures}["same_state"]
    assert same == pytest.approx((a[:n] == b).mean())
    assert len(found.state_table()) == len(found.states)
    assert sum(pair.share for pair in found.states) == pytest.approx(1.0)


def test_bouts_that_have_nothing_to_do_with_each_other_are_told_coupled_as_rarely_as_asked():
    family, leaders, pairs = [], [], []
    for seed in range(40):
        a, b = bouts(120, seed=10 + seed), bouts(120, seed=1000 + seed)
        n = min(len(a), len(b))
        found = state_synchrony(a[:n], b[:n], rate_hz=10.0, nearest_s=10.0, n_surrogates=99)
        family.append(found.is_coupled)
        leaders.append(found.leader != "neither")
        pairs.append(found.states[0].p_corrected <= 0.05)
        assert abs(found.transfer_a_to_b) < 0.02  # as counted, 0.02 and more: the bias is off
    for alarms in (family, leaders, pairs):
        assert np.mean(alarms) <= 0.2  # 5 % nominal; 9 of 40 or more come once in ten thousand times


def test_a_short_recording_has_too_few_turns_to_tell_and_says_so():
    alarms = []
    for seed in range(25):
        a, b = bouts(60, seed=10 + seed)[:400], bouts(60, seed=1000 + seed)[:400]
        found = state_synchrony(a, b, rate_hz=10.0, nearest_s=10.0, n_surrogates=99)
        alarms.append(found.is_coupled or found.states[0].p_corrected <= 0.05)
        assert "record longer" in found.notes[0]
    assert np.mean(alarms) <= 0.16  # 5 % nominal
    a = bouts(250, seed=1)
    enough = state_synchrony(a, np.roll(a, 8), rate_hz=10.0, nearest_s=10.0, n_surrogates=99)
    assert (enough.is_coupled, enough.notes) == (True, ())


STATES = np.arange(200) % 4


@pytest.mark.parametrize(
    ("a", "b", "settings_", "error"),
    [
        (STATES, STATES[:-1], {}, ShapeError),
        (STATES[None], STATES[None], {}, ShapeError),
        (STATES * 0.5, STATES, {}, DtypeError),
        (np.arange(200), STATES, {}, ConfigError),
        (STATES, STATES, {"rate_hz": 0.0}, ConfigError),
        (STATES, STATES, {"rate_hz": np.inf}, ConfigError),
        (STATES, STATES, {"nearest_s": np.inf}, ConfigError),
        (STATES, STATES, {"nearest_s": 1.0}, ConfigError),
        (STATES, STATES, {"n_surrogates": 9}, ConfigError),
        (STATES, STATES, {"nearest_s": 90.0}, TooFewSamplesError),
    ],
)
def test_what_cannot_be_compared_is_named(a, b, settings_, error):
    with pytest.raises(error):
        state_synchrony(a, b, **{"nearest_s": 20.0} | settings_)


def test_one_state_throughout_is_coupled_with_nothing():
    found = state_synchrony(np.zeros(300, int), bouts(60, seed=5)[:300], rate_hz=10.0, nearest_s=5.0, n_surrogates=99)
    assert not found.is_coupled
    assert found.leader == "neither"
