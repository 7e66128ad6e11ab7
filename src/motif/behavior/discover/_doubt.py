"""How far found states can be trusted: models that disagree, states seen too rarely."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motif.behavior.semi_markov._durations import CUT_SHORT, share_near
from motif.evaluation import Ethogram, StateCard, match_chains, state_cards, state_uncertainty

__all__ = ["brief_states", "cut_short", "disagreement", "few_segments"]

Array = NDArray[np.float64]

_FEWEST_SEGMENTS = 5
_NEARLY_ALL = 0.8


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


def brief_states(ethograms: Sequence[Ethogram], window_s: float = 0.6, shortest_s: float = 0.0) -> list[str]:
    """Return a warning that names the states which may be no more than a change; none where none may.

    A frame at a change sees the end of one state and the beginning of the next, like neither. So do states which mostly
    last no longer than a frame looks at; and those that mostly last `shortest_s`, the shortest that was asked for, if
    nearly always another state follows them than came before.
    """
    brief = [card.name for card in state_cards(ethograms) if _is_brief(ethograms, card, window_s, shortest_s)]
    if not brief:
        return []
    return [
        f"Mostly as short as what a frame looks at ({window_s:g} s) or as may be, so that they may be no more than the "
        f"change from one state to another, and stand between these in what follows what: {', '.join(brief)}."
    ]


def cut_short(ethograms: Sequence[Ethogram], longest_s: float) -> list[str]:
    """Return a warning where segments press against `longest_s`, the longest that was asked for; none where none do."""
    durations = [np.array([each.stop - each.start for each in one.segments()]) / one.rate_hz for one in ethograms]
    share = share_near(np.concatenate(durations), longest_s)
    if share <= CUT_SHORT:
        return []
    return [
        f"{share:.0%} of the time lies in segments of nearly the longest that was asked for ({longest_s:g} s), "
        "which may be parts of longer ones: ask for a longer one, or for none."
    ]


def _is_brief(ethograms: Sequence[Ethogram], card: StateCard, window_s: float, shortest_s: float) -> bool:
    median = float(np.median(card.durations_s))
    half_a_frame = 0.5 / ethograms[0].rate_hz
    return median <= window_s or (median <= shortest_s + half_a_frame and _stands_between(ethograms, card.name))


def _stands_between(ethograms: Sequence[Ethogram], name: str) -> bool:
    """Return whether nearly all segments of a state lie between two different others."""
    differs = [
        one.states[segment.start - 1] != one.states[segment.stop]
        for one in ethograms
        for segment in one.segments()
        if segment.is_whole and one.names[segment.state] == name
    ]
    return len(differs) >= _FEWEST_SEGMENTS and float(np.mean(differs)) >= _NEARLY_ALL
