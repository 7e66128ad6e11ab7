"""What there is to say of each state: how much, how long, when, where, what motion, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.evaluation._ethogram import UNSEEN, Ethogram, Segment, transitions

__all__ = ["StateCard", "Stretch", "state_cards"]

Array = NDArray[np.float64]

_TIMES = 24
_PLACES = 16


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """A typical stretch of a state, as it was measured."""

    recording: str
    duration_s: float
    """Of the recording."""
    start_s: float
    stop_s: float
    motion: Array
    """(samples, channels)."""


@dataclass(frozen=True, slots=True, eq=False)
class StateCard:
    """One state over all recordings."""

    name: str
    share: float
    """Of the time that was seen."""
    durations_s: Array
    """(segments,)."""
    n_whole: int
    """Segments of which both ends were seen."""
    certainty: float | None
    """Mean probability of the state while it holds."""
    over_time: Array
    """(24,), share of what was seen in each 24th of the recordings; NaN where nothing was seen."""
    levels: tuple[tuple[str, float], ...]
    """How strong each channel moves in this state, in deviations from all other time that was seen."""
    next_states: tuple[tuple[str, float], ...]
    """What follows it, the most frequent first, with shares."""
    typical: Stretch | None
    where: Array | None
    """(16, 16), share of its time in each place; rows go upward."""


def state_cards(ethograms: Sequence[Ethogram]) -> list[StateCard]:
    """Return a card for each state that occurs, the most frequent first."""
    seen = sum(int((one.states != UNSEEN).sum()) for one in ethograms)
    follows = transitions(ethograms)
    strengths = _strengths(ethograms)
    segments = [(one, segment) for one in ethograms for segment in one.segments()]
    cards = [
        _card(ethograms, state, own, seen, follows[state], strengths)
        for state in range(len(ethograms[0].names))
        if (own := [(one, segment) for one, segment in segments if segment.state == state])
    ]
    return sorted(cards, key=lambda card: -card.share)


def _card(
    ethograms: Sequence[Ethogram],
    state: int,
    own: Sequence[tuple[Ethogram, Segment]],
    seen: int,
    follows: NDArray[np.int64],
    strengths: list[Array],
) -> StateCard:
    durations = np.array([(s.stop - s.start) / one.rate_hz for one, s in own])
    names = ethograms[0].names
    order = [k for k in np.argsort(-follows, kind="stable") if follows[k]]
    return StateCard(
        name=names[state],
        share=sum(s.stop - s.start for _, s in own) / max(seen, 1),
        durations_s=durations,
        n_whole=sum(s.is_whole for _, s in own),
        certainty=_certainty(ethograms, state),
        over_time=_over_time(ethograms, state),
        levels=_levels(ethograms, strengths, state),
        next_states=tuple((names[k], float(follows[k] / follows.sum())) for k in order),
        typical=_typical(own, durations),
        where=_where(ethograms, state),
    )


def _certainty(ethograms: Sequence[Ethogram], state: int) -> float | None:
    parts = [one.probabilities[one.states == state, state] for one in ethograms if one.probabilities is not None]
    return float(np.concatenate(parts).mean()) if parts else None


def _over_time(ethograms: Sequence[Ethogram], state: int) -> Array:
    """Return the mean over the recordings that saw something then, each from its beginning to its end."""
    shares = np.full((len(ethograms), _TIMES), np.nan)
    for row, one in zip(shares, ethograms, strict=True):
        n = len(one.states)
        for k in range(_TIMES):
            part = one.states[k * n // _TIMES : max((k + 1) * n // _TIMES, k * n // _TIMES + 1)]
            if seen := int((part != UNSEEN).sum()):
                row[k] = (part == state).sum() / seen
    n_seen = np.isfinite(shares).sum(axis=0)
    return np.where(n_seen, np.nansum(shares, axis=0) / np.maximum(n_seen, 1), np.nan)


def _strengths(ethograms: Sequence[Ethogram]) -> list[Array]:
    """Return (frames, channels) of each, how strongly each channel varies during the second around each frame."""
    found = []
    for one in ethograms:
        if one.motion is None:
            found.append(np.empty((len(one.states), 0)))
            continue
        reach = max(round(one.motion_rate_hz / 2), 1)
        padded = np.pad(one.motion, ((reach + 1, reach), (0, 0)), mode="edge")
        seen, level = np.isfinite(padded), _centred(padded)
        width = 2 * reach
        n, total, square = (x[width:] - x[:-width] for x in (np.cumsum(y, axis=0) for y in (seen, level, level**2)))
        mean, mean_square = total / np.maximum(n, 1), square / np.maximum(n, 1)
        spread = np.sqrt(np.maximum(mean_square - mean**2, 0.0))
        at = np.rint(np.arange(len(one.states)) * one.motion_rate_hz / one.rate_hz).astype(np.int64)
        found.append(np.log(spread[at.clip(max=len(spread) - 1)] + 1e-6))
    return found


def _centred(motion: Array) -> Array:
    """Return motion less the mean of each channel, whose squares keep their digits; 0 where nothing was measured."""
    seen = np.isfinite(motion)
    mean = np.where(seen, motion, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return np.where(seen, motion - mean, 0.0)


def _levels(ethograms: Sequence[Ethogram], strengths: list[Array], state: int) -> tuple[tuple[str, float], ...]:
    channels = ethograms[0].motion_channels
    if not channels:
        return ()
    here = np.concatenate([s[one.states == state] for one, s in zip(ethograms, strengths, strict=True)])
    other = [(one.states != state) & (one.states != UNSEEN) for one in ethograms]
    rest = np.concatenate([s[mask] for mask, s in zip(other, strengths, strict=True)])
    if not len(rest):
        return ()
    levels = (here.mean(axis=0) - rest.mean(axis=0)) / np.maximum(rest.std(axis=0), 1e-9)
    return tuple(zip(channels, map(float, levels), strict=True))


def _typical(own: Sequence[tuple[Ethogram, Segment]], durations: Array) -> Stretch | None:
    """Return the surest of the whole segments whose duration is near the median."""
    candidates = [i for i, (one, _) in enumerate(own) if one.motion is not None]
    candidates = [i for i in candidates if own[i][1].is_whole] or candidates
    if not candidates:
        return None
    median = float(np.median(durations))
    candidates.sort(key=lambda i: abs(np.log(durations[i] / median)))
    near = candidates[: max(len(candidates) // 4, 1)]
    one, segment = own[max(near, key=lambda i: _sureness(*own[i]))]
    assert one.motion is not None
    start_s, stop_s = segment.start / one.rate_hz, segment.stop / one.rate_hz
    first, last = (round(t * one.motion_rate_hz) for t in (start_s, stop_s))
    return Stretch(one.name, one.duration_s, start_s, stop_s, one.motion[first : max(last, first + 2)])


def _sureness(one: Ethogram, segment: Segment) -> float:
    if one.probabilities is None:
        return 0.0
    return float(one.probabilities[segment.start : segment.stop, segment.state].mean())


def _where(ethograms: Sequence[Ethogram], state: int) -> Array | None:
    """Return the share of the state's time in each place of the box that all recordings fill."""
    placed = [(one, one.position) for one in ethograms if one.position is not None]
    if not placed:
        return None
    everywhere = np.concatenate([position for _, position in placed])
    low, high = np.nanmin(everywhere, axis=0), np.nanmax(everywhere, axis=0)
    here = np.concatenate([position[one.states == state] for one, position in placed])
    here = here[np.isfinite(here).all(axis=1)]
    if not len(here):
        return None
    box = [(float(a), float(b) if b > a else float(a) + 1.0) for a, b in zip(low, high, strict=True)]
    counts = np.histogram2d(here[:, 1], here[:, 0], bins=_PLACES, range=[box[1], box[0]])[0]
    return np.asarray(counts / counts.sum())
