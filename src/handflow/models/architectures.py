"""Five architectures by name, for 12 frames × 84 features and 11 gestures unless told otherwise.

All are `motif.networks.build`; what each is made of stands in `motif.networks.ARCHITECTURES`. `compare_architectures`,
or `motif compare` on the command line, lays speed, size and score of all five side by side.
"""

from __future__ import annotations

from typing import Any

from motif.networks import ARCHITECTURES, build, compare_architectures

__all__ = ["ARCHITECTURES", "build_model", "cnn1d", "compare_architectures", "gru", "lstm", "tcn", "transformer"]


def build_model(
    architecture: str = "tcn", input_shape: tuple[int, ...] = (12, 84), n_classes: int = 11, **settings: Any
) -> Any:
    """Return an untrained Keras model from windows (n, *input_shape) to probabilities; see `motif.networks.build`.

    Examples
    --------
    >>> build_model("gru").output_shape
    (None, 11)
    """
    return build(architecture, input_shape, n_classes, **settings)


def tcn(input_shape: tuple[int, ...] = (12, 84), n_classes: int = 11, **settings: Any) -> Any:
    """Dilated convolutions that see 15 frames: three residual blocks of width 128."""
    return build("tcn", input_shape, n_classes, **settings)


def cnn1d(input_shape: tuple[int, ...] = (12, 84), n_classes: int = 11, **settings: Any) -> Any:
    """Three convolutions, 64 to 128 wide."""
    return build("cnn1d", input_shape, n_classes, **settings)


def gru(input_shape: tuple[int, ...] = (12, 84), n_classes: int = 11, **settings: Any) -> Any:
    """One gated recurrent layer of 128 units."""
    return build("gru", input_shape, n_classes, **settings)


def lstm(input_shape: tuple[int, ...] = (12, 84), n_classes: int = 11, **settings: Any) -> Any:
    """One long short-term memory of 128 units."""
    return build("lstm", input_shape, n_classes, **settings)


def transformer(input_shape: tuple[int, ...] = (12, 84), n_classes: int = 11, **settings: Any) -> Any:
    """Two encoder blocks of four heads behind a convolution."""
    return build("transformer", input_shape, n_classes, **settings)
