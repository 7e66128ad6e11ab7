"""What tracking costs a training: the same fit with and without, one after the other, several times."""

from __future__ import annotations

import statistics
import time
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks._tables import show
from motif.networks import NetworkClassifier
from motif.tracking import ExperimentTracker, TrackingConfig

ROUNDS = 5
EPOCHS = {"tcn": 10, "gru": 60}
KINDS: dict[str, dict[str, Any]] = {
    "record": {"tensorboard": False, "wandb": False},
    "record, TensorBoard": {"tensorboard": True, "wandb": False},
    "record, TensorBoard, W&B offline": {"tensorboard": True, "wandb": True},
}


def run(shared: Path) -> dict[str, Any]:
    rows = [row for architecture in EPOCHS for row in _compared(architecture)]
    title = f"What tracking costs: 2,000 windows of 12 × 84, the same training with and without, {ROUNDS} rounds"
    return {title: show(title, rows)}


def _compared(architecture: str) -> list[dict[str, Any]]:
    _seconds(architecture, None)  # compiles
    _seconds(architecture, KINDS["record, TensorBoard"])  # imports
    rounds = [
        (_seconds(architecture, None), [_seconds(architecture, kind) for kind in KINDS.values()]) for _ in range(ROUNDS)
    ]
    plain = statistics.median(without for without, _ in rounds)
    rows = [{"training": architecture, "tracking": "none", "s": plain, "ratio": 1.0, "least": None, "most": None}]
    for i, name in enumerate(KINDS):
        ratios = [with_it[i] / without for without, with_it in rounds]
        seconds = statistics.median(with_it[i] for _, with_it in rounds)
        ratio = {"ratio": statistics.median(ratios), "least": min(ratios), "most": max(ratios)}
        rows.append({"training": architecture, "tracking": name, "s": seconds} | ratio)
    return rows


def _seconds(architecture: str, kind: dict[str, bool] | None) -> float:
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((2000, 12, 84), dtype=np.float32), rng.integers(0, 11, 2000)
    settings: dict[str, Any] = {"epochs": EPOCHS[architecture], "patience": None, "refit": False, "random_state": 0}
    recognizer = NetworkClassifier(architecture, features="raw", batch_size=32, **settings)
    with TemporaryDirectory() as folder:
        begun = time.perf_counter()
        with _tracker(Path(folder), kind) if kind else nullcontext() as tracker:
            if tracker is None:
                recognizer.fit(X, y)
            else:
                tracker.start_run(config=recognizer.get_params())
                recognizer.fit(X, y, callbacks=tracker.get_keras_callbacks())
        return time.perf_counter() - begun


def _tracker(folder: Path, kind: dict[str, bool]) -> ExperimentTracker:
    section = {
        "tensorboard": {"enabled": kind["tensorboard"], "log_dir": folder / "tensorboard"},
        "wandb": {"enabled": kind["wandb"], "mode": "offline"},
    }
    return ExperimentTracker(TrackingConfig.of(section))
