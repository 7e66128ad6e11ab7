"""Is one recognizer better than another, on the same windows?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from sys import maxsize
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import require_finite
from motif.errors import ShapeError, TooFewSamplesError
from motif.evaluation._bootstrap import Interval, group_bootstrap_difference
from motif.evaluation._inputs import checked_labels, checked_pair
from motif.evaluation._scores import score

__all__ = ["Comparison", "McNemar", "PairedTest", "compare_recognizers", "mcnemar", "paired_test"]

MOST_ENUMERATED = 14
"""Pairs up to which all 2^n signs are gone through."""
N_DRAWN = 20_000


@dataclass(frozen=True, slots=True)
class McNemar:
    """Windows on which two recognizers differ, and how surprising their division is."""

    only_first_right: int
    only_second_right: int
    p_value: float
    """Exact and two-sided: the chance of a division at least as uneven if both were equally good."""


@dataclass(frozen=True, slots=True)
class PairedTest:
    """Differences within groups or folds, and how surprising their mean is."""

    mean_difference: float
    p_value: float
    """Two-sided: the share of all ways to exchange the two within pairs that give a mean at least as far from 0."""
    n: int
    """Pairs: groups, or folds."""
    smallest_p: float
    """2 / 2ⁿ, which no test on so few pairs can go below."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How much better the first is than the second."""

    first: str
    second: str
    differences: Mapping[str, float]
    """By figure, first minus second."""
    intervals: Mapping[str, Interval]
    """Of the differences, groups drawn with replacement; empty with a single group."""
    windows: McNemar
    """Takes windows for independent. Those of one person are not, so its p-value is too small where groups matter."""
    groups: PairedTest | None
    """On the accuracy of each group; None with a single group. Believe this one."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and texts, ready for JSON."""
        return asdict(self)


def mcnemar(y_true: ArrayLike, first: ArrayLike, second: ArrayLike) -> McNemar:
    """Compare two recognizers' answers (n,) window by window, exactly.

    Raises
    ------
    ShapeError, DtypeError, LabelError, TooFewSamplesError
        The arrays do not belong together.

    References
    ----------
    McNemar (1947), Psychometrika 12; Dietterich (1998), Neural Computation 10(7), on when to use it.

    Examples
    --------
    >>> mcnemar([0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1])
    McNemar(only_first_right=5, only_second_right=1, p_value=0.21875)
    """
    from scipy.stats import binomtest

    y, a, b = (
        checked_labels(name, v, maxsize) for name, v in (("y_true", y_true), ("first", first), ("second", second))
    )
    if not len(y) == len(a) == len(b):
        raise ShapeError("first and second", got=(len(a), len(b)), want=f"({len(y)},) each, as y_true")
    ahead, behind = int(((a == y) & (b != y)).sum()), int(((a != y) & (b == y)).sum())
    p_value = float(binomtest(ahead, ahead + behind).pvalue) if ahead + behind else 1.0
    return McNemar(ahead, behind, p_value)


def paired_test(first: ArrayLike, second: ArrayLike, *, random_state: int = 0) -> PairedTest:
    """Compare figures (n,) of two recognizers on the same n groups or folds, by exchanging them within pairs.

    All 2ⁿ exchanges up to 14 pairs, 20,000 drawn ones above. Nothing is assumed of how the figures are distributed.
    Folds share their training windows, so across folds the p-value is somewhat too small; across groups it is not.

    Raises
    ------
    ShapeError, TooFewSamplesError, NotFiniteError
        The figures are not as many, there is none, or one is no number.

    References
    ----------
    Fisher's randomization test; Good (2005), "Permutation, Parametric and Bootstrap Tests of Hypotheses", ch. 3.

    Examples
    --------
    >>> paired_test([0.9, 0.8, 0.9], [0.8, 0.7, 0.7])
    PairedTest(mean_difference=0.133..., p_value=0.25, n=3, smallest_p=0.25)
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ShapeError("second", got=b.shape, want=f"{a.shape}, a figure for each of first")
    if not a.size:
        raise TooFewSamplesError("there is no pair to compare; give the figures of at least one group or fold")
    difference = a - b
    require_finite("first less second", difference)
    n = len(difference)
    if n <= MOST_ENUMERATED:
        signs, extra = np.array(list(product((1, -1), repeat=n))), 0
    else:
        signs, extra = np.random.default_rng(random_state).choice((1, -1), size=(N_DRAWN, n)), 1
    rounding = 1e-12 * np.abs(difference).sum()
    as_far = int((np.abs(signs @ difference) >= abs(difference.sum()) - rounding).sum())
    return PairedTest(float(difference.mean()), (as_far + extra) / (len(signs) + extra), n, min(1.0, 2.0 ** (1 - n)))


def compare_recognizers(
    y_true: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    groups: ArrayLike,
    class_names: Sequence[str],
    *,
    names: tuple[str, str] = ("first", "second"),
) -> Comparison:
    """Compare the probabilities (n, n_classes) of two recognizers on the same windows.

    Parameters
    ----------
    y_true : (n,)
        Class indices.
    first, second : (n, n_classes)
        Probabilities, columns as `class_names`.
    groups : (n,)
        Subject, session or block of each window.
    names : (str, str)
        What the two are called.

    Raises
    ------
    LabelError, ShapeError, DtypeError, NotFiniteError, TooFewSamplesError
        The arrays do not belong together.
    """
    y, p = checked_pair(y_true, first)
    _, q = checked_pair(y_true, second)
    a, b = p.argmax(axis=1), q.argmax(axis=1)
    one, other = score(y, p, class_names), score(y, q, class_names)
    figures = ("accuracy", "macro_f1", "weighted_f1", "log_loss", "ece")
    members = np.asarray(groups)
    return Comparison(
        first=names[0],
        second=names[1],
        differences={name: getattr(one, name) - getattr(other, name) for name in figures},
        intervals=group_bootstrap_difference(y, a, b, members),
        windows=mcnemar(y, a, b),
        groups=_across_groups(a == y, b == y, members),
    )


def _across_groups(a: NDArray[np.bool_], b: NDArray[np.bool_], groups: NDArray[Any]) -> PairedTest | None:
    names = np.unique(groups)
    if len(names) < 2:
        return None
    shares = [[right[groups == name].mean() for name in names] for right in (a, b)]
    return paired_test(*shares)
