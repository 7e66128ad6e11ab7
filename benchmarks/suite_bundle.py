"""A packed recognizer: size, time of one window, distance from the network it came from; all five architectures."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._tables import show
from motif import bundles
from motif.networks import ARCHITECTURES, NetworkClassifier
from motif.recordings import Dataset, simulate_hand, simulate_quadruped

N_TIMED = 2000


def run(shared: Path) -> dict[str, Any]:
    hands, gaits = simulate_hand(random_state=0), simulate_quadruped(4, 10, random_state=0)
    rows = [_row(architecture, data) for data in (hands, gaits) for architecture in ARCHITECTURES]
    return {"A packed recognizer, one thread": show("a packed recognizer, one thread", rows)}


def _row(architecture: str, data: Dataset) -> dict[str, Any]:
    recognizer = NetworkClassifier(architecture, epochs=2, random_state=0).fit(data.X, data.y, data.groups)
    with tempfile.TemporaryDirectory() as folder:
        path = recognizer.save(Path(folder) / "bundle")
        packed, size = bundles.load(path), bundles.verify(path, n_timed=1).size_bytes
        onnx_bytes = (path / "model.onnx").stat().st_size
        difference = np.abs(packed.predict_proba(data.X[:500]) - recognizer.predict_proba(data.X[:500])).max()
        times = [_ms(packed, data.X[i % len(data.X)]) for i in range(N_TIMED)]
    return {
        "architecture": architecture,
        "window": " × ".join(map(str, data.X.shape[1:])),
        "parameters": recognizer.model_.count_params(),
        "model.onnx, MB": onnx_bytes / 1e6,
        "bundle, MB": size / 1e6,
        "one window, median ms": float(np.median(times)),
        "p99 ms": float(np.quantile(times, 0.99)),
        "largest difference from Keras": float(difference),
    }


def _ms(packed: Any, window: Any) -> float:
    start = time.perf_counter_ns()
    packed.predict_proba(window[None])
    return (time.perf_counter_ns() - start) / 1e6
