from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from motif.errors import ConfigError, DtypeError, NotFiniteError, ShapeError, TooFewSamplesError
from motif.signals import WindowConfig, fill_gaps, stretches, window_labels, window_starts, windows

cuts = st.tuples(st.integers(1, 60), st.integers(1, 20), st.integers(1, 25)).filter(lambda c: c[0] >= c[1])


@given(cut=cuts, n_channels=st.integers(1, 3))
def test_each_window_is_a_slice_of_the_stream_and_shares_its_memory(cut, n_channels):
    n_samples, length, hop = cut
    values = np.arange(n_samples * n_channels, dtype=np.float32).reshape(n_samples, n_channels)
    cut_out = windows(values, length, hop)
    starts = window_starts(n_samples, length, hop)
    assert cut_out.shape == (len(starts), length, n_channels)
    assert cut_out.dtype == np.float32
    assert np.shares_memory(cut_out, values)
    assert not cut_out.flags.writeable
    for window, start in zip(cut_out, starts, strict=True):
        np.testing.assert_array_equal(window, values[start : start + length])
    assert starts[-1] + hop + length > n_samples, "one more would have fitted"


def test_a_single_channel_gives_flat_windows():
    assert windows(np.arange(6), length=2, hop=2).tolist() == [[0, 1], [2, 3], [4, 5]]


@settings(deadline=None, max_examples=60)
@given(cut=cuts, seed=st.integers(0, 99), min_share=st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_a_windows_label_is_its_most_frequent_one_or_mixed(cut, seed, min_share):
    n_samples, length, hop = cut
    labels = np.random.default_rng(seed).integers(-2, 3, n_samples).repeat(2)[:n_samples]
    got = window_labels(labels, length, hop, min_share=min_share, mixed=-9)
    for label, window in zip(got, windows(labels, length, hop), strict=True):
        counts = Counter(window.tolist())
        winner = min(counts, key=lambda key: (-counts[key], key))
        assert label == (winner if counts[winner] / length >= min_share else -9)


@pytest.mark.parametrize(("n_labelled", "length", "min_share"), [(55, 100, 0.55), (7, 25, 0.28), (2, 4, 0.5)])
def test_a_label_that_holds_just_the_share_wins_over_other_labels_and_over_none(n_labelled, length, min_share):
    labels = np.full(length, -1)
    labels[:n_labelled] = 3
    assert window_labels(labels, length, 1, min_share=min_share).tolist() == [3]
    assert window_labels(labels, length, 1, min_share=min_share + 0.01).tolist() == [-1]


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: windows(np.zeros((3, 2)), 4, 1), TooFewSamplesError, "3 samples do not fill a window of 4"),
        (lambda: windows(np.zeros((3, 2, 2)), 2, 1), ShapeError, r"\(3, 2, 2\)"),
        (lambda: windows(np.zeros(3), 0, 1), ConfigError, "length=0"),
        (lambda: windows(np.zeros(3), 1, 1.5), ConfigError, "hop=1.5"),
        (lambda: window_labels([0.5, 1.0], 1, 1), DtypeError, "int64"),
        (lambda: window_labels([[0, 1]], 1, 1), ShapeError, r"\(1, 2\)"),
        (lambda: window_labels([0, 1], 1, 1, min_share=0), ConfigError, "min_share=0"),
        (lambda: fill_gaps([1.0, np.inf], max_samples=1), NotFiniteError, "1 values"),
        (lambda: fill_gaps([1.0, 2.0], max_samples=0), ConfigError, "max_samples=0"),
        (lambda: fill_gaps([["a"]], max_samples=1), DtypeError, "real numbers"),
        (lambda: fill_gaps(np.zeros((1, 1, 1)), max_samples=1), ShapeError, r"\(1, 1, 1\)"),
        (lambda: stretches(np.array([1, 0])), DtypeError, "bool"),
        (lambda: stretches(np.array([[True]])), ShapeError, r"\(1, 1\)"),
        (lambda: WindowConfig().in_samples(0), ConfigError, "rate_hz=0"),
    ],
)
def test_bad_input_says_what_is_wrong(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_window_config_refuses_to_skip_samples_and_unknown_names():
    with pytest.raises(ValidationError, match="would skip samples"):
        WindowConfig(length_s=1.0, hop_s=2.0)
    with pytest.raises(ValidationError, match="stride"):
        WindowConfig(stride=2)


def test_window_config_describes_itself():
    schema = TypeAdapter(WindowConfig).json_schema()
    assert schema["properties"]["length_s"]["description"] == "Length of one window, in seconds."
    assert WindowConfig(length_s=0.001, hop_s=0.001).in_samples(50) == (1, 1)


@given(st.lists(st.booleans(), max_size=30))
def test_stretches_are_the_runs_of_true(flags):
    mask = np.array(flags, dtype=bool)
    rebuilt = np.zeros(len(mask), dtype=bool)
    previous_stop = -1
    for start, stop in stretches(mask):
        assert previous_stop < start < stop
        rebuilt[start:stop] = True
        previous_stop = stop
    np.testing.assert_array_equal(rebuilt, mask)


@given(flags=st.lists(st.booleans(), min_size=1, max_size=40), most=st.integers(1, 6))
def test_short_gaps_of_a_ramp_become_the_ramp_and_long_ones_stay(flags, most):
    missing = np.array(flags)
    ramp = 3.0 * np.arange(len(missing)) - 7
    filled = fill_gaps(np.where(missing, np.nan, ramp), max_samples=most)
    for start, stop in stretches(missing):
        inside = start > 0 and stop < len(ramp)
        if inside and stop - start <= most:
            np.testing.assert_allclose(filled[start:stop], ramp[start:stop], atol=1e-9)
        else:
            assert np.isnan(filled[start:stop]).all()
    np.testing.assert_array_equal(filled[~missing], ramp[~missing])


def test_gaps_are_filled_in_each_channel_for_itself_and_the_input_is_untouched():
    values = np.array([[0.0, 5.0], [np.nan, 6.0], [2.0, np.nan]])
    before = values.copy()
    np.testing.assert_array_equal(fill_gaps(values, max_samples=3), [[0, 5], [1, 6], [2, np.nan]])
    np.testing.assert_array_equal(values, before)


def test_nothing_has_no_gaps():
    assert fill_gaps(np.empty((0, 3)), max_samples=1).shape == (0, 3)
    assert stretches(np.zeros(0, dtype=bool)).shape == (0, 2)
