"""Segments decoded with durations and successions that were learnt."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.reference import smoothing as reference

from motif.errors import ConfigError, LabelError, NotFiniteError, ShapeError
from motif.smoothing import SegmentDecoder
from motif.smoothing._segment_kernel import best_segments

TAUGHT = [np.repeat([0, 1, 2, 0, 1], [9, 4, 12, 10, 3]), np.repeat([0, 1, 2, 0], [5, 5, 10, 4])]
probabilities = arrays(np.float64, (7, 3), elements=st.floats(0.01, 1.0))


def tables(decoder, length):
    """All durations of a short stream, one by one."""
    lasts, reaches, stays = decoder._durations()
    assert len(lasts) > length
    with np.errstate(divide="ignore"):
        return np.log(decoder.first), np.log(decoder.following), lasts, reaches, stays


@given(likely=probabilities)
def test_no_path_is_better_than_the_one_decoded(likely):
    decoder = SegmentDecoder.learn(TAUGHT, 3)
    evidence = decoder.evidence_weight * np.log(likely)
    *model, stays = tables(decoder, len(likely))
    path = best_segments(evidence, *model, stays).tolist()
    best = reference.best_segmented_score(evidence.tolist(), *(each.tolist() for each in model))
    assert reference.segmented_score(path, evidence, *model) == pytest.approx(best)
    assert path == decoder.decode(likely).tolist()


@given(likely=arrays(np.float64, (6, 2), elements=st.floats(0.01, 1.0)), longest=st.integers(2, 4))
def test_a_short_table_with_a_tail_says_what_the_whole_table_says(likely, longest):
    """From the end of the table on, durations are geometric: tabled further, they give the same path's score."""
    stays, d = np.log(0.8), np.arange(1, 12)[:, None] * np.ones(2)
    lasts, reaches = np.log(0.2) + (d - 1) * stays, (d - 1) * stays
    first, following = np.log([0.5, 0.5]), np.array([[-np.inf, 0.0], [0.0, -np.inf]])
    evidence = np.log(likely)
    short = best_segments(evidence, first, following, lasts[:longest], reaches[:longest], stays)
    model = (first, following, lasts, reaches)
    best = reference.best_segmented_score(evidence.tolist(), *(each.tolist() for each in model))
    assert reference.segmented_score(short.tolist(), evidence, *model) == pytest.approx(best)


def test_what_flickers_is_smoothed_and_what_never_follows_is_not_said():
    decoder = SegmentDecoder.learn(TAUGHT, 3)
    truth = np.repeat([0, 1, 2, 0], [9, 4, 11, 8])
    likely = 0.8 * np.eye(3)[truth] + 0.1
    likely[[4, 20]] = [0.1, 0.1, 0.8], [0.8, 0.1, 0.1]
    np.testing.assert_array_equal(decoder.decode(likely), truth)


def test_what_lasts_longer_than_ever_seen_is_one_segment():
    decoder = SegmentDecoder.learn(TAUGHT, 3)
    likely = np.repeat([[0.2, 0.1, 0.7]], 6000, axis=0)
    assert set(decoder.decode(likely)[20:]) == {2}


def test_unknown_labels_part_a_stream():
    whole, parted = SegmentDecoder.learn([[0, 0, 1, 1, 0, 0]], 2), SegmentDecoder.learn([[0, 0, -1, -7, 1, 1, 0]], 2)
    assert whole.following[0, 1] == parted.following[1, 0] == 1.0
    assert parted.first.tolist() == [0.5, 0.5]


def test_an_empty_stream_has_no_frames():
    assert SegmentDecoder.learn(TAUGHT, 3).decode(np.zeros((0, 3))).shape == (0,)


def test_what_cannot_be_learnt_or_decoded_is_named():
    with pytest.raises(LabelError, match="no frame has a label"):
        SegmentDecoder.learn([[-1, -1]], 2)
    with pytest.raises(LabelError, match="class 2; want 0 to 1"):
        SegmentDecoder.learn([[0, 2]], 2)
    with pytest.raises(ShapeError, match="want \\(time,\\)"):
        SegmentDecoder.learn([[[0], [1]]], 2)
    with pytest.raises(ConfigError, match="evidence_weight is 0"):
        SegmentDecoder.learn(TAUGHT, 3, evidence_weight=0)
    decoder = SegmentDecoder.learn(TAUGHT, 3)
    with pytest.raises(ShapeError, match="following has shape"):
        replace(decoder, following=np.zeros((2, 2)))
    for wrong in (np.nan, np.inf):
        with pytest.raises(ConfigError, match="location"):
            replace(decoder, location=np.full(3, wrong))
    with pytest.raises(ConfigError, match="spreads above 0"):
        replace(decoder, spread=np.zeros(3))
    with pytest.raises(ShapeError, match="time, 3"):
        decoder.decode(np.ones((4, 2)))
    with pytest.raises(NotFiniteError):
        decoder.decode(np.full((4, 3), np.nan))
