"""Which streams are kept, for how long, and how many."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tests.live.recognizers import Turning

from motif.service._streams import Streams, TooManyStreamsError

MODEL: Any = SimpleNamespace(recognizer=Turning(), version="1")


def table(now_s: list[float]) -> Streams:
    return Streams(events_kept=4, keep_s=60.0, most=2, now_s=lambda: now_s[0])


def test_a_stream_is_kept_as_long_as_it_has_a_connection_and_for_a_while_after() -> None:
    now_s = [0.0]
    streams = table(now_s)
    stream, _ = streams.attach("phone", MODEL, "connection", 0)
    now_s[0] = 1000.0
    streams.attach("another", MODEL, "its own", 0)
    streams.detach(stream, "connection")
    now_s[0] = 1060.0
    assert streams.attach("phone", MODEL, "the next", 0) == (stream, True)
    streams.detach(stream, "the next")
    now_s[0] = 1121.0
    again, was_there = streams.attach("phone", MODEL, "too late", 0)
    assert (again is stream, was_there) == (False, False)


def test_streams_that_nobody_comes_back_to_are_bounded() -> None:
    streams = table([0.0])
    for i in range(20):
        stream, _ = streams.attach(f"phone {i}", MODEL, i, 0)
        streams.detach(stream, i)
    assert len(streams) == 4
    assert streams.attach("phone 19", MODEL, "again", 0) == (stream, True)


def test_of_streams_without_a_connection_no_new_one_begins_beyond_the_bound() -> None:
    streams = table([0.0])
    for name in ("a", "b"):
        streams.detach(streams.begin(name, MODEL, "broker"), "broker")
    with pytest.raises(TooManyStreamsError, match="streams_at_once=2 are followed already"):
        streams.begin("c", MODEL, "broker")
    assert streams.begin("a", MODEL, "broker").name == "a"
