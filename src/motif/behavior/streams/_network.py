"""A network that says what happens at every frame of a description, seeing some seconds to both sides."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.learning import keras, seeded

__all__ = ["build_network", "frame_loss", "frame_probabilities"]

WIDTH = 32
STEPS = (1, 2, 4, 8, 16)
"""Dilations of the convolutions over time: 31 frames to each side are seen."""
DROPOUT = 0.25
BLOCK = 256
"""Frames of a program: whatever is shorter, or is left over, is filled with zeros, as in training."""


def build_network(n_features: int, n_classes: int, seed: int) -> Any:
    """Build a Keras model from (batch, 1, frames, features) to logits (batch, 1, frames, n_classes).

    References
    ----------
    Abu Farha & Gall (2019), "MS-TCN: multi-stage temporal convolutional network for action segmentation": one stage.
    """
    k = keras()
    layers = k.layers
    with seeded(seed):
        frames = k.Input((1, None, n_features), name="frames")
        x = layers.Dropout(DROPOUT)(layers.Conv2D(WIDTH, 1)(frames))
        for step in STEPS:
            seen = layers.Conv2D(WIDTH, (1, 3), dilation_rate=(1, step), padding="same")(x)
            seen = layers.Activation("relu")(layers.BatchNormalization(momentum=0.9)(seen))
            x = layers.Add()([x, layers.Dropout(DROPOUT)(layers.Conv2D(WIDTH, 1)(seen))])
        return k.Model(frames, layers.Conv2D(n_classes, 1, name="logits")(x), name="stream")


def frame_loss(targets: Any, logits: Any) -> Any:
    """Cross-entropy over the frames that have a target; the targets of the others are all 0."""
    ops = keras().ops
    lost = -ops.sum(targets * ops.log_softmax(logits, axis=-1))
    return lost / ops.maximum(ops.sum(targets), 1.0)


def frame_probabilities(model: Any, frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (frames, n_classes) for standardized frames (frames, features)."""
    filled = np.zeros((1, 1, -(-len(frames) // BLOCK) * BLOCK, frames.shape[1]), np.float32)
    filled[0, 0, : len(frames)] = frames
    logits = np.asarray(model.predict_on_batch(filled)[0, 0, : len(frames)], np.float64)
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(likely / likely.sum(axis=1, keepdims=True), np.float32)
