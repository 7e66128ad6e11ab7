"""Messages in their order, each once; what is missing is counted."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.errors import ConfigError
from motif.sources._message_order import MessageOrder

S = 1_000_000_000


@given(seed=st.integers(0, 2**32 - 1), lost=st.sampled_from([0.0, 0.05, 0.3]), repeated=st.sampled_from([0.0, 0.1]))
def test_loss_repeats_and_two_seconds_of_disorder_end_in_order_and_in_the_right_counts(seed, lost, repeated):
    draw = random.Random(seed)
    arrivals = []
    for number in range(1, 101):
        if number in (1, 100) or draw.random() >= lost:
            times = 1 + (draw.random() < repeated)
            arrivals += [(number * S // 10 + draw.randrange(2 * S), number) for _ in range(times)]
    n_sent = len({number for _, number in arrivals})
    order, out = MessageOrder(hold_s=2.1), []
    for now_ns, number in sorted(arrivals):
        out += order.expire(now_ns)
        out += order.push("s", number, number, now_ns)
    out += order.expire(100 * S)
    assert out == sorted(out)
    assert len(out) == len(set(out)) == n_sent
    assert order.duplicates == len(arrivals) - n_sent
    # numbers before the first that came are not known to have been sent
    assert order.lost == 100 - n_sent
    assert order.late == 0
    assert order.flush() == []


def test_without_patience_nothing_waits_and_late_ones_are_handed_on_as_such():
    order = MessageOrder(hold_s=0)
    assert [order.push("s", n, n, 0) for n in (5, 7, 6, 6, 4, 4)] == [[5], [7], [6], [], [4], []]
    assert (order.late, order.duplicates, order.lost) == (2, 2, 0)


def test_a_missing_message_holds_the_others_up_only_so_long():
    order = MessageOrder(hold_s=1)
    assert order.push("s", 1, 1, 0) == [1]
    assert order.push("s", 3, 3, 1 * S) == []
    assert order.push("s", 4, 4, 1 * S) == []
    assert order.push("other", 1, "other", 1 * S) == ["other"]
    assert order.expire(2 * S - 1) == []
    assert order.lost_share(2 * S) == 0
    assert order.expire(2 * S) == [3, 4]
    assert (order.lost, order.lost_share(2 * S)) == (1, 1 / 5)
    assert order.push("s", 2, 2, 3 * S) == [2]
    assert (order.lost, order.late, order.lost_share(3 * S)) == (0, 1, 0)
    assert order.lost_share(60 * S) == 0


def test_what_is_held_back_is_bounded_and_comes_out_at_the_end():
    order = MessageOrder(hold_s=100, n_held=4, n_sessions=2)
    order.push("s", 0, 0, 0)
    out = [n for number in range(2, 12, 2) for n in order.push("s", number, number, 0)]
    assert out == [2]
    assert order.flush() == [4, 6, 8, 10]
    order.push("s", 13, 13, 0)
    order.push("t", 0, 0, 0)
    order.push("u", 0, 0, 0)
    assert order.flush() == [], "the session longest silent was forgotten"


def test_a_session_joined_on_its_way_begins_with_the_first_of_those_that_come_together():
    order = MessageOrder(hold_s=1)
    assert [order.push("s", n, n, 0) for n in (42, 41, 43)] == [[], [], []]
    assert order.expire(S) == [41, 42, 43]
    assert order.push("s", 40, 40, S) == [40]
    assert (order.lost, order.late, order.push("s", 44, 44, S)) == (0, 1, [44])


@pytest.mark.parametrize("jump", [5000, 10**17])
def test_numbers_that_jump_begin_a_new_count_and_lose_nothing(jump):
    order = MessageOrder(hold_s=1)
    order.push("s", jump, "a", 0)
    order.push("s", jump + 2, "b", 0)
    assert order.push("s", 3, "c", 0) == ["a", "b", "c"]
    assert order.push("s", jump, "d", 0) == ["d"]
    assert (order.renumbered, order.lost) == (2, 0)


def test_many_gaps_are_remembered_only_so_far():
    order = MessageOrder(hold_s=0)
    for number in range(0, 4000, 2):
        order.push("s", number, number, 0)
    assert order.push("s", 3997, "late", 0) == ["late"]
    assert order.push("s", 3001, "late", 0) == ["late"]
    assert len(order._sessions["s"].missing) <= 1000


@pytest.mark.parametrize("wrong", [{"hold_s": -1}, {"n_held": 0}, {"n_sessions": 0}])
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(ConfigError, match="cannot be"):
        MessageOrder(**wrong)
