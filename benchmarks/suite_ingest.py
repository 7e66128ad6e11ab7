"""Phones that push to a bridge: how many messages it takes, how soon it answers, what it loses, what it costs.

The bridge runs in a process of its own, on loopback; the phones in this one. A message is a second of accelerometer and
gyroscope at 100 Hz, as Sensor Logger sends it: 29 kB of JSON. Answers are timed by the wall clock, beside whatever
runs; the load average says how much that was.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._tables import show

RATE_HZ = 100
SECONDS = 60
START_NS = 1_700_000_000_000_000_000


def run(shared: Path) -> dict[str, Any]:
    rows = [
        _measure("200 phones, a message each second, for a minute", n_phones=200, n_messages=SECONDS, period_s=1.0),
        _measure("16 phones, as fast as they are answered", n_phones=16, n_messages=250, period_s=0.0),
    ]
    return {"Ingest: HTTP push into a bridge": show("ingest", rows)}


def _measure(name: str, *, n_phones: int, n_messages: int, period_s: float) -> dict[str, Any]:
    code = f"from benchmarks.suite_ingest import serve; serve({n_phones})"
    server = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        url = server.stdout.readline().strip()
        start = time.perf_counter()
        answers_s = asyncio.run(_push(url, n_phones, n_messages, period_s))
        wall_s = time.perf_counter() - start
        server.stdin.write("stop\n")
        server.stdin.flush()
        said = json.loads(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait()
    sent = n_phones * n_messages * RATE_HZ * 2
    return {
        "load": name,
        "messages/s": len(answers_s) / wall_s,
        "samples/s": sent / wall_s,
        "answer, median ms": float(np.median(answers_s)) * 1e3,
        "answer, p99 ms": float(np.quantile(answers_s, 0.99)) * 1e3,
        "samples lost": sent - said["samples"],
        "CPU of one core": said["cpu_s"] / wall_s,
        "CPU ms a message": said["cpu_s"] / len(answers_s) * 1e3,
        "peak MB": said["peak_mb"],
        "load average": os.getloadavg()[0],
    }


async def _push(url: str, n_phones: int, n_messages: int, period_s: float) -> list[float]:
    _, _, host, path = url.split("/", 3)
    name, port = host.split(":")
    seconds = [_payload(second) for second in range(n_messages)]
    answers_s: list[float] = []
    loop = asyncio.get_running_loop()

    async def phone(index: int) -> None:
        reader, writer = await asyncio.open_connection(name, int(port))
        begin = loop.time() + index / n_phones * period_s  # phones do not agree on when a second begins
        for number, payload in enumerate(seconds):
            said = f'{{"messageId":{number},"sessionId":"s{index}","deviceId":"phone {index}","payload":{payload}}}'
            head = f"POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(said)}\r\n\r\n"
            await asyncio.sleep(max(0.0, begin + number * period_s - loop.time()))
            start = time.perf_counter()
            writer.write((head + said).encode())
            answer = await reader.readuntil(b"\r\n\r\ntaken")
            answers_s.append(time.perf_counter() - start)
            assert answer.startswith(b"HTTP/1.1 200"), answer
        writer.close()

    await asyncio.gather(*(phone(index) for index in range(n_phones)))
    return answers_s


def _payload(second: int) -> str:
    rng = np.random.default_rng(second)
    return json.dumps(
        [
            {
                "name": name,
                "time": START_NS + (second * RATE_HZ + i) * (10**9 // RATE_HZ),
                "values": dict(zip("xyz", rng.normal(0, 3, 3).tolist(), strict=True)),
                "accuracy": 3,
            }
            for i in range(RATE_HZ)
            for name in ("accelerometer", "gyroscope")
        ]
    )


def serve(n_phones: int) -> None:
    """Run a bridge that counts what comes out of it, until a line is read."""
    from motif.sources import HTTPLimits, SensorLoggerBridge, SensorLoggerHTTP

    async def run() -> None:
        samples = 0

        def count(readings: Any) -> None:
            nonlocal samples
            samples += readings.n_samples

        limits = HTTPLimits(messages_per_s=1e6)
        async with SensorLoggerBridge(SensorLoggerHTTP(port=0, n_devices=n_phones, limits=limits)) as bridge:
            bridge.on_reading(count)
            before = _cpu_s()
            print(bridge.url, flush=True)
            await asyncio.to_thread(sys.stdin.readline)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        said = {"samples": samples, "cpu_s": _cpu_s() - before, "peak_mb": peak_mb}
        print(json.dumps(said), flush=True)

    asyncio.run(run())


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
