"""How often a start leads to the truth: twenty seeds, the number of states unknown. Slow: run by name."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score

from benchmarks._tables import show
from benchmarks.suite_semi_markov import TRUE_MODEL
from motif.behavior import HDPHSMM

N_SEEDS = 20
WITHIN = 0.01
"""ARI below that of the model that made the frames."""


def run(shared: Path) -> dict[str, Any]:
    rows = [_seeds(name, np.load(shared / "semi_markov" / f"{name}.npz")) for name in ("medium", "hard")]
    title = f"States found without labels, {N_SEEDS} seeds"
    return {title: show(title, rows)}


def _seeds(name: str, data: Any) -> dict[str, Any]:
    frames, truth = data["X"].astype(np.float64), data["z"]
    agreement, states, seconds = [], [], []
    for seed in range(N_SEEDS):
        start = time.process_time()
        model = HDPHSMM(max_states=25, random_state=seed).fit(frames)
        seconds.append(time.process_time() - start)
        agreement.append(adjusted_rand_score(truth, model.predict(frames)))
        states.append(model.n_states_)
    return {
        "sequence": name,
        "reach the true model": f"{sum(found > TRUE_MODEL[name] - WITHIN for found in agreement)} of {N_SEEDS}",
        "ARI, worst": min(agreement),
        "ARI, median": float(np.median(agreement)),
        "states found": f"{min(states)}…{max(states)}",
        "CPU seconds, median": float(np.median(seconds)),
        "worst": max(seconds),
    }
