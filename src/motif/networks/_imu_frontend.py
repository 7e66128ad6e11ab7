"""What a moving body does, whatever its size: the front-end for windows of inertial sensors, inside the model's graph.

Three channels that follow each other are the x, y and z of one kind of sensor (accelerometer, gyroscope, magnetometer).
Built from Keras' own layers and operations only, so that a `.keras` file loads in safe mode and ONNX holds all of it.
"""

from __future__ import annotations

import math
from typing import Any

from motif.learning._backend import keras
from motif.learning._spectrum import fourier_bands, scaled_channels

__all__ = ["imu_frontend"]

FRAMES = 12
"""About as many pieces of a window does a network see one after the other."""
PARTS = 8
"""Into as many parts is a window cut to tell what came first."""
SPECTRUM_SAMPLES = 160
"""A longer window is cut before its spectrum is taken, and the pieces' energies are averaged."""
EPSILON = 1e-3
"""Below this share of a channel's usual size a movement counts as rest: logarithms start here."""


def imu_frontend(windows: Any) -> tuple[Any, Any]:
    """Describe windows of inertial sensors by level, strength, rhythm and course of each movement.

    Energies enter as logarithms: that one person moves twice as much as another is then a shift, which linear
    discriminants bear far better (on the 19 activities of Altun et al. 2010, people left out: 0.97 against 0.91).

    Parameters
    ----------
    windows : symbolic (batch, channels, sensors, samples)
        Any units: `fit_scale` learns the size of each channel. Where `channels` is a multiple of three, they are taken
        as triads of axes, the first with gravity in it.

    Returns
    -------
    sequence : symbolic (batch, frames, features)
        For each piece of about a twelfth of the window: mean and logarithm of the spread of each channel, of the
        length of each triad and of its part along gravity.
    summary : symbolic (batch, features)
        For the same series over the whole window: mean; logarithms of spread, jerk, extremes and band energies; means
        of eight parts of the window; for each triad what a rotation leaves of the covariance, and correlations.

    References
    ----------
    Altun, Barshan, Tunçel (2010), Pattern Recognition 43(10):3605–3620. Welch (1967), IEEE Trans. Audio 15(2):70–73.
    """
    ops = keras().ops
    channels, sensors, samples = windows.shape[1:]
    scaled = scaled_channels(windows)
    flat = ops.reshape(scaled, (-1, channels * sensors, samples))
    series, triads = flat, []
    if channels % 3 == 0:
        axes = ops.reshape(scaled, (-1, channels // 3, 3, sensors, samples))
        series = ops.concatenate([flat, _lengths(axes), _along_gravity(axes)], axis=1)
        triads = _rotation_free(axes)
    spectrum = [_bands(series)] if samples > 2 else []
    summary = [*_statistics(series), *spectrum, *triads, _parts(flat, min(PARTS, samples))[0]]
    return _sequence(series), ops.concatenate([_flat(part) for part in summary], axis=-1)


def _lengths(axes: Any) -> Any:
    """(batch, kinds, 3, sensors, samples) → (batch, kinds · sensors, samples)."""
    ops = keras().ops
    return _series(ops.sqrt(ops.sum(ops.square(axes), axis=2)))


def _along_gravity(axes: Any) -> Any:
    """Part of each triad along the mean of the first, the same however a sensor is turned."""
    ops = keras().ops
    gravity = ops.mean(axes[:, :1], axis=-1, keepdims=True)
    gravity = gravity / (ops.sqrt(ops.sum(ops.square(gravity), axis=2, keepdims=True)) + EPSILON)
    return _series(ops.sum(axes * gravity, axis=2))


def _statistics(series: Any) -> list[Any]:
    """(batch, series, samples) → each (batch, series)."""
    ops = keras().ops
    mean = ops.mean(series, axis=-1, keepdims=True)
    deviation = series - mean
    jerk = series[..., 1:] - series[..., :-1] if series.shape[-1] > 1 else deviation
    squares = [ops.mean(ops.square(change), axis=-1) for change in (deviation, jerk)]
    sizes = [
        ops.sqrt(ops.concatenate(squares, axis=-1)),
        ops.mean(ops.abs(deviation), axis=-1),
        ops.max(deviation, axis=-1),
        -ops.min(deviation, axis=-1),
    ]
    return [mean, _log(ops.concatenate(sizes, axis=-1))]


def _bands(series: Any) -> Any:
    """Logarithm of the amplitude in each band of frequencies; (batch, series, bands)."""
    layers, ops = keras().layers, keras().ops
    count, samples = series.shape[1:]
    pieces = math.ceil(samples / SPECTRUM_SAMPLES)
    length = samples // pieces
    cut = ops.reshape(series[..., : pieces * length], (-1, count * pieces, length))
    cut = cut - ops.mean(cut, axis=-1, keepdims=True)
    waves, bands = fourier_bands(length)
    spectrum = layers.Dense(waves.shape[1], use_bias=False, trainable=False, name="spectrum")
    energies = layers.Dense(bands.shape[1], use_bias=False, trainable=False, name="bands")
    energy = ops.reshape(energies(ops.square(spectrum(cut))), (-1, count, pieces, bands.shape[1]))
    spectrum.set_weights([waves])
    energies.set_weights([bands])
    return _log(ops.sqrt(ops.mean(energy, axis=2)))


def _rotation_free(axes: Any) -> list[Any]:
    """Two sizes of the covariance of a triad's axes that no rotation changes, and the correlations of its axes.

    The sizes are its trace and the sum of its principal minors, as logarithms in the unit of the signal.
    """
    ops = keras().ops
    _, kinds, _, sensors, samples = axes.shape
    triads = ops.reshape(ops.transpose(axes, (0, 1, 3, 2, 4)), (-1, kinds * sensors, 3, samples))
    deviation = triads - ops.mean(triads, axis=-1, keepdims=True)
    covariance = ops.matmul(deviation, ops.transpose(deviation, (0, 1, 3, 2))) / samples
    entries = ops.reshape(covariance, (-1, kinds * sensors, 9))
    variances, products = ops.take(entries, (0, 4, 8), axis=-1), ops.take(entries, (1, 2, 5), axis=-1)
    spread = ops.sqrt(variances)
    correlation = products / (ops.take(spread, (0, 0, 1), axis=-1) * ops.take(spread, (1, 2, 2), axis=-1) + EPSILON**2)
    trace = ops.sum(variances, axis=-1)
    minors = ops.maximum(ops.square(trace) - ops.sum(ops.square(entries), axis=-1), 0.0) / 2
    return [_log(ops.sqrt(ops.concatenate([trace, ops.sqrt(minors)], axis=-1))), correlation]


def _parts(series: Any, parts: int) -> tuple[Any, Any]:
    """Return means and logarithms of the spread in equal parts of the window, each (batch, series, parts)."""
    ops = keras().ops
    count, samples = series.shape[1:]
    length = samples // parts
    cut = ops.reshape(series[..., samples - parts * length :], (-1, count, parts, length))
    mean = ops.mean(cut, axis=-1)
    return mean, _log(ops.sqrt(ops.mean(ops.square(cut - ops.expand_dims(mean, -1)), axis=-1)))


def _sequence(series: Any) -> Any:
    ops = keras().ops
    samples = series.shape[-1]
    means, spreads = _parts(series, samples // math.ceil(samples / FRAMES))
    return ops.transpose(ops.concatenate([means, spreads], axis=1), (0, 2, 1))


def _series(values: Any) -> Any:
    """(batch, kinds, sensors, samples) → (batch, kinds · sensors, samples)."""
    return keras().ops.reshape(values, (-1, values.shape[1] * values.shape[2], values.shape[3]))


def _flat(values: Any) -> Any:
    return keras().ops.reshape(values, (-1, math.prod(values.shape[1:])))


def _log(size: Any) -> Any:
    ops = keras().ops
    return ops.log(ops.maximum(size, 0.0) + EPSILON)  # rounding can put the mean outside a constant signal
