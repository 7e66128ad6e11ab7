"""Group 3: what smoothing may do to a label stream, and what it may not."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from motif.evaluation import label_segments
from motif.experiments import Judged
from motif.smoothing import MedianHysteresisPolicy, SemiMarkovPolicy

streams = arrays(np.int64, st.tuples(st.just(1), st.integers(1, 80)), elements=st.integers(0, 3))
policies = st.sampled_from([MedianHysteresisPolicy(min_dwell=5, window_size=7), SemiMarkovPolicy(min_dwell=5)])


def changes(stream: np.ndarray) -> int:
    return int(np.count_nonzero(np.diff(stream)))


@given(labels=streams, policy=policies)
def test_nothing_flickers_nothing_is_invented_and_nothing_changes_more_often(labels, policy) -> None:
    smoothed = policy.smooth(labels)
    assert set(smoothed.ravel()) <= set(labels.ravel())
    assert changes(smoothed[0]) <= changes(labels[0])
    if labels.shape[1] >= 5:
        assert min(stop - start for start, stop, _ in label_segments(smoothed[0])) >= 5


@given(label=st.integers(0, 5), length=st.integers(1, 50), policy=policies)
def test_a_stream_of_one_label_stays_as_it_is(label, length, policy) -> None:
    steady = np.full((1, length), label)
    np.testing.assert_array_equal(policy.smooth(steady), steady)


def test_an_experiment_changes_its_mind_less_often_when_it_is_smoothed(judged: Judged) -> None:
    assert judged.metrics["transition_rate"] <= judged.metrics["raw"]["transition_rate"]
    table = pq.read_table(judged.folder / "predictions.parquet").to_pydict()
    assert set(table["smoothed"]) <= set(table["window"])


def test_a_stricter_way_in_never_lets_more_in() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, (1, 400))
    loose, strict = (
        MedianHysteresisPolicy(min_dwell=1, window_size=9, enter_threshold=enter).smooth(labels)[0]
        for enter in (0.5, 0.8)
    )
    assert changes(strict) <= changes(loose)


def test_a_segment_that_is_long_enough_survives() -> None:
    labels = np.array([[0] * 10 + [1] * 8 + [0] * 10])
    assert pytest.approx(10, abs=2) == int(np.argmax(MedianHysteresisPolicy().smooth(labels)[0] == 1))
