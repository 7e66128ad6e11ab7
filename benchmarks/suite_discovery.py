"""Unlabelled states against labels nobody showed: what people did, found from motion alone, on the same features.

keypoint-moseq itself (jax-moseq: a gigabyte of JAX, a licence that forbids commercial use) is no peer here; its model,
a sticky autoregressive HDP-HMM sampled by blocked Gibbs, is ours and named so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.mixture import GaussianMixture

from benchmarks._tables import show
from motif.behavior import HDPHSMM
from motif.behavior.semi_markov import GibbsHDPHSMM
from motif.recordings import Dataset, load_dataset
from motif.recordings.dataset_readers._sp_sw_har import read_sp_sw_har

Array = NDArray[np.float64]

N_DIRECTIONS = 8
SAMPLING = {"n_chains": 1, "n_sweeps": 80, "n_warm_up": 40}
N_SEEDS = 3


def run(shared: Path) -> dict[str, Any]:
    tables = {}
    for name, (frames, lengths, truth, rate_hz, typical_s) in {
        "dsads, 19 activities, a frame a second": _dsads(shared),
        "sp_sw_har, 5 activities, ten frames a second": _sp_sw_har(shared),
    }.items():
        title = f"States without labels against labels: {name}"
        tables[title] = show(title, _judged(frames, lengths, truth, rate_hz, typical_s))
    return tables


def _judged(frames: Array, lengths: list[int], truth: Array, rate_hz: float, typical_s: float) -> list[dict[str, Any]]:
    n_classes = len(np.unique(truth))
    lasting = {"rate_hz": rate_hz, "typical_s": typical_s, "longest_s": 8.0 * typical_s}
    sticky = {"durations": "geometric", **lasting, **SAMPLING}
    methods: dict[str, Callable[[int], Array]] = {
        "motif HDP-HSMM, splits and merges": lambda seed: _states(
            HDPHSMM(random_state=seed, **lasting), frames, lengths
        ),
        "sticky HDP-HMM, Gibbs (ours)": lambda seed: _states(
            GibbsHDPHSMM(random_state=seed, **sticky), frames, lengths
        ),
        "AR-HMM, sticky, Gibbs (ours, keypoint-moseq's form)": lambda seed: _states(
            GibbsHDPHSMM(emissions="autoregressive", random_state=seed, **sticky), frames, lengths
        ),
        "Gaussian mixture told the number (scikit-learn)": lambda seed: GaussianMixture(
            n_classes, random_state=seed
        ).fit_predict(frames),
        "k-means told the number (scikit-learn)": lambda seed: KMeans(
            n_classes, n_init=5, random_state=seed
        ).fit_predict(frames),
        "never looks": lambda _: np.zeros(len(frames), np.int64),
    }
    return [_row(name, method, truth) for name, method in methods.items()]


def _states(model: HDPHSMM | GibbsHDPHSMM, frames: Array, lengths: list[int]) -> Array:
    return model.fit(frames, lengths).predict(frames, lengths)


def _row(name: str, method: Callable[[int], Array], truth: Array) -> dict[str, Any]:
    start = time.process_time()
    found = [method(seed) for seed in range(N_SEEDS)]
    seconds = (time.process_time() - start) / N_SEEDS
    shared = [normalized_mutual_info_score(truth, states) for states in found]
    numbers = [len(np.unique(states)) for states in found]
    return {
        "method": name,
        "NMI, mean of seeds": float(np.mean(shared)),
        "worst": float(min(shared)),
        "best": float(max(shared)),
        "ARI, mean": float(np.mean([adjusted_rand_score(truth, states) for states in found])),
        "states": f"{min(numbers)}…{max(numbers)}",
        "CPU s": seconds,
    }


def _dsads(shared: Path) -> tuple[Array, list[int], Array, float, float]:
    data = load_dataset(shared / "dsads")
    per_window = data.X.shape[-1] // 25
    seconds = data.X[..., : per_window * 25].reshape(*data.X.shape[:3], per_window, 25)
    pieces = seconds.transpose(0, 3, 1, 2, 4).reshape(-1, data.X.shape[1] * data.X.shape[2], 25)
    groups, truth = np.repeat(data.groups, per_window), np.repeat(data.y, per_window)
    order = np.lexsort((np.tile(np.arange(per_window), len(data.y)), np.repeat(_places(data), per_window), groups))
    lengths = np.unique(groups, return_counts=True)[1].tolist()
    return _described(pieces[order], groups[order]), lengths, truth[order], 1.0, 60.0


def _places(data: Dataset) -> Array:
    """Where each window stands among its person's: activities one after the other, as they were recorded."""
    return np.lexsort((data.start, data.stretch)).argsort()


def _sp_sw_har(shared: Path) -> tuple[Array, list[int], Array, float, float]:
    """Frames of 0.1 s, each described by the half second around it."""
    data = read_sp_sw_har(shared / "sp_sw_har" / "sp_sw_har.npz", window_s=0.1, hop_s=0.1, device="both")
    order = np.lexsort((data.start, data.stretch))
    X, truth, stretch = data.X[order], data.y[order], data.stretch[order]
    pieces = []
    for one in np.unique(stretch):
        signal = np.concatenate(list(X[stretch == one]), axis=-1)
        padded = np.pad(signal.reshape(-1, signal.shape[-1]), ((0, 0), (20, 20)), mode="edge")
        around = np.lib.stride_tricks.sliding_window_view(padded, 50, axis=-1)[:, ::10]
        pieces.append(around.transpose(1, 0, 2)[: (stretch == one).sum()])
    lengths = np.unique(stretch, return_counts=True)[1].tolist()
    return _described(np.concatenate(pieces), data.groups[order]), lengths, truth, 10.0, 2.0


def _described(pieces: Array, groups: Array) -> Array:
    """Mean and spread of each channel (n, channels, samples), each person's own level and scale taken away, in few."""
    described = np.concatenate([pieces.mean(axis=2), np.log(pieces.std(axis=2) + 0.01)], axis=1)
    for group in np.unique(groups):
        own = described[groups == group]
        described[groups == group] = (own - own.mean(axis=0)) / (own.std(axis=0) + 1e-9)
    return PCA(N_DIRECTIONS, random_state=0).fit_transform(described).astype(np.float64)
