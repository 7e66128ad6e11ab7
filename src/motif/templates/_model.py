"""What a taught classifier is: plain arrays that answer for one window at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from motif.templates._description import Description
from motif.templates._likeness import Likeness
from motif.templates._product_kernels import in_columns, products
from motif.templates._verdict_kernels import class_scores, outlier_scores, probabilities
from motif.templates._views import View
from motif.templates._vigour import Vigour
from motif.templates._warping import Warping

__all__ = ["Seen", "TemplateModel"]

_FORMAT = 4
"""Of the arrays, and of what is made of them: a model taught for other rules would load and answer otherwise."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the parts of a model say of windows, before it is put together."""

    scores: NDArray[np.float64]
    """(n, n_classes) of the discriminant; one more column where a background was taught."""
    distances: NDArray[np.float64]
    """(3, n, n_classes), to the nearest template of each class: of descriptions, of paths, of summaries."""
    vigour: NDArray[np.float64]
    """(n, n_classes), deviations from how much moves in each gesture, the mean over all ways to move."""

    def class_scores(self, factors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n, n_classes) what speaks for each gesture; `factors` are those of a model."""
        return class_scores(self.scores, self.distances, factors)

    def outlier_scores(self, factors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n,) how strange each window is, above 0; `factors` are those of a model."""
        return outlier_scores(self.scores, self.distances, factors, self.vigour)


@dataclass(frozen=True, slots=True, eq=False)
class TemplateModel:
    """Arrays in, answers out; nothing here learns."""

    window_shape: tuple[int, ...]
    n_classes: int
    view: View
    description: Description
    likeness: Likeness
    """Of descriptions."""
    summary_likeness: Likeness
    weights: NDArray[np.float64]
    """(n_features, n_classes) or one column more for the background; features are shares, then the summary."""
    offset: NDArray[np.float64]
    warping: Warping
    """The templates as they are warped, and their classes, here and in what is alike."""
    vigour: Vigour
    factors: NDArray[np.float64]
    """(3, n_classes), what distances are multiplied with before they are compared: a gesture that is nearer than others
    to all the rest is nearer to strangers, too."""
    sharpness: float
    """By which class scores are multiplied before the softmax."""
    threshold: float
    """An outlier score above it makes an outlier."""
    share_table: NDArray[np.float32] = field(init=False)
    figure_table: NDArray[np.float32] = field(init=False)
    """The weights again, as they are multiplied with."""

    def __post_init__(self) -> None:
        """Lay the weights out once."""
        n_shares = self.description.limits.size
        object.__setattr__(self, "share_table", in_columns(self.weights[:n_shares]))
        object.__setattr__(self, "figure_table", in_columns(self.weights[n_shares:]))

    def see(self, windows: NDArray[np.float32]) -> Seen:
        """Return what the parts say of raw windows (n, …)."""
        series, paths = self.view.of(windows)
        shares, figures = self.description.of(series)
        by_shares, by_figures = products(shares, self.share_table), products(figures, self.figure_table)
        distances = (
            self.likeness.distances(shares),
            self.warping.distances(paths),
            self.summary_likeness.distances(figures),
        )
        return Seen(
            scores=(by_shares + by_figures)[:, : len(self.offset)] + self.offset,
            distances=np.stack([self.warping.nearest(each) for each in distances]),
            vigour=self.vigour.deviations(self.view.vigour(paths)),
        )

    def answers(self, windows: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Return (n, n_classes) probabilities and (n,) outlier scores of raw windows (n, …).

        A window gets the same answer alone and among others.
        """
        if not len(windows):
            return np.empty((0, self.n_classes), np.float32), np.empty(0)
        seen = self.see(windows)
        return probabilities(self.sharpness * seen.class_scores(self.factors)), seen.outlier_scores(self.factors)

    def answer(self, window: NDArray[np.float32]) -> tuple[NDArray[np.float32], bool]:
        """Return (n_classes,) probabilities and whether the window is an outlier."""
        (likely,), (score,) = self.answers(window[None])
        return likely, bool(score > self.threshold)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        own = ("window_shape", "n_classes", "weights", "offset", "factors", "sharpness", "threshold")
        arrays = {name: np.asarray(getattr(self, name)) for name in own}
        arrays |= {"paths": self.warping.paths, "labels": self.warping.labels, "format": np.array(_FORMAT)}
        alike = self.likeness.to_arrays("likeness") | self.summary_likeness.to_arrays("summary")
        return self.view.to_arrays() | self.description.to_arrays() | self.vigour.to_arrays() | alike | arrays

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
            likeness=Likeness.from_arrays(arrays, "likeness"),
            summary_likeness=Likeness.from_arrays(arrays, "summary"),
            weights=arrays["weights"].astype(np.float64),
            offset=arrays["offset"].astype(np.float64),
            vigour=Vigour.from_arrays(arrays),
            factors=arrays["factors"].astype(np.float64),
            warping=Warping.of(arrays["paths"].astype(np.float32), arrays["labels"].astype(np.int64)),
            sharpness=float(arrays["sharpness"]),
            threshold=float(arrays["threshold"]),
        )
        model._check_fit()
        return model

    def _check_fit(self) -> None:
        series, paths = self.view.of(np.zeros((1, *self.window_shape), np.float32))
        if self.description.channels.shape[1] != series.shape[1] or self.warping.paths.shape[1:] != paths.shape[1:]:
            raise ValueError(f"windows of {self.window_shape} give series that the parts are not made for")
        if self.warping.n_labels != self.n_classes or self.weights.shape[1] - self.n_classes not in (0, 1):
            raise ValueError(f"the parts are not made for {self.n_classes} classes")
        shares, figures = self.description.of(series)
        if len(self.weights) != shares.shape[1] + figures.shape[1] or self.offset.shape != self.weights.shape[1:]:
            raise ValueError(f"{len(self.weights)} weights for {shares.shape[1] + figures.shape[1]} features")
        alike = self.likeness.distances(shares), self.summary_likeness.distances(figures)
        if any(each.shape[1] != len(self.warping.labels) for each in alike):
            raise ValueError("there are not as many descriptions as paths")
        if self.factors.shape != (3, self.n_classes) or self.vigour.middle.shape != (
            self.view.vigour(paths).shape[1],
            self.n_classes,
        ):
            raise ValueError(f"factors {self.factors.shape} for {self.n_classes} classes")
