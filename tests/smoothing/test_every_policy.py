"""What every smoothing policy promises, whatever the stream."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.reference import smoothing as reference

from motif.errors import ConfigError, DtypeError, LabelError, NotFiniteError, ShapeError
from motif.smoothing import MedianHysteresisPolicy, SegmentDecoder, SemiMarkovPolicy

POLICIES = [
    MedianHysteresisPolicy(),
    MedianHysteresisPolicy(min_dwell=1, window_size=1),
    MedianHysteresisPolicy(min_dwell=3, window_size=4, enter_threshold=0.6, exit_threshold=0.3),
    SemiMarkovPolicy(),
    SemiMarkovPolicy(min_dwell=1, mean_dwell=2.0),
    SemiMarkovPolicy(min_dwell=4, mean_dwell=40.0, label_accuracy=0.9),
]
every_policy = pytest.mark.parametrize("policy", POLICIES, ids=repr)
streams = st.tuples(st.integers(0, 3), st.integers(0, 60)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.sampled_from([-3, 0, 1, 7]))
)


def changes(row):
    return int((np.diff(row) != 0).sum())


@every_policy
@given(labels=streams)
def test_no_short_segment_no_new_label_no_more_transitions(policy, labels):
    before = labels.copy()
    smoothed = policy.smooth(labels)
    np.testing.assert_array_equal(labels, before)
    assert smoothed.shape == labels.shape
    for row, raw in zip(smoothed, labels, strict=True):
        assert all(length >= min(policy.min_dwell, len(raw)) for _, length in reference.runs(row.tolist()))
        assert set(row) <= set(raw)
        assert changes(row) <= changes(raw)


@every_policy
@given(labels=streams)
def test_a_row_is_smoothed_as_if_it_were_alone(policy, labels):
    together = policy.smooth(labels)
    for row, raw in zip(together, labels, strict=True):
        np.testing.assert_array_equal(row, policy.smooth(raw[None])[0])


@every_policy
@given(labels=streams)
def test_live_keeps_the_same_promises_but_for_the_unfinished_end(policy, labels):
    for raw in labels:
        smoother = policy.live()
        said = [smoother.step(int(label)) for label in raw]
        assert all(length >= policy.min_dwell for _, length in reference.runs(said)[:-1])
        assert set(said) <= set(raw.tolist())
        assert changes(said) <= changes(raw)


@every_policy
def test_a_long_change_is_kept_and_a_flicker_is_not(policy):
    flickering = np.repeat([0, 1], 40)
    if policy.min_dwell > 1:
        flickering[[10, 60]] = [1, 0]
    (smoothed,) = policy.smooth(flickering[None])
    smoother = policy.live()
    for said in (smoothed.tolist(), [smoother.step(int(label)) for label in flickering]):
        (first, before), (second, _) = reference.runs(said)
        assert (first, second) == (0, 1)
        assert abs(before - 40) <= max(policy.min_dwell, 7)


@every_policy
def test_what_is_no_label_stream_is_refused(policy):
    with pytest.raises(ShapeError, match=r"labels\[None\]"):
        policy.smooth(np.zeros(5, np.int64))
    with pytest.raises(DtypeError):
        policy.smooth(np.zeros((1, 5)))


@pytest.mark.parametrize(
    ("policy", "settings"),
    [
        (MedianHysteresisPolicy, {"min_dwell": 0}),
        (MedianHysteresisPolicy, {"window_size": 3.7}),
        (MedianHysteresisPolicy, {"window_size": 0}),
        (MedianHysteresisPolicy, {"enter_threshold": 0.4}),
        (MedianHysteresisPolicy, {"exit_threshold": 0.6}),
        (SemiMarkovPolicy, {"min_dwell": 0}),
        (SemiMarkovPolicy, {"min_dwell": "a"}),
        (SemiMarkovPolicy, {"mean_dwell": 5.5}),
        (SemiMarkovPolicy, {"mean_dwell": float("inf")}),
        (SemiMarkovPolicy, {"mean_dwell": float("nan")}),
        (SemiMarkovPolicy, {"label_accuracy": 1.0}),
        (SemiMarkovPolicy, {"evidence_weight": 0.0}),
    ],
)
def test_a_setting_that_cannot_be_is_refused(policy, settings):
    with pytest.raises(ConfigError, match=next(iter(settings))):
        policy(**settings)


@pytest.mark.parametrize(
    "take",
    [
        SemiMarkovPolicy().smooth_probabilities,
        SemiMarkovPolicy().posterior,
        SegmentDecoder.learn([np.repeat([0, 1, 0], 5)], n_classes=2).decode,
    ],
)
def test_what_are_no_probabilities_are_refused(take):
    with pytest.raises(LabelError, match="of frame 0"):
        take([[-1.0, 2.0]] * 9)
    with pytest.raises(NotFiniteError):
        take([[np.nan, 1.0]] * 9)
    with pytest.raises(ShapeError):
        take([0.5, 0.5])
