"""Five network bodies, chosen by name: features over time in, one vector out.

`tcn` follows the contract: a 1×1 convolution to 128; three residual blocks of kernel 3 with dilation 1, 2, 4, which
see 15 frames; global average and global maximum pooling side by side. The others are of about the same size. All end in
the same head: dense 64, dropout, one logit for each class.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from motif.errors import ConfigError
from motif.learning._backend import keras

__all__ = ["ARCHITECTURES", "body", "checked_architecture", "head"]

WIDTH = 128
HEAD = 64


def body(architecture: str, sequence: Any, *, dropout: float) -> Any:
    """Return (batch, n) from a symbolic sequence (batch, frames, features).

    Raises
    ------
    ConfigError
        There is no such architecture.
    """
    return ARCHITECTURES[checked_architecture(architecture)](sequence, dropout)


def head(vector: Any, n_classes: int, *, dropout: float, name: str = "logits") -> Any:
    """Return logits (batch, n_classes) from a symbolic vector; their layer is called `name`."""
    layers = keras().layers
    hidden = layers.Dropout(dropout)(layers.Dense(HEAD, activation="relu")(layers.Dropout(dropout)(vector)))
    return layers.Dense(n_classes, name=name)(hidden)


def checked_architecture(name: str) -> str:
    """Return `name`, or list the names there are.

    Raises
    ------
    ConfigError
    """
    if name not in ARCHITECTURES:
        raise ConfigError(f"architecture is {name!r}; choose one of {', '.join(ARCHITECTURES)}")
    return name


def _tcn(x: Any, dropout: float) -> Any:
    layers = keras().layers
    x = _convolution(x, WIDTH, 1)
    for dilation in (1, 2, 4):
        y = layers.SpatialDropout1D(dropout)(_convolution(x, WIDTH, 3, dilation))
        x = layers.Add()([x, y])
    return _average_and_maximum(x)


def _cnn1d(x: Any, dropout: float) -> Any:
    layers = keras().layers
    for filters in (64, WIDTH, WIDTH):
        x = _convolution(x, filters, 3)
        if x.shape[1] >= 8:
            x = layers.MaxPooling1D(2)(x)
        x = layers.SpatialDropout1D(dropout)(x)
    return _average_and_maximum(x)


def _gru(x: Any, dropout: float) -> Any:
    layers = keras().layers
    return _average_and_maximum(layers.Dropout(dropout)(layers.GRU(WIDTH, return_sequences=True)(x)))


def _lstm(x: Any, dropout: float) -> Any:
    layers = keras().layers
    return _average_and_maximum(layers.Dropout(dropout)(layers.LSTM(WIDTH, return_sequences=True)(x)))


def _transformer(x: Any, dropout: float) -> Any:
    """Two pre-norm encoder blocks; a convolution in front says what comes after what."""
    layers = keras().layers
    x = layers.Conv1D(HEAD, 3, padding="same")(x)
    for _ in range(2):
        y = layers.LayerNormalization()(x)
        x = layers.Add()([x, layers.MultiHeadAttention(4, HEAD // 4, dropout=dropout)(y, y)])
        y = layers.Dense(2 * HEAD, activation="relu")(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dropout(dropout)(layers.Dense(HEAD)(y))])
    return _average_and_maximum(layers.LayerNormalization()(x))


def _convolution(x: Any, filters: int, size: int, dilation: int = 1) -> Any:
    layers = keras().layers
    x = layers.Conv1D(filters, size, padding="same", dilation_rate=dilation, use_bias=False)(x)
    return layers.Activation("relu")(layers.BatchNormalization(momentum=0.9)(x))


def _average_and_maximum(x: Any) -> Any:
    layers = keras().layers
    return layers.Concatenate()([layers.GlobalAveragePooling1D()(x), layers.GlobalMaxPooling1D()(x)])


ARCHITECTURES: dict[str, Callable[[Any, float], Any]] = {
    "tcn": _tcn,
    "cnn1d": _cnn1d,
    "gru": _gru,
    "lstm": _lstm,
    "transformer": _transformer,
}
"""Name → body."""
