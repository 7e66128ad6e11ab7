"""Which classes are taken for each other, and whether in one direction or in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from motif.errors import ConfigError
from motif.evaluation._scores import Scores

__all__ = ["ARROWS", "ConfusedPair", "confused_pairs"]

ARROWS = {"symmetric": "↔", "one-way": "→", "undecided": "–"}
"""How each kind of confusion is drawn."""


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
    p_value: float
    """Of Fisher's exact test, two-sided: the chance of rates at least as uneven if both were equal."""
    kind: Literal["symmetric", "one-way", "undecided"]
    """`one-way`: the rates differ beyond chance; one swallows the other, as a frequent class does with a rare one.
    `symmetric`: they don't, though as many confusions all in one direction would have shown; the two look alike.
    `undecided`: too few to tell."""

    @property
    def windows(self) -> int:
        """Windows confused, in both directions."""
        return self.first_as_second + self.second_as_first


def confused_pairs(scores: Scores, n_pairs: int = 10, *, level: float = 0.05) -> tuple[ConfusedPair, ...]:
    """Return the pairs of classes most confused, by windows, the worst first; fewer where fewer are confused.

    Parameters
    ----------
    scores : Scores
    n_pairs : int
        At most so many.
    level : float
        Of the test that tells `one-way` from `symmetric`, over all confused pairs together (Holm's correction). It
        takes windows for independent: neighbours in time make it say `one-way` too easily.

    Raises
    ------
    ConfigError
        `n_pairs` is below 1, or `level` not between 0 and 1.

    References
    ----------
    Fisher (1922), JRSS 85(1); Holm (1979), Scandinavian Journal of Statistics 6(2).

    Examples
    --------
    >>> from motif.evaluation import score
    >>> scores = score([0] * 9 + [1] * 9, [[0.9, 0.1]] * 2 + [[0.4, 0.6]] * 7 + [[0.2, 0.8]] * 9, ["wave", "tap"])
    >>> pair = confused_pairs(scores)[0]
    >>> pair.first, pair.second, pair.first_as_second, pair.kind
    ('wave', 'tap', 7, 'one-way')
    """
    if n_pairs < 1 or not 0 < level < 1:
        raise ConfigError(f"n_pairs is {n_pairs} and level {level}; want at least 1, and between 0 and 1")
    k = len(scores.class_names)
    confused = [(i, j) for i in range(k) for j in range(i + 1, k) if scores.confusion[i, j] + scores.confusion[j, i]]
    p_values = {(i, j): _fisher(scores, i, j, scores.confusion[i, j], scores.confusion[j, i]) for i, j in confused}
    reached = _holm(p_values, level)
    rates = scores.confusion_normalized

    def size(pair: tuple[int, int]) -> tuple[float, float]:
        i, j = pair
        return -(scores.confusion[i, j] + scores.confusion[j, i]), -max(rates[i, j], rates[j, i])

    worst = sorted(confused, key=size)[:n_pairs]
    return tuple(_pair(scores, i, j, p_values[i, j], reached[i, j]) for i, j in worst)


def _fisher(scores: Scores, i: int, j: int, i_as_j: int, j_as_i: int) -> float:
    from scipy.stats import fisher_exact

    of_i, of_j = int(scores.confusion[i].sum()), int(scores.confusion[j].sum())
    return float(fisher_exact([[i_as_j, of_i - i_as_j], [j_as_i, of_j - j_as_i]]).pvalue)


def _holm(p_values: dict[tuple[int, int], float], level: float) -> dict[tuple[int, int], float]:
    """Return the level that each pair had to reach; once one failed, those after it are held to the same."""
    reached, needed, standing = {}, level, True
    for rank, pair in enumerate(sorted(p_values, key=p_values.__getitem__)):
        if standing:
            needed = level / (len(p_values) - rank)
            standing = p_values[pair] < needed
        reached[pair] = needed
    return reached


def _pair(scores: Scores, i: int, j: int, p_value: float, level: float) -> ConfusedPair:
    rates = scores.confusion_normalized
    if rates[j, i] > rates[i, j]:
        i, j = j, i
    kind: Literal["symmetric", "one-way", "undecided"] = "one-way"
    if p_value >= level:
        kind = "symmetric" if _would_have_shown(scores, i, j, level) else "undecided"
    return ConfusedPair(
        first=scores.class_names[i],
        second=scores.class_names[j],
        first_as_second=int(scores.confusion[i, j]),
        second_as_first=int(scores.confusion[j, i]),
        first_rate=float(rates[i, j]),
        second_rate=float(rates[j, i]),
        p_value=p_value,
        kind=kind,
    )


def _would_have_shown(scores: Scores, i: int, j: int, level: float) -> bool:
    """Return whether as many confusions, all of `i` for `j` as far as it has windows, would have been one-way."""
    both, of_i = int(scores.confusion[i, j] + scores.confusion[j, i]), int(scores.confusion[i].sum())
    one_way = min(both, of_i)
    return _fisher(scores, i, j, one_way, both - one_way) < level
