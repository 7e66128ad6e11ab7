"""From described recordings and what is known of their frames to a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.behavior.encode._training import Run
from motif.behavior.streams._network import BLOCK, build_network, frame_loss

__all__ = ["learn_network"]

Values = NDArray[np.float32]


@dataclass(frozen=True)
class _Steps:
    learning_rate: float = 6e-3
    weight_decay: float = 1e-2
    batch_size: int = 8
    patience: int | None = None


def learn_network(frames: list[Values], targets: list[Values], epochs: int, *, seed: int) -> Any:
    """Return a network that has learnt from pieces of recordings, cut elsewhere in every epoch.

    Parameters
    ----------
    frames : list of (frames, features)
        Standardized.
    targets : list of (frames, n_classes)
        Rows that add up to 1, or of zeros where nothing is known.
    epochs, seed : int
    """
    n_features, n_classes = frames[0].shape[1], targets[0].shape[1]
    model = build_network(n_features, n_classes, seed)
    pieces = [(i, at) for i, each in enumerate(frames) for at in range(0, len(each), BLOCK)]

    def batch(rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[Any, Any]:
        X = np.zeros((len(rows), 1, BLOCK, n_features), np.float32)
        y = np.zeros((len(rows), 1, BLOCK, n_classes), np.float32)
        for row, (i, at) in enumerate(pieces[piece] for piece in rows):
            moved = at + int(rng.integers(-BLOCK // 2, BLOCK // 2))
            start = min(max(moved, 0), max(len(frames[i]) - BLOCK, 0))
            part = slice(start, start + BLOCK)
            length = len(frames[i][part])
            X[row, 0, :length], y[row, 0, :length] = frames[i][part], targets[i][part]
        return X, y

    Run(model, frame_loss, _Steps(), seed).epochs(len(pieces), batch, epochs)
    return model
