"""The trainable Conv2d encoder: windows of any sensors in, numbers to be quantized out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.behavior.encode._fsq import FSQ
from motif.behavior.encode._rhythm import rhythm
from motif.errors import ConfigError
from motif.learning import fit_scale, fit_standardized, keras, output_of, scaled_channels, seeded, standardized

__all__ = ["MAX_PARAMETERS", "bounded", "build_encoder", "rounded", "solve_encoder"]

MAX_PARAMETERS = 313_000
WIDTHS = (24, 48, 64)
SEED_OF_THE_MIXTURE = 240
BATCH = 512


def build_encoder(window_shape: tuple[int, ...], n_latents: int, *, dropout: float = 0.1, seed: int = 0) -> Any:
    """Build a Keras model from raw windows to latents (n, n_latents).

    Two ways lead through it. Layers that need no training describe the window as a whole; a fixed mixture of that,
    solved from unlabelled windows by `solve_encoder`, is what the codes begin with. Convolutions over time, then across
    all sensors at once, then over time again, learn what to add; what passes between sensors is never averaged away
    before they have met. Every layer is a rank-four convolution, a matrix product or elementwise, every shape static.

    Parameters
    ----------
    window_shape : (channels, sensors, samples) or (frames, features)
        Features over frames count as channels of one sensor.
    n_latents : int
    dropout : float
        Share of the convolutions' answers dropped while training.
    seed : int

    Raises
    ------
    ConfigError
        So many channels and sensors need more than 313,000 parameters.

    Examples
    --------
    >>> build_encoder((9, 2, 100), 192).count_params() <= 313_000
    True
    """
    k = keras()
    with seeded(seed):
        windows = k.Input(window_shape, name="windows")
        scaled = _channels_last(scaled_channels(_as_sensors(windows)))
        summary = standardized("summary", rhythm(scaled))
        course = k.layers.Dropout(dropout)(_course(scaled))
        mixture = k.layers.Dense(n_latents, trainable=False, name="mixture")(summary)
        little = k.initializers.RandomNormal(stddev=0.02)
        added = k.layers.Dense(n_latents, use_bias=False, kernel_initializer=little, name="learnt")(course)
        latents = k.layers.Add(name="latents")([mixture, added])
        model = k.Model(windows, latents, name="conv2d")
    if model.count_params() > MAX_PARAMETERS:
        raise ConfigError(
            f"windows of {window_shape} with {n_latents} latents need {model.count_params()} parameters; "
            f"want {MAX_PARAMETERS} or fewer: give fewer channels or sensors, or a smaller embedding_dim"
        )
    return model


def solve_encoder(model: Any, windows: NDArray[np.float32]) -> None:
    """Learn from unlabelled windows the size of each channel, the spread of each feature and the mixture.

    The mixture turns the principal axes by chance, after taking the square root of what the first are longer: all
    latents then vary alike and use all levels, and near windows stay near. Rounded, it kept more of what tells the
    nineteen activities of Altun et al. (2010) apart than principal axes as they are, or a mixture by chance alone.
    """
    fit_scale(output_of(model, "mixture"), _sensor_windows(windows))
    fit_standardized(model, windows)
    summary = _outputs(output_of(model, "standardize_summary"), windows)
    layer = model.get_layer("mixture")
    layer.set_weights(_mixture(summary.astype(np.float64), layer.units))


def bounded(latents: Any, fsq: FSQ) -> Any:
    """Return symbolic tanh(z + s) of latents (batch, positions · dimensions): what is rounded and what a head reads."""
    ops = keras().ops
    _, shift, _ = fsq.bounds()
    return ops.tanh(latents + np.tile(shift, latents.shape[-1] // fsq.n_dimensions))


def rounded(values: Any, fsq: FSQ) -> Any:
    """Return `bounded` values after rounding; gradients pass as if they were not rounded (straight through)."""
    ops = keras().ops
    half, _, offset = (np.tile(of, values.shape[-1] // fsq.n_dimensions) for of in fsq.bounds())
    nearest = (ops.floor(values * half - offset + 0.5) + offset) / half
    return values + ops.stop_gradient(nearest - values)


def _as_sensors(windows: Any) -> Any:
    """(batch, frames, features) → (batch, features, 1, frames); four axes stay as they are."""
    layers = keras().layers
    if len(windows.shape) == 4:
        return windows
    frames, features = windows.shape[1:]
    return layers.Reshape((features, 1, frames))(layers.Permute((2, 1))(windows))


def _channels_last(windows: Any) -> Any:
    """(batch, channels, sensors, samples) → (batch, sensors, samples, channels)."""
    return keras().layers.Permute((2, 3, 1))(windows)


def _sensor_windows(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    return windows if windows.ndim == 4 else windows.transpose(0, 2, 1)[:, :, None]


def _course(scaled: Any) -> Any:
    """What happens one after the other, (batch, 2 · width): means over time of answers and of their squares."""
    layers = keras().layers
    sensors, samples = scaled.shape[1:3]
    first, second, third = WIDTHS
    x = _convolution(scaled, first, (1, min(8, samples)), (1, 4 if samples >= 32 else 1))
    x = _convolution(x, second, (1, min(5, x.shape[2])), (1, 2 if x.shape[2] >= 12 else 1))
    x = _convolution(x, third, (sensors, min(3, x.shape[2])), (1, 1))
    x = _convolution(x, third, (1, min(3, x.shape[2])), (1, 1))
    # No maximum: on JAX its gradient compares recomputed values with it, and is NaN where none is equal to the bit;
    # pooled instead, it leaves four axes or is refused by onnxruntime.
    return layers.Concatenate()([layers.GlobalAveragePooling2D()(part) for part in (x, x * x)])


def _convolution(x: Any, filters: int, size: tuple[int, int], step: tuple[int, int]) -> Any:
    layers = keras().layers
    x = layers.Conv2D(filters, size, step, use_bias=False)(x)
    return layers.Activation("relu")(layers.BatchNormalization(momentum=0.9)(x))


def _mixture(summary: NDArray[np.float64], n_latents: int) -> list[NDArray[np.float64]]:
    """Return kernel and bias of the mixture, so that each latent has mean 0 and deviation 1."""
    variances, axes = np.linalg.eigh(summary.T @ summary / len(summary))
    kept = slice(max(len(axes) - n_latents, 0), None)
    shortened = axes[:, kept] * np.maximum(variances[kept], 1e-6) ** -0.25
    generator = np.random.Generator(np.random.PCG64(SEED_OF_THE_MIXTURE))
    chance = generator.standard_normal((n_latents, n_latents))
    kernel = shortened @ np.linalg.qr(chance)[0][: shortened.shape[1]]
    latents = summary @ kernel
    spread = latents.std(axis=0)
    kernel = kernel / np.where(spread > 1e-9, spread, 1.0)
    return [kernel, -(summary.mean(axis=0) @ kernel)]


def _outputs(model: Any, windows: NDArray[np.float32]) -> NDArray[np.float32]:
    parts = [model.predict_on_batch(windows[i : i + BATCH]) for i in range(0, len(windows), BATCH)]
    return np.concatenate(parts)
