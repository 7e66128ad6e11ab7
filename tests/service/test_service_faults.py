"""What a service does when it is stopped, killed, stalled, or its broker goes away."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import paho.mqtt.client as paho
import pytest
from benchmarks._callers import stalled
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bundles.test_bundles import CLASSES, CONFIG, tiny_model
from tests.service.talking import hear, open_stream
from tests.sources.broker import broker

from motif import bundles
from motif.errors import BundleError, MissingFileError, UnknownModelError
from motif.recordings import Dataset
from motif.service import Service, ServiceSettings, Shelf, open_service, running


@contextmanager
def process(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], int, str]]:
    """Run `motif serve` as people do; yields the process, its port, and what it said on stderr until it served."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "motif", "serve", *arguments, "--port", "0"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as started:
        assert started.stderr is not None
        said = ""
        while not said.rpartition("\n")[2].startswith("serving"):
            said += "\n" + next(started.stderr).rstrip()
        try:
            yield started, int(said.rpartition(":")[2]), said
        finally:
            if started.poll() is None:
                started.kill()


def test_the_command_loads_no_training_framework_and_answers_what_is_under_way_when_it_is_stopped(
    bundle: Path, gestures: Dataset
) -> None:
    window = gestures.X[:1, :, 0]
    tensor = {"name": "windows", "shape": list(window.shape), "datatype": "FP32", "data": window.ravel().tolist()}
    body = json.dumps({"inputs": [tensor]}).encode()
    head = f"POST /v2/models/taps/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with (
        process(str(bundle)) as (started, port, _),
        socket.create_connection(("127.0.0.1", port), timeout=30) as asking,
    ):
        asking.sendall(head + body[:100])
        assert (
            httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).json()["ready"] is True
        )  # the half was read
        maps = Path(f"/proc/{started.pid}/maps")
        if maps.exists():
            assert not any(name in maps.read_text() for name in ("jaxlib", "tensorflow", "libtorch"))
        started.send_signal(signal.SIGTERM)
        while is_listening(port):
            pass
        asking.sendall(body[100:])
        answer = b"".join(iter(lambda: asking.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200"), answer
        assert started.wait(timeout=10) in (0, -signal.SIGTERM)


def is_listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_a_stream_goes_on_with_the_next_process_after_a_kill_and_nothing_is_told_twice(
    bundle: Path, gestures: Dataset
) -> None:
    frames = _frames(gestures, sorted(set(gestures.labels))[0])
    with process(str(bundle)) as (started, port, _):
        before = _told(port, "phone", 0, frames[: len(frames) // 2])
        started.kill()
    with process(str(bundle)) as (started, port, _):
        after = _told(port, "phone", before[-1]["id"] if before else 0, frames)
        whole = _told(port, "another", 0, frames)
    assert [event["id"] for event in before + after] == [event["id"] for event in whole]
    assert len(whole) > 1


def _told(port: int, stream: str, after: int, frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    events = []
    with open_stream(port, stream=stream, after=after) as connection:
        hear(connection)
        for frame in frames:
            connection.send(json.dumps(frame))
            while (message := hear(connection))["type"] == "event":
                events.append(message)
    return events


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.sampled_from(["load", "load again", "unload", "ask"]), min_size=1, max_size=12))
def test_what_is_ready_answers_whatever_is_loaded_and_unloaded(bundle: Path, steps: list[str]) -> None:
    shelf = Shelf()
    window = np.zeros((6, 100), np.float32)
    for step in steps:
        if step == "unload" and len(shelf):
            held = shelf.get("taps")
            shelf.unload("taps")
            assert held.recognizer.recognize(window).label in held.class_names  # under way when it was unloaded
        elif step.startswith("load"):
            shelf.load(bundle)
        if len(shelf):
            assert shelf.only.recognizer.recognize(window).label in shelf.only.class_names
        else:
            with pytest.raises(UnknownModelError):
                shelf.get("taps")


def test_a_damaged_bundle_leaves_the_one_before_in_front(bundle: Path, tmp_path: Path) -> None:
    shelf = Shelf()
    before = shelf.load(bundle)
    for name in bundle.iterdir():
        (tmp_path / name.name).write_bytes(name.read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"not this")
    with pytest.raises(BundleError):
        shelf.load(tmp_path)
    assert shelf.get("taps") is before


def test_a_bundle_that_answers_with_no_number_leaves_the_one_before_in_front(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf()
    before = shelf.load(bundle)
    monkeypatch.setattr(type(before.recognizer), "predict_proba", lambda self, X: np.full((1, 4), np.nan))
    with pytest.raises(BundleError, match="with no number"):
        shelf.load(bundle)
    assert shelf.get("taps") is before


def test_a_folder_of_bundles_is_served_without_damaged_ones_and_what_a_kill_left(bundle: Path, tmp_path: Path) -> None:
    shutil.copytree(bundle, tmp_path / "good")
    shutil.copytree(bundle, tmp_path / ".good.x1y2z3")
    shutil.copytree(bundle, tmp_path / "bad")
    (tmp_path / "bad" / "model.safetensors").write_bytes(b"not this")
    (tmp_path / "notes").mkdir()
    served = open_service([], ServiceSettings(bundles_dir=tmp_path))
    assert [model.name for model in served.shelf] == ["good"]


def test_requests_are_answered_while_models_are_exchanged(
    port: int, service: Service, bundle: Path, gestures: Dataset
) -> None:
    window = gestures.X[:1, :, 0]
    tensor = {"name": "windows", "shape": list(window.shape), "datatype": "FP32", "data": window.ravel().tolist()}
    done = threading.Event()

    def exchange() -> None:
        while not done.is_set():
            service.shelf.load(bundle)

    exchanging = threading.Thread(target=exchange)
    exchanging.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            found = {client.post("/v2/models/taps/infer", json={"inputs": [tensor]}).status_code for _ in range(30)}
    finally:
        done.set()
        exchanging.join()
    assert found == {200}


def test_the_command_says_what_is_wrong_where_its_keeper_looks(bundle: Path, tmp_path: Path) -> None:
    shutil.copytree(bundle, tmp_path / "damaged")
    (tmp_path / "damaged" / "model.safetensors").write_bytes(b"not this")
    with process("--bundles-dir", str(tmp_path)) as (_, port, said):
        assert httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 503
    assert "bundle left out" in said
    assert "nothing to answer from yet" in said


def test_a_folder_of_bundles_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="nowhere"):
        open_service([], ServiceSettings(bundles_dir=tmp_path / "nowhere"))


def test_of_each_model_the_newest_version_is_in_front_and_the_one_before_it_stays(tmp_path: Path) -> None:
    shelf = Shelf()
    made = [
        shelf.load(
            bundles.save(tmp_path / "taps", onnx=tiny_model(), config=CONFIG, class_names=CLASSES, metrics=figures)
        )
        for figures in ({"accuracy": 0.1}, {"accuracy": 0.2}, {"accuracy": 0.3})
    ]
    assert shelf.versions(made[0].name) == [made[1].version, made[2].version]
    shelf.load(tmp_path / "taps")  # again
    assert shelf.versions(made[0].name) == [made[1].version, made[2].version]


def test_a_stream_that_names_no_model_gets_the_one_of_the_settings(bundle: Path) -> None:
    service = Service(Shelf(), ServiceSettings(model="taps"))
    for name in ("taps", "spare"):
        service.shelf.load(bundle, name)
    assert service.model(None).name == "taps"
    assert service.model("spare").name == "spare"
    with pytest.raises(UnknownModelError):
        Service(service.shelf, ServiceSettings()).model(None)


def test_a_client_that_takes_nothing_holds_up_nobody(port: int) -> None:
    with stalled(port, "stalled", patience_s=1.0), open_stream(port, stream="lively") as lively:
        hear(lively)
        lively.send(json.dumps({"end": True, "seq": 1}))
        assert hear(lively) == {"type": "ack", "seq": 1}


class Listener:
    """Somebody on the broker: hears all that the service says there, and sends motion."""

    def __init__(self, port: int) -> None:
        self._heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("motif/#")
        self._client.on_message = lambda _client, _data, message: self._heard.put((message.topic, message.payload))
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def send(self, device: str, frame: str) -> None:
        self._client.publish(f"motif/readings/{device}", frame)

    def wait_for(self, topic: str, begins: bytes = b"") -> bytes:
        while True:
            heard, payload = self._heard.get(timeout=60)
            if heard == topic and payload.startswith(begins):
                return payload

    def close(self) -> None:
        self._client.loop_stop()
        self._client.disconnect()


def test_readings_on_a_topic_become_events_on_another_also_after_the_broker_was_gone(
    bundle: Path, gestures: Dataset
) -> None:
    with broker() as served:
        service = open_service([bundle], ServiceSettings(port=0, mqtt=f"127.0.0.1:{served.port}"))
        with running(service):
            for device in ("phone-1", "phone-2"):
                listener = Listener(served.port)
                listener.wait_for("motif/status", b"online")
                listener.send(device, "{")
                for frame in _frames(gestures, service.shelf.only.class_names[0]):
                    listener.send(device, json.dumps(frame))
                listener.send(device, json.dumps({"end": True}))
                event = json.loads(listener.wait_for(f"motif/events/{device}"))
                assert event["gesture"] in service.shelf.only.class_names
                listener.close()
                served.kill()
                served.start()


def _frames(gestures: Dataset, label: str) -> list[dict[str, Any]]:
    rows = np.flatnonzero(gestures.labels == label)[:6]
    values = np.concatenate([np.tile(gestures.X[row, :, 0], 2) for row in rows], axis=1).T
    times = 1_760_000_000_000_000_000 + np.arange(len(values)) * 10_000_000
    return [
        {
            "seq": i,
            "channels": gestures.channels,
            "time_ns": times[start : start + 50].tolist(),
            "values": values[start : start + 50].tolist(),
        }
        for i, start in enumerate(range(0, len(values), 50))
    ]
