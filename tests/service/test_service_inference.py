"""The route of predictions, asked as a server asks it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.service.talking import hear, open_stream

from motif.service import Service, ServiceSettings, open_service, running

WINDOW = {"name": "windows", "shape": [1, 6, 100], "datatype": "FP32", "data": np.zeros(600).tolist()}
GONE = {"type": "http.disconnect"}


def asked(service: Service, events: Iterator[Any], method: str = "POST") -> list[dict[str, Any]]:
    """Return what is sent for a request whose events are these; an exception among them is raised."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "method": method,
        "path": "/v2/models/taps/infer",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
    }

    async def receive() -> Any:
        event = next(events)
        if isinstance(event, Exception):
            raise event
        return event

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(service.app(scope, receive, send))
    return sent


def test_a_body_that_comes_in_pieces_is_answered_once(service: Service) -> None:
    body = json.dumps({"inputs": [WINDOW]}).encode()
    pieces = [{"type": "http.request", "body": body[i : i + 500], "more_body": True} for i in range(0, len(body), 500)]
    start, answer = asked(service, iter([*pieces, {"type": "http.request"}]))
    assert start["status"] == 200
    assert json.loads(answer["body"])["outputs"][0]["shape"] == [1, 4]


def test_who_goes_away_is_sent_nothing(service: Service) -> None:
    assert asked(service, iter([{"type": "http.request", "body": b"{", "more_body": True}, GONE])) == []


def test_a_fault_of_our_own_is_told_without_its_reason(service: Service, capfd: pytest.CaptureFixture[str]) -> None:
    start, answer = asked(service, iter([ZeroDivisionError("a secret")]))
    assert start["status"] == 500
    assert json.loads(answer["body"])["code"] == "fault"
    assert b"secret" not in answer["body"]


def test_a_body_that_comes_drop_by_drop_is_not_waited_for(bundle: Path) -> None:
    impatient = ServiceSettings(port=0, body_s=0.05)
    with running(open_service([bundle], impatient)) as port, socket.create_connection(("127.0.0.1", port)) as slow:
        slow.settimeout(30)
        slow.sendall(b"POST /v2/models/taps/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{")
        answer = b"".join(iter(lambda: slow.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"slow"' in answer


def test_a_head_that_never_ends_is_not_waited_for_and_a_stream_that_says_nothing_is(bundle: Path) -> None:
    impatient = ServiceSettings(port=0, body_s=0.2)
    with running(open_service([bundle], impatient)) as port, open_stream(port, stream="patient") as stream:
        hear(stream)
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.settimeout(30)
            slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: local")
            assert slow.recv(65536) == b""
        stream.send(json.dumps({"end": True, "seq": 1}))
        assert hear(stream) == {"type": "ack", "seq": 1}


def test_only_post_asks_for_a_prediction(service: Service) -> None:
    start, answer = asked(service, iter([GONE]), method="GET")
    assert start["status"] == 405
    assert (b"allow", b"POST") in start["headers"]
    assert json.loads(answer["body"])["code"] == "method"
