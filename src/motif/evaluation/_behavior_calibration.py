"""Is a state as probable as its model says? Posteriors against labels that the model never saw."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ShapeError
from motif.evaluation._behavior_agreement import match_states
from motif.evaluation._behavior_streams import checked_streams
from motif.evaluation._calibration import ReliabilityBin, reliability
from motif.evaluation._inputs import checked_probabilities

__all__ = ["class_posteriors", "posterior_reliability"]


def class_posteriors(truth: ArrayLike, posteriors: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return labels as indices (frames,), and the probability of each label (frames, labels).

    Each state stands for the label that `match_states` gives its most probable frames; a state that is nowhere the
    most probable stands for the label it gives most probability to. States of one label are added up.

    Parameters
    ----------
    truth : (frames,), int
    posteriors : (frames, states)

    Raises
    ------
    ShapeError, DtypeError, LabelError, NotFiniteError
    """
    p = checked_probabilities(posteriors)
    labels = checked_streams("truth", truth)[0]
    if labels.shape != (len(p),):
        raise ShapeError("truth", got=np.shape(truth), want=f"({len(p)},), a label for each row of posteriors")
    classes, y = np.unique(labels, return_inverse=True)
    partner = match_states(y, p.argmax(axis=1))
    mass = np.stack([p[y == k].sum(axis=0) for k in range(len(classes))])
    probabilities = np.zeros((len(p), len(classes)))
    for state in range(p.shape[1]):
        probabilities[:, partner.get(state, int(mass[:, state].argmax()))] += p[:, state]
    return y.astype(np.int64), probabilities


def posterior_reliability(truth: ArrayLike, posteriors: ArrayLike, n_bins: int = 15) -> tuple[ReliabilityBin, ...]:
    """Return confidence and accuracy in bins, of states matched to labels; see `class_posteriors`.

    Frames that follow each other are near copies: the bins hold fewer independent cases than their counts say.
    """
    return reliability(*class_posteriors(truth, posteriors), n_bins)
