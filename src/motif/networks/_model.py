"""The whole graph: raw windows in, probabilities out, preprocessing included."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError, ShapeError
from motif.learning._backend import keras, numbered_afresh, seeded
from motif.learning._discriminant import with_discriminant
from motif.learning._layers import fit_standardized, standardized
from motif.learning._spectrum import fit_scale
from motif.learning._taught_range import doubted, fit_taught_range
from motif.networks._architectures import body, head
from motif.networks._imu_frontend import imu_frontend
from motif.networks._kernel import with_kernel
from motif.networks._landmark_frontend import fit_aspect, hand_layout, landmark_frontend
from motif.networks._window_summary import summarized

__all__ = ["FEATURES", "Described", "build", "standardize"]

NOISE = 0.4
"""Added to the standardized features while training, in standard deviations."""
LEAST_RAW_VARIANCE = 1e-24
"""Values as they are come in any unit: a magnetic field in tesla varies by a few millionths."""
FEATURES = ("auto", "engineered", "raw")
"""What is made of a window before the network sees it."""


class Described(NamedTuple):
    """What a front-end makes of windows."""

    sequence: Any
    """Symbolic (batch, frames, features), for the network's body."""
    summary: Any = None
    """Symbolic (batch, features) about the whole window, for the second opinion beside the network."""
    least_variance: float = 1e-6
    """See `standardized`."""


def build(
    architecture: str,
    window_shape: tuple[int, ...],
    n_classes: int,
    *,
    features: str = "auto",
    landmarks: str = "auto",
    dropout: float = 0.1,
    seed: int = 0,
) -> Any:
    """Build a Keras model from raw windows to probabilities.

    Parameters
    ----------
    architecture : {"tcn", "cnn1d", "gru", "lstm", "transformer"}
    window_shape : (frames, features) or (channels, sensors, samples)
    n_classes : int
    features : {"auto", "engineered", "raw"}
        "engineered" describes hands (21 landmarks) by shape and movement, inertial sensors by level, strength and
        rhythm; "raw" takes values as they are; "auto" is "engineered" wherever there is a description for the window.
    landmarks : {"auto", "2x21x2"}
        What 84 features of a frame are: one hand of 21 × (x, y, z, 0), or two of 21 × (x, y).
    dropout : float
        Share of activations dropped while training.
    seed : int
        Decides the first weights and what is dropped.

    Returns
    -------
    keras.Model
        Its layers `standardize_…` learn from windows by `standardize`, its layer `logits` comes before the softmax.

    Raises
    ------
    ConfigError
        There is no such architecture, no engineered features for such windows, or fewer than two classes.
    ShapeError
        Windows are of another shape.

    Examples
    --------
    >>> build("tcn", (12, 84), 11).output_shape
    (None, 11)
    """
    if len(window_shape) not in (2, 3) or min(window_shape) < 1:
        raise ShapeError("window_shape", got=window_shape, want="(frames, features) or (channels, sensors, samples)")
    if n_classes < 2:
        raise ConfigError(f"n_classes is {n_classes}; want two or more")
    k = keras()
    with seeded(seed), numbered_afresh():
        windows = k.Input(window_shape, name="windows")
        described = _describe(windows, features, landmarks)
        sequence = standardized("sequence", described.sequence, least_variance=described.least_variance)
        vector = body(architecture, k.layers.GaussianNoise(NOISE)(sequence), dropout=dropout)
        if described.summary is None:
            logits = head(vector, n_classes, dropout=dropout)
            summary = summarized(sequence, k.ops.ones_like(sequence[..., :1]))
        else:
            summary = standardized("summary", described.summary)
            of_hands = len(window_shape) == 2
            if not of_hands:
                vector = k.layers.Concatenate()([vector, summary])
            network_logits = head(vector, n_classes, dropout=dropout, name="network_logits")
            logits = (with_kernel if of_hands else with_discriminant)(network_logits, summary)
        probabilities = k.layers.Activation("softmax", name="probabilities")(doubted(logits, summary))
        return k.Model(windows, probabilities, name=architecture)


def _describe(windows: Any, features: str, landmarks: str) -> Described:
    if features not in FEATURES:
        raise ConfigError(f"features is {features!r}; choose one of {', '.join(FEATURES)}")
    ops = keras().ops
    window_shape = tuple(windows.shape[1:])
    layout = hand_layout(window_shape[-1], landmarks) if len(window_shape) == 2 else None
    if layout and features != "raw":
        return Described(*landmark_frontend(windows, *layout))
    if len(window_shape) == 3 and features != "raw":
        return Described(*imu_frontend(windows))
    if features == "engineered":
        raise ConfigError(f"there are no engineered features for windows of {window_shape}; use features='raw'")
    if len(window_shape) == 2:
        return Described(windows, least_variance=LEAST_RAW_VARIANCE)
    channels, sensors, samples = window_shape
    series = ops.reshape(ops.transpose(windows, (0, 3, 1, 2)), (-1, samples, channels * sensors))
    return Described(series, least_variance=LEAST_RAW_VARIANCE)


def standardize(model: Any, windows: NDArray[np.float32]) -> None:
    """Learn mean, spread and range of every feature from `windows`; a feature that never changes stays at zero."""
    fit_scale(model, windows)
    fit_aspect(model, windows)
    fit_standardized(model, windows)
    fit_taught_range(model, windows)
