"""From taught windows to a model: a few samples, varied; everything solved, nothing trained by gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.errors import InputError
from motif.templates._calibration_of_distances import sharpness, threshold
from motif.templates._description import Description
from motif.templates._discriminant import discriminant
from motif.templates._likeness import Likeness
from motif.templates._model import Seen, TemplateModel, class_scores, strangeness
from motif.templates._variations import variations
from motif.templates._views import View
from motif.templates._warping import Warping

__all__ = ["LeftOut", "learn", "learn_and_leave_out"]

_N_COPIES = 8
_MOST_ROWS = 1200
"""Samples and copies to learn from; the cost of a fit grows with their cube."""
_MOST_TEMPLATES = 10
"""Samples of a class that are compared with."""
_MOST_BACKGROUND = 300
_SUMMARY_WEIGHT = 0.5
_LARGEST = 1e16
"""Squares of more do not add up in float32 while samples are varied."""


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """What taught samples look like to a model that was not taught them."""

    indices: NDArray[np.int64]
    """(m,), which of the taught windows."""
    labels: NDArray[np.int64]
    """(m,)."""
    seen: list[Seen | None]
    """(m,), None for the only sample of a class."""
    warped: NDArray[np.float64]
    """(m, m), elastic distances of the samples from one another."""
    unlikeness: NDArray[np.float64]
    """(m, m), whitened distances."""


def learn(
    windows: NDArray[np.float32],
    labels: NDArray[np.int64],
    background: NDArray[np.float32] | None,
    *,
    outlier_rule: str,
    outlier_rate: float,
    seed: int,
) -> TemplateModel:
    """Return what answers for windows like these (n, …) of classes (n,)."""
    return learn_and_leave_out(
        windows, labels, background, outlier_rule=outlier_rule, outlier_rate=outlier_rate, seed=seed
    )[0]


def learn_and_leave_out(
    windows: NDArray[np.float32],
    labels: NDArray[np.int64],
    background: NDArray[np.float32] | None,
    *,
    outlier_rule: str,
    outlier_rate: float,
    seed: int,
) -> tuple[TemplateModel, LeftOut]:
    """Return what answers for windows like these, and what it would have said of each without it.

    Leaving out is exact for the discriminants and the distances; scales, limits of the convolutions and the directions
    of the whitening still know the sample.

    Raises
    ------
    InputError
        A taught window holds a number no sensor gives.
    """
    if (largest := np.abs(windows).max(initial=0.0)) > _LARGEST:
        raise InputError(
            f"a taught window holds a value of size {largest:.3g}; want {_LARGEST:g} at most: leave that window out"
        )
    rng = np.random.default_rng(seed)
    n_classes = int(labels.max()) + 1
    chosen = _spread_out(labels, max(_MOST_ROWS // n_classes, _MOST_TEMPLATES))
    windows, labels = windows[chosen], labels[chosen]
    n = len(windows)
    view = View.learn(windows)
    n_copies = min(_N_COPIES, max(_MOST_ROWS // n - 1, 0))
    copies = variations(windows, n_copies, rng, is_hand=view.is_hand)
    ordinary = windows[:0] if background is None else background[_evenly(len(background), _MOST_BACKGROUND)]
    looks = [view.of(window) for window in (*windows, *copies, *ordinary)]
    series = np.stack([look[0] for look in looks])
    description = Description.learn(series[: n + len(copies)], rng)
    described = [description.of(each) for each in series]
    shares, figures = np.stack([d[0] for d in described]), np.stack([d[1] for d in described])
    family = np.concatenate([np.arange(n), np.repeat(np.arange(n), n_copies), n + np.arange(len(ordinary))])
    member = np.concatenate([labels, np.repeat(labels, n_copies), np.full(len(ordinary), n_classes)])
    n_columns = n_classes + (len(ordinary) > 0)
    by_shares = discriminant(shares, member, family, n_columns)
    by_figures = discriminant(figures, member, family, n_columns)
    compared = _spread_out(labels, _MOST_TEMPLATES)
    taught = slice(0, n + len(copies))
    likeness = Likeness.learn(shares[taught], member[taught], shares[compared])
    warping = Warping.of(np.stack([looks[i][1] for i in compared]), labels[compared])
    scores = (by_shares.left_out + _SUMMARY_WEIGHT * by_figures.left_out)[compared]
    unlikeness = np.stack([likeness.distances(shares[i]) for i in compared])
    between = warping.between()
    seen = _left_out(scores, unlikeness, between, labels[compared])
    totals = [(class_scores(each), labels[i]) for each, i in zip(seen, compared, strict=True) if each is not None]
    strange = [strangeness(each) for each in seen if each is not None]
    model = TemplateModel(
        window_shape=windows.shape[1:],
        n_classes=n_classes,
        view=view,
        description=description,
        likeness=likeness,
        weights=np.concatenate([by_shares.weights, _SUMMARY_WEIGHT * by_figures.weights]),
        offset=by_shares.offset + _SUMMARY_WEIGHT * by_figures.offset,
        warping=warping,
        sharpness=sharpness(totals),
        threshold=threshold(np.array(strange), outlier_rule, outlier_rate),
    )
    return model, LeftOut(chosen[compared], labels[compared], seen, between, unlikeness)


def _left_out(
    scores: NDArray[np.float64],
    unlikeness: NDArray[np.float64],
    warped: NDArray[np.float64],
    labels: NDArray[np.int64],
) -> list[Seen | None]:
    """Return what would have been said of each template had it not been taught; None for the only one of a class.

    Parameters
    ----------
    scores : (m, n_classes), of the discriminant without the template
    unlikeness, warped : (m, m), distances of the templates from one another
    labels : (m,)
    """
    seen: list[Seen | None] = []
    for t in range(len(labels)):
        others = [(labels == c) & (np.arange(len(labels)) != t) for c in range(labels.max() + 1)]
        if not others[labels[t]].any():
            seen.append(None)
            continue
        near, like = (np.array([row[other].min() for other in others]) for row in (warped[t], unlikeness[t]))
        seen.append(Seen(scores=scores[t], unlikeness=like, warping=near))
    return seen


def _spread_out(labels: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return indices of at most so many windows of each class, evenly over all of it."""
    kept = [np.flatnonzero(labels == c) for c in range(int(labels.max()) + 1)]
    return np.sort(np.concatenate([each[_evenly(len(each), most)] for each in kept]))


def _evenly(n: int, most: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64)) if n else np.empty(0, np.int64)
