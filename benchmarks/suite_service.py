"""`motif serve` on loopback: requests beside a plain endpoint around Keras, streams, a kill, a stalled client.

Clients run in this process, the service in one of its own. Times are by the wall clock, beside whatever runs.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._tables import show

CLIENTS = 20
REQUESTS = 100
PHONES = 50
STREAM_S = 60.0
WEBSOCKETS = 1000


def run(shared: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        bundles = _bundles(Path(folder))
        what = f"Service: one window a request, {CLIENTS} clients"
        tables = {what: show(what, _requests(bundles["hands"]))}
        what = f"Service: {PHONES} phones at 100 Hz over WebSocket, {STREAM_S:.0f} s"
        tables[what] = show(what, [_streams(bundles["taps"], STREAM_S)])
        what = "Service: start, and one client that takes nothing"
        tables[what] = show(what, [_start_and_stall(bundles)])
        what = f"Service: killed under {WEBSOCKETS} WebSocket clients"
        tables[what] = show(what, [_killed(bundles["taps"])])
    return tables


def soak(shared: Path) -> dict[str, Any]:
    """Ten minutes of streams, for the memory."""
    with tempfile.TemporaryDirectory() as folder:
        what = f"Service: {PHONES} phones at 100 Hz over WebSocket, ten minutes"
        return {what: show(what, [_streams(_bundles(Path(folder))["taps"], 600.0)])}


def _bundles(folder: Path) -> dict[str, Path]:
    """A network on hands (with its Keras file), and gestures taught by a few samples."""
    from motif.networks import NetworkClassifier
    from motif.recordings import simulate_gestures, simulate_hand
    from motif.templates import TemplateClassifier

    hands = simulate_hand(random_state=0)
    network = NetworkClassifier("tcn", epochs=2, random_state=0).fit(hands.X, hands.labels, groups=hands.groups)
    taps = simulate_gestures(n_people=2, random_state=0)
    classifier = TemplateClassifier().fit(taps.X[:60, :, 0], taps.labels[:60])
    window = {"rate_hz": taps.rate_hz, "channels": taps.channels}
    return {
        "hands": network.save(folder / "hands", name="hands"),
        "taps": classifier.save(folder / "taps", name="taps", window=window),
    }


@contextmanager
def _served(*command: str, path: str = "/readyz") -> Iterator[tuple[subprocess.Popen[str], int, float]]:
    """Run a server on a free port; yields it, the port, and the seconds until it was ready."""
    port = _free_port()
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command, str(port)], text=True, stderr=subprocess.DEVNULL)
    try:
        yield process, port, _ready(port, path, began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _ready(port: int, path: str, began: float) -> float:
    import httpx

    while time.perf_counter() - began < 60:
        try:
            if httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False).status_code == 200:
                return time.perf_counter() - began
        except httpx.TransportError:
            time.sleep(0.01)
    raise TimeoutError("the server did not become ready")


def _requests(bundle: Path) -> list[dict[str, Any]]:
    window = np.random.default_rng(0).normal(0.5, 0.1, (1, 12, 84)).astype(np.float32)
    tensor = {"name": "windows", "shape": list(window.shape), "datatype": "FP32", "data": window.ravel().tolist()}
    ours = json.dumps({"inputs": [tensor], "outputs": [{"name": "probabilities"}]})
    plain = json.dumps({"window": window[0].tolist()})
    rows = []
    keras_file = bundle / "model.keras"
    with _served("-m", "motif", "serve", str(bundle), "--port") as (_, port, _ready_s):
        rows.append(_asked("motif serve", port, "/v2/models/hands/infer", ours))
    with _served("-m", "benchmarks.plain_endpoint", str(keras_file)) as (_, port, _ready_s):
        rows.append(_asked("FastAPI around Keras predict", port, "/predict", plain))
    for row in rows:
        row["× plain"] = row["requests/s"] / rows[1]["requests/s"]
    return rows


def _asked(name: str, port: int, path: str, body: str) -> dict[str, Any]:
    asyncio.run(_ask(port, path, body, CLIENTS, 5))  # warm
    began = time.perf_counter()
    answers_s = asyncio.run(_ask(port, path, body, CLIENTS, REQUESTS))
    wall_s = time.perf_counter() - began
    return {
        "server": name,
        "requests/s": len(answers_s) / wall_s,
        "median ms": float(np.median(answers_s)) * 1e3,
        "p99 ms": float(np.quantile(answers_s, 0.99)) * 1e3,
        "load average": os.getloadavg()[0],
    }


async def _ask(port: int, path: str, body: str, clients: int, requests: int) -> list[float]:
    """Ask from connections that are kept open, each as soon as it was answered."""
    content = body.encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    message = (head + f"Content-Length: {len(content)}\r\n\r\n").encode() + content
    answers_s: list[float] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(requests):
            began = time.perf_counter()
            writer.write(message)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200"), answer
            length = int(answer.lower().partition(b"content-length:")[2].split()[0])
            await reader.readexactly(length)
            answers_s.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return answers_s


def _streams(bundle: Path, seconds: float) -> dict[str, Any]:
    with _served("-m", "motif", "serve", str(bundle), "--port") as (process, port, _):
        asyncio.run(_stream(port, 2, 3.0))
        before_mb = _memory_mb(process.pid)
        decided_s = asyncio.run(_stream(port, PHONES, seconds))
        after_mb = _memory_mb(process.pid)
    return {
        "frames": len(decided_s),
        "decision, median ms": float(np.median(decided_s)) * 1e3,
        "p99 ms": float(np.quantile(decided_s, 0.99)) * 1e3,
        "MB before": before_mb,
        "MB after": after_mb,
        "load average": os.getloadavg()[0],
    }


async def _stream(port: int, phones: int, seconds: float) -> list[float]:
    """Send a frame of ten samples each tenth of a second; a decision is made when the frame is acknowledged."""
    from websockets.asyncio.client import connect

    rng = np.random.default_rng(0)
    motion = (rng.normal(0, 2, (100, 6)).cumsum(axis=0) / 3).round(3).tolist()
    loop = asyncio.get_running_loop()
    decided_s: list[float] = []

    async def phone(index: int) -> None:
        async with connect(f"ws://127.0.0.1:{port}/v1/stream?stream=p{index}", proxy=None, compression=None) as socket:
            channels = json.loads(await socket.recv())["channels"]
            begin = loop.time() + index / phones * 0.1
            for number in range(int(seconds * 10)):
                first = number * 10
                rows = [motion[(first + i) % 100] for i in range(10)]
                times = [1_760_000_000_000_000_000 + (first + i) * 10_000_000 for i in range(10)]
                frame = json.dumps({"seq": number, "channels": channels, "time_ns": times, "values": rows})
                await asyncio.sleep(max(0.0, begin + number * 0.1 - loop.time()))
                sent = time.perf_counter()
                await socket.send(frame)
                while json.loads(await socket.recv())["type"] != "ack":
                    pass
                decided_s.append(time.perf_counter() - sent)

    await asyncio.gather(*(phone(index) for index in range(phones)))
    return decided_s


def _start_and_stall(bundles: dict[str, Path]) -> dict[str, Any]:
    ready = []
    for _ in range(3):
        with _served("-m", "motif", "serve", str(bundles["hands"]), "--port") as (process, _port, ready_s):
            ready.append(ready_s)
            mapped = Path(f"/proc/{process.pid}/maps").read_text()
    with _served("-m", "motif", "serve", str(bundles["taps"]), "--port") as (_, port, _ready_s):
        alone = asyncio.run(_stream(port, 10, 15.0))
        with _stalled(port):
            beside = asyncio.run(_stream(port, 10, 15.0))
    p99 = [float(np.quantile(each, 0.99)) * 1e3 for each in (alone, beside)]
    return {
        "ready, median s": float(np.median(ready)),
        "training frameworks loaded": sum(name in mapped for name in ("jaxlib", "tensorflow", "libtorch")),
        "p99 ms of 10 phones": p99[0],
        "p99 ms beside a stalled one": p99[1],
        "×": p99[1] / p99[0],
    }


@contextmanager
def _stalled(port: int) -> Iterator[None]:
    """A WebSocket client that sends and never reads."""
    with socket.create_connection(("127.0.0.1", port)) as stalled:
        stalled.sendall(
            f"GET /v1/stream?stream=stalled HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        frame = b"\x81\x82\x00\x00\x00\x00{x"  # masked with zeros: each is answered with an error
        stalled.sendall(frame * 15)
        yield


def _killed(bundle: Path) -> dict[str, Any]:
    port = _free_port()
    command = [sys.executable, "-m", "motif", "serve", str(bundle), "--port", str(port)]
    first = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _ready(port, "/readyz", time.perf_counter())
    second: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        first.kill()
        first.wait()
        second.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))

    try:
        back_s, twice = asyncio.run(_survive(port, kill))
    finally:
        for process in second:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    return {
        "clients": WEBSOCKETS,
        "back": len(back_s),
        "last one back after s": max(back_s),
        "events told twice": twice,
    }


async def _survive(port: int, kill: Any) -> tuple[list[float], int]:
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed, WebSocketException

    connected, back_s, ids = asyncio.Semaphore(0), [], []
    killed_at = 0.0
    gone = asyncio.Event()

    async def client(index: int) -> None:
        last = 0
        for attempt in range(2):
            while True:
                try:
                    where = f"ws://127.0.0.1:{port}/v1/stream?stream=c{index}&after={last}"
                    async with connect(where, proxy=None, compression=None, open_timeout=30) as stream:
                        await stream.recv()
                        if attempt:
                            back_s.append(time.perf_counter() - killed_at)
                        await stream.send(json.dumps({"end": True, "seq": 1}))
                        while (message := json.loads(await stream.recv()))["type"] == "event":
                            ids.append((index, message["id"]))
                            last = message["id"]
                        if attempt:
                            return
                        connected.release()
                        await stream.recv()
                except (OSError, ConnectionClosed, WebSocketException, TimeoutError):
                    if not attempt and gone.is_set():
                        break
                    await asyncio.sleep(0.05)

    clients = [asyncio.create_task(client(index)) for index in range(WEBSOCKETS)]
    for _ in clients:
        await connected.acquire()
    killed_at = time.perf_counter()
    gone.set()
    await asyncio.to_thread(kill)
    await asyncio.gather(*clients)
    return back_s, len(ids) - len(set(ids))


def _memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
