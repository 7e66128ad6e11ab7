"""Phones that push to `motif record`: how many messages it takes, how soon it answers, what it loses, what it costs.

The recorder runs as people run it, in a process of its own, on loopback, and stores on this disk; the phones run in
this one. A message is a second of accelerometer and gyroscope at 100 Hz, as Sensor Logger sends it: 29 kB of JSON. An
answer is timed from the moment its message was due. Afterwards every sample is looked for in what was stored.
"""

from __future__ import annotations

import asyncio
import contextlib
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
from numpy.typing import NDArray

from benchmarks._callers import run_lean
from benchmarks._tables import show

RATE_HZ = 100
START_NS = 1_700_000_000_000_000_000
STEMS = {"accelerometer": "linear_acc", "gyroscope": "gyr"}
"""What Sensor Logger calls the sensors, and the recordings they become."""


def run(shared: Path) -> dict[str, Any]:
    rows = [
        _measure("1,000 phones, a message each second", n_phones=1000, n_messages=60, period_s=1.0),
        _measure("200 phones, a message each second", n_phones=200, n_messages=30, period_s=1.0),
        _measure("16 phones, as fast as they are answered", n_phones=16, n_messages=250, period_s=0.0),
    ]
    return {"Ingest: HTTP push, all stored": show("ingest", rows)}


def _measure(name: str, *, n_phones: int, n_messages: int, period_s: float) -> dict[str, Any]:
    seconds = [_payload(second) for second in range(n_messages)]
    with tempfile.TemporaryDirectory() as folder, _recorder(Path(folder), n_phones) as (process, port, path):
        before_s, began = _cpu_s(process.pid), time.perf_counter()
        answers_s = run_lean(_push(port, path, seconds, n_phones, period_s))
        wall_s = time.perf_counter() - began
        cpu_s = _cpu_s(process.pid) - before_s
        peak_mb = _peak_mb(process.pid)
        process.send_signal(signal.SIGINT)
        process.wait(300)
        missing = _missing(Path(folder) / "stored", n_phones, n_messages)
    sent = n_phones * n_messages * RATE_HZ * 2
    return {
        "load": name,
        "messages/s": len(answers_s) / wall_s,
        "samples/s": sent / wall_s,
        "answer, median ms": float(np.median(answers_s)) * 1e3,
        "answer, p99 ms": float(np.quantile(answers_s, 0.99)) * 1e3,
        "samples sent": sent,
        "not stored": missing,
        "CPU of one core": cpu_s / wall_s,
        "CPU ms a message": cpu_s / len(answers_s) * 1e3,
        "peak MB": peak_mb,
        "load average": os.getloadavg()[0],
    }


@contextmanager
def _recorder(folder: Path, n_phones: int) -> Iterator[tuple[subprocess.Popen[bytes], int, str]]:
    """Run `motif record` on a free port; yields it, the port, and the path to push to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    token = folder / "token"
    token.write_text("a-link-for-this-run-alone\n")
    source = f"sensor-logger:{port}?token={token}&devices={n_phones}"
    command = [sys.executable, "-m", "motif", "record", str(folder / "stored"), "--source", source]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield process, port, f"/ingest/{token.read_text().strip()}"
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    until = time.perf_counter() + 60
    while time.perf_counter() < until:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise TimeoutError("the recorder does not listen")


async def _push(port: int, path: str, seconds: list[bytes], n_phones: int, period_s: float) -> list[float]:
    loop = asyncio.get_running_loop()
    phones = [
        (
            await loop.create_connection(
                lambda index=index: _Phone(port, path, seconds, index, index / n_phones * period_s, period_s),  # type: ignore[misc]
                "127.0.0.1",
                port,
            )
        )[1]
        for index in range(n_phones)
    ]
    begin = loop.time() + 0.2
    for phone in phones:
        phone.start(begin)
    await asyncio.gather(*(phone.done for phone in phones))
    return [answer_s for phone in phones for answer_s in phone.answers_s]


class _Phone(asyncio.Protocol):
    """One phone: a message when it is due and what came before is answered. They do not agree when a second begins."""

    def __init__(
        self, port: int, path: str, seconds: list[bytes], index: int, offset_s: float, period_s: float
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._where = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: ".encode()
        self._who = f'"sessionId":"s{index}","deviceId":"phone {index}","payload":'.encode()
        self._seconds, self._offset_s, self._period_s = seconds, offset_s, period_s
        self.answers_s: list[float] = []
        self.done = self._loop.create_future()
        self._answer = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def start(self, begin: float) -> None:
        self._due = begin + self._offset_s
        self._loop.call_at(self._due, self._send)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._answer.endswith(b"\r\n\r\ntaken"):
            return
        assert self._answer.startswith(b"HTTP/1.1 200"), self._answer
        self._answer = b""
        now = time.monotonic()  # the loop's own clock, which uvloop reads once a turn
        self.answers_s.append(now - self._due)
        if len(self.answers_s) == len(self._seconds):
            self._transport.close()
            self.done.set_result(None)
        elif self._period_s:
            self._due += self._period_s
            self._loop.call_at(self._due, self._send)
        else:
            self._due = now
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError(f"closed, after {self._answer!r}"))

    def _send(self) -> None:
        number = len(self.answers_s)
        body = b'{"messageId":%d,%b%b}' % (number, self._who, self._seconds[number])
        self._transport.write(b"%b%d\r\n\r\n%b" % (self._where, len(body), body))


def _missing(folder: Path, n_phones: int, n_messages: int) -> int:
    """Count the samples that were sent and are not stored, or not as they were sent."""
    from motif.recordings import by_device, read

    expected = START_NS + np.arange(n_messages * RATE_HZ) * (10**9 // RATE_HZ)
    values = {name: _motion(name, n_messages) for name in STEMS}
    missing = 0
    for name, stem in STEMS.items():
        parts = sorted(folder.glob(f"{stem}*.parquet"), key=lambda path: (len(path.name), path.name))
        stored = by_device(*map(read, parts))
        for index in range(n_phones):
            found = stored.get(f"phone {index}")
            whole = found is not None and np.array_equal(found.time_ns, expected)
            missing += 0 if whole and np.array_equal(found.values, values[name]) else len(expected)
    return missing


def _motion(name: str, n_messages: int) -> NDArray[np.float64]:
    return np.concatenate([_values(second)[name] for second in range(n_messages)])


def _values(second: int) -> dict[str, NDArray[np.float64]]:
    rng = np.random.default_rng(second)
    return {name: rng.normal(0, 3, (RATE_HZ, 3)) for name in STEMS}


def _payload(second: int) -> bytes:
    motion = {name: values.tolist() for name, values in _values(second).items()}
    return json.dumps(
        [
            {
                "name": name,
                "time": START_NS + (second * RATE_HZ + i) * (10**9 // RATE_HZ),
                "values": dict(zip("xyz", motion[name][i], strict=True)),
                "accuracy": 3,
            }
            for i in range(RATE_HZ)
            for name in STEMS
        ]
    ).encode()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
