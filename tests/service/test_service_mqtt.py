"""What a broker may be called, and what of its messages reaches the log."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from motif.service import Service, ServiceSettings, Shelf
from motif.service._mqtt import MqttFace
from motif.sources import Backoff, end_tasks
from motif.telemetry import log_to


def test_a_broker_whose_name_cannot_be_is_asked_again_and_said(capfd: pytest.CaptureFixture[str]) -> None:
    async def run() -> None:
        face = MqttFace(Service(Shelf(), ServiceSettings(mqtt="a..b")))
        asked_again = asyncio.Event()

        class Waits(Backoff):
            def next_s(self) -> float:
                asked_again.set()
                return 0.0

        face._backoff = Waits()
        running = asyncio.create_task(face.run())
        async with asyncio.timeout(20):
            await asked_again.wait()
        assert not running.done()
        await end_tasks(running)

    with log_to(terminal=sys.stderr):
        asyncio.run(run())
    assert "broker lost" in capfd.readouterr().err


def test_little_of_what_a_stranger_sends_is_logged(bundle: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shelf = Shelf()
    shelf.load(bundle)
    with log_to(terminal=sys.stderr):
        MqttFace(Service(shelf, ServiceSettings()))._told("d" * 50_000, [b'{"seq": "' + b"x" * 50_000 + b'"}'], False)
    assert len(capfd.readouterr().err) < 2_000
