import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference import resample as reference

from motif.errors import ConfigError, DtypeError, InputError, NotFiniteError, ShapeError, TooFewSamplesError
from motif.signals import monotonic, resample

MS = 1_000_000
EPOCH = 1_766_385_749_423_015_201  # odd, and above 2⁵³: a float cannot hold it

steps_ms = st.lists(st.integers(0, 40), min_size=1, max_size=60)


def shuffled_within_bursts(times, seed):
    """Let neighbours arrive in another order, as messages do."""
    rng = np.random.default_rng(seed)
    return np.argsort(np.arange(len(times)) + rng.uniform(0, 3, len(times)))


@settings(deadline=None)
@given(steps=steps_ms, rate=st.sampled_from([5.0, 20.0, 50.0, 100.0, 333.0]), seed=st.integers(0, 99))
def test_a_ramp_comes_out_as_the_ramp_whatever_the_times_are(steps, rate, seed):
    time_ns = EPOCH + MS * np.cumsum([0, *steps])
    arrival = shuffled_within_bursts(time_ns, seed)
    ramp = np.column_stack([(time_ns - EPOCH) / 1e9 * 3 - 1, (time_ns - EPOCH) / -1e9])
    result = resample(time_ns[arrival], ramp[arrival], rate, max_gap_s=1.0)
    elapsed = (result.time_ns - EPOCH) / 1e9
    np.testing.assert_allclose(result.values, np.column_stack([elapsed * 3 - 1, -elapsed]), atol=1e-8)
    assert not result.gaps.any()


@settings(deadline=None)
@given(
    steps=steps_ms,
    gaps=st.lists(st.integers(60, 500), max_size=3),
    rate=st.sampled_from([3.0, 40.0, 100.0, 333.0]),
    seed=st.integers(0, 99),
)
def test_nothing_is_invented_in_a_gap(steps, gaps, rate, seed):
    rng = np.random.default_rng(seed)
    steps = rng.permutation([*steps, *gaps])
    time_ns = EPOCH + MS * np.cumsum([0, *steps])
    result = resample(time_ns, rng.normal(size=len(time_ns)), rate, max_gap_s=0.05)
    ordered = np.unique(time_ns)
    after = np.searchsorted(ordered, result.time_ns).clip(1, max(1, len(ordered) - 1))
    before = ordered[after - 1]
    width = ordered[np.minimum(after, len(ordered) - 1)] - before
    on_a_sample = np.abs(result.time_ns[:, None] - ordered).min(axis=1) <= 1
    np.testing.assert_array_equal(result.gaps, (width > 50 * MS) & ~on_a_sample)
    np.testing.assert_array_equal(result.gaps, np.isnan(result.values))


@settings(deadline=None, max_examples=60)
@given(steps=st.lists(st.integers(0, 30), min_size=1, max_size=25), seed=st.integers(0, 99))
def test_the_grid_is_what_one_would_draw_by_hand(steps, seed):
    rng = np.random.default_rng(seed)
    time_ns = EPOCH + MS * np.cumsum([0, *steps])
    values = rng.normal(size=(len(time_ns), 2))
    values[rng.random(values.shape) < 0.2] = np.nan
    got = resample(time_ns, values, 1000.0, max_gap_s=0.02).values
    exact = [int(t) - EPOCH for t in time_ns]
    for channel in range(2):
        want = reference.resample(exact, values[:, channel].tolist(), 1000.0, 20 * MS)
        np.testing.assert_allclose(got[:, channel], want, atol=1e-6)


def test_the_grid_keeps_every_nanosecond_of_the_first_time():
    result = resample(EPOCH + np.arange(0, 10) * 10 * MS, np.arange(10.0), 100)
    np.testing.assert_array_equal(result.time_ns, EPOCH + np.arange(10) * 10 * MS)
    np.testing.assert_array_equal(result.values, np.arange(10.0))


def test_samples_of_one_time_are_averaged_over_those_that_are_there():
    values = [[1.0, 1.0], [3.0, np.nan], [5.0, 5.0]]
    np.testing.assert_array_equal(resample([0, 0, 10 * MS], values, 100).values, [[2, 1], [5, 5]])


def test_an_even_recording_is_left_as_it_is():
    values = np.random.default_rng(1).normal(size=(200, 3))
    result = resample(np.arange(200) * 10 * MS, values, 100)
    np.testing.assert_allclose(result.values, values, atol=1e-12)


def test_what_the_coarse_grid_cannot_show_does_not_fold_back():
    seconds = np.arange(4000) / 400
    slow, fast = np.sin(2 * np.pi * 2 * seconds), np.sin(2 * np.pi * 39 * seconds)
    result = resample((seconds * 1e9).astype(np.int64), slow + fast, 40)
    inner = slice(40, -40)
    elapsed = result.time_ns / 1e9
    np.testing.assert_allclose(result.values[inner], np.sin(2 * np.pi * 2 * elapsed[inner]), atol=0.01)


def test_each_stretch_is_filtered_for_itself():
    time_ns = np.r_[np.arange(500), np.arange(900, 1400)] * 2 * MS
    values = np.r_[np.zeros(500), np.full(500, 8.0)]
    result = resample(time_ns, values, 50)
    assert result.gaps.sum() == pytest.approx(0.8 * 50, abs=1)
    assert set(result.values[~result.gaps].round(9)) == {0.0, 8.0}


def test_one_sample_and_a_channel_without_any_are_taken_as_they_are():
    assert resample([EPOCH], [[1.0, np.nan]], 10).values[0, 0] == 1
    result = resample([0, 10 * MS], [[1.0, np.nan], [2.0, np.nan]], 100)
    assert result.gaps.all()
    np.testing.assert_array_equal(result.values[:, 0], [1, 2])


def test_the_inputs_stay_untouched():
    time_ns, values = np.array([30, 10, 20]) * MS, np.array([3.0, 1.0, 2.0])
    copies = time_ns.copy(), values.copy()
    resample(time_ns, values, 100)
    np.testing.assert_array_equal(time_ns, copies[0])
    np.testing.assert_array_equal(values, copies[1])


@settings(deadline=None)
@given(steps=st.lists(st.integers(-50, 200), max_size=40))
def test_monotonic_never_runs_back_and_counts_what_it_mended(steps):
    time_ns = EPOCH + MS * np.cumsum([0, *steps])
    found = monotonic(time_ns, max_gap_s=0.1)
    np.testing.assert_array_equal(found.time_ns, sorted(time_ns.tolist()))
    np.testing.assert_array_equal(time_ns[found.order], found.time_ns)
    assert found.report.n_backward == sum(step < 0 for step in steps)
    assert found.report.largest_step_back_s == pytest.approx(max([0, *(-step for step in steps)]) / 1000)
    assert found.report.n_duplicates == len(time_ns) - len(set(time_ns.tolist()))
    gaps = [gap for gap in np.diff(found.time_ns) if gap > 100 * MS]
    assert found.report.n_gaps == len(gaps)
    assert found.report.longest_gap_s == pytest.approx(max(gaps, default=0) / 1e9)


def test_the_typical_rate_is_blind_to_bursts_and_pauses():
    sent = np.arange(3000) * 10 * MS
    in_bursts = sent // (40 * MS) * 40 * MS + np.arange(3000) % 4 * MS
    in_bursts[2000:] += 60_000 * MS
    assert monotonic(in_bursts).report.rate_hz == pytest.approx(100)
    assert monotonic([5]).report.rate_hz == 0
    assert monotonic(np.array([0, 10, 20, 220, 230]) * MS).report.n_gaps == 1
    assert monotonic(np.zeros(0, dtype=np.int64)).report.n_samples == 0


@settings(deadline=None, max_examples=40)
@given(together=st.integers(3, 12), pause_ms=st.integers(60, 5000), rate_hz=st.floats(20, 300), seed=st.integers(0, 99))
def test_the_rate_of_a_recording_that_pauses_every_few_samples_is_that_between_its_pauses(
    together, pause_ms, rate_hz, seed
):
    steps = 1e9 / rate_hz * (1 + 0.05 * np.random.default_rng(seed).uniform(-1, 1, 30))
    steps[together::together] += pause_ms * MS + 5e9 / rate_hz
    assert monotonic(EPOCH + np.cumsum(steps).astype(np.int64)).report.rate_hz == pytest.approx(rate_hz, rel=0.05)


@pytest.mark.parametrize("wait_ms", [40, 120, 190])
@pytest.mark.parametrize("message_ms", [0.01, 0.5, 1])
def test_samples_that_arrive_together_are_counted_over_their_waits(wait_ms, message_ms):
    together = wait_ms // 10
    index = np.arange(1200)
    arrival = index // together * wait_ms * MS + index % together * int(message_ms * MS)
    assert monotonic(EPOCH + arrival).report.rate_hz == pytest.approx(100, rel=0.35)


def test_the_gap_that_is_not_drawn_across_follows_the_rate_between_pauses():
    time_ns = (np.cumsum(np.where(np.arange(30) % 5, 1 / 119, 1.0)) * 1e9).astype(np.int64)
    result = resample(time_ns, np.ones(30), 119)
    assert monotonic(time_ns).report.n_gaps == 5
    assert result.gaps.mean() > 0.9


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: resample([0.0, 1.0], [1, 2], 10), DtypeError, "int64 nanoseconds"),
        (lambda: resample([0, 1], [1, 2, 3], 10), ShapeError, r"\(2,\); want \(3,\)"),
        (lambda: resample([[0, 1]], [1], 10), ShapeError, r"\(1, 2\)"),
        (lambda: resample([0, 1], [1, np.inf], 10), NotFiniteError, r"first at index \(1,\)"),
        (lambda: resample([0, 1], [1, 2], 0), ConfigError, "rate_hz=0"),
        (lambda: resample([0, 1], [1, 2], 10, max_gap_s=-1), ConfigError, "max_gap_s=-1"),
        (lambda: resample(np.zeros(0, dtype=int), np.zeros((0, 3)), 10), TooFewSamplesError, "at least 1"),
        (lambda: resample([EPOCH, 1, EPOCH], [1, 2, 3], 10), InputError, "back by .* at sample 1: the clock was set"),
        (lambda: resample([0, EPOCH], [1, 2], 100), InputError, "wrong time stamp"),
        (lambda: resample([0, -(2**63)], [1, 2], 100), InputError, r"time_ns\[1\] is -9.*NaT"),
        (lambda: resample([0, 1], [1, 2], np.inf), ConfigError, "rate_hz=inf"),
    ],
)
def test_bad_input_to_resample_says_what_is_wrong(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_a_phone_that_sends_in_bursts_keeps_its_motion(shared_data):
    with np.load(shared_data("sp_sw_har") / "sp_sw_har.npz", allow_pickle=False) as data:
        first = slice(*data["offsets"][:2])
        time_ns = (data["t_rel_ms"][first].astype(np.int64) + int(data["t0_ms"][0])) * MS
        values = (data["q"][:, first].T * data["scale"]).astype(np.float64)
    report = monotonic(time_ns).report
    assert report.n_duplicates > 0.05 * report.n_samples
    assert report.rate_hz == pytest.approx(102, abs=4)
    result = resample(time_ns, values, 50)
    assert result.gaps.mean() < 0.1
    np.testing.assert_allclose(np.nanmean(result.values, axis=0), values.mean(axis=0), atol=0.15)


def test_the_pauses_of_a_watch_stay_pauses(shared_data):
    path = shared_data("sensor_logger") / "swim_watch" / "WristMotion.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    time_ns = np.array([int(row["time"]) for row in rows])
    result = resample(time_ns, [float(row["rotationRateX"]) for row in rows], 50)
    longest = monotonic(time_ns).report.longest_gap_s
    assert longest > 5
    assert result.gaps.sum() >= (longest - 0.1) * 50


@settings(deadline=None, max_examples=40)
@given(late=st.integers(-30, 30), early=st.integers(-30, 30), rate=st.sampled_from([30.0, 100.0, 250.0]))
def test_sensors_that_start_apart_share_one_grid(late, early, rate):
    time_ns = EPOCH + np.arange(100) * 10 * MS
    start, stop = EPOCH + late * MS, int(time_ns[-1]) + early * MS
    result = resample(time_ns, np.arange(100.0), rate, start_ns=start, stop_ns=stop)
    assert result.time_ns[0] == start
    assert stop - 1e9 / rate - 1 <= result.time_ns[-1] <= stop + 1
    outside = (result.time_ns < time_ns[0] - 1) | (result.time_ns > time_ns[-1] + 1)
    np.testing.assert_array_equal(result.gaps, outside)
    ramp = (result.time_ns - EPOCH) / (10 * MS)
    np.testing.assert_allclose(result.values[~outside], ramp[~outside], atol=1e-6)


def test_a_grid_that_ends_before_it_starts_is_refused():
    with pytest.raises(ConfigError, match="look at start_ns and stop_ns"):
        resample([0, 1], [1, 2], 100, start_ns=10 * MS, stop_ns=0)
