"""How much may be asked at once and over time, whoever asks."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.sources import HTTPLimits, RateLimit
from motif.sources._http_limits import BodyAccount, TooMuchAtOnceError, read_body

S = 1_000_000_000


@given(waits_ns=st.lists(st.one_of(st.just(0), st.integers(0, 20 * S)), max_size=60), per_s=st.floats(0.1, 1.0))
def test_however_long_a_sender_was_silent_it_has_a_burst_and_then_its_rate(waits_ns, per_s):
    limit, now_ns, passed = RateLimit(burst_s=3.0), 0, []
    for wait_ns in waits_ns:
        now_ns += wait_ns
        if limit.allows("phone", per_s=per_s, now_ns=now_ns):
            passed.append(now_ns)
    for i, first in enumerate(passed):
        for n, last in enumerate(passed[i:], start=1):
            assert n <= max(1.0, 3.0 * per_s) + per_s * (last - first) / S + 1e-6


def test_of_too_many_senders_the_one_silent_for_longest_is_forgotten(monkeypatch):
    monkeypatch.setattr("motif.sources._http_limits._N_SENDERS", 2)
    limit = RateLimit(burst_s=1.0)
    assert [limit.allows(name, per_s=1.0, now_ns=0) for name in ("a", "b", "a", "c", "a", "b")] == [
        True,
        True,
        False,
        True,
        False,
        True,
    ]


def test_bodies_that_come_together_are_bounded_together():
    parts = iter([{"type": "http.request", "body": b"x" * 60, "more_body": i < 2} for i in range(3)])
    account = BodyAccount(200)
    account.bytes = 100  # of others

    async def receive():
        return next(parts)

    with pytest.raises(TooMuchAtOnceError):
        asyncio.run(read_body(receive, HTTPLimits(), account))
    assert account.bytes == 100
    assert next(parts, None) is None  # the sender could finish
