"""What tracking costs a training: how long the training waits for it, and the same fit with and without, in turn.

The wait is timed around each call, so it is exact, whatever else the machine does; what threads and processes of the
mirrors take beside the training is in the ratio of the processor's time alone, which varies by some percent by itself.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from benchmarks._tables import show
from motif.networks import NetworkClassifier
from motif.tracking import ExperimentTracker, TrackingConfig

ROUNDS = 6
EPOCHS = {"tcn": 6, "gru": 10}
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
    waited_s: float
    """Of `wall_s`, in tracking."""


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
        "waits for it, s": statistics.median(with_it.waited_s for _, with_it in pairs),
        "share of the training": statistics.median(t.waited_s / (t.wall_s - t.waited_s) for _, t in pairs),
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
    waited: list[float] = []
    with TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        with _tracked(Path(folder), kind, recognizer, waited) as callbacks:
            recognizer.fit(X, y, callbacks=callbacks)
        return Times(time.perf_counter() - wall, time.process_time() - cpu, sum(waited))


@contextmanager
def _tracked(
    folder: Path, kind: dict[str, bool] | None, recognizer: NetworkClassifier, waited: list[float]
) -> Iterator[list[Any]]:
    """Begin a run and end it; yields its callbacks, and `waited` gets the seconds of each call."""
    if kind is None:
        yield []
        return
    tracker = _tracker(folder, kind)
    _timed(tracker.__enter__, waited)()
    _timed(tracker.start_run, waited)(config=recognizer.get_params())
    callbacks = tracker.get_keras_callbacks()
    for callback in callbacks:
        for name in ("on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end"):
            setattr(callback, name, _timed(getattr(callback, name), waited))
    yield callbacks
    _timed(tracker.__exit__, waited)(None, None, None)


def _timed(call: Callable[..., Any], waited: list[float]) -> Callable[..., Any]:
    @wraps(call)
    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return call(*args, **kwargs)
        finally:
            waited.append(time.perf_counter() - began)

    return timed


def _tracker(folder: Path, kind: dict[str, bool]) -> ExperimentTracker:
    section = {
        "tensorboard": {"enabled": kind["tensorboard"], "log_dir": folder / "tensorboard"},
        "wandb": {"enabled": kind["wandb"], "mode": "offline"},
    }
    return ExperimentTracker(TrackingConfig.of(section))
