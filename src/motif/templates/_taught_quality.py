"""How well gestures are taught: are their samples alike, will they be told apart, is it worth recording more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.recognizer import checked_labels, checked_windows, encoded_labels
from motif.templates._learning import LeftOut, learn
from motif.templates._learning_curve import learning_curve, worth_recording
from motif.templates._model import TemplateModel
from motif.templates._nan_tails import stretched
from motif.templates._verdict_kernels import probabilities

__all__ = ["GestureQuality", "LikelyConfusion", "TaughtQuality", "quality_of"]

_CONFUSED = 0.1
_FEWEST_TO_JUDGE = 4
_FAR = 1.5
_SIGMAS = 3.0


@dataclass(frozen=True, slots=True)
class GestureQuality:
    """How well one gesture is taught."""

    label: Any
    n_samples: int
    consistency: float
    """1 where all samples are the same movement, 0 where they are as unlike as different gestures; 1 for one sample."""
    accuracy: float | None
    """Share of its samples that are recognized when left out; None for one sample."""
    outlying: tuple[int, ...]
    """Indices into `X` of samples unlike the others."""
    more_samples: int
    """How many more are worth recording: each is expected to save at least one mistake in a hundred."""


@dataclass(frozen=True, slots=True)
class LikelyConfusion:
    """Two gestures that will be taken for one another."""

    labels: tuple[Any, Any]
    share: float
    """Mean probability that the one gets when the other was made."""


@dataclass(frozen=True, slots=True)
class TaughtQuality:
    """How well a set of gestures is taught."""

    gestures: tuple[GestureQuality, ...]
    """In the order of the sorted labels."""
    accuracy: float | None
    """Mean over gestures; None where each has one sample."""
    confusions: tuple[LikelyConfusion, ...]
    """Likeliest first; pairs below one in ten are left out."""
    learning_curve: tuple[tuple[int, float], ...]
    """Samples a gesture, and the share of the rest that was recognized."""


def quality_of(
    X: ArrayLike, y: ArrayLike, *, nan_tails: bool = False, random_state: int | None = None
) -> TaughtQuality:
    """Judge taught gestures by their own samples: each is left out, and recognized by what the others taught.

    Samples of one sitting promise more than another day, another person or another grip will keep.

    Parameters
    ----------
    X : (n, channels, samples) or (n, channels, sensors, samples)
        Raw windows, as `TemplateClassifier` takes them.
    y : (n,)
        Labels of two gestures or more.
    nan_tails : bool
        Whether a window may end in NaN.
    random_state : int, optional

    Raises
    ------
    DtypeError, ShapeError, NotFiniteError, LabelError

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> moments = np.linspace(0, 6, 40)
    >>> X = np.stack([np.stack([np.sin(k * moments)] * 3) for k in (1, 2)] * 4) + rng.normal(0, 0.1, (8, 3, 40))
    >>> quality = quality_of(X, ["swipe", "circle"] * 4)
    >>> quality.accuracy, [gesture.label for gesture in quality.gestures]
    (1.0, ['circle', 'swipe'])
    """
    windows = stretched(X) if nan_tails else checked_windows(X)
    classes, indices = encoded_labels(checked_labels("y", y, len(windows)))
    seed = 0 if random_state is None else random_state
    model, left_out = learn(windows, indices, None, outlier_rule="three-sigma", outlier_rate=0.05, seed=seed)
    said = _said(model, left_out)
    right = np.where(np.isnan(said[:, 0]), np.nan, said.argmax(axis=1) == left_out.labels)
    curve = learning_curve(windows, indices, seed=seed)
    gestures = tuple(_gesture(label, c, left_out, right, indices, curve) for c, label in enumerate(classes.tolist()))
    judged = [gesture.accuracy for gesture in gestures if gesture.accuracy is not None]
    return TaughtQuality(
        gestures=gestures,
        accuracy=float(np.mean(judged)) if judged else None,
        confusions=_confusions(said, left_out.labels, classes),
        learning_curve=curve,
    )


def _said(model: TemplateModel, left_out: LeftOut) -> NDArray[np.float64]:
    """Return the probabilities of each sample (m, n_classes) when it was left out; NaN where nothing can be said."""
    said = np.full((len(left_out.labels), model.n_classes), np.nan)
    said[left_out.judged] = probabilities(model.sharpness * left_out.seen.class_scores(model.factors))
    return said


def _gesture(
    label: Any,
    c: int,
    left_out: LeftOut,
    right: NDArray[np.float64],
    indices: NDArray[np.int64],
    curve: tuple[tuple[int, float], ...],
) -> GestureQuality:
    mine = np.flatnonzero(left_out.labels == c)
    n_samples = int((indices == c).sum())
    accuracy = None if len(mine) < 2 else float(right[mine].mean())
    return GestureQuality(
        label=label,
        n_samples=n_samples,
        consistency=_consistency(left_out, mine),
        accuracy=accuracy,
        outlying=tuple(int(i) for i in left_out.indices[mine[_outlying(left_out.warped[np.ix_(mine, mine)])]]),
        more_samples=worth_recording(n_samples, accuracy, curve),
    )


def _consistency(left_out: LeftOut, mine: NDArray[np.int64]) -> float:
    if len(mine) < 2:
        return 1.0
    others = np.flatnonzero(left_out.labels != left_out.labels[mine[0]])
    within = left_out.warped[np.ix_(mine, mine)][np.triu_indices(len(mine), 1)].mean()
    between = np.median(left_out.warped[np.ix_(mine, others)])
    return float(np.clip(1.0 - within / max(float(between), 1e-12), 0.0, 1.0))


def _outlying(distances: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which samples are far from the others of their gesture (n,), at most a third; none among fewer than 4."""
    n = len(distances)
    if n < _FEWEST_TO_JUDGE:
        return np.zeros(n, np.bool_)
    typical = np.array([np.median(np.delete(row, i)) for i, row in enumerate(distances)])
    middle = np.median(typical)
    spread = 1.4826 * np.median(np.abs(typical - middle))
    far = (typical > middle + _SIGMAS * spread) & (typical > _FAR * middle)
    worst = np.argsort(-typical, kind="stable")[: n // 3]
    return np.asarray(far & np.isin(np.arange(n), worst))


def _confusions(
    said: NDArray[np.float64], labels: NDArray[np.int64], names: NDArray[Any]
) -> tuple[LikelyConfusion, ...]:
    n_classes = len(names)
    taken = np.zeros((n_classes, n_classes))
    for c in range(n_classes):
        if not np.isnan(mine := said[labels == c]).any():
            taken[c] = mine.mean(axis=0)
    told = names.tolist()
    pairs = [
        LikelyConfusion((told[a], told[b]), float(max(taken[a, b], taken[b, a])))
        for a in range(n_classes)
        for b in range(a + 1, n_classes)
    ]
    return tuple(sorted((p for p in pairs if p.share >= _CONFUSED), key=lambda p: -p.share))
