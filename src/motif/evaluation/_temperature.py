"""Temperature scaling: one number that makes confidences honest and leaves every decision as it was."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError, ShapeError
from motif.evaluation._inputs import checked_labels, checked_matrix, checked_probabilities

__all__ = ["TEMPERATURE_RANGE", "apply_temperature", "fit_temperature", "log_probabilities"]

TEMPERATURE_RANGE = (0.01, 100.0)
"""Temperatures that are looked at."""


def log_probabilities(probabilities: ArrayLike) -> NDArray[np.float64]:
    """Return finite logarithms (n, n_classes), for `fit_temperature`: a probability of 0 counts as 1e-38."""
    return np.log(np.maximum(checked_probabilities(probabilities), np.finfo(np.float32).tiny))


def apply_temperature(logits: ArrayLike, temperature: float) -> NDArray[np.float64]:
    """Return softmax(logits / temperature), the most probable class unchanged.

    Parameters
    ----------
    logits : (n, n_classes)
        Logits, or `log_probabilities`.
    temperature : float
        Above 1 softens, below 1 sharpens.

    Raises
    ------
    ConfigError
        `temperature` is not a positive number.
    ShapeError, DtypeError, NotFiniteError
        `logits` does not fit.

    Examples
    --------
    >>> apply_temperature([[2.0, 0.0]], 2.0).round(3)
    array([[0.731, 0.269]])
    """
    if not (np.isfinite(temperature) and temperature > 0):
        raise ConfigError(f"temperature is {temperature}; want a positive number, 1 to change nothing")
    return np.exp(_log_softmax(checked_matrix("logits", logits), temperature))


def fit_temperature(logits: ArrayLike, y: ArrayLike) -> float:
    """Return the temperature under which the labels are likeliest; fit it on windows that were not trained on.

    The negative log-likelihood on these windows never rises against temperature 1. A prior on the logarithm (normal,
    deviation 1, in all worth no more than a window or two) decides where likelihood cannot: windows that are all right
    would otherwise ask for temperature 0 and for confidences of exactly 1.

    Parameters
    ----------
    logits : (n, n_classes)
        Logits, or `log_probabilities`.
    y : (n,)
        Class indices.

    Raises
    ------
    LabelError, ShapeError, DtypeError, NotFiniteError, TooFewSamplesError
        The input does not fit.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017), "On Calibration of Modern Neural Networks", section 4.2.

    Examples
    --------
    >>> logits = [[3.0, 0.0]] * 400
    >>> round(fit_temperature(logits, [0, 0, 0, 1] * 100), 1)  # sure of 95 %, right in 75 %
    2.7
    """
    from scipy.optimize import minimize_scalar

    values = checked_matrix("logits", logits)
    labels = checked_labels("y", y, values.shape[1])
    if len(labels) != len(values):
        raise ShapeError("logits", got=values.shape, want=f"({len(labels)}, n_classes), one row for each of y")

    def cost(log_temperature: float) -> float:
        return _negative_log_likelihood(values, labels, np.exp(log_temperature)) + log_temperature**2 / 2

    grid = np.log(np.geomspace(*TEMPERATURE_RANGE, 21))  # likelihood and prior together may have two valleys
    best = int(np.argmin([cost(u) for u in grid]))
    around = (grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)])
    found = float(minimize_scalar(cost, bounds=around, method="bounded", options={"xatol": 1e-6}).x)
    return float(np.exp(min(0.0, found, key=cost)))


def _log_softmax(logits: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    scaled = (logits - logits.max(axis=1, keepdims=True)) / temperature
    return np.asarray(scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True)))


def _negative_log_likelihood(logits: NDArray[np.float64], y: NDArray[np.int64], temperature: float) -> float:
    return float(-_log_softmax(logits, temperature)[np.arange(len(y)), y].sum())
