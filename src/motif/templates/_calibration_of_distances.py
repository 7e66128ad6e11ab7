"""From what was said of left-out samples: how sure to be, and from where on a window is none of the gestures."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError

__all__ = ["OUTLIER_RULES", "sharpness", "threshold"]

OUTLIER_RULES = ("three-sigma", "conformal")
_USUAL_SHARPNESS = 2.7
_USUAL_SHARPNESS_SPREAD = 0.25
"""Of the logarithm: the sharpness that the next sitting asks for varies little, what left-out samples ask for much."""
_NEXT_SITTING = 0.88
"""Left-out samples of the same sitting promise more than the next sitting keeps."""
_USUAL_STRANGENESS = -1.5
_USUAL_STRANGENESS_SPREAD = 0.5
_PRIOR_SAMPLES = 4.0
_STRANGER = -0.5
"""Logarithm of the score from which on windows are hardly ever gestures, whatever was taught."""


def sharpness(scores: NDArray[np.float64], labels: NDArray[np.int64], *, same_sitting: bool) -> float:
    """Return by what to multiply class scores before the softmax, from those (n, n_classes) of left-out samples (n,).

    The likeliest, with a normal prior on its logarithm that decides alone where there is no left-out sample; less where
    others of the `same_sitting` were not left out with them.
    """
    grid = _USUAL_SHARPNESS * np.exp(_USUAL_SHARPNESS_SPREAD * np.linspace(-4.0, 4.0, 161))
    cost = (np.log(grid / _USUAL_SHARPNESS) / _USUAL_SHARPNESS_SPREAD) ** 2 / 2
    for row, label in zip(scores, labels, strict=True):
        logits = grid[:, None] * (row - row[label])
        most = logits.max(axis=1)
        cost += most + np.log(np.exp(logits - most[:, None]).sum(axis=1))
    return float(grid[cost.argmin()]) * (_NEXT_SITTING if same_sitting else 1.0)


def threshold(left_out: NDArray[np.float64], rule: str, rate: float) -> float:
    """Return the outlier score above which a window is an outlier.

    Parameters
    ----------
    left_out : (n,)
        Outlier scores, above 0, of taught samples that were left out.
    rule : {"three-sigma", "conformal"}
        Three deviations above the mean of the logarithms, drawn to what is usual. Or half-way from the score that a
        share `rate` of these samples exceeds (a quantile, where there are about 1 / `rate` samples, and that of the
        normal with fewer) to where strangers are: samples of one sitting are more alike than what comes later.
    rate : float, 0…1
        How many gestures may be lost, in the long run.

    References
    ----------
    Vovk, Gammerman and Shafer (2005), *Algorithmic Learning in a Random World*, ch. 4, for the conformal quantile.
    """
    if rule not in OUTLIER_RULES:
        raise ConfigError(f"outlier_rule is {rule!r}; want one of {', '.join(OUTLIER_RULES)}")
    if not 0.0 < rate < 1.0:
        raise ConfigError(f"outlier_rate is {rate!r}; want a share between 0 and 1, usually 0.05")
    n = left_out.size
    rank = int(np.ceil((n + 1) * (1.0 - rate)))
    if rule == "conformal" and rank <= n:
        return _toward_strangers(float(np.log(np.sort(left_out)[rank - 1])))
    logs = np.log(left_out)
    total = n + _PRIOR_SAMPLES
    mean = (logs.sum() + _PRIOR_SAMPLES * _USUAL_STRANGENESS) / total
    squares = ((logs - mean) ** 2).sum() + _PRIOR_SAMPLES * _USUAL_STRANGENESS_SPREAD**2
    deviation = float(np.sqrt(squares / total))
    if rule == "three-sigma":
        return float(np.exp(mean + 3.0 * deviation))
    return _toward_strangers(float(mean) + NormalDist().inv_cdf(1.0 - rate) * deviation)


def _toward_strangers(log_score: float) -> float:
    return float(np.exp(max(log_score, (log_score + _STRANGER) / 2)))
