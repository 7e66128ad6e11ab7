from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.errors import DtypeError, NotFiniteError, ShapeError, TooFewSamplesError, UnitError
from motif.signals import quality

MS = 1_000_000
seeds = st.integers(0, 999)


def movement(seed, n_samples=300, n_channels=3):
    rng = np.random.default_rng(seed)
    seconds = np.arange(n_samples)[:, None] / 100
    waves = np.sin(2 * np.pi * rng.uniform(0.3, 3, n_channels) * seconds + rng.uniform(0, 6, n_channels))
    return 5 * waves + rng.normal(0, 0.2, waves.shape)


def even_time(n_samples=300):
    return np.arange(n_samples, dtype=np.int64) * 10 * MS


@settings(deadline=None, max_examples=40)
@given(seed=seeds, spoil=st.floats(0, 1), unit=st.sampled_from(["m/s²", "g", "rad/s", "px"]))
def test_the_score_stays_between_0_and_1_and_a_low_one_has_a_reason(seed, spoil, unit):
    rng = np.random.default_rng(seed)
    values = movement(seed) * rng.choice([1, 100], p=[0.9, 0.1])
    values[rng.random(values.shape) < spoil * 0.5] = np.nan
    values[rng.random(values.shape) < spoil * 0.1] = 1e6
    time_ns = rng.integers(0, 1 + int(spoil * 1e9), 300).cumsum()
    found = quality(values, time_ns=time_ns, units=[unit])
    assert 0 <= found.score <= 1
    assert all(0 <= share <= 1 for share in found.shares.values())
    assert found.reasons or found.score > 0.9


@settings(deadline=None, max_examples=40)
@given(seed=seeds, gaps=st.lists(st.tuples(st.integers(0, 299), st.integers(1, 60), st.integers(0, 2)), max_size=6))
def test_each_added_gap_lowers_the_score(seed, gaps):
    values = movement(seed)
    score = quality(values).score
    for start, length, channel in gaps:
        values[start : start + length, channel] = np.nan
        lower = quality(values).score
        assert lower <= score
        score = lower


@settings(deadline=None, max_examples=30)
@given(seed=seeds, cuts=st.lists(st.tuples(st.integers(10, 260), st.integers(6, 30)), min_size=1, max_size=4))
def test_samples_cut_out_of_time_lower_the_score(seed, cuts):
    kept = np.ones(300, dtype=bool)
    scores = [1.0]
    for start, length in cuts:
        kept[start : start + length] = False
        found = quality(movement(seed)[kept], time_ns=even_time()[kept])
        scores.append(found.score)
        assert "gaps" in found.reasons
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(scores))


def test_clean_motion_is_as_good_as_can_be():
    found = quality(movement(1), time_ns=even_time(), units=("m/s²",) * 3)
    assert found.score == 1
    assert found.reasons == ()


def spoil_missing(values):
    values[::3] = np.nan


def spoil_flat(values):
    values[:, 1] = 4.0


def spoil_clipped(values):
    np.clip(values, -3, 3, out=values)


def spoil_spikes(values):
    values[5::20] += 100


def spoil_impossible(values):
    values[100:] *= 1000


@pytest.mark.parametrize("spoil", [spoil_missing, spoil_flat, spoil_clipped, spoil_spikes, spoil_impossible])
def test_each_fault_is_named_and_no_other(spoil):
    values = movement(2)
    spoil(values)
    found = quality(values, time_ns=even_time(), units="m/s²")
    assert found.reasons == (spoil.__name__.removeprefix("spoil_"),)
    assert found.score < 0.97


def test_uneven_repeated_and_backward_times_are_jitter():
    jittered = even_time() + np.random.default_rng(3).integers(-8 * MS, 8 * MS, 300)
    found = quality(movement(3), time_ns=jittered)
    assert found.reasons == ("jitter",)
    assert quality(movement(3), time_ns=np.zeros(300, dtype=np.int64)).shares["jitter"] == 1


def test_a_slow_coarse_signal_at_rest_is_not_clipped():
    coarse = np.round(np.random.default_rng(5).normal(0, 0.7, (500, 2)))
    assert quality(coarse).shares["clipped"] == 0
    slow = np.round(50 * np.sin(np.arange(2000) / 300)) / 50
    assert quality(slow).shares["clipped"] == 0


def test_a_limit_is_in_the_unit_of_its_channel():
    values = np.column_stack([movement(4, n_channels=1)] * 2) * 10  # up to 50
    assert quality(values, units=("g", "m/s²")).shares["impossible"] > 0
    assert quality(values, units=("rad/s", "m/s²")).shares["impossible"] == 0


def test_one_sample_is_judged_by_itself():
    assert quality([[1.0, 2.0]], time_ns=[5]).score == 1
    assert quality([np.nan]).score == 0


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: quality(np.empty((0, 3))), TooFewSamplesError, r"\(0, 3\) hold nothing"),
        (lambda: quality(np.ones((5, 3)), units=("g", "g")), ShapeError, r"units has shape \(2,\); want \(3,\)"),
        (lambda: quality(np.ones((5, 3)), units=("stone",)), UnitError, "stone"),
        (lambda: quality(np.ones((5, 3)), time_ns=[1, 2]), ShapeError, r"want \(5,\)"),
        (lambda: quality(np.ones(2), time_ns=[1.0, 2.0]), DtypeError, "int64"),
        (lambda: quality([1.0, np.inf]), NotFiniteError, "1 values"),
    ],
)
def test_bad_input_to_quality_says_what_is_wrong(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_a_bursty_phone_scores_below_the_watch_worn_with_it(shared_data):
    with np.load(shared_data("sp_sw_har") / "sp_sw_har.npz", allow_pickle=False) as data:
        offsets, devices, times, values = (
            data["offsets"],
            data["device"],
            data["t_rel_ms"],
            data["q"] * data["scale"][:, None],
        )
    found = {"sp": [], "sw": []}
    for recording in range(10):
        part = slice(*offsets[recording : recording + 2])
        judged = quality(
            values[:, part].T, time_ns=times[part].astype(np.int64) * MS, units=["m/s²"] * 3 + ["rad/s"] * 3
        )
        found[str(devices[recording])].append(judged)
    assert max(judged.score for judged in found["sp"]) < min(judged.score for judged in found["sw"])
    assert all("jitter" in judged.reasons for judged in found["sp"])
