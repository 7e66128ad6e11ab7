"""Every figure of a stream of labels: how right, how sure, how it changes, how long it lasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ShapeError
from motif.evaluation._behavior_agreement import adjusted_rand, mutual_information
from motif.evaluation._behavior_agreement import normalized_mutual_information as nmi
from motif.evaluation._behavior_audit import Audit, audit
from motif.evaluation._behavior_figures import confidence_histogram
from motif.evaluation._behavior_streams import (
    DwellTimes,
    checked_streams,
    motif_count,
    state_coverage,
    state_entropy,
)
from motif.evaluation._behavior_stretches import (
    changes_a_label,
    changes_f1,
    stretch_dwell_times,
    stretch_segments,
    stretches_of,
)
from motif.evaluation._calibration import ReliabilityBin, reliability_bins
from motif.evaluation._figures import reliability_diagram
from motif.evaluation._inputs import checked_labels, checked_probabilities
from motif.evaluation._segments import segment_f1
from motif.evaluation._uncertainty import entropy

__all__ = ["BehaviorScores", "behavior_scores"]

_OVERLAPS = (0.1, 0.25, 0.5)
_PLAIN = (
    *("n", "accuracy", "macro_f1", "ece", "mce", "coverage", "motif_count", "transition_rate", "mean_dwell"),
    *("entropy", "predictive_entropy", "mutual_information", "nmi", "ari", "boundary_f1", "boundary_tolerance"),
)

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BehaviorScores:
    """What there is to say of predicted labels in time order; figures of confidence are None without probabilities."""

    n: int
    accuracy: float
    macro_f1: float
    """Over the labels that occur or were predicted."""
    ece: float | None
    """Gap between the probability of the answers and how often they are right, averaged over frames."""
    mce: float | None
    """The largest gap of any bin, so never below `ece`."""
    coverage: float
    """Share of the labels of the truth that were predicted at least once."""
    motif_count: int
    """Labels that were predicted."""
    transition_rate: float
    """Changes of the prediction a second, or a frame where no rate is given."""
    dwell: DwellTimes
    """Segments of the prediction."""
    entropy: float
    """Of the time in each predicted label, nats."""
    predictive_entropy: float | None
    """Mean entropy of the probabilities of a frame, nats."""
    mutual_information: float
    """Between truth and prediction, nats, corrected for bias."""
    nmi: float
    ari: float
    segment_f1: Mapping[float, float]
    """Of segments, by how much they must overlap."""
    boundary_f1: float
    """Of changes, at most `boundary_tolerance` frames off."""
    boundary_tolerance: int
    reliability: tuple[ReliabilityBin, ...]
    """Confidence and accuracy in bins; their counts are the confidence histogram."""
    audit: Audit | None
    """What is wrong with the features, where they were given."""

    @property
    def mean_dwell(self) -> float:
        """Mean length of a segment, in seconds, or frames where no rate is given."""
        return self.dwell.mean_s

    @property
    def dwell_times(self) -> dict[int, list[float]]:
        """Lengths of the segments of each predicted label."""
        states = np.unique(self.dwell.states).tolist()
        return {state: self.dwell.lengths_s[self.dwell.states == state].tolist() for state in states}

    def reliability_diagram(self) -> Any:
        """Return confidence against accuracy, as a plotly figure."""
        return reliability_diagram({"predicted": self.reliability})

    def confidence_histogram(self) -> Any:
        """Return how many frames were answered how surely, as a plotly figure."""
        return confidence_histogram(self.reliability)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, texts, lists and None, ready for JSON."""
        return {name: getattr(self, name) for name in _PLAIN} | {
            "dwell": self.dwell.table(),
            "segment_f1": {str(overlap): value for overlap, value in self.segment_f1.items()},
            "reliability": [
                {"confidence": b.confidence, "accuracy": b.accuracy, "count": b.count} for b in self.reliability
            ],
            "audit": None if self.audit is None else self.audit.to_dict(),
        }


def behavior_scores(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    y_prob: ArrayLike | None = None,
    *,
    features: ArrayLike | None = None,
    n_bins: int = 15,
    rate_hz: float = 1.0,
    boundary_tolerance: int = 5,
    lengths: ArrayLike | None = None,
    window_s: float | None = None,
) -> BehaviorScores:
    """Judge labels in time order.

    Parameters
    ----------
    y_true, y_pred : (time,) or (n, time), int
        One stream, or one a row: nothing changes or lasts across two rows. `y_pred` need not be the most probable label
        of `y_prob`: it may be smoothed.
    y_prob : (time, n_classes) or (n, time, n_classes), optional
        Column k belongs to label k.
    features : (time, …), optional
        What the prediction was made of, to be audited.
    n_bins : int
        Bins of confidence.
    rate_hz : float
        Labels a second; at 1, durations are in labels.
    boundary_tolerance : int
        Labels that a change may be off.
    lengths : (stretches,), optional
        How many labels (time,) each stretch has, where they are of several, such as animals, or have holes in time.
    window_s : float, optional
        What a label looks at, where that is not the time to the next one: a segment of n labels within a stretch lasts
        n / `rate_hz`; one that begins or ends with its stretch also lasts as long as the windows there reach out, so
        that one label throughout lasts as long as the stretch.

    Raises
    ------
    ShapeError, DtypeError, LabelError, NotFiniteError, TooFewSamplesError, ConfigError
    InputError
        `lengths` are not those of the labels.

    Examples
    --------
    >>> scores = behavior_scores([0, 0, 1, 1], [0, 0, 0, 1], [[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.1, 0.9]])
    >>> scores.accuracy, round(scores.ece, 3), scores.coverage, scores.mean_dwell
    (0.75, 0.25, 1.0, 2.0)
    """
    truth, found = checked_streams("y_true", y_true), checked_streams("y_pred", y_pred)
    if truth.shape != found.shape:
        raise ShapeError("y_pred", got=np.shape(y_pred), want=f"{np.shape(y_true)}, a label for each of y_true")
    true_stretches, stretches = stretches_of(truth, lengths), stretches_of(found, lengths)
    true_segments, segments = stretch_segments(true_stretches), stretch_segments(stretches)
    right = (truth == found).ravel()
    bins, predictive_entropy = _confidence(y_prob, truth, found, right, n_bins)
    return BehaviorScores(
        n=right.size,
        accuracy=float(right.mean()),
        macro_f1=_macro_f1(truth, found),
        ece=sum(b.count * b.gap for b in bins) / right.size if bins else None,
        mce=max(b.gap for b in bins) if bins else None,
        coverage=state_coverage(found, truth),
        motif_count=motif_count(found),
        transition_rate=changes_a_label(stretches) * rate_hz,
        dwell=stretch_dwell_times(stretches, rate_hz, window_s),
        entropy=state_entropy(found),
        predictive_entropy=predictive_entropy,
        mutual_information=mutual_information(truth, found),
        nmi=nmi(truth, found),
        ari=adjusted_rand(truth, found),
        segment_f1={overlap: segment_f1(true_segments, segments, overlap).f1 for overlap in _OVERLAPS},
        boundary_f1=changes_f1(true_stretches, stretches, boundary_tolerance),
        boundary_tolerance=boundary_tolerance,
        reliability=bins,
        audit=None if features is None else audit(features),
    )


def _confidence(
    y_prob: ArrayLike | None, truth: Labels, found: Labels, right: NDArray[np.bool_], n_bins: int
) -> tuple[tuple[ReliabilityBin, ...], float | None]:
    if y_prob is None:
        return (), None
    given = np.asarray(y_prob)
    if given.ndim not in (2, 3) or given.shape[:-1] not in (truth.shape, (truth.size,)):
        raise ShapeError("y_prob", got=given.shape, want=f"{truth.shape} and a column for each class")
    p = checked_probabilities(given.reshape(-1, given.shape[-1]))
    checked_labels("y_true", truth.ravel(), p.shape[1])
    answers = checked_labels("y_pred", found.ravel(), p.shape[1])
    return reliability_bins(p[np.arange(len(p)), answers], right, n_bins), float(entropy(p).mean())


def _macro_f1(truth: Labels, found: Labels) -> float:
    from sklearn.metrics import f1_score

    return float(f1_score(truth.ravel(), found.ravel(), average="macro", zero_division=0))
