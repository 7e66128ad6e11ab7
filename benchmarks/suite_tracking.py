"""What tracking costs a training: the same fit with and without, in turn, many times; what another process does to
the clock falls on each alike, and the processor's time leaves it out.
"""

from __future__ import annotations

import statistics
import time
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from benchmarks._tables import show
from motif.networks import NetworkClassifier
from motif.tracking import ExperimentTracker, TrackingConfig

ROUNDS = 8
EPOCHS = {"tcn": 6, "gru": 30}
N_DRAWS = 2000
"""Of the rounds, to say between which limits the ratio lies."""
KINDS: dict[str, dict[str, Any]] = {
    "record": {"tensorboard": False, "wandb": False},
    "record, TensorBoard": {"tensorboard": True, "wandb": False},
    "record, TensorBoard, W&B offline": {"tensorboard": True, "wandb": True},
}


class Times(NamedTuple):
    wall_s: float
    cpu_s: float


def run(shared: Path) -> dict[str, Any]:
    rows = [row for architecture in EPOCHS for row in _compared(architecture)]
    title = f"What tracking costs: 2,000 windows of 12 × 84, the same training with and without, {ROUNDS} rounds"
    return {title: show(title, rows)}


def _compared(architecture: str) -> list[dict[str, Any]]:
    _times(architecture, None)  # compiles
    _times(architecture, KINDS["record, TensorBoard, W&B offline"])  # imports
    kinds: dict[str, dict[str, Any] | None] = {"none": None, **KINDS}
    rounds = [_round(architecture, kinds, first) for first in range(ROUNDS)]
    return [_row(architecture, name, [(each["none"], each[name]) for each in rounds]) for name in kinds]


def _round(architecture: str, kinds: dict[str, dict[str, Any] | None], first: int) -> dict[str, Times]:
    """Train once with each kind; the round begins with another one each time."""
    names = list(kinds)
    turn = first % len(names)
    return {name: _times(architecture, kinds[name]) for name in names[turn:] + names[:turn]}


def _row(architecture: str, name: str, pairs: list[tuple[Times, Times]]) -> dict[str, Any]:
    """Compare each round's training with the one without tracking of the same round."""
    ratios = np.array([with_it.cpu_s / without.cpu_s for without, with_it in pairs])
    drawn = np.random.default_rng(0).choice(ratios, (N_DRAWS, len(ratios)))
    low, high = np.quantile(np.median(drawn, axis=1), (0.025, 0.975))
    return {
        "training": architecture,
        "tracking": name,
        "CPU s": statistics.median(with_it.cpu_s for _, with_it in pairs),
        "CPU ratio": float(np.median(ratios)),
        "95 % of it": f"{low:.3f}…{high:.3f}",
        "clock s": statistics.median(with_it.wall_s for _, with_it in pairs),
        "clock ratio": statistics.median(with_it.wall_s / without.wall_s for without, with_it in pairs),
    }


def _times(architecture: str, kind: dict[str, bool] | None) -> Times:
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((2000, 12, 84), dtype=np.float32), rng.integers(0, 11, 2000)
    settings: dict[str, Any] = {"epochs": EPOCHS[architecture], "patience": None, "refit": False, "random_state": 0}
    recognizer = NetworkClassifier(architecture, features="raw", batch_size=32, **settings)
    with TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        with _tracker(Path(folder), kind) if kind else nullcontext() as tracker:
            if tracker is None:
                recognizer.fit(X, y)
            else:
                tracker.start_run(config=recognizer.get_params())
                recognizer.fit(X, y, callbacks=tracker.get_keras_callbacks())
        return Times(time.perf_counter() - wall, time.process_time() - cpu)


def _tracker(folder: Path, kind: dict[str, bool]) -> ExperimentTracker:
    section = {
        "tensorboard": {"enabled": kind["tensorboard"], "log_dir": folder / "tensorboard"},
        "wandb": {"enabled": kind["wandb"], "mode": "offline"},
    }
    return ExperimentTracker(TrackingConfig.of(section))
