"""Adapt one base to one person in a process of its own: `python -m benchmarks._personal_child FOLDER STRATEGY`."""

from __future__ import annotations

import json
import resource
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
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "answers": result.method,
    }
    print(json.dumps(measured))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
