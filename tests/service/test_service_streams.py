from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.service.talking import hear, open_stream
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from motif.live import Engine, EngineConfig
from motif.recordings import Dataset, Readings
from motif.service import Service, ServiceSettings, open_service, running
from motif.templates import TemplateClassifier

START_NS = 1_760_000_000_000_000_000


@pytest.fixture(scope="module")
def motion(gestures: Dataset, service: Service) -> list[dict[str, Any]]:
    """Half a minute: rests, and gestures of the first four classes, in frames of a tenth of a second."""
    known = set(service.shelf.only.class_names)
    rows = [row for row in range(gestures.n_windows) if gestures.labels[row] in known][::3][:14]
    values = np.concatenate([np.tile(gestures.X[row, :, 0], 2) for row in rows], axis=1).T
    times = START_NS + np.arange(len(values)) * 10_000_000
    return [
        {
            "seq": i,
            "channels": list(gestures.channels),
            "time_ns": times[start : start + 10].tolist(),
            "values": values[start : start + 10].tolist(),
        }
        for i, start in enumerate(range(0, len(values), 10))
    ]


def told(connection: ClientConnection, frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send frames, each when the one before is acknowledged; return the events."""
    events = []
    for frame in frames:
        connection.send(json.dumps(frame))
        while (message := hear(connection))["type"] != "ack":
            assert message["type"] == "event", message
            events.append(message)
        assert message["seq"] == frame["seq"]
    return events


def expected(service: Service, frames: list[dict[str, Any]]) -> list[tuple[str, int]]:
    engine = Engine(service.shelf.only.recognizer, EngineConfig(max_devices=1))
    readings = [
        Readings(device="d", channels=tuple(f["channels"]), time_ns=f["time_ns"], values=f["values"]) for f in frames
    ]
    return [(event.gesture, event.decided_ns) for event in engine.step(readings)]


def pairs(events: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(event["gesture"], event["id"]) for event in events]


def test_a_stream_tells_the_events_that_a_replay_would(
    port: int, service: Service, motion: list[dict[str, Any]]
) -> None:
    with open_stream(port, stream="replay") as connection:
        ready = hear(connection)
        assert ready["resumed"] is False
        assert ready["rate_hz"] == 100.0
        assert ready["channels"] == motion[0]["channels"]
        found = told(connection, motion)
    assert pairs(found) == expected(service, motion)
    assert len(found) > 3


def test_what_others_send_meanwhile_changes_nothing_of_what_a_stream_is_told(
    port: int, service: Service, motion: list[dict[str, Any]]
) -> None:
    motion = motion[:90]
    shifted = [frame | {"values": frame["values"][::-1]} for frame in motion]
    with ExitStack() as stack:
        own = stack.enter_context(open_stream(port, stream="among-others"))
        others = [stack.enter_context(open_stream(port, stream=f"other-{i}")) for i in range(2)]
        hear(own)
        for connection in others:
            for frame in shifted:
                connection.send(json.dumps(frame))
        found = told(own, motion)
        for connection in others:
            while hear(connection).get("seq") != motion[-1]["seq"]:
                pass
    assert pairs(found) == expected(service, motion)
    assert found


def test_a_stream_that_lost_its_connection_goes_on_and_nothing_is_told_twice(
    port: int, service: Service, motion: list[dict[str, Any]]
) -> None:
    half = len(motion) // 2
    with open_stream(port, stream="lost") as connection:
        hear(connection)
        found = told(connection, motion[:half])
    heard = found[: len(found) // 2]  # the others were on their way when the connection went
    with open_stream(port, stream="lost", after=heard[-1]["id"] if heard else 0) as connection:
        assert hear(connection)["resumed"] is True
        again = [hear(connection) for _ in found[len(heard) :]]
        again += told(connection, motion[half:])
    assert pairs(heard + again) == expected(service, motion)


def test_motion_sent_again_to_a_stream_that_is_new_tells_nothing_that_was_heard(
    port: int, service: Service, motion: list[dict[str, Any]]
) -> None:
    with open_stream(port, stream="first") as connection:
        hear(connection)
        found = told(connection, motion)
    with open_stream(port, stream="after-a-crash", after=found[1]["id"]) as connection:
        assert hear(connection)["resumed"] is False
        assert pairs(told(connection, motion)) == pairs(found[2:])


def test_a_stream_goes_on_with_the_version_that_was_loaded_last(
    bundle: Path, gestures: Dataset, motion: list[dict[str, Any]], tmp_path: Path
) -> None:
    service = open_service([bundle], ServiceSettings(port=0, late_s=60.0))
    before = service.shelf.only
    kept = np.flatnonzero(np.isin(gestures.labels, before.class_names))[:16]
    another = TemplateClassifier().fit(gestures.X[kept, :, 0], gestures.labels[kept])
    window = {"rate_hz": gestures.rate_hz, "channels": gestures.channels}
    half = len(motion) // 2
    with running(service) as port, open_stream(port, stream="exchanged") as connection:
        hear(connection)
        versions = {event["model"] for event in told(connection, motion[:half])}
        after = service.shelf.load(another.save(tmp_path / "taps", name="taps", window=window))
        later = {event["model"] for event in told(connection, motion[half:])}
    assert (versions, later) == ({before.version}, {after.version})


def test_the_newest_connection_has_the_stream(port: int, motion: list[dict[str, Any]]) -> None:
    with open_stream(port, stream="two") as old, open_stream(port, stream="two") as new:
        hear(old)
        assert hear(new)["resumed"] is True
        old.send(json.dumps(motion[0]))
        with pytest.raises(ConnectionClosed, match="4409"):
            hear(old)
        told(new, motion[:2])


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        ("{", "no JSON"),
        ("[]", "no JSON object"),
        ("{}", "lacks"),
        ('{"channels": ["acc_x"], "time_ns": [1], "values": [["a"]]}', "cannot be used"),
        ('{"channels": ["acc_x"], "time_ns": [1.5], "values": [[1]]}', ""),
        ('{"channels": ["acc_x"], "time_ns": [1, 2], "values": [[1]]}', "shape"),
        ('{"channels": 3, "time_ns": [1], "values": [[1]]}', "cannot be used"),
        ('{"seq": "x", "channels": ["acc_x"], "time_ns": [1], "values": [[1]]}', "whole number"),
        ('{"channels": ["acc_x"], "time_ns": [99999999999999999999], "values": [[1]]}', ""),
    ],
)
def test_a_frame_that_cannot_be_used_is_told_and_the_stream_goes_on(
    port: int, motion: list[dict[str, Any]], frame: str, says: str
) -> None:
    with open_stream(port, stream="odd") as connection:
        hear(connection)
        connection.send(frame)
        refusal = hear(connection)
        assert refusal["type"] == "error"
        assert says in refusal["error"]
        told(connection, motion[:1])


def test_a_stream_of_nothing_but_bad_frames_is_closed(port: int) -> None:
    with open_stream(port, stream="bad") as connection:
        hear(connection)
        with pytest.raises(ConnectionClosed, match="1008"):
            for _ in range(30):
                connection.send("{")
                hear(connection)


@pytest.mark.parametrize(
    "query", [{}, {"stream": "x" * 300}, {"stream": "s", "after": "-1"}, {"stream": "s", "model": "no"}]
)
def test_a_stream_that_is_asked_for_wrongly_is_told_why(port: int, query: dict[str, str]) -> None:
    with open_stream(port, **query) as connection:
        assert hear(connection)["type"] == "error"
        with pytest.raises(ConnectionClosed, match="1008"):
            hear(connection)


def test_the_end_of_motion_tells_what_was_under_way(port: int, motion: list[dict[str, Any]]) -> None:
    with open_stream(port, stream="end") as connection:
        hear(connection)
        told(connection, motion[:30])
        connection.send(json.dumps({"end": True, "seq": 99}))
        while (message := hear(connection))["type"] == "event":
            pass
        assert message == {"type": "ack", "seq": 99}
