"""States against what a person coded: only moments that are both seen and coded count."""

import numpy as np
import pytest

from motif.errors import LabelError
from motif.evaluation import Ethogram, coded_agreement
from motif.recordings import Annotation

SECOND = 10**9


def ethogram(states):
    states = np.array(states)
    return Ethogram(
        name="dog", states=states, time_ns=np.arange(len(states)) * SECOND, rate_hz=1.0, names=("a", "b", "c")
    )


def spans(*marks):
    return [Annotation(round(start * SECOND), round(stop * SECOND), label) for start, stop, label in marks]


def test_a_row_says_which_share_of_a_state_was_which_behaviour():
    agreement = coded_agreement([ethogram([0, 0, 0, 0, 1, 1])], [spans((0, 3, "walk"), (3, 6, "rest"))])
    assert (agreement.states, agreement.behaviours) == (("a", "b"), ("rest", "walk"))
    np.testing.assert_allclose(agreement.shares, [[0.25, 0.75], [1.0, 0.0]])
    assert 0 < agreement.ari < 1


def test_time_that_is_unseen_or_not_coded_is_left_out_and_several_recordings_count_together():
    first = ethogram([0, -1, 1, 2])
    agreement = coded_agreement([first, ethogram([1, 1])], [spans((0, 3, "walk")), spans((1, 2, "rest"))])
    assert (agreement.coded_s, agreement.seen_s) == (3.0, 5.0)
    assert agreement.states == ("a", "b")  # c was never coded
    np.testing.assert_allclose(agreement.shares, [[0.0, 1.0], [0.5, 0.5]])


def test_behaviours_at_once_are_a_behaviour_of_their_own_and_moments_label_nothing():
    marks = spans((0, 4, "walk"), (2, 4, "look"), (1, 1, "bark"))
    agreement = coded_agreement([ethogram([0, 0, 1, 1])], [marks])
    assert agreement.behaviours == ("look + walk", "walk")
    assert (agreement.ari, agreement.nmi) == (1.0, pytest.approx(1.0))


def test_a_frame_is_what_its_middle_is_coded_as():
    agreement = coded_agreement([ethogram([0, 1])], [spans((0.4, 1.4, "walk"), (1.4, 2.0, "rest"))])
    np.testing.assert_allclose(agreement.shares, [[0.0, 1.0], [1.0, 0.0]])


def test_nothing_coded_is_told():
    with pytest.raises(LabelError, match="nothing that was seen is coded"):
        coded_agreement([ethogram([0, -1])], [spans((1, 2, "walk"))])
