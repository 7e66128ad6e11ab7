"""How long motif takes to start: `import motif`, `motif --help`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._tables import show

N_RUNS = 15


def run(shared: Path) -> dict[str, Any]:
    motif = Path(sys.executable).with_name("motif")
    nothing = _seconds([sys.executable, "-c", "pass"])
    rows = [
        {"start": name, "median s": float(np.median(times)), "slowest s": max(times)}
        for name, times in {
            "python -c pass": nothing,
            "import motif": _seconds([sys.executable, "-c", "import motif"]),
            "motif --help": _seconds([motif, "--help"]),
        }.items()
    ]
    rows[1]["start"] = "python -c 'import motif', Python's own start included"
    return {"Start": show(f"start, {N_RUNS} runs", rows)}


def _seconds(command: list[Any]) -> list[float]:
    times = []
    for _ in range(N_RUNS):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return times
