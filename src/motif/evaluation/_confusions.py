"""Which classes are taken for each other, and whether in one direction or in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from motif.errors import ConfigError
from motif.evaluation._scores import Scores

__all__ = ["ConfusedPair", "confused_pairs"]


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Two classes that are confused; `first` is the one that is mistaken more often, in share of its windows."""

    first: str
    second: str
    first_as_second: int
    """Windows of `first` that were called `second`."""
    second_as_first: int
    first_rate: float
    """Share of the windows of `first` that were called `second`."""
    second_rate: float
    kind: Literal["symmetric", "one-way"]
    """`symmetric` where the smaller rate is at least half the larger: the two look alike. `one-way`: one swallows the
    other, as a frequent class does with a rare one."""

    @property
    def windows(self) -> int:
        """Windows confused, in both directions."""
        return self.first_as_second + self.second_as_first


def confused_pairs(scores: Scores, n_pairs: int = 10) -> tuple[ConfusedPair, ...]:
    """Return the pairs of classes most confused, by windows, the worst first; fewer where fewer are confused.

    Raises
    ------
    ConfigError
        `n_pairs` is below 1.

    Examples
    --------
    >>> from motif.evaluation import score
    >>> scores = score([0, 0, 1], [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]], ["wave", "tap"])
    >>> pair = confused_pairs(scores)[0]
    >>> pair.first, pair.second, pair.first_as_second, pair.kind
    ('wave', 'tap', 1, 'one-way')
    """
    if n_pairs < 1:
        raise ConfigError(f"n_pairs is {n_pairs}; want at least 1")
    k = len(scores.class_names)
    pairs = [_pair(scores, i, j) for i in range(k) for j in range(i + 1, k)]
    wrong = [pair for pair in pairs if pair.windows]
    return tuple(sorted(wrong, key=lambda pair: (-pair.windows, -pair.first_rate))[:n_pairs])


def _pair(scores: Scores, i: int, j: int) -> ConfusedPair:
    rates = scores.confusion_normalized
    if rates[j, i] > rates[i, j]:
        i, j = j, i
    return ConfusedPair(
        first=scores.class_names[i],
        second=scores.class_names[j],
        first_as_second=int(scores.confusion[i, j]),
        second_as_first=int(scores.confusion[j, i]),
        first_rate=float(rates[i, j]),
        second_rate=float(rates[j, i]),
        kind="symmetric" if rates[j, i] >= rates[i, j] / 2 else "one-way",
    )
