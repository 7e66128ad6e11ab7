"""What practice shows: how often each gesture is understood, whether that gets better, and what is taken for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from motif.terminal._session import Attempt

__all__ = ["Practice", "practice_of", "sparkline"]

_RECENT = 10
_BLOCKS = "▁▂▃▄▅▆▇█"
_TREND = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """Figures of one gesture's practice."""

    gesture: str
    n: int
    accuracy: float
    recent: float
    """Accuracy of the last ten tries."""
    before: float | None
    """Accuracy of the ten tries before those; None where there were none."""
    confidence: float
    """Mean confidence of what was understood rightly; 0 where nothing was."""
    mistaken_for: str | None
    """What it is most often taken for; an empty text for no gesture at all."""
    history: tuple[float, ...]
    """Accuracy over each five tries, the oldest first."""

    @property
    def trend(self) -> str:
        """`better`, `worse`, `steady`, or `new` where there is nothing to compare with."""
        if self.before is None:
            return "new"
        change = self.recent - self.before
        return "better" if change > _TREND else "worse" if change < -_TREND else "steady"


def practice_of(attempts: Sequence[Attempt]) -> list[Practice]:
    """Return the practice of each gesture, the least understood first."""
    gestures = dict.fromkeys(attempt.asked for attempt in attempts)
    found = [_of(gesture, [each for each in attempts if each.asked == gesture]) for gesture in gestures]
    return sorted(found, key=lambda practice: (practice.recent, practice.gesture))


def _of(gesture: str, attempts: Sequence[Attempt]) -> Practice:
    right = [attempt.correct for attempt in attempts]
    wrong = Counter(attempt.heard or "" for attempt in attempts if not attempt.correct)
    sure = [attempt.confidence for attempt in attempts if attempt.correct]
    earlier = right[-2 * _RECENT : -_RECENT]
    return Practice(
        gesture=gesture,
        n=len(right),
        accuracy=sum(right) / len(right),
        recent=_mean(right[-_RECENT:]),
        before=_mean(earlier) if earlier else None,
        confidence=_mean(sure) if sure else 0.0,
        mistaken_for=wrong.most_common(1)[0][0] if wrong else None,
        history=tuple(_mean(right[start : start + 5]) for start in range(0, len(right), 5)),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def sparkline(values: Sequence[float], width: int = 20) -> str:
    """Return figures between 0 and 1 as a line of bars, the latest `width` of them.

    Examples
    --------
    >>> sparkline([0, 0.5, 1])
    '▁▅█'
    """
    return "".join(_BLOCKS[min(len(_BLOCKS) - 1, int(value * len(_BLOCKS)))] for value in values[-width:])
