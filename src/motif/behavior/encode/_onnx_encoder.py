"""A trained encoder as one ONNX graph: a window at a time on one thread, so that codes depend on the window alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from motif.bundles._models import OnnxModel
from motif.errors import ConfigError

__all__ = ["OnnxEncoder"]


class OnnxEncoder:
    """Windows in, latents out; what `encode_fsq(x, encoder=…)` takes.

    Parameters
    ----------
    content : bytes
        An ONNX graph from windows (n, …) to latents (n, n_latents), such as `encoder.onnx` of a bundle.

    Raises
    ------
    BundleError
        It cannot be loaded.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._graph = OnnxModel(content)

    @property
    def window_shape(self) -> tuple[int, ...]:
        """Shape of one window."""
        return self._graph.window_shape

    def describe(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return latents (n, n_latents) of windows (n, …)."""
        latents = np.empty((len(windows), self._graph.n_classes), np.float32)
        for i, window in enumerate(windows):
            latents[i] = self._graph.answer(window)[0]
        return latents

    def latents(self, features: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
        """Return the latents as (n, *shape).

        Raises
        ------
        ConfigError
            The encoder was trained for codes of another number or another number of levels.
        """
        if shape[0] * shape[1] != features.shape[1]:
            raise ConfigError(
                f"the encoder gives {features.shape[1]} numbers a window, not {shape[0]} codes × {shape[1]} levels; "
                "pass the levels and embedding_dim it was trained with"
            )
        return features.reshape(-1, *shape)
