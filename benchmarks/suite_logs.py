"""`conv2d-logs summary` over a gigabyte of JSON lines, beside a plain Python loop; each in a process of its own."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks._tables import show

SIZE_BYTES = 1_000_000_000
EVENTS = ("window dropped", "gesture recognized", "epoch done", "source lost", "database opened")

MEASURED = """
import json, resource, sys, time
begun = time.perf_counter(), time.process_time()
{body}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
wall, cpu = time.perf_counter() - begun[0], time.process_time() - begun[1]
print(json.dumps({{"s": wall, "CPU s": cpu, "peak MB": peak, "lines": lines, "errors": errors}}))
"""
OURS = """
from motif.telemetry import summarize_log
summary = summarize_log(sys.argv[1])
lines, errors = summary.lines, summary.errors
"""
PLAIN = """
from collections import Counter
lines, counts = 0, {"level": Counter(), "event": Counter(), "logger": Counter(), "run_id": Counter()}
first = last = None
with open(sys.argv[1], "rb") as file:
    for line in file:
        try:
            found = json.loads(line)
        except ValueError:
            continue
        lines += 1
        for name, counter in counts.items():
            counter[found.get(name)] += 1
        first, last = min(first or found["time"], found["time"]), max(last or found["time"], found["time"])
errors = counts["level"]["error"]
"""


def run(shared: Path) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        _write(path)
        megabytes = path.stat().st_size / 1e6
        found = {"motif": _measured(OURS, path), "json.loads, line by line": _measured(PLAIN, path)}
    ours, plain = found.values()
    assert (ours["lines"], ours["errors"]) == (plain["lines"], plain["errors"])
    rows = [
        {
            "reader": name,
            "s": each["s"],
            "CPU s": each["CPU s"],
            "MB/s": megabytes / each["s"],
            "peak MB": each["peak MB"],
        }
        for name, each in found.items()
    ]
    title = f"A summary of a log: {megabytes:,.0f} MB, {ours['lines']:,} lines, some of them damaged, one process each"
    return {title: show(title, rows)}


def _write(path: Path) -> None:
    """Write lines as motif writes them; one in 50,000 is a traceback's, and the last one is torn."""
    draw = random.Random(0)
    block = b"".join(_line(draw, i) for i in range(50_000)) + b'  File "engine.py", line 7, in step\n'
    with path.open("wb") as file:
        while file.tell() < SIZE_BYTES:
            file.write(block)
        file.write(b'{"event": "window dro')


def _line(draw: random.Random, i: int) -> bytes:
    event = {
        "gap_s": draw.random(),
        "reason": "gap of the clock",
        "n": i,
        "run_id": f"{i % 7:012x}",
        "level": draw.choices(("info", "warning", "error"), (20, 2, 1))[0],
        "logger": f"motif.live._{draw.choice('abc')}",
        "event": draw.choice(EVENTS),
        "time": f"2026-11-21T10:{i // 60 % 60:02d}:{i % 60:02d}.{i:06d}Z",
    }
    return json.dumps(event).encode() + b"\n"


def _measured(body: str, path: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", MEASURED.format(body=body), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))
