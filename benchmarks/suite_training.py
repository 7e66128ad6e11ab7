"""Seconds an epoch of the TCN, beside the same network in plain PyTorch; the same windows, batch and single thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._peers import run_peer
from benchmarks._tables import show
from motif.networks import NetworkClassifier

BATCH = 32


def run(shared: Path) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((2000, 12, 84), dtype=np.float32), rng.integers(0, 11, 2000)
    settings = {"features": "raw", "augment": False, "validation_fraction": 0.0, "batch_size": BATCH}
    recognizer = NetworkClassifier("tcn", epochs=6, random_state=0, **settings).fit(X, y)
    seconds = [epoch.seconds for epoch in recognizer.history_]
    rows = [{"training": "motif (Keras on JAX)", "first epoch s": seconds[0], "later s": float(np.median(seconds[1:]))}]
    if found := run_peer("torch_tcn", {"X": X, "y": y, "batch": np.array(BATCH)}):
        rows.append({"training": "PyTorch eager", "first epoch s": found["first_s"], "later s": found["later_s"]})
        rows.append({"training": "ratio", "first epoch s": None, "later s": rows[1]["later s"] / rows[0]["later s"]})
    title = f"Training the TCN: 2,000 windows of 12 × 84, batch {BATCH}, one thread"
    return {title: show(title, rows)}
