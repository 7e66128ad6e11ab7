"""`encode_fsq`: windows of two sensors in, codes, features and embeddings out; the same answer always."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.behavior.encode._fsq import FSQ
from motif.behavior.encode._motion_bank import CHANNELS, N_SAMPLES, N_SENSORS, describe, mix, mixing
from motif.behavior.encode._quantizer import CodeUsage, Quantizer
from motif.checks import require_finite
from motif.errors import ConfigError, DtypeError, ShapeError

__all__ = ["Encoded", "Encoder", "MotionBank", "encode_fsq", "encoded_by"]

SHAPE = (len(CHANNELS), N_SENSORS, N_SAMPLES)


class Encoder(Protocol):
    """What `encode_fsq` can stand on: windows in, numbers to be quantized out, a window at a time or as if it were."""

    def describe(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return features (n, n_features) of windows (n, channels, sensors, samples)."""
        ...

    def latents(self, features: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
        """Return (n, *shape) numbers to be quantized: positions × dimensions of a code."""
        ...


class MotionBank:
    """The encoder without training: strengths of frequency bands, levels, changes, and what sensors share."""

    def describe(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return features (n, n_features) of windows (n, 9, 2, 100)."""
        return describe(windows)

    def latents(self, features: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
        """Return fixed random mixtures (n, *shape) of the features."""
        latents = np.empty((len(features), shape[0] * shape[1]), np.float32)
        mix(features, mixing(shape[0] * shape[1]), latents)
        return latents.reshape(-1, *shape)


@dataclass(frozen=True, eq=False)
class Encoded:
    """What `encode_fsq` makes of B windows."""

    codes: NDArray[np.int32]
    """(B, embedding_dim), each 0 … codebook_size − 1."""
    features: NDArray[np.float32]
    """(B, F), what was seen before it was quantized; near windows have near features."""
    embeddings: NDArray[np.float32]
    """(B, embedding_dim), a number for each code and a function of it alone; near windows have near embeddings."""
    quantizer: Quantizer

    @property
    def usage(self) -> CodeUsage:
        """How often each code and each level occurs over all positions."""
        return self.quantizer.usage(self.codes)


def encode_fsq(
    x: ArrayLike, levels: Sequence[int] = (8, 6, 5), embedding_dim: int = 64, *, encoder: Encoder | None = None
) -> Encoded:
    """Turn windows into codes: the same window gives the same codes in any batch, on any number of threads, always.

    Parameters
    ----------
    x : (B, 9, 2, 100) float32
        acc x y z (m/s², with gravity), gyr x y z (rad/s), mag x y z of two sensors; 100 samples, one second at 100 Hz.
    levels : sequence of int
        Levels of each dimension of a code; [8, 6, 5] makes 240 codes.
    embedding_dim : int
        Codes for each window.
    encoder : Encoder, optional
        By default a fixed bank of filters that needs no training; a trained one sees what you taught it.

    Returns
    -------
    Encoded
        `codes` (B, embedding_dim) int32, `features` (B, F) float32, `embeddings` (B, embedding_dim) float32.

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError
        `x` is not (B, 9, 2, 100) float32, or holds NaN or infinity.
    ConfigError
        `levels` or `embedding_dim` cannot be.

    Examples
    --------
    >>> from motif.recordings import simulate_quadruped
    >>> encoded = encode_fsq(simulate_quadruped(1, 1).X)
    >>> encoded.codes.shape, encoded.embeddings.dtype, encoded.quantizer.codebook_size
    ((10, 64), dtype('float32'), 240)
    """
    quantizer = FSQ(levels)
    if isinstance(embedding_dim, bool) or not isinstance(embedding_dim, int | np.integer) or embedding_dim < 1:
        raise ConfigError(f"embedding_dim is {embedding_dim!r}; want a whole number of 1 or more")
    windows = _checked(x)
    encoder = MotionBank() if encoder is None else encoder
    return encoded_by(encoder, quantizer, windows, int(embedding_dim))


def encoded_by(encoder: Encoder, quantizer: Quantizer, windows: NDArray[np.float32], embedding_dim: int) -> Encoded:
    """Return what encoder and quantizer make of windows that were checked."""
    features = encoder.describe(windows)
    codes = quantizer.encode(encoder.latents(features, (embedding_dim, quantizer.n_dimensions)))
    return Encoded(codes, features, _embeddings(quantizer)[codes], quantizer)


def _embeddings(quantizer: Quantizer) -> NDArray[np.float32]:
    """Return the number each code stands for, (codebook_size,): the mean of its vector."""
    levels = quantizer.decode(np.arange(quantizer.codebook_size))
    return np.asarray(levels.mean(axis=1, dtype=np.float64), np.float32)


def _checked(x: ArrayLike) -> NDArray[np.float32]:
    windows = np.asarray(x)
    if windows.ndim != 4 or windows.shape[1:] != SHAPE:
        raise ShapeError("x", got=windows.shape, want="(B, 9, 2, 100): windows, channels, sensors, samples")
    if windows.dtype != np.float32:
        raise DtypeError("x", got=windows.dtype, want="float32; use x.astype(np.float32)")
    require_finite("x", windows)
    return np.ascontiguousarray(windows)
