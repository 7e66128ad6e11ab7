"""From taught windows to a model: a few samples, varied; everything solved, nothing trained by gradient."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.recognizer import taught_windows
from motif.templates._calibration_of_distances import sharpness, threshold
from motif.templates._description import Description
from motif.templates._discriminant import discriminant
from motif.templates._likeness import Likeness
from motif.templates._model import Seen, TemplateModel
from motif.templates._variations import variations
from motif.templates._views import View
from motif.templates._vigour import Vigour
from motif.templates._warping import Warping

__all__ = ["LeftOut", "crowding_factors", "distinct", "learn"]

_N_COPIES = 8
_MOST_ROWS = 1200
"""Samples and copies to learn from; the cost of a fit grows with their cube."""
_MOST_TEMPLATES = 10
"""Samples of a class that are compared with."""
_MOST_BACKGROUND = 300
_SUMMARY_WEIGHT = 0.5
_CROWDED = 0.5
"""How much of a class's usual distance to the others is made up for: all would be as if it were known exactly."""


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """What taught samples look like to a model that was not taught them."""

    indices: NDArray[np.int64]
    """(m,), which of the taught windows."""
    labels: NDArray[np.int64]
    """(m,)."""
    judged: NDArray[np.int64]
    """(n_judged,), those of the m of which something can be said: not of the only sample of a class."""
    seen: Seen
    """Of these."""
    warped: NDArray[np.float64]
    """(m, m), elastic distances of the samples from one another."""


def learn(
    windows: NDArray[np.float32],
    labels: NDArray[np.int64],
    background: NDArray[np.float32] | None,
    *,
    groups: NDArray[Any] | None = None,
    outlier_rule: str,
    outlier_rate: float,
    seed: int,
) -> tuple[TemplateModel, LeftOut]:
    """Return what answers for windows like these (n, …), and what it would have said of each without it.

    With `groups` (n,) it is what it would have said without all of that group, of samples of classes that another group
    made as well; without them, or where no class is of two groups, without the sample alone.
    Leaving out is exact for the discriminants and the distances; scales, limits of the convolutions and the directions
    of the whitening still know the sample. Of windows that are the same one counts: beside its copy none is left out.

    Raises
    ------
    InputError
        A taught window holds a number no sensor gives.
    """
    windows = taught_windows(windows)
    rng = np.random.default_rng(seed)
    n_classes = int(labels.max()) + 1
    different = distinct(windows, labels)
    chosen = different[_spread_out(labels[different], max(_MOST_ROWS // n_classes, _MOST_TEMPLATES))]
    windows, labels = windows[chosen], labels[chosen]
    n = len(windows)
    parts, are_groups = _parts(labels, groups[chosen] if groups is not None else None)
    view = View.learn(windows)
    n_copies = min(_N_COPIES, max(_MOST_ROWS // n - 1, 0))
    copies = variations(windows, n_copies, rng, is_hand=view.is_hand)
    ordinary = windows[:0] if background is None else background[_evenly(len(background), _MOST_BACKGROUND)]
    series, paths = view.of(np.concatenate([windows, copies, ordinary]))
    description = Description.learn(series[: n + len(copies)], rng)
    shares, figures = description.of(series)
    of_part = np.concatenate([parts, np.repeat(parts, n_copies), n + np.arange(len(ordinary))])
    member = np.concatenate([labels, np.repeat(labels, n_copies), np.full(len(ordinary), n_classes)])
    n_columns = n_classes + (len(ordinary) > 0)
    by_shares = discriminant(shares, member, of_part, n_columns)
    by_figures = discriminant(figures, member, of_part, n_columns)
    compared = _spread_out(labels, _MOST_TEMPLATES)
    taught = slice(0, n + len(copies))
    likeness = Likeness.learn(shares[taught], member[taught], shares[compared])
    summary_likeness = Likeness.learn(figures[taught], member[taught], figures[compared])
    warping = Warping.of(paths[compared], labels[compared])
    between = np.stack(
        [
            likeness.distances(shares[compared]),
            warping.distances(paths[compared]),
            summary_likeness.distances(figures[compared]),
        ]
    )
    alone = _nearest(warping, between, np.arange(len(compared)))
    factors = np.stack([crowding_factors(each, labels[compared]) for each in alone])
    apart = _nearest(warping, between, parts[compared])
    nearest = np.where(np.isfinite(apart), apart, alone)
    scores = (by_shares.left_out + _SUMMARY_WEIGHT * by_figures.left_out)[compared]
    judged = np.flatnonzero(_is_elsewhere(labels[compared], parts[compared]))
    moves = view.vigour(paths[compared])
    vigour = Vigour.learn(moves, labels[compared])
    seen = Seen(scores[judged], nearest[:, judged], vigour.deviations(moves[judged]))
    model = TemplateModel(
        window_shape=windows.shape[1:],
        n_classes=n_classes,
        view=view,
        description=description,
        likeness=likeness,
        summary_likeness=summary_likeness,
        weights=np.concatenate([by_shares.weights, _SUMMARY_WEIGHT * by_figures.weights]),
        offset=by_shares.offset + _SUMMARY_WEIGHT * by_figures.offset,
        warping=warping,
        vigour=vigour,
        factors=factors,
        sharpness=sharpness(seen.class_scores(factors), labels[compared[judged]], same_sitting=not are_groups),
        threshold=threshold(seen.outlier_scores(factors), outlier_rule, outlier_rate),
    )
    return model, LeftOut(chosen[compared], labels[compared], judged, seen, between[1])


def _nearest(warping: Warping, between: NDArray[np.float64], parts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (3, m, n_classes), to the nearest template of each class in another part; `between` is (3, m, m)."""
    own_part = np.where(parts[:, None] == parts, np.inf, 0.0)
    return np.stack([warping.nearest(each + own_part) for each in between])


def _parts(labels: NDArray[np.int64], groups: NDArray[Any] | None) -> tuple[NDArray[np.int64], bool]:
    """Return which samples are left out together, (n,), of a group or each by itself; and whether these are groups."""
    if groups is not None:
        parts = np.unique(groups, return_inverse=True)[1].astype(np.int64)
        if _is_elsewhere(labels, parts).any():
            return parts, True
    return np.arange(len(labels)), False


def _is_elsewhere(labels: NDArray[np.int64], parts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether the class of each sample has samples in another part, too, (n,)."""
    n_parts = np.bincount(np.unique(np.stack([labels, parts]), axis=1)[0])
    return np.asarray(n_parts[labels] > 1)


def distinct(samples: Iterable[NDArray[np.floating]], labels: NDArray[Any]) -> NDArray[np.int64]:
    """Return indices of samples of classes (n,), without those that their class has already."""
    first: dict[tuple[Any, bytes], int] = {}
    for i, (sample, label) in enumerate(zip(samples, labels.tolist(), strict=True)):
        first.setdefault((label, sample.tobytes()), i)
    return np.array(list(first.values()), np.int64)


def crowding_factors(nearest: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (n_classes,) by which to multiply distances to each class, so that none is near to everything.

    Parameters
    ----------
    nearest : (m, n_classes)
        From each template of classes (m,) to the nearest other one of each class.
    """
    n_classes = nearest.shape[1]
    others = nearest[labels[:, None] != np.arange(n_classes)].reshape(len(labels), n_classes - 1)
    usual = np.log(np.median(others, axis=1) + 1e-9)
    of_class = np.bincount(labels, usual) / np.bincount(labels)
    return np.asarray(np.exp(-_CROWDED * (of_class - of_class.mean())))


def _spread_out(labels: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return indices of at most so many windows of each class, evenly over all of it."""
    kept = [np.flatnonzero(labels == c) for c in range(int(labels.max()) + 1)]
    return np.sort(np.concatenate([each[_evenly(len(each), most)] for each in kept]))


def _evenly(n: int, most: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64)) if n else np.empty(0, np.int64)
