"""Sensors that come at once are put beside each other, so that what was made out of reach is still told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.live.recognizers import Turning
from tests.live.test_engine import heard, readings, turns

from motif.live import Engine
from motif.recordings import Annotation, Readings
from motif.sources._interleaved import interleaved


@pytest.mark.parametrize("seconds", [1, 3, 5, 16])
def test_what_a_phone_sends_at_once_after_a_tunnel_is_told_as_if_it_had_come_bit_by_bit(seconds):
    signal = turns(*[0, 3] * 15, 0)
    live = heard(Engine(Turning()), readings(signal))
    whole = list(readings(signal, size=100 * seconds))
    pairs = [interleaved(whole[at : at + 2]) for at in range(0, len(whole), 2)]
    assert heard(Engine(Turning()), [piece for pair in pairs for piece in pair]) == live
    assert len(live) == 15


@given(steps=st.lists(st.lists(st.integers(-1, 3 * 10**9), max_size=8), max_size=3))
def test_no_sample_and_no_mark_is_lost_and_each_sensor_stays_in_order(steps):
    several = [
        Readings(
            device="phone",
            channels=(f"sensor_{i}",),
            time_ns=np.cumsum(row, dtype=np.int64),
            values=np.ones((len(row), 1)),
            annotations=(Annotation(1, 2, "mark"),),
        )
        for i, row in enumerate(steps)
    ]
    pieces = interleaved(several)
    for each in several:
        own = [piece for piece in pieces if piece.channels == each.channels]
        assert np.concatenate([piece.time_ns for piece in own]).tolist() == each.time_ns.tolist()
        assert tuple(mark for piece in own for mark in piece.annotations) == each.annotations


def test_a_message_whose_samples_lie_seconds_apart_is_cut_into_few_pieces():
    times_ns = np.arange(20_000) * 2 * 10**9
    sparse = Readings(device="phone", channels=("light",), time_ns=times_ns, values=np.ones((20_000, 1)))
    assert len(interleaved([sparse])) < 1100
