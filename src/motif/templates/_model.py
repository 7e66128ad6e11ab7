"""What a taught classifier is: plain arrays that answer for one window at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from motif.signals import nearest_elastic
from motif.templates._views import View

__all__ = ["TemplateModel"]


@dataclass(frozen=True, slots=True, eq=False)
class TemplateModel:
    """Arrays in, answers out; nothing here learns."""

    window_shape: tuple[int, ...]
    n_classes: int
    view: View
    templates: NDArray[np.float32]
    """(m, samples, channels), as the view shows them."""
    labels: NDArray[np.int64]
    """(m,), the class of each template."""
    sharpness: float
    """By which squared distances are multiplied before the softmax."""
    threshold: float
    """An outlier score above it makes an outlier."""

    def probabilities_and_score(self, window: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
        """Return (n_classes,) probabilities and the outlier score of one raw window."""
        seen = self.view.of(window)
        distances = nearest_elastic(seen[None], self.templates, self.labels)[0][0]
        logits = -self.sharpness * distances**2
        likelihood = np.exp(logits - logits.max())
        return (likelihood / likelihood.sum()).astype(np.float32), float(distances.min())

    def answer(self, window: NDArray[np.float32]) -> tuple[NDArray[np.float32], bool]:
        """Return (n_classes,) probabilities and whether the window is an outlier."""
        probabilities, score = self.probabilities_and_score(window)
        return probabilities, score > self.threshold

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        own = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self) if field.name != "view"}
        return own | self.view.to_arrays()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what `to_arrays` gave."""
        return cls(
            window_shape=tuple(int(n) for n in arrays["window_shape"]),
            n_classes=int(arrays["n_classes"]),
            view=View.from_arrays(arrays),
            templates=arrays["templates"].astype(np.float32),
            labels=arrays["labels"].astype(np.int64),
            sharpness=float(arrays["sharpness"]),
            threshold=float(arrays["threshold"]),
        )
