"""Networks answer in threads: who waits for one, who is turned away, who has gone meanwhile."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

from motif.recognizer import Prediction
from motif.service import Service, ServiceSettings, open_service, running

WINDOW = {"name": "windows", "shape": [1, 6, 100], "datatype": "FP32", "data": [0] * 600}
BODY = json.dumps({"inputs": [WINDOW]}).encode()
CHUNKED = f"{len(BODY):x}\r\n".encode() + BODY + b"\r\n0\r\n\r\n"


class Held:
    """A recognizer that begins, and answers when it may."""

    is_graph = True

    def __init__(self, recognizer: Any) -> None:
        self._recognizer, self.config, self.classes_ = recognizer, recognizer.config, recognizer.classes_
        self.begun, self.may_go_on = threading.Semaphore(0), threading.Event()

    def recognize(self, window: Any) -> Prediction:
        self.begun.release()
        assert self.may_go_on.wait(60)
        found: Prediction = self._recognizer.recognize(window)
        return found


def request(body: bytes = BODY, *, head: bytes = b"") -> bytes:
    length = b"" if b"chunked" in head else b"Content-Length: %d\r\n" % len(body)
    return b"POST /v2/models/taps/infer HTTP/1.1\r\nHost: localhost\r\n" + head + length + b"\r\n" + body


class Caller:
    """One connection, and what is read from it."""

    def __init__(self, port: int) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._reading = self._connection.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reading.close()
        self._connection.close()

    def send(self, content: bytes) -> None:
        self._connection.sendall(content)

    def answer(self) -> tuple[int, list[bytes], Any]:
        """Return the status, the headers but the date, and what the body says."""
        first, *others = iter(self._reading.readline, b"\r\n")
        length = next(int(line.rpartition(b" ")[2]) for line in others if line.startswith(b"content-length"))
        body = json.loads(self._reading.read(length))
        return int(first[9:12]), [line for line in others if not line.startswith(b"date")], body

    def is_closed(self) -> bool:
        return self._reading.read(1) == b""


@pytest.fixture
def held(bundle: Path) -> tuple[Service, Held]:
    service = open_service([bundle], ServiceSettings(port=0, requests_at_once=1))
    model = service.shelf.only
    holding = Held(model.recognizer)
    service.shelf._models = {"taps": {model.version: replace(model, recognizer=holding)}}  # type: ignore[arg-type]
    return service, holding


def test_what_comes_whole_is_answered_as_what_comes_in_pieces(held: tuple[Service, Held]) -> None:
    service, holding = held
    holding.may_go_on.set()
    with running(service) as port, Caller(port) as connection:
        connection.send(request())
        whole = connection.answer()
        for part in (request()[:-1], request()[-1:]):
            connection.send(part)
        assert connection.answer() == whole
        connection.send(request(CHUNKED, head=b"Transfer-Encoding: chunked\r\n"))
        assert connection.answer() == whole
    assert whole[0] == 200


def test_what_is_asked_before_the_answer_came_is_answered_in_its_order(held: tuple[Service, Held]) -> None:
    service, holding = held
    holding.may_go_on.set()
    with running(service) as port, Caller(port) as connection:
        connection.send(request() + request(b"[]") + request())
        assert [connection.answer()[0] for _ in range(3)] == [200, 400, 200]


def test_others_are_told_to_come_again_while_one_is_judged(held: tuple[Service, Held]) -> None:
    service, holding = held
    with running(service) as port, Caller(port) as first, Caller(port) as second:
        first.send(request())
        assert holding.begun.acquire(timeout=60)
        second.send(request())
        assert second.answer()[0] == 503
        holding.may_go_on.set()
        assert first.answer()[0] == 200
        second.send(request())
        assert second.answer()[0] == 200


def test_who_has_gone_meanwhile_holds_up_nobody(held: tuple[Service, Held]) -> None:
    service, holding = held
    with running(service) as port:
        with Caller(port) as gone:
            gone.send(request())
            assert holding.begun.acquire(timeout=60)
        holding.may_go_on.set()
        with Caller(port) as other:
            while True:
                other.send(request())
                if other.answer()[0] == 200:  # the one before may still be judged
                    break


def test_a_service_that_is_told_to_stop_answers_what_it_judges(held: tuple[Service, Held]) -> None:
    service, holding = held
    serving = running(service)
    with Caller(serving.__enter__()) as connection:
        connection.send(request())
        assert holding.begun.acquire(timeout=60)
        stopping = threading.Thread(target=serving.__exit__, args=(None, None, None))
        stopping.start()
        while not service.is_stopping:
            stopping.join(0.01)
        holding.may_go_on.set()
        assert connection.answer()[0] == 200
        assert connection.is_closed()
        stopping.join(60)
    assert not stopping.is_alive()


def test_a_fault_in_a_thread_is_told_without_its_reason(held: tuple[Service, Held]) -> None:
    service, holding = held
    holding.may_go_on.set()
    holding._recognizer = None
    with running(service) as port, Caller(port) as connection:
        connection.send(request())
        status, _, body = connection.answer()
    assert status == 500
    assert body["code"] == "fault"
    assert "NoneType" not in body["error"]


def test_many_windows_are_judged_too_and_do_not_stand_in_the_others_way(port: int) -> None:
    many = {"name": "windows", "shape": [9, 6, 100], "datatype": "FP32", "data": np.zeros(5400).tolist()}
    with Caller(port) as connection:
        connection.send(request(json.dumps({"inputs": [many]}).encode()))
        status, _, body = connection.answer()
    assert status == 200
    assert body["outputs"][0]["shape"] == [9, 4]


def test_a_body_that_tells_no_length_is_held_to_the_limit(bundle: Path) -> None:
    small = ServiceSettings(port=0, body_bytes=1024)
    with running(open_service([bundle], small)) as port, Caller(port) as connection:
        connection.send(request(CHUNKED, head=b"Transfer-Encoding: chunked\r\n"))
        status, _, body = connection.answer()
    assert status == 413
    assert body["code"] == "size"
