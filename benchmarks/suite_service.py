"""`motif serve` on loopback: requests beside a plain endpoint around Keras, streams, a kill, a stalled client.

Clients run in this process, the service in one of its own, and so what trains its models: the frameworks' threads and
objects would cost the clients time. Times are by the wall clock, beside whatever runs.
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
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._callers import ask, flood, post, run_lean, stalled, stream
from benchmarks._tables import show

CLIENTS = 20
REQUESTS = 100
PHONES = 50
STREAM_S = 60.0
FLOOD = 200
FLOOD_S = 20.0
ROUNDS = 8
ROUND_S = 5.0
WEBSOCKETS = 1000


def run(shared: Path) -> dict[str, Any]:
    with made_bundles() as bundles:
        what = f"Service: one window a request, {CLIENTS} clients"
        tables = {what: show(what, _requests(bundles["hands"]))}
        what = f"Service: {PHONES} phones at 100 Hz over WebSocket, {STREAM_S:.0f} s"
        tables[what] = show(what, [streams(bundles["taps"], STREAM_S)])
        what = f"Service: {FLOOD} phones at 100 Hz that don't wait, more than one core can judge"
        tables[what] = show(what, [overload(bundles["taps"])])
        what = "Service: start"
        tables[what] = show(what, [_started(bundles["hands"])])
        what = f"Service: one client that takes nothing, {ROUNDS} rounds without and with it in turn"
        tables[what] = show(what, [_beside_a_stalled_one(bundles["taps"])])
        what = f"Service: killed under {WEBSOCKETS} WebSocket clients"
        tables[what] = show(what, [_killed(bundles["taps"])])
    return tables


@contextmanager
def made_bundles() -> Iterator[dict[str, Path]]:
    """A network on hands (with its Keras file), and gestures taught by a few samples."""
    with tempfile.TemporaryDirectory() as folder:
        code = f"from benchmarks.suite_service import make; make({folder!r})"
        subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
        yield {name: Path(folder) / name for name in ("hands", "taps")}


def make(folder: str) -> None:
    """Make both bundles; in a process of its own."""
    from motif.networks import NetworkClassifier
    from motif.recordings import simulate_gestures, simulate_hand
    from motif.templates import TemplateClassifier

    hands = simulate_hand(random_state=0)
    network = NetworkClassifier("tcn", epochs=2, random_state=0).fit(hands.X, hands.labels, groups=hands.groups)
    network.save(Path(folder, "hands"), name="hands")
    taps = simulate_gestures(n_people=2, random_state=0)
    classifier = TemplateClassifier().fit(taps.X[:60, :, 0], taps.labels[:60])
    window = {"rate_hz": taps.rate_hz, "channels": taps.channels}
    classifier.save(Path(folder, "taps"), name="taps", window=window)


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

    while time.perf_counter() - began < 180:
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


def _asked(name: str, port: int, path: str, content: str) -> dict[str, Any]:
    message = post(port, path, content.encode())
    run_lean(ask(port, message, CLIENTS, 5))  # warm
    began = time.perf_counter()
    answers_s = run_lean(ask(port, message, CLIENTS, REQUESTS))
    wall_s = time.perf_counter() - began
    return {
        "server": name,
        "requests/s": len(answers_s) / wall_s,
        "median ms": float(np.median(answers_s)) * 1e3,
        "p99 ms": float(np.quantile(answers_s, 0.99)) * 1e3,
        "load average": os.getloadavg()[0],
    }


def streams(bundle: Path, seconds: float) -> dict[str, Any]:
    """Phones for so many seconds, and the server's memory meanwhile."""
    with _served("-m", "motif", "serve", str(bundle), "--port") as (process, port, _):
        run_lean(stream(port, 2, 3.0))
        with _memory_watched(process.pid) as memory_mb:
            decided_s = run_lean(stream(port, PHONES, seconds, first=2))
    tenth = len(memory_mb) // 10
    return {
        "frames": len(decided_s),
        "decision, median ms": float(np.median(decided_s)) * 1e3,
        "p99 ms": float(np.quantile(decided_s, 0.99)) * 1e3,
        "slowest ms": max(decided_s) * 1e3,
        "MB after a tenth": memory_mb[tenth],
        "MB at the end": memory_mb[-1],
        "load average": os.getloadavg()[0],
    }


def overload(bundle: Path) -> dict[str, Any]:
    """How late the service becomes, and what it leaves out."""
    with _served("-m", "motif", "serve", str(bundle), "--port") as (_, port, _ready_s):
        run_lean(stream(port, 2, 3.0))
        delays, n_skipped = run_lean(flood(port, FLOOD, FLOOD_S))
    halves = [[delay for sent, delay in delays if (sent < FLOOD_S / 2) is first] for first in (True, False)]
    hop = 5  # samples between two windows, of which the first ends with the hundredth
    due = FLOOD * ((int(FLOOD_S * 100) - 100) // hop + 1)
    return {
        "frames": len(delays),
        "delay in the first half, median ms": float(np.median(halves[0])) * 1e3,
        "in the second half": float(np.median(halves[1])) * 1e3,
        "p99 ms": float(np.quantile([delay for _, delay in delays], 0.99)) * 1e3,
        "windows skipped": n_skipped / due,
        "load average": os.getloadavg()[0],
    }


@contextmanager
def _memory_watched(pid: int) -> Iterator[list[float]]:
    """The resident memory of a process, each second while the block runs."""
    found, over = [_memory_mb(pid)], threading.Event()

    def watch() -> None:
        while not over.wait(1.0):
            found.append(_memory_mb(pid))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield found
    finally:
        over.set()
        watching.join()


def _started(bundle: Path) -> dict[str, Any]:
    ready = []
    for _ in range(5):
        with _served("-m", "motif", "serve", str(bundle), "--port") as (process, _port, ready_s):
            ready.append(ready_s)
            mapped = Path(f"/proc/{process.pid}/maps").read_text()
    return {
        "ready, median s": float(np.median(ready)),
        "slowest s": max(ready),
        "training frameworks loaded": sum(name in mapped for name in ("jaxlib", "tensorflow", "libtorch")),
    }


def _beside_a_stalled_one(bundle: Path) -> dict[str, Any]:
    """Rounds with and without it take turns, on one server: what else runs meanwhile is the same for both."""
    alone, beside = [], []
    with _served("-m", "motif", "serve", str(bundle), "--port") as (_, port, _ready_s):
        run_lean(stream(port, 10, 3.0))
        for number in range(ROUNDS):
            alone.append(run_lean(stream(port, 10, ROUND_S, first=20 * number)))
            with stalled(port, f"stalled-{number}"):
                beside.append(run_lean(stream(port, 10, ROUND_S, first=20 * number + 10)))
    ratios = [np.quantile(b, 0.99) / np.quantile(a, 0.99) for a, b in zip(alone, beside, strict=True)]
    return {
        "frames of 10 phones": len(np.concatenate(alone)),
        "p99 ms": float(np.quantile(np.concatenate(alone), 0.99)) * 1e3,
        "p99 ms beside a stalled one": float(np.quantile(np.concatenate(beside), 0.99)) * 1e3,
        "median of the rounds' ratios": float(np.median(ratios)),
        "smallest": float(min(ratios)),
        "largest": float(max(ratios)),
    }


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
