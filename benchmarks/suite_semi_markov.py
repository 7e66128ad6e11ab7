"""States without labels: how well the truth is found again, how many states, and what a step costs."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from benchmarks._peers import run_peer
from benchmarks._tables import show
from motif.behavior import HDPHSMM, HSMM
from motif.behavior.semi_markov._em import expect, maximize
from motif.behavior.semi_markov._settings import Frames, durations_of, emission_of
from motif.behavior.semi_markov._starts import from_labels, neutral
from motif.evaluation import expected_calibration_error

N_SEEDS = 5
N_REPEATS = 5
N_EXCERPTS = 4
SHORT = (2500,)
"""Frames of excerpts: of so few a model learns less than it thinks."""
COST = "A step of expectation–maximization, decoding, densities included: 200,000 × 8 frames, 10 states, one core"
LITTLE = "Short recordings: states found without labels, their number unknown"
CALIBRATION = "Posteriors of models told ten states, fitted without labels to short excerpts, against the true states"
TRUE_MODEL = {"medium": 0.993, "hard": 0.965, "twin": 0.968}
"""ARI of the model that made the frames, as the data's own page says."""


def run(shared: Path) -> dict[str, Any]:
    folder = shared / "semi_markov"
    found = [_found(name, np.load(folder / f"{name}.npz")) for name in TRUE_MODEL]
    data = np.load(folder / "medium.npz")
    cost = [
        _cost(data, family, longest)
        for family in ("negative_binomial", "stages", "geometric")
        for longest in (100, 200)
    ]
    return {
        "States found without labels, their number unknown (20,000 frames)": show("states found", found),
        COST: show(COST, cost),
        LITTLE: show(LITTLE, [_short(folder, name, n) for name in TRUE_MODEL for n in (1000, 2500)]),
        CALIBRATION: show(CALIBRATION, [_calibrated(folder, name, n) for name in TRUE_MODEL for n in SHORT]),
    }


def _found(name: str, data: Any) -> dict[str, Any]:
    frames, truth = data["X"].astype(np.float64), data["z"]
    agreement, states, errors, seconds = [], [], [], []
    for seed in range(N_SEEDS):
        start = time.perf_counter()
        model = HDPHSMM(max_states=25, random_state=seed).fit(frames)
        seconds.append(time.perf_counter() - start)
        agreement.append(adjusted_rand_score(truth, model.predict(frames)))
        states.append(model.n_states_)
        errors.append(_calibration(model.predict_proba(frames), truth))
    peer = run_peer("hmmlearn_states", {"X": frames, "z": truth, "seeds": np.arange(N_SEEDS)})
    return {
        "sequence": name,
        "ARI, worst of seeds": min(agreement),
        "ARI, median": float(np.median(agreement)),
        "ARI of the true model": TRUE_MODEL[name],
        "states found": f"{min(states)}…{max(states)}",
        "ECE, worst": max(errors),
        "seconds, worst": max(seconds),
        "hmmlearn told 10 states, ARI median": float(np.median(peer["ari"])) if peer else None,
        "its best": max(peer["ari"]) if peer else None,
    }


def _excerpts(folder: Path, name: str, n_frames: int) -> Iterator[tuple[NDArray[np.float64], NDArray[np.int64]]]:
    """Yield frames and their true states of parts that lie apart."""
    data = np.load(folder / f"{name}.npz")
    for first in range(0, N_EXCERPTS * 5000, 5000):
        part = slice(first, first + n_frames)
        yield data["X"][part].astype(np.float64), data["z"][part]


def _short(folder: Path, name: str, n_frames: int) -> dict[str, Any]:
    agreement, found, there = [], [], []
    for frames, truth in _excerpts(folder, name, n_frames):
        model = HDPHSMM(max_states=25, random_state=0).fit(frames)
        agreement.append(adjusted_rand_score(truth, model.predict(frames)))
        found.append(model.n_states_)
        there.append(len(np.unique(truth)))
    return {
        "sequence": name,
        "frames": n_frames,
        "ARI, mean of excerpts": float(np.mean(agreement)),
        "worst": min(agreement),
        "states found": f"{min(found)}…{max(found)}",
        "states there": f"{min(there)}…{max(there)}",
    }


def _calibrated(folder: Path, name: str, n_frames: int) -> dict[str, Any]:
    """What `calibrate` does without labels, judged with them; and how large it says that the error is."""
    before, after, said = [], [], []
    for frames, truth in _excerpts(folder, name, n_frames):
        model = HSMM(10, n_starts=1, random_state=0).fit(frames)
        said.append(model.report(frames).over_confidence)
        before.append(_calibration(model.predict_proba(frames), truth))
        after.append(_calibration(model.calibrate(frames).predict_proba(frames), truth))
    return {
        "sequence": name,
        "frames": n_frames,
        "ECE before": float(np.mean(before)),
        "ECE after": float(np.mean(after)),
        "its own estimate before": float(np.mean(said)),
        "excerpts made worse by more than 0.01": int((np.array(after) > np.array(before) + 0.01).sum()),
    }


def _calibration(posterior: np.ndarray, truth: np.ndarray) -> float:
    """Each state stands for the true one it covers most, one to one."""
    from scipy.optimize import linear_sum_assignment

    n_states = max(posterior.shape[1], int(truth.max()) + 1)
    together = np.zeros((n_states, n_states))
    np.add.at(together, (posterior.argmax(axis=1), truth), 1.0)
    order = linear_sum_assignment(-together)[1]
    matched = np.zeros((len(posterior), n_states))
    matched[:, order[: posterior.shape[1]]] = posterior
    return float(expected_calibration_error(truth, matched))


def _cost(data: Any, family: str, longest: int) -> dict[str, Any]:
    frames, truth = np.tile(data["X"].astype(np.float64), (10, 1)), np.tile(data["z"], 10).astype(np.int64)
    emission = emission_of("gaussian", [frames], 10, covariance="full", order=1, levels=None)
    model = neutral(emission, durations_of(family, Frames(1, 40, longest), 10))
    model = from_labels(model, [frames], [truth])
    seconds = {
        "step": _repeated(lambda: maximize(model, expect(model, [frames]))),
        "posterior": _repeated(lambda: model.posterior(frames, counting=False)),
        "path": _repeated(lambda: model.decode(frames)),
    }
    return {
        "durations": family,
        "longest": longest,
        "step, median CPU s": float(np.median(seconds["step"])),
        "largest": max(seconds["step"]),
        "probabilities, median µs a frame": float(np.median(seconds["posterior"])) / len(frames) * 1e6,
        "most probable path, median µs a frame": float(np.median(seconds["path"])) / len(frames) * 1e6,
        "peak memory of the process, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def _repeated(work: Callable[[], object]) -> list[float]:
    """CPU seconds, densities of the frames included; the first run compiles and does not count."""
    seconds = []
    for _ in range(N_REPEATS + 1):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return seconds[1:]
