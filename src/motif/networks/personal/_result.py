"""What a personalization has brought, measured on samples that were not learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.evaluation import fit_temperature
from motif.learning import losses_of
from motif.networks.personal._choice import Samples
from motif.networks.personal._labels import missing_samples, told

__all__ = ["Comparison", "GestureGain", "PersonalizationResult", "summarize"]

N_RESAMPLES = 2000
LEVEL = 0.95
ENOUGH_TO_CHOOSE = 3
"""Samples of a gesture: one to learn from, one to choose by, one to judge by."""


@dataclass(frozen=True, slots=True)
class GestureGain:
    """What it has brought for one class."""

    name: str
    n: int
    """Samples of it."""
    before: float | None
    """Share of them that the base calls right; None where there are none."""
    after: float | None
    """The same for a recognizer adapted without them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalizationResult:
    """Base and personal recognizer side by side, each sample answered by one that was adapted without it."""

    success: bool
    """The personal one answers from now on; else the base does."""
    improvement: float
    """Accuracy after minus before, as a share: `f"{result.improvement:+.2%}"`; of the attempt, where the base stays."""
    interval: tuple[float, float]
    """Where the improvement lies, with 95 % confidence, by the bootstrap over samples, or groups where there are."""
    accuracy_before: float
    accuracy_after: float
    log_loss_before: float
    log_loss_after: float
    method: str
    """What answers: "base", "head", or "head, last_block fine-tuned"."""
    judged: str
    """How samples were held out."""
    gestures: tuple[GestureGain, ...]
    message: str
    seconds: float

    @property
    def sample_counts(self) -> dict[str, int]:
        """Samples of each class."""
        return {gesture.name: gesture.n for gesture in self.gestures}

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, texts and lists, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Comparison:
    """Logits (n, n_classes) of base and personal recognizer for samples that neither was adapted to."""

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    y: NDArray[np.int64]

    @property
    def right(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which samples each calls right."""
        return self.before.argmax(axis=1) == self.y, self.after.argmax(axis=1) == self.y

    @property
    def losses(self) -> tuple[float, float]:
        """Mean negative log-likelihood of each."""
        return float(losses_of(self.before, self.y).mean()), float(losses_of(self.after, self.y).mean())

    @property
    def helped(self) -> bool:
        """More samples held out are right; or as many, and likelier than by any change of confidence alone.

        Either way they are likelier than under the base, and than under the answer of one who knows nothing: where
        labels are wrong, to know nothing is already better than the base.
        """
        right, losses = self.right, self.losses
        more = int(right[1].sum()) - int(right[0].sum())
        likelier = losses[1] < min(losses[0], np.log(self.before.shape[1]))
        return bool(likelier and (more > 0 or (more == 0 and losses[1] < self._rescaled_loss)))

    @property
    def _rescaled_loss(self) -> float:
        """Loss of the base at the temperature that suits these very samples: a rival that has seen them."""
        return float(losses_of(self.before / fit_temperature(self.before, self.y), self.y).mean())


def summarize(
    judged: Comparison, samples: Samples, class_names: Sequence[str], *, method: str, seconds: float
) -> PersonalizationResult:
    """Put what was found into one result; with the method "base" it is that of the attempt that was dropped."""
    before, after = judged.right
    gain = after.astype(float) - before
    n_folds = sum(1 for _ in samples.folds())
    together = "neighbours in time" if samples.groups is None else "whole groups"
    success = method != "base"
    message = _message(success, float(before.mean()), float(after.mean()))
    if not success and not samples.can_choose:
        message = _too_few(samples, class_names)
    return PersonalizationResult(
        success=success,
        improvement=float(gain.mean()),
        interval=_interval(gain, samples.groups),
        accuracy_before=float(before.mean()),
        accuracy_after=float(after.mean()),
        log_loss_before=judged.losses[0],
        log_loss_after=judged.losses[1],
        method=method,
        judged=f"{len(gain)} samples in {n_folds} parts, {together} in one; each answered by one adapted without it",
        gestures=tuple(_of_class(i, name, samples.y, before, after) for i, name in enumerate(class_names)),
        message=message,
        seconds=seconds,
    )


def _message(success: bool, before: float, after: float) -> str:
    if success:
        return f"on samples not learnt from, accuracy went from {before:.1%} to {after:.1%}"
    return (
        f"adapting did not help on samples not learnt from ({before:.1%} before, {after:.1%} after): the base stays; "
        "record more samples, or check their labels"
    )


def _too_few(samples: Samples, class_names: Sequence[str]) -> str:
    recorded = np.unique(samples.y)
    missing = missing_samples(
        np.searchsorted(recorded, samples.y), [class_names[label] for label in recorded], ENOUGH_TO_CHOOSE
    )
    return (
        "two samples of a gesture are too few to choose by how far to adapt and to judge what that brings: "
        f"the base stays; record {told(missing)}"
    )


def _of_class(
    index: int, name: str, y: NDArray[np.int64], before: NDArray[np.bool_], after: NDArray[np.bool_]
) -> GestureGain:
    rows = y == index
    if not rows.any():
        return GestureGain(name, 0, None, None)
    return GestureGain(name, int(rows.sum()), float(before[rows].mean()), float(after[rows].mean()))


def _interval(gain: NDArray[np.float64], groups: NDArray[np.generic] | None) -> tuple[float, float]:
    """Percentile bootstrap of the mean, over whole groups where there are some."""
    index = np.arange(len(gain)) if groups is None else np.unique(groups, return_inverse=True)[1]
    sums, sizes = np.bincount(index, gain), np.bincount(index)
    drawn = np.random.default_rng(0).integers(len(sums), size=(N_RESAMPLES, len(sums)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
