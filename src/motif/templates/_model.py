"""What a taught classifier is: plain arrays that answer for one window at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from motif.templates._description import Description
from motif.templates._likeness import Likeness
from motif.templates._views import View
from motif.templates._warping import Warping

__all__ = ["Seen", "TemplateModel", "class_scores", "strangeness"]

_FORMAT = 2
"""Of the arrays, and of what is made of them: a model taught for other rules would load and answer otherwise."""
_STRANGE_SCORE = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the parts of a model say of a window, before it is put together."""

    scores: NDArray[np.float64]
    """(n_classes,) of the discriminant; one more column where a background was taught."""
    unlikeness: NDArray[np.float64]
    """(n_classes,), whitened distance to the nearest template of each class."""
    warping: NDArray[np.float64]
    """(n_classes,), elastic distance to the nearest template of each class."""


def class_scores(seen: Seen) -> NDArray[np.float64]:
    """Return (n_classes,) what speaks for each gesture."""
    nearness = seen.warping / max(float(seen.warping.mean()), 1e-12)
    return np.asarray(seen.scores[: len(nearness)] - nearness)


def strangeness(seen: Seen) -> float:
    """Return the outlier score, above 0: how near the nearest gesture is against how near gestures usually are.

    A window that is like no gesture is about equally far from all of them; what belongs to one is far nearer to it.
    Where a background was taught, what looks like it is strange.
    """
    n_classes = len(seen.warping)
    best = float(seen.scores[:n_classes].max())
    against = float(seen.scores[n_classes]) if len(seen.scores) > n_classes else 0.0
    log_score = _log_ratio(seen.unlikeness) + _log_ratio(seen.warping)
    return math.exp(log_score + _STRANGE_SCORE * (against - best))


def _log_ratio(distances: NDArray[np.float64]) -> float:
    ordered, n = np.sort(distances), len(distances)
    median = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    return math.log((ordered[0] + 1e-9) / (median + 1e-9))


@dataclass(frozen=True, slots=True, eq=False)
class TemplateModel:
    """Arrays in, answers out; nothing here learns."""

    window_shape: tuple[int, ...]
    n_classes: int
    view: View
    description: Description
    likeness: Likeness
    weights: NDArray[np.float64]
    """(n_features, n_classes) or one column more for the background; features are shares, then the summary."""
    offset: NDArray[np.float64]
    warping: Warping
    """The templates as they are warped, and their classes, here and in `likeness`."""
    sharpness: float
    """By which class scores are multiplied before the softmax."""
    threshold: float
    """An outlier score above it makes an outlier."""

    def see(self, window: NDArray[np.float32]) -> Seen:
        """Return what the parts say of one raw window."""
        series, path = self.view.of(window)
        shares, figures = self.description.of(series)
        n_shares = len(shares)
        unlikeness = np.full(self.n_classes, np.inf)
        np.minimum.at(unlikeness, self.warping.labels, self.likeness.distances(shares))
        return Seen(
            scores=shares @ self.weights[:n_shares] + figures @ self.weights[n_shares:] + self.offset,
            unlikeness=unlikeness,
            warping=self.warping.distances(path),
        )

    def probabilities_and_score(self, window: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
        """Return (n_classes,) probabilities and the outlier score of one raw window."""
        seen = self.see(window)
        logits = self.sharpness * class_scores(seen)
        likelihood = np.exp(logits - logits.max())
        return (likelihood / likelihood.sum()).astype(np.float32), strangeness(seen)

    def answer(self, window: NDArray[np.float32]) -> tuple[NDArray[np.float32], bool]:
        """Return (n_classes,) probabilities and whether the window is an outlier."""
        probabilities, score = self.probabilities_and_score(window)
        return probabilities, score > self.threshold

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        own = ("window_shape", "n_classes", "weights", "offset", "sharpness", "threshold")
        parts = (self.view, self.description, self.likeness)
        arrays = {name: np.asarray(getattr(self, name)) for name in own}
        arrays |= {"paths": self.warping.paths, "labels": self.warping.labels, "format": np.array(_FORMAT)}
        return {name: values for part in parts for name, values in part.to_arrays().items()} | arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what `to_arrays` gave.

        Raises
        ------
        KeyError, ValueError
            Arrays are missing, do not fit together, or were taught by an earlier version.
        """
        if (found := int(arrays.get("format", np.array(1)))) != _FORMAT:
            raise ValueError(f"it was taught by another version, in format {found} and not {_FORMAT}: teach it again")
        model = cls(
            window_shape=tuple(int(n) for n in arrays["window_shape"]),
            n_classes=int(arrays["n_classes"]),
            view=View.from_arrays(arrays),
            description=Description.from_arrays(arrays),
            likeness=Likeness.from_arrays(arrays),
            weights=arrays["weights"].astype(np.float64),
            offset=arrays["offset"].astype(np.float64),
            warping=Warping.of(arrays["paths"].astype(np.float32), arrays["labels"].astype(np.int64)),
            sharpness=float(arrays["sharpness"]),
            threshold=float(arrays["threshold"]),
        )
        model._check_fit()
        return model

    def _check_fit(self) -> None:
        series, path = self.view.of(np.zeros(self.window_shape, np.float32))
        if self.description.channels.shape[1] != len(series) or self.warping.paths.shape[1:] != path.shape:
            raise ValueError(f"windows of {self.window_shape} give series that the parts are not made for")
        if self.warping.n_labels != self.n_classes or self.weights.shape[1] - self.n_classes not in (0, 1):
            raise ValueError(f"the parts are not made for {self.n_classes} classes")
        shares, figures = self.description.of(series)
        if len(self.weights) != len(shares) + len(figures) or self.offset.shape != self.weights.shape[1:]:
            raise ValueError(f"{len(self.weights)} weights for {len(shares) + len(figures)} features")
        if len(self.likeness.distances(shares)) != len(self.warping.labels):
            raise ValueError("there are not as many descriptions as paths")
