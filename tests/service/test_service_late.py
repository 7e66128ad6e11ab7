"""Frames that wait: in order, bounded, and where the service is late, caught up with and counted."""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.service.talking import hear, open_stream

from motif.recordings import Readings
from motif.service import Service, ServiceSettings, Shelf, running
from motif.service._frames import batches
from motif.service._inbox import Inbox
from motif.service._late import Pace
from motif.service._mqtt import MqttFace

START_NS = 1_760_000_000_000_000_000
CHANNELS = ["acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z"]


def frame(number: int, *, n: int = 10) -> dict[str, object]:
    times = START_NS + (n * number + np.arange(n)) * 10_000_000
    values = np.random.default_rng(number).normal(0, 2, (n, 6))
    return {"seq": number, "channels": CHANNELS, "time_ns": times.tolist(), "values": values.tolist()}


def counted(start: int, n: int) -> Readings:
    return Readings(device="d", channels=("x",), time_ns=start + np.arange(n), values=np.ones((n, 1)))


@given(lengths=st.lists(st.one_of(st.none(), st.integers(0, 30)), max_size=12), most=st.integers(1, 20))
def test_frames_are_cut_and_gathered_and_nothing_is_lost_or_moved(lengths: list[int | None], most: int) -> None:
    starts = itertools.accumulate((n or 0 for n in lengths), initial=1)
    frames = [
        None
        if n is None
        else Readings(device="d", channels=("x",), time_ns=start + np.arange(n), values=np.ones((n, 1)))
        for n, start in zip(lengths, starts, strict=False)
    ]
    found = list(batches(frames, most))
    flat = [each for batch in found for each in batch]
    times = [time for each in flat if each is not None for time in each.time_ns.tolist()]
    assert times == [time for each in frames if each is not None for time in each.time_ns.tolist()]
    assert [each is None for each in flat].count(True) == lengths.count(None)
    assert all(sum(each.n_samples for each in batch if each is not None) <= most for batch in found)
    assert len(found) <= 1 + 2 * len(times) // most + 1


def test_an_inbox_gives_what_came_in_its_order_and_lets_the_sender_wait_beyond_its_bound() -> None:
    async def run() -> None:
        sent = iter(["one", "two", "three", "so", "a long one"])
        taken: list[str] = []

        async def receive() -> str:
            taken.append(text := next(sent, ""))
            if not text:
                raise ConnectionError
            return text

        inbox = Inbox(7, itertools.count().__next__)
        filling = asyncio.create_task(inbox.fill(receive))
        while len(taken) < 3:
            await asyncio.sleep(0)
        for _ in range(5):
            await asyncio.sleep(0)
        assert taken == ["one", "two", "three"]
        first = await inbox.take()
        assert first is not None
        assert (first.text, first.came_s) == ("one", 0)
        assert [each.text for each in inbox.rest()] == ["two"]
        for _ in range(5):
            await asyncio.sleep(0)
        assert [each.text for each in inbox.rest()] == ["three", "so"]
        last = await inbox.take()
        assert last is not None
        assert last.text == "a long one"
        assert await inbox.take() is None
        with pytest.raises(ConnectionError):
            await filling

    asyncio.run(run())


def test_a_clock_that_is_set_hides_no_delay_of_ours() -> None:
    pace = Pace(0.25)
    assert not pace.is_late(came_s=10.0, now_s=10.0, newest_ns=10**18)
    assert pace.is_late(came_s=11.0, now_s=11.5, newest_ns=10**18 - 3600 * 10**9)
    assert not pace.is_late(came_s=12.0, now_s=12.1, newest_ns=10**18 - 3600 * 10**9)


def test_a_service_that_is_late_judges_the_newest_windows_counts_the_others_and_says_so(bundle: Path) -> None:
    shelf = Shelf()
    shelf.load(bundle)
    seconds = itertools.count()  # each look at the clock finds it a second later
    service = Service(shelf, ServiceSettings(port=0), now_s=lambda: float(next(seconds)))
    n_frames, n_skipped = 40, 0
    with running(service) as port, open_stream(port, stream="late") as connection:
        hear(connection)
        for number in range(n_frames):
            connection.send(json.dumps(frame(number)))
        numbers = []
        while len(numbers) < n_frames:
            said = hear(connection)
            if said["type"] == "ack":
                numbers.append(said["seq"])
            elif said["type"] == "skipped":
                n_skipped += said["windows"]
        figures = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
        said = hear_end(connection)
    assert numbers == list(range(n_frames))
    assert 30 <= n_skipped < 61  # of the 61 windows of 400 samples, at most one of each frame is judged
    assert f"motif_skipped_windows_total {float(n_skipped)}" in figures
    assert said == {"type": "ack", "seq": 99}


def hear_end(connection: object) -> dict[str, object]:
    connection.send(json.dumps({"end": True, "seq": 99}))  # type: ignore[attr-defined]
    while (said := hear(connection))["type"] == "event":  # type: ignore[arg-type]
        pass
    return said


def test_health_says_for_a_while_that_windows_were_skipped(bundle: Path) -> None:
    now_s = [0.0]
    service = Service(Shelf(), ServiceSettings(), now_s=lambda: now_s[0])
    assert service.skipped.status == "ok"
    for now_s[0], n_windows in ((1.0, 3), (1.5, 0), (1.9, 4), (5.0, 1)):
        service.skipped.add(n_windows, "phone")
    assert service.skipped.status == "behind: 8 windows of streams skipped in 10 s"
    now_s[0] = 12.0
    assert service.skipped.status == "behind: 1 window of streams skipped in 10 s"
    now_s[0] = 16.0
    assert service.skipped.status == "ok"


def test_devices_on_a_broker_are_bounded_and_a_bad_message_holds_no_stream(bundle: Path) -> None:
    shelf = Shelf()
    shelf.load(bundle)
    now_s = [0.0]
    service = Service(shelf, ServiceSettings(streams_at_once=2, frame_bytes=10_000), now_s=lambda: now_s[0])
    face = MqttFace(service)
    good = [json.dumps(frame(number)).encode() for number in range(20)]
    huge = json.dumps(frame(1) | {"values": [[1e300] * 6] * 10}).encode()
    face._told("a", good, False)
    for bad in (b"{", b"x" * 20_000, huge):
        face._told("a", [bad, *good], True)
    face._told("b", good[:1], False)
    face._told("c", good[:1], False)
    assert len(service.streams) == 2
    text = service.figures.text().decode()
    assert 'motif_refused_total{code="busy"} 1.0' in text
    assert 'motif_refused_total{code="size"} 1.0' in text
    now_s[0] = service.settings.keep_stream_s + 1.0
    face._told("c", good[:1], False)
    assert len(service.streams) == 1  # nobody holds those that were not heard of
