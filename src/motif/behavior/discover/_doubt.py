"""How far found states can be trusted: models that disagree, states seen too rarely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motif.evaluation import Ethogram, match_chains, state_uncertainty

__all__ = ["disagreement", "few_segments"]

Array = NDArray[np.float64]

_FEWEST_SEGMENTS = 5


def disagreement(posteriors: Sequence[Array], unseen: NDArray[np.bool_]) -> Array:
    """Return how far models (frames, states) disagree, nats, (frames,); states of all matched to the first one's."""
    widest = max(one.shape[1] for one in posteriors)
    wide = [np.pad(one[~unseen], ((0, 0), (0, widest - one.shape[1]))) for one in posteriors]
    found = np.full(len(unseen), np.nan)
    if not unseen.all():
        found[~unseen] = state_uncertainty(match_chains(np.stack(wide))).epistemic
    return found


def few_segments(ethograms: Sequence[Ethogram]) -> list[str]:
    """Return a warning for each state that was seen too rarely to say how long it lasts."""
    counts = Counter(segment.state for one in ethograms for segment in one.segments())
    return [
        f"{ethograms[0].names[state]} was seen in {n} segment{'s' if n > 1 else ''} only: "
        "how long it lasts is a guess; record more"
        for state, n in sorted(counts.items())
        if n < _FEWEST_SEGMENTS
    ]
