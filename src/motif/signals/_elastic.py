"""Elastic distances between movements: the same gesture, a little slower here and faster there.

A series is (n_samples, n_channels), so that the channels of one moment lie together in memory.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_numbers, require_finite
from motif.errors import ConfigError, ShapeError
from motif.signals._elastic_kernels import envelopes, nearest_costs, warped_cost

__all__ = ["elastic_distance", "nearest_elastic"]


def elastic_distance(a: ArrayLike, b: ArrayLike, *, band: float = 0.1, penalty: float = 0.0) -> float:
    """Return the distance of two movements under the best warping of time.

    All channels warp together. The distance is the root of the smallest sum of squared differences along a path; with
    no penalty it is dynamic time warping, with an endless one the Euclidean distance.

    Parameters
    ----------
    a, b : (n_samples, n_channels)
        Of any two lengths, with the same channels.
    band : float, 0…1
        How far the path may leave the diagonal, as a part of the longer series; at least as far as the lengths ask.
    penalty : float
        Added to the sum for every step off the diagonal, in squared units of the series.

    Raises
    ------
    DtypeError, ShapeError, NotFiniteError, ConfigError

    References
    ----------
    Sakoe and Chiba (1978), IEEE Trans. ASSP 26(1). Herrmann and Webb (2023), "Amercing: an intuitive and effective
    constraint for dynamic time warping", Pattern Recognition 137.

    Examples
    --------
    >>> early, late = np.eye(1, 20, 5).T, np.eye(1, 20, 6).T
    >>> elastic_distance(early, late), round(float(np.linalg.norm(early - late)), 3)
    (0.0, 1.414)
    """
    first, second = _series("a", a), _series("b", b)
    if first.shape[1] != second.shape[1]:
        raise ShapeError("b", got=second.shape, want=f"(n_samples, {first.shape[1]}), the channels of a")
    _check_warping(band, penalty)
    cost = warped_cost(first, second, _reach(band, len(first), len(second)), penalty, np.inf)
    return float(np.sqrt(cost))


def nearest_elastic(
    queries: ArrayLike,
    templates: ArrayLike,
    labels: ArrayLike,
    *,
    band: float = 0.1,
    penalty: float = 0.0,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the elastic distance from each query to the nearest template of each label, and which template that is.

    Exact, and quick: a template whose lower bound (Keogh's envelope) is above the best of its label is never warped,
    and warping is given up as soon as it can no longer be the best.

    Parameters
    ----------
    queries : (n, n_samples, n_channels)
    templates : (m, n_samples, n_channels)
    labels : (m,), int
        0…n_labels - 1, each at least once.
    band, penalty
        As for `elastic_distance`.

    Returns
    -------
    distances (n, n_labels), indices of templates (n, n_labels)

    Raises
    ------
    DtypeError, ShapeError, NotFiniteError, ConfigError

    References
    ----------
    Rakthanmanon et al. (2012), "Searching and mining trillions of time series subsequences under dynamic time
    warping", KDD. Keogh and Ratanamahatana (2005), "Exact indexing of dynamic time warping".
    """
    asked, known = _batch("queries", queries), _batch("templates", templates)
    if asked.shape[1:] != known.shape[1:]:
        raise ShapeError("queries", got=asked.shape, want=f"(n, {known.shape[1]}, {known.shape[2]}), as the templates")
    _check_warping(band, penalty)
    member = np.asarray(labels)
    if member.shape != (len(known),) or member.dtype.kind not in "iu":
        raise ShapeError("labels", got=member.shape, want=f"({len(known)},) whole numbers, one for each template")
    n_labels = int(member.max()) + 1 if member.size else 0
    if not member.size or member.min() < 0 or len(np.unique(member)) != n_labels:
        raise ConfigError("labels must be 0, 1, … with each of them at least once; encode them with np.unique")
    reach = _reach(band, known.shape[1], known.shape[1])
    low, high = envelopes(known, reach)
    costs, indices = nearest_costs(asked, known, low, high, member.astype(np.int64), n_labels, reach, penalty)
    return np.sqrt(costs), indices


def _reach(band: float, n: int, m: int) -> int:
    return max(int(np.ceil(band * max(n, m))), abs(n - m))


def _check_warping(band: float, penalty: float) -> None:
    if not 0.0 <= band <= 1.0:
        raise ConfigError(f"band={band!r} cannot be; give a part of the series, 0…1")
    if not (penalty >= 0.0):
        raise ConfigError(f"penalty={penalty!r} cannot be; give 0 or more")


def _series(name: str, values: ArrayLike) -> NDArray[np.float32]:
    return _checked(name, values, 2, "(n_samples, n_channels)")


def _batch(name: str, values: ArrayLike) -> NDArray[np.float32]:
    return _checked(name, values, 3, "(n, n_samples, n_channels)")


def _checked(name: str, values: ArrayLike, n_axes: int, want: str) -> NDArray[np.float32]:
    array = as_numbers(values, name)
    if array.ndim != n_axes or 0 in array.shape[-2:]:
        raise ShapeError(name, got=array.shape, want=want)
    series = np.ascontiguousarray(array, np.float32)
    require_finite(name, series)
    return series
