"""The kernels, judged by their slow twins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.reference import smoothing as reference

from motif.errors import NotFiniteError, ShapeError
from motif.smoothing import SemiMarkovPolicy
from motif.smoothing._median import _hysteresis
from motif.smoothing._segments import merge_short, segment_starts

codes = st.lists(st.integers(0, 2), min_size=1, max_size=30)


@given(labels=codes, window=st.integers(1, 8), enter=st.floats(0.5, 0.9), leave=st.floats(0.1, 0.5))
def test_hysteresis_equals_its_definition(labels, window, enter, leave):
    held = _hysteresis(np.array(labels), 3, window, enter, leave)
    assert held.tolist() == reference.hysteresis(labels, window, enter, leave)


@given(labels=codes, data=st.data(), min_dwell=st.integers(1, 6), max_segments=st.integers(1, 30))
def test_merging_equals_its_definition(labels, data, min_dwell, max_segments):
    votes = data.draw(st.lists(st.integers(0, 2), min_size=len(labels), max_size=len(labels)))
    merged = np.array(labels)
    merge_short(merged, np.array(votes), min_dwell, max_segments)
    assert merged.tolist() == reference.merge_short(labels, votes, min_dwell, max_segments)


@given(labels=codes)
def test_segments_start_where_the_label_changes(labels):
    lengths = [length for _, length in reference.runs(labels)]
    assert segment_starts(np.array(labels)).tolist() == [0, *np.cumsum(lengths)]


short_streams = given(
    probabilities=arrays(np.float64, st.tuples(st.integers(4, 7), st.integers(2, 3)), elements=st.floats(0.01, 1.0)),
    min_dwell=st.integers(1, 3),
    extra=st.floats(1.0, 5.0),
    weight=st.floats(0.1, 1.0),
)


def as_the_twin_takes_it(probabilities, min_dwell, extra, weight):
    dwells = reference.log_dwells(min_dwell, min_dwell + extra, probabilities.shape[1])
    return (weight * np.log(probabilities)).tolist(), min_dwell, *dwells


@short_streams
def test_no_path_is_better_than_the_decoded_one(probabilities, min_dwell, extra, weight):
    policy = SemiMarkovPolicy(min_dwell=min_dwell, mean_dwell=min_dwell + extra, evidence_weight=weight)
    path = policy.smooth_probabilities(probabilities).tolist()
    model = as_the_twin_takes_it(probabilities, min_dwell, extra, weight)
    assert reference.path_score(path, *model) == pytest.approx(reference.best_path_score(*model))


@short_streams
def test_every_path_counts_in_the_posterior(probabilities, min_dwell, extra, weight):
    policy = SemiMarkovPolicy(min_dwell=min_dwell, mean_dwell=min_dwell + extra, evidence_weight=weight)
    wanted = reference.posterior(*as_the_twin_takes_it(probabilities, min_dwell, extra, weight))
    np.testing.assert_allclose(policy.posterior(probabilities), wanted, atol=1e-9)


@given(length=st.integers(0, 3))
def test_a_stream_that_is_too_short_to_change_is_one_segment(length):
    likely = SemiMarkovPolicy(min_dwell=3, mean_dwell=9.0).posterior(np.full((length, 2), [0.8, 0.2]))
    np.testing.assert_allclose(likely, np.tile([4**length, 1], (length, 1)) / (4**length + 1))


@pytest.mark.parametrize("ask", ["posterior", "smooth_probabilities"])
def test_probabilities_that_are_none_are_named(ask):
    policy = SemiMarkovPolicy(min_dwell=2, mean_dwell=5.0)
    for shape in ((6,), (6, 0)):
        with pytest.raises(ShapeError, match="time, n_classes"):
            getattr(policy, ask)(np.ones(shape))
    with pytest.raises(NotFiniteError, match=r"\(3, 1\)"):
        getattr(policy, ask)(np.where(np.arange(12).reshape(6, 2) == 7, np.nan, 0.5))


def test_a_sure_recognizer_outweighs_the_typical_duration():
    probabilities = np.full((20, 2), [0.999, 0.001])
    probabilities[8:14] = [0.001, 0.999]
    policy = SemiMarkovPolicy(min_dwell=5, mean_dwell=200.0)
    np.testing.assert_array_equal(policy.smooth_probabilities(probabilities), np.repeat([0, 1, 0], [8, 6, 6]))
