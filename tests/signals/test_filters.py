import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter
from tests.reference import biquad as reference

from motif.errors import ConfigError, ShapeError
from motif.signals import CausalFilter, despike, stretches, zero_phase

BANDS = [{"high_hz": 5.0}, {"low_hz": 1.0}, {"low_hz": 0.5, "high_hz": 12.0}]


def with_gaps(seed, n_samples=120, n_channels=2):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_samples, n_channels)).cumsum(axis=0)
    values[rng.random(values.shape) < 0.03] = np.nan
    return values


@settings(deadline=None, max_examples=50)
@given(cuts=st.lists(st.integers(0, 120), max_size=6), seed=st.integers(0, 999), band=st.sampled_from(BANDS))
def test_chunk_size_is_invisible(cuts, seed, band):
    values = with_gaps(seed)
    whole = CausalFilter(100, **band).step(values)
    live = CausalFilter(100, **band)
    pieces = [live.step(chunk) for chunk in np.split(values, sorted(cuts))]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 999), band=st.sampled_from(BANDS), order=st.integers(1, 4))
def test_the_causal_filter_is_its_difference_equation(seed, band, order):
    values = with_gaps(seed)
    edges = [band[edge] for edge in ("low_hz", "high_hz") if edge in band]
    kind = "bandpass" if len(edges) == 2 else "lowpass" if "high_hz" in band else "highpass"
    sections = butter(order, edges if len(edges) == 2 else edges[0], kind, fs=100, output="sos").tolist()
    want = np.column_stack([reference.filter_channel(sections, channel) for channel in values.T.tolist()])
    np.testing.assert_allclose(CausalFilter(100, **band, order=order).step(values), want, rtol=1e-6, atol=1e-6)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 999), band=st.sampled_from(BANDS))
def test_the_causal_filter_does_not_know_the_future(seed, band):
    values = with_gaps(seed)
    changed = values.copy()
    changed[60:] += 5
    before, after = CausalFilter(100, **band).step(values), CausalFilter(100, **band).step(changed)
    np.testing.assert_array_equal(before[:60], after[:60])


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 999), band=st.sampled_from(BANDS))
def test_gaps_stay_gaps_and_each_stretch_is_filtered_for_itself(seed, band):
    values = with_gaps(seed)
    for filtered, alone in [
        (zero_phase(values, 100, **band), lambda piece: zero_phase(piece, 100, **band)),
        (CausalFilter(100, **band).step(values), lambda piece: CausalFilter(100, **band).step(piece)),
        (despike(values), despike),
    ]:
        np.testing.assert_array_equal(np.isnan(filtered), np.isnan(values))
        for before, after in zip(values.T, filtered.T, strict=True):
            for start, stop in stretches(~np.isnan(before)):
                np.testing.assert_allclose(after[start:stop], alone(before[start:stop]), atol=1e-9)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 999), band=st.sampled_from(BANDS), factor=st.floats(-9, 9))
def test_filters_are_linear_and_leave_their_input_alone(seed, band, factor):
    values, other = np.nan_to_num(with_gaps(seed)), np.nan_to_num(with_gaps(seed + 1))
    before = values.copy()
    mixed = zero_phase(values + factor * other, 100, **band)
    np.testing.assert_allclose(
        mixed, zero_phase(values, 100, **band) + factor * zero_phase(other, 100, **band), atol=1e-6
    )
    np.testing.assert_array_equal(values, before)


@settings(deadline=None, max_examples=20)
@given(hz=st.floats(0.5, 40), edge=st.sampled_from([3.0, 8.0, 20.0]))
def test_a_sine_leaves_the_zero_phase_filter_with_the_textbook_gain_and_no_delay(hz, edge):
    seconds = np.arange(4000) / 100
    sine = np.sin(2 * np.pi * hz * seconds)
    got = zero_phase(sine, 100, high_hz=edge, order=2)[1000:3000]
    warped = np.tan(np.pi * hz / 100) / np.tan(np.pi * edge / 100)  # the bilinear transform bends frequencies so
    np.testing.assert_allclose(got, sine[1000:3000] / (1 + warped**4), atol=5e-3)


def test_what_stands_still_passes_the_low_pass_and_not_the_high_pass():
    still = np.full((50, 3), [0.1, -4.0, 9.81])
    np.testing.assert_allclose(CausalFilter(100, high_hz=3).step(still), still, atol=1e-9)
    np.testing.assert_allclose(zero_phase(still, 100, high_hz=3), still, atol=1e-9)
    np.testing.assert_allclose(CausalFilter(100, low_hz=3).step(still), 0, atol=1e-9)
    np.testing.assert_allclose(zero_phase(still, 100, low_hz=3), 0, atol=1e-6)


def test_one_sample_between_gaps_and_no_sample_at_all_are_fine():
    lonely = np.array([np.nan, 3.0, np.nan])
    np.testing.assert_allclose(zero_phase(lonely, 100, high_hz=5), lonely)
    np.testing.assert_allclose(CausalFilter(100, high_hz=5).step(lonely), lonely)
    np.testing.assert_array_equal(despike(lonely), lonely)
    assert zero_phase(np.empty((0, 2)), 100, high_hz=5).shape == (0, 2)
    assert CausalFilter(100, high_hz=5).step(np.empty((0, 2))).shape == (0, 2)


def test_a_filter_that_was_reset_begins_again():
    live = CausalFilter(100, high_hz=5)
    first = live.step([1.0, 5.0, 2.0])
    assert not np.array_equal(live.step([1.0, 5.0, 2.0]), first)
    live.reset()
    np.testing.assert_array_equal(live.step([1.0, 5.0, 2.0]), first)


def test_spikes_go_and_movement_stays():
    seconds = np.arange(500) / 100
    movement = 10 * np.sin(2 * np.pi * 5 * seconds) * (seconds > 2) + np.random.default_rng(3).normal(0, 0.05, 500)
    np.testing.assert_array_equal(despike(movement), movement)
    spiked = movement.copy()
    spiked[[100, 101, 350]] += 60
    np.testing.assert_allclose(despike(spiked), movement, atol=6)
    assert np.flatnonzero(despike(spiked) != spiked).tolist() == [100, 101, 350]


def test_a_last_bit_that_toggles_is_no_spike():
    toggling = np.zeros(200)
    toggling[::17] = 0.01
    np.testing.assert_array_equal(despike(toggling), toggling)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: CausalFilter(100), ConfigError, "neither low_hz nor high_hz"),
        (lambda: CausalFilter(100, high_hz=50), ConfigError, "high_hz=50 .* < 50.0, half of the rate"),
        (lambda: CausalFilter(100, low_hz=5, high_hz=5), ConfigError, "low_hz=5, high_hz=5"),
        (lambda: CausalFilter(0, low_hz=5), ConfigError, "rate_hz=0"),
        (lambda: zero_phase([1.0], 100, high_hz=-1), ConfigError, "high_hz=-1"),
        (lambda: zero_phase([1.0], 100, high_hz=5, order=0), ConfigError, "order=0"),
        (lambda: despike([1.0], length=4), ConfigError, "length=4 has no middle"),
        (lambda: despike([1.0], threshold=0), ConfigError, "threshold=0"),
    ],
)
def test_a_filter_that_cannot_be_says_why(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_the_number_of_channels_may_not_change():
    live = CausalFilter(100, high_hz=5)
    live.step(np.zeros((4, 3)))
    with pytest.raises(ShapeError, match=r"\(n_samples, 3\) as before"):
        live.step(np.zeros((4, 2)))
