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
    """Return a warning that names the states seen too rarely to say how long they last; none where there are none."""
    counts = Counter(segment.state for one in ethograms for segment in one.segments())
    names = ethograms[0].names
    rare = [f"{names[state]} ({n})" for state, n in sorted(counts.items()) if n < _FEWEST_SEGMENTS]
    if not rare:
        return []
    return [f"Seen in few segments, so that how long they last is a guess: {', '.join(rare)}. Record more."]
