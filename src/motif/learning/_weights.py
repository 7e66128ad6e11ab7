"""How much network and discriminant count, and how sure both together may be: learnt from people left out.

The network is trained once with a part of the groups held out. The discriminant is solved, so it can be solved again
without each group in turn: its scale comes from all groups.
"""

from __future__ import annotations

from functools import reduce
from itertools import combinations
from operator import add

import numpy as np
from numpy.typing import NDArray

from motif.learning._discriminant import DEFAULT_WEIGHTS, Discriminant, Moments, shrinkage_of

__all__ = ["fit_weights", "scale_for_a_new_group"]

LIMITS = ((0.0, 2.0), (0.1, 50.0))
SHARES = (0.0, 0.125, 0.25, 0.5, 1.0)
"""Of the likeliest ratio between network and discriminant: the ratios to choose from."""
LEAST_RATIO = 1 / 40
"""The network always counts that much beside the discriminant: where the two differ, neither should be sure."""
MOST_PARTS = 5
"""More groups than this are left out several at a time."""
MOST_GAIN = 2.0
"""By how much at most the scale is carried on along the learning curve."""


def fit_weights(
    opinions: NDArray[np.float32], y: NDArray[np.int64], *, scale: float | None = None
) -> tuple[float, float]:
    """Return how much network and discriminant should count, from windows that neither has seen.

    Of the shares the network may have, from next to none to the likeliest, the smallest is taken whose loss is within
    two standard errors of the likeliest one's. Windows of one class are near copies, so the error is that of a mean
    over classes: a network has to help with most of them, as no single class of a single person tells how others will
    do.

    Parameters
    ----------
    opinions : (n, 2 · n_classes)
        Logits of the network, then evidence of the discriminant: output of the layer `opinions`.
    y : (n,)
        Class indices.
    scale : float, optional
        What the discriminant should count where the network counts least, from `scale_for_a_new_group`; by default it
        is the likeliest for these windows.

    References
    ----------
    Breiman, Friedman, Olshen, Stone (1984), Classification and Regression Trees, section 3.4.3, for the rule
    (with one standard error, which the luck of a single person still reaches).
    """
    both = opinions.astype(np.float64).reshape(len(y), 2, -1).transpose(1, 0, 2)
    likeliest = _likeliest(both, y)
    ratios = [max(share * likeliest[0] / likeliest[1], LEAST_RATIO) for share in SHARES]
    candidates = [_mixed(both, y, ratio) for ratio in ratios]
    losses = np.array([_class_losses(np.tensordot(weights, both, 1), y) for weights in candidates])
    excess = losses - losses[-1]
    error = 2 * excess.std(axis=1) / np.sqrt(max(excess.shape[1] - 1, 1))
    weights = candidates[int(np.argmax(excess.mean(axis=1) <= error))]
    if scale is not None:
        weights = weights * scale / candidates[0][1]
    return float(weights[0]), float(weights[1])


def scale_for_a_new_group(
    summary: NDArray[np.float32], y: NDArray[np.int64], groups: NDArray[np.generic]
) -> float | None:
    """Return what the discriminant's evidence should be multiplied by for a person who was not there to learn from.

    Each part of the groups is left out in turn and the likeliest scale found for each group in it; the median stands
    for the next person, whatever one odd class of one odd person does. Left out like that, a discriminant learns from
    fewer groups than the final one, and is right less often. So the scale is carried on by the factor that it grew from
    two parts left out to one.

    Parameters
    ----------
    summary : (n, features), standardized
    y : (n,)
        Class indices.
    groups : (n,)
        Subject, session or block of each window.

    Returns
    -------
    float, or None where there are fewer than three groups, or a class only in groups that would be left out together.
    """
    index = np.unique(groups, return_inverse=True)[1]
    part = index % MOST_PARTS
    n_parts, n_classes = int(part.max()) + 1, int(y.max()) + 1
    if n_parts < 3:
        return None
    moments = [Moments.of(summary[part == i], y[part == i], n_classes) for i in range(n_parts)]
    shrinkage = shrinkage_of(summary, y)
    scales: dict[int, list[float]] = {1: [], 2: []}
    for n_out, found in scales.items():
        for out in combinations(range(n_parts), n_out):
            kept = reduce(add, (moments[i] for i in range(n_parts) if i not in out))
            if not kept.counts.all():
                return None
            solved = Discriminant.solve(kept, shrinkage)
            for group in np.unique(index[np.isin(part, out)]):
                rows = index == group
                found.append(float(_likeliest(solved.evidence(summary[rows])[None], y[rows])[0]))
    gain = np.exp(np.log(scales[1]).mean() - np.log(scales[2]).mean())
    return float(np.median(scales[1]) * np.clip(gain, 1.0, MOST_GAIN))


def _likeliest(opinions: NDArray[np.float64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights (k,) of `opinions` (k, n, n_classes) under which `y` is likeliest; the problem is convex."""
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    true = opinions[:, np.arange(len(y)), y].mean(axis=1)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = np.tensordot(weights, opinions, 1)
        total = logsumexp(logits, axis=1, keepdims=True)
        expected = (np.exp(logits - total) * opinions).sum(axis=2).mean(axis=1)
        return float(total.mean() - weights @ true), expected - true

    count = len(opinions)
    found = minimize(loss, DEFAULT_WEIGHTS[-count:], jac=True, method="L-BFGS-B", bounds=LIMITS[-count:])
    return np.asarray(found.x, np.float64)


def _mixed(both: NDArray[np.float64], y: NDArray[np.int64], ratio: float) -> NDArray[np.float64]:
    """The likeliest weights among those where the network counts `ratio` times as much as the discriminant."""
    scale = float(_likeliest((ratio * both[0] + both[1])[None], y)[0])
    return np.array([ratio * scale, scale])


def _class_losses(logits: NDArray[np.float64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean negative log-likelihood within each class that occurs."""
    from scipy.special import log_softmax

    losses = -log_softmax(logits, axis=1)[np.arange(len(y)), y]
    return np.array([losses[y == label].mean() for label in np.unique(y)])
