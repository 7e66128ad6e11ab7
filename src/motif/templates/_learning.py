"""From taught windows to a model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.signals import elastic_distance
from motif.templates._model import TemplateModel
from motif.templates._views import View

__all__ = ["learn"]


def learn(
    windows: NDArray[np.float32],
    labels: NDArray[np.int64],
    groups: NDArray[Any] | None,
    background: NDArray[np.float32] | None,
) -> TemplateModel:
    """Return what answers for windows like these."""
    view = View.learn(windows)
    templates = np.stack([view.of(window) for window in windows])
    between = np.array([[elastic_distance(a, b) for b in templates] for a in templates])
    np.fill_diagonal(between, np.inf)
    same = np.where(labels[:, None] == labels, between, np.inf).min(axis=1)
    typical = np.median(same[np.isfinite(same)]) if np.isfinite(same).any() else np.median(between.min(axis=1)) / 2
    spread = same[np.isfinite(same)].std() if np.isfinite(same).sum() > 2 else typical / 2
    return TemplateModel(
        window_shape=windows.shape[1:],
        n_classes=int(labels.max()) + 1,
        view=view,
        templates=templates,
        labels=labels,
        sharpness=1.0 / max(typical, 1e-6) ** 2,
        threshold=float(typical + 3 * spread),
    )
