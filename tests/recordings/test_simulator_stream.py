"""A person who never stops."""

from itertools import islice

import numpy as np
import pytest

from motif.errors import ConfigError, LabelError
from motif.recordings import simulate_gesture_stream
from motif.recordings.simulator import EXACT_CLOCK, GESTURES


def rounds(n, **settings):
    return list(islice(simulate_gesture_stream(**settings), n))


def test_rounds_follow_each_other_on_one_even_grid():
    first, second, third = rounds(3, clock=EXACT_CLOCK, random_state=1)
    times = np.concatenate([first.time_ns, second.time_ns, third.time_ns])
    np.testing.assert_allclose(np.diff(times), 1e7, atol=2)


def test_a_seam_is_no_movement():
    *_, before, after = rounds(2, clock=EXACT_CLOCK, random_state=2)
    seam = np.concatenate([before.values[-40:], after.values[:40]])
    rest = after.values[-80:]
    assert np.abs(np.diff(seam[:, :3], axis=0)).max() < 3 * np.abs(np.diff(rest[:, :3], axis=0)).max()


def test_every_round_holds_every_movement_once_in_an_order_of_its_own():
    labels = [[mark.label for mark in each.annotations] for each in rounds(4, movements=GESTURES, random_state=3)]
    assert all(sorted(each) == sorted(GESTURES) for each in labels)
    assert len({tuple(each) for each in labels}) > 1


def test_the_same_seed_gives_the_same_bytes_and_starts_when_asked():
    one, two = (rounds(2, random_state=5, start_ns=start)[1] for start in (0, 10**18))
    np.testing.assert_array_equal(one.values, two.values)
    np.testing.assert_array_equal(one.time_ns + 10**18, two.time_ns)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"rate_hz": 5}, ConfigError), ({"movements": ["jump"]}, LabelError), ({"pause_s": 0}, ConfigError)],
)
def test_what_cannot_be_simulated_is_said_before_the_first_round(wrong, error):
    with pytest.raises(error):
        simulate_gesture_stream(**wrong)
