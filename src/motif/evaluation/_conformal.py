"""Sets of classes that hold the truth as often as promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.errors import ConfigError, ShapeError
from motif.evaluation._inputs import checked_labels, checked_pair, checked_probabilities

__all__ = [
    "ConformalSets",
    "Coverage",
    "Cutoff",
    "conformal_coverage",
    "conformal_sets",
    "coverage_by_individual",
    "later_half",
]


@dataclass(frozen=True, slots=True)
class Cutoff:
    """From which probability a class is named."""

    threshold: float
    """A class is named where its probability is above this; 0 names all classes."""
    ties: float
    """Share of the classes of exactly this probability that the promise needs."""


@dataclass(frozen=True, slots=True)
class ConformalSets:
    """Which classes to name beside the most probable one, learnt on windows that were not trained on."""

    level: float
    """The share of windows whose set is to hold the true class."""
    cutoff: Cutoff
    by_category: Mapping[str, Cutoff]
    """One for each category (Mondrian); a category that was not calibrated on gets `cutoff`."""
    n: int
    """Windows calibrated on."""

    def sets(
        self, probabilities: ArrayLike, categories: ArrayLike | None = None, *, random_state: int | None = None
    ) -> NDArray[np.bool_]:
        """Return which classes each window's set holds, (n, n_classes).

        A set may be empty where `level` is below the accuracy: no class is likely enough, the window is odd.

        Parameters
        ----------
        probabilities : (n, n_classes)
        categories : (n,), optional
            The category of each window, where cutoffs were learnt by category.
        random_state : int, optional
            Draws lots among classes of exactly the threshold, so that the promise is kept and not exceeded. Without
            it all of them are named: a recognizer that says 1.0 of most windows then holds more than it promised.

        Raises
        ------
        ShapeError, LabelError, DtypeError, NotFiniteError
            The arrays do not fit.
        """
        p = checked_probabilities(probabilities)
        cutoffs = [self.cutoff] * len(p)
        if categories is not None:
            cutoffs = [self.by_category.get(name, self.cutoff) for name in _texts("categories", categories, len(p))]
        thresholds = np.array([cutoff.threshold for cutoff in cutoffs])[:, None]
        if random_state is None:
            return np.asarray(p >= thresholds)
        ties = np.array([cutoff.ties for cutoff in cutoffs])[:, None]
        lots = np.random.default_rng(random_state).random(p.shape) < ties
        return np.asarray((p > thresholds) | ((p == thresholds) & lots))


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of the promise on some windows."""

    group: str
    n: int
    coverage: float
    """Share of windows whose set held the true class."""
    mean_size: float
    """Classes in a set."""
    empty: float
    """Share of sets without a class."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, ready for JSON."""
        return asdict(self)


def conformal_sets(
    y_true: ArrayLike, probabilities: ArrayLike, *, level: float = 0.9, categories: ArrayLike | None = None
) -> ConformalSets:
    """Learn the cutoff on windows that were not trained on (split conformal prediction).

    The promise holds on average over windows exchangeable with these. Other people are a shift: calibrate on people
    like them, and look at `coverage_by_individual`.

    Parameters
    ----------
    y_true : (n,)
        Class indices.
    probabilities : (n, n_classes)
    level : float
        Between 0 and 1.
    categories : (n,), optional
        Of each window: person, device, place. The promise then holds within each category (Mondrian).

    Raises
    ------
    ConfigError
        `level` is not between 0 and 1.
    LabelError, ShapeError, DtypeError, NotFiniteError, TooFewSamplesError
        The input does not fit.

    References
    ----------
    Vovk, Gammerman and Shafer (2005), "Algorithmic Learning in a Random World", ch. 4; Sadinle, Lei and Wasserman
    (2019), "Least Ambiguous Set-Valued Classifiers With Bounded Error Levels", JASA 114.

    Examples
    --------
    >>> sets = conformal_sets([0, 0, 1, 1], [[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.2, 0.8]], level=0.5)
    >>> sets.cutoff.threshold, sets.sets([[0.75, 0.25], [0.5, 0.5]]).tolist()
    (0.7, [[True, False], [False, False]])
    """
    if not 0 < level < 1:
        raise ConfigError(f"level is {level}; want between 0 and 1, usually 0.9")
    y, p = checked_pair(y_true, probabilities)
    of_truth = p[np.arange(len(y)), y]
    by_category = {}
    if categories is not None:
        names = _texts("categories", categories, len(y))
        by_category = {str(name): _cutoff(of_truth[names == name], level) for name in np.unique(names)}
    return ConformalSets(level, _cutoff(of_truth, level), by_category, len(y))


def conformal_coverage(y_true: ArrayLike, sets: ArrayLike, groups: ArrayLike) -> tuple[Coverage, ...]:
    """Return how often the sets (n, n_classes) held the truth, for all windows (`""`) and for each group.

    Raises
    ------
    ShapeError, LabelError, DtypeError, TooFewSamplesError
        The arrays do not belong together.
    """
    held = np.asarray(sets, dtype=bool)
    if held.ndim != 2:
        raise ShapeError("sets", got=held.shape, want="(n, n_classes)")
    y = checked_labels("y_true", y_true, held.shape[1])
    if len(y) != len(held):
        raise ShapeError("sets", got=held.shape, want=f"({len(y)}, n_classes), one row for each of y_true")
    members = _texts("groups", groups, len(y))
    each = [(str(name), members == name) for name in np.unique(members)]
    return tuple(_coverage(name, y[rows], held[rows]) for name, rows in [("", np.ones(len(y), bool)), *each])


def coverage_by_individual(
    y_true: ArrayLike, probabilities: ArrayLike, groups: ArrayLike, *, level: float = 0.9
) -> tuple[Coverage, ...]:
    """Return what the promise is worth for somebody new: each group's sets are calibrated on all the other groups.

    The first is over all windows (`""`). With a single group the later half of each class's windows is judged by the
    earlier one, since windows often stand class after class.

    Parameters
    ----------
    y_true : (n,)
        Class indices, in the order of recording.
    probabilities : (n, n_classes)
    groups : (n,)
        The individual, session or block of each window.
    level : float
        Between 0 and 1.

    Raises
    ------
    ConfigError
        `level` is not between 0 and 1.
    LabelError, ShapeError, DtypeError, NotFiniteError, TooFewSamplesError
        The input does not fit, or there are fewer than two windows.
    """
    y, p = checked_pair(y_true, probabilities)
    members = _texts("groups", groups, len(y))
    names = np.unique(members)
    if len(names) < 2:
        late = later_half(y)
        sets = conformal_sets(y[~late], p[~late], level=level).sets(p[late], random_state=0)
        return conformal_coverage(y[late], sets, members[late])
    sets = np.zeros(p.shape, bool)
    for name in names:
        rows = members == name
        sets[rows] = conformal_sets(y[~rows], p[~rows], level=level).sets(p[rows], random_state=0)
    return conformal_coverage(y, sets, members)


def later_half(y: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which windows (n,) are of the later half of their class; where a class has an odd one, classes share them.

    Examples
    --------
    >>> later_half(np.array([0, 0, 0, 0, 1, 1, 2, 3])).astype(int).tolist()
    [0, 0, 1, 1, 0, 1, 0, 1]
    """
    place = np.empty(len(y))
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        place[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    late = np.zeros(len(y), bool)
    late[np.argsort(place, kind="stable")[len(y) // 2 :]] = True
    return late


def _cutoff(of_truth: NDArray[np.float64], level: float) -> Cutoff:
    """Return the ⌈(n + 1)·level⌉-th largest probability of a true class; all classes where n is too small for that."""
    n = len(of_truth)
    wanted = (n + 1) * level
    rank = int(np.ceil(wanted - 1e-9))
    if rank > n:
        return Cutoff(0.0, 1.0)
    threshold = float(np.sort(of_truth)[n - rank])
    above, equal = int((of_truth > threshold).sum()), int((of_truth == threshold).sum())
    return Cutoff(threshold, float(np.clip((wanted - above) / (equal + 1), 0.0, 1.0)))  # the new window is a tie too


def _coverage(name: str, y: NDArray[np.int64], held: NDArray[np.bool_]) -> Coverage:
    sizes = held.sum(axis=1)
    hit = held[np.arange(len(y)), y]
    return Coverage(name, len(y), float(hit.mean()), float(sizes.mean()), float((sizes == 0).mean()))


def _texts(name: str, values: ArrayLike, n: int) -> NDArray[np.str_]:
    texts = np.asarray(values).astype(str)
    if texts.shape != (n,):
        raise ShapeError(name, got=texts.shape, want=f"({n},), one for each window")
    return texts
