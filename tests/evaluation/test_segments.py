import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference import segments as reference

from motif.errors import ConfigError, InputError, ShapeError
from motif.evaluation import label_segments, segment_f1

segments = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 8), st.sampled_from("ab")).map(lambda s: (s[0], s[0] + s[1], s[2])),
    max_size=5,
)


@settings(deadline=None)
@given(truth=segments, found=segments, overlap=st.sampled_from([0.0, 0.3, 0.5, 0.75, 1.0]))
def test_segments_are_matched_as_crossing_out_the_best_pair_does(truth, found, overlap):
    scores = segment_f1(truth, found, overlap)
    assert list(scores.pairs) == reference.greedy_matches(truth, found, overlap)
    assert scores.n_matched == len(scores.pairs)
    if truth or found:
        assert scores.f1 == pytest.approx(2 * scores.n_matched / (len(truth) + len(found)))


@settings(deadline=None)
@given(labels=st.lists(st.integers(0, 2), min_size=1, max_size=30), other=segments)
def test_above_half_an_overlap_among_runs_of_a_stream_no_matching_beats_the_greedy_one(labels, other):
    truth = label_segments(labels, background=0)
    found = label_segments(labels[1:] + labels[:1], background=0)
    assert segment_f1(truth, found, 0.51).n_matched == reference.most_matches(truth, found, 0.51)
    assert segment_f1(other, other, 1.0).f1 == 1.0


@given(labels=st.lists(st.integers(0, 2), max_size=30))
def test_the_runs_of_a_stream_paint_it_again(labels):
    painted = np.zeros(len(labels), dtype=int)
    for start, stop, label in label_segments(labels, background=0):
        painted[start:stop] = label
    assert painted.tolist() == labels


def test_nothing_to_find_and_nothing_found_is_all_right():
    scores = segment_f1([], [])
    assert (scores.f1, scores.precision, scores.recall) == (1.0, None, None)


def test_a_second_detection_of_one_gesture_is_a_false_one():
    scores = segment_f1([(0, 10, "wave")], [(0, 5, "wave"), (5, 10, "wave")], overlap=0.0)
    assert (scores.recall, scores.precision) == (1.0, 0.5)


def test_what_cannot_be_matched_is_refused():
    with pytest.raises(ConfigError, match=r"overlap=1\.5"):
        segment_f1([], [], 1.5)
    with pytest.raises(InputError, match=r"found\[1\] goes from 5 to 5"):
        segment_f1([], [(0, 1, "a"), (5, 5, "a")])
    with pytest.raises(ShapeError, match="labels"):
        label_segments([[1, 2]])
