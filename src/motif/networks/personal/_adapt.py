"""The whole way: judge each way of adapting on samples held out, then adapt with all of them, or keep the base."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.learning import widen_taught_range
from motif.networks.personal._choice import Samples, chosen_change, judge_heads
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
    caution, judged = _judge_heads(samples, _stage(progress, "head", samples))
    tuner = None
    if config.freeze_strategy != "head_only" and config.epochs:
        tuner = FineTuner(last, config, caution)
        report = _stage(progress, config.freeze_strategy, samples)
        tuned = Comparison(samples.logits, tuner.judge(samples, X, report), y)
        if tuned.helped and (not judged.helped or tuned.losses[1] < judged.losses[1]):
            judged = tuned
        else:
            tuner = None
    method = "base"
    if judged.helped:
        widen_taught_range(last.model, X)
    if judged.helped and tuner:
        tuner.adapt(samples, X)
        method = f"head, {config.freeze_strategy} fine-tuned"
    elif judged.helped and (change := chosen_change(samples, caution)) is not None:
        freeze(last, "head_only")
        last.add(change)
        method = "head"
    seconds = time.perf_counter() - started
    return Adapted(last.model, summarize(judged, samples, class_names, method=method, seconds=seconds))


def _judge_heads(samples: Samples, report: Callable[[], None] | None) -> tuple[float, Comparison]:
    """Return the least caution under which a solved head helps, the greatest where none does, and what it brought."""
    answers = judge_heads(samples, report)
    judged = {caution: Comparison(samples.logits, logits, samples.y) for caution, logits in answers.items()}
    best = next((caution for caution, found in judged.items() if found.helped), max(judged))
    return best, judged[best]


def _stage(progress: Progress | None, name: str, samples: Samples) -> Callable[[], None] | None:
    if progress is None:
        return None
    total = sum(1 for _ in samples.folds())
    done = count(1)
    return lambda: progress(name, next(done), total)
