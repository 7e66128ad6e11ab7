"""`conv2d.temporal`, as its contract writes it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from conv2d.temporal.hsmm import HSMMPolicy
from conv2d.temporal.median import MedianHysteresisPolicy

streams = st.tuples(st.integers(1, 4), st.integers(1, 60)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(0, 4))
)
policies = st.one_of(
    st.builds(
        MedianHysteresisPolicy,
        min_dwell=st.integers(1, 12),
        window_size=st.integers(1, 15),
        enter_threshold=st.floats(0.5, 0.95),
        exit_threshold=st.floats(0.05, 0.5),
    ),
    st.integers(1, 12).flatmap(
        lambda shortest: st.builds(HSMMPolicy, min_dwell=st.just(shortest), mean_dwell=st.floats(shortest + 1, 99))
    ),
)


def segment_lengths(row):
    return np.diff(np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1], [True]])))


def test_the_contract_s_call_runs():
    policy = MedianHysteresisPolicy(min_dwell=5, window_size=7)
    labels = np.random.default_rng(0).integers(0, 4, size=(8, 200))
    assert policy.smooth(labels).shape == (8, 200)


@given(policy=policies, labels=streams)
def test_no_segment_is_shorter_than_the_dwell(policy, labels):
    for row in policy.smooth(labels):
        assert segment_lengths(row).min() >= min(policy.min_dwell, len(row))


@given(policy=policies, labels=streams)
def test_there_are_never_more_transitions_than_before(policy, labels):
    for row, raw in zip(policy.smooth(labels), labels, strict=True):
        assert (np.diff(row) != 0).sum() <= (np.diff(raw) != 0).sum()


@given(policy=policies, labels=streams)
def test_no_label_appears_that_was_not_there(policy, labels):
    for row, raw in zip(policy.smooth(labels), labels, strict=True):
        assert set(row) <= set(raw)


@given(policy=policies, labels=streams)
def test_the_same_labels_are_smoothed_the_same_and_left_as_they_were(policy, labels):
    before = labels.copy()
    np.testing.assert_array_equal(policy.smooth(labels), policy.smooth(labels))
    np.testing.assert_array_equal(labels, before)


@pytest.mark.parametrize("policy", [MedianHysteresisPolicy(), HSMMPolicy()], ids=["median", "hsmm"])
def test_a_stream_that_changes_slowly_stays_as_it_is(policy):
    slow = np.repeat([[0, 3, 1]], 30, axis=1)
    np.testing.assert_array_equal(policy.smooth(slow), slow)


def held(enter, leave):
    """A majority of ⅔ for the new label, after the old one."""
    policy = MedianHysteresisPolicy(min_dwell=1, window_size=9, enter_threshold=enter, exit_threshold=leave)
    return policy.smooth(np.array([[0] * 30 + [1, 1, 0] * 20]))[0, -1]


def test_enter_and_exit_thresholds_hold_a_label_back():
    assert held(enter=0.5, leave=0.5) == 1
    assert held(enter=0.8, leave=0.5) == 0  # too few votes to enter
    assert held(enter=0.5, leave=0.2) == 0  # too many votes left to exit
