"""The whole way: judge each way of adapting on samples held out, then adapt with all of them, or keep the base."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.networks.personal._choice import Samples, judge_head, solve_chosen
from motif.networks.personal._config import CalibrationConfig
from motif.networks.personal._fine_tune import FineTuner, freeze
from motif.networks.personal._last_layer import LastLayer
from motif.networks.personal._result import Comparison, PersonalizationResult, summarize

__all__ = ["Adapted", "Progress", "adapt"]

Progress = Callable[[str, int, int], None]
"""Called with what is going on, steps done and steps in all."""


@dataclass(frozen=True)
class Adapted:
    """The model that answers from now on, and what it brought."""

    model: Any
    """keras.Model; with the base's weights where `result.success` is false."""
    result: PersonalizationResult


def adapt(
    model: Any,
    X: NDArray[np.float32],
    y: NDArray[np.int64],
    *,
    class_names: Sequence[str],
    config: CalibrationConfig,
    groups: NDArray[np.generic] | None = None,
    progress: Progress | None = None,
) -> Adapted:
    """Adapt `model`, a copy of its own, to a person's samples; all of them were checked before.

    Parameters
    ----------
    model : keras.Model
        Windows to (n, n_classes) probabilities; it is changed.
    X : (n, *window)
    y : (n,)
        Indices into `class_names`.
    """
    started = time.perf_counter()
    last = LastLayer.of(model)
    samples = last.samples(X, y, groups)
    judged = Comparison(samples.logits, judge_head(samples, _stage(progress, "head")), y)
    tuner = None
    if config.freeze_strategy != "head_only" and config.epochs:
        tuner = FineTuner(last, config)
        tuned = Comparison(samples.logits, tuner.judge(samples, X, _stage(progress, config.freeze_strategy)), y)
        if tuned.helped and tuned.losses[1] < (judged.losses[1] if judged.helped else np.inf):
            judged = tuned
        else:
            tuner = None
    method = _settle(last, samples, X, tuner, config) if judged.helped else "base"
    seconds = time.perf_counter() - started
    return Adapted(last.model, summarize(judged, samples, class_names, method=method, seconds=seconds))


def _settle(
    last: LastLayer, samples: Samples, X: NDArray[np.float32], tuner: FineTuner | None, config: CalibrationConfig
) -> str:
    """Adapt with all samples, in the way that was judged best; return what it is called."""
    if tuner:
        tuner.adapt(samples, X)
        return f"head, {config.freeze_strategy} fine-tuned"
    freeze(last, "head_only")
    if (change := solve_chosen(samples)) is None:
        return "base"
    last.add(change)
    return "head"


def _stage(progress: Progress | None, name: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(name, done, total)
