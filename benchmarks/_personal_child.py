"""Adapt one base to one person in a process of its own: `python -m benchmarks._personal_child FOLDER STRATEGY`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from motif.networks import quick_calibrate


def main(folder: Path, strategy: str) -> None:
    with np.load(folder / "samples.npz") as samples:
        X, y, names = samples["X"], samples["y"], samples["names"].tolist()
    started = time.perf_counter()
    _, result = quick_calibrate(folder / "base", X, y, names, strategy)
    measured = {
        "adapting, s": result.seconds,
        "with Keras' import and the base read, s": time.perf_counter() - started,
        "peak MB": _peak_mb(),
        "answers": result.method,
    }
    print(json.dumps(measured))


def _peak_mb() -> float:
    """Of this program alone: `getrusage` begins with what the process that started it held."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return float(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
