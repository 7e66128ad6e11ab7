"""What every way of clustering shares: checks, smallest support, stable labels, an audit record."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.behavior.cluster._audit import AuditRecord, fingerprint, versions
from motif.behavior.cluster._matching import by_support, match_labels
from motif.behavior.cluster._support import with_support
from motif.checks import as_numbers, require_finite
from motif.errors import ConfigError, DtypeError, InputError, ShapeError, TooFewSamplesError
from motif.files import write_bytes

__all__ = ["Clusterer", "Partition", "checked_features"]

Array = NDArray[np.float64]


class Partition(Protocol):
    """Components that were fitted: how well each would do for a point."""

    @property
    def iterations(self) -> int:
        """Rounds it took."""
        ...

    @property
    def converged(self) -> bool:
        """Whether the last round changed next to nothing."""
        ...

    def scores(self, features: Array) -> Array:
        """Return (n, components): higher is nearer or more probable."""
        ...


class Clusterer(ABC):
    """Cluster features. Another algorithm is a subclass that says in `partition` how components are fitted.

    Parameters
    ----------
    random_state : int
        The same number, features and settings give the same labels.
    min_support : int or float
        Points (from 1) or share of all (below 1) that a cluster must have. Smaller ones are dissolved, the smallest
        first, and each of their points goes to the best of the rest.
    audit_dir : path, optional
        Where each fit writes its record, `<algorithm>-<hash>.json`.

    Attributes
    ----------
    labels_ : (n,) int64
    n_clusters_ : int
    record_ : AuditRecord
        All that is needed, with the features, to repeat the fit: `motif.behavior.cluster.repeat(record, features)`.
    """

    algorithm: ClassVar[str]

    def __init__(
        self, *, random_state: int = 42, min_support: float = 0.01, audit_dir: str | Path | None = None
    ) -> None:
        self.random_state = random_state
        self.min_support = min_support
        self.audit_dir = audit_dir

    @abstractmethod
    def partition(self, features: Array, k: int, groups: NDArray[np.int64] | None) -> Partition:
        """Fit at most `k` components to standardized features (n, d); `groups` (n,) count from 0, if there are any."""

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments that decide the labels, JSON-ready."""
        return {"random_state": self.random_state, "min_support": self.min_support}

    def fit_predict(
        self,
        features: ArrayLike,
        k: int = 4,
        prior_labels: ArrayLike | None = None,
        *,
        groups: ArrayLike | None = None,
    ) -> NDArray[np.int64]:
        """Return the cluster of each point.

        Parameters
        ----------
        features : (n, d)
            Each column is standardized first; one that never changes counts for nothing.
        k : int
            Clusters to find; `HDPClusterer` finds the number itself, and `k` is the most there may be.
        prior_labels : (n,) int, optional
            Labels of the same points from an earlier fit; what is negative had none. Clusters keep the number of the
            one they share most points with (Hungarian matching), others get new numbers. Without them, clusters are
            numbered by their size, the largest 0.
        groups : (n,), optional
            Subject, session or recording of each point, for algorithms that know of groups.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError
            `features`, `prior_labels` or `groups` cannot be used.
        TooFewSamplesError
            There are fewer points than clusters.
        ConfigError
            `k`, `min_support` or `random_state` cannot be.
        WriteError
            The record cannot be written.
        """
        values = checked_features(features)
        self._check(values, k)
        prior = None if prior_labels is None else _checked_labels(prior_labels, len(values))
        members = None if groups is None else _indices(groups, len(values))
        center, scale = values.mean(axis=0), values.std(axis=0)
        varies = scale > 1e-12 * np.maximum(np.abs(center), 1.0)
        self._center, self._scale = center, np.where(varies, scale, np.inf)
        standardized = (values - self._center) / self._scale
        self._partition = self.partition(standardized, k, members)
        scores = self._partition.scores(standardized)
        smallest = self.min_support * len(values) if self.min_support < 1 else self.min_support
        self._kept, found, dissolved = with_support(scores, smallest)
        self._numbers = by_support(found) if prior is None else match_labels(found, prior)
        self.labels_ = self._numbers[found]
        self.n_clusters_ = len(self._kept)
        self.record_ = self._record(values, k, prior, members, dissolved)
        if self.audit_dir is not None:
            content = self.record_.to_json()
            write_bytes(Path(self.audit_dir) / f"{self.algorithm}-{self.record_.hash[:12]}.json", content.encode())
        return self.labels_

    def predict(self, features: ArrayLike) -> NDArray[np.int64]:
        """Return the cluster of new points (n, d), numbered as in the fit.

        Raises
        ------
        InputError
            Nothing was fitted.
        ShapeError, DtypeError, NotFiniteError
        """
        if not hasattr(self, "_partition"):
            raise InputError(f"this {type(self).__name__} has found no clusters yet; call fit_predict first")
        values = checked_features(features)
        if values.shape[1] != len(self._center):
            raise ShapeError("features", got=values.shape, want=f"(n, {len(self._center)}), as in the fit")
        scores = self._partition.scores((values - self._center) / self._scale)
        labels: NDArray[np.int64] = self._numbers[scores[:, self._kept].argmax(axis=1)]
        return labels

    def _check(self, values: Array, k: int) -> None:
        for name, number, least in (("k", k, 1), ("random_state", self.random_state, 0)):
            if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < least:
                raise ConfigError(f"{name} is {number!r}; want a whole number of {least} or more")
        if not self.min_support >= 0:
            raise ConfigError(f"min_support is {self.min_support}; want points (from 1) or a share of all (below 1)")
        if len(values) < max(k, 2):
            raise TooFewSamplesError(f"there are {len(values)} points for {k} clusters; want at least {max(k, 2)}")

    def _record(
        self,
        values: Array,
        k: int,
        prior: NDArray[np.int64] | None,
        groups: NDArray[np.int64] | None,
        dissolved: list[int],
    ) -> AuditRecord:
        numbers, support = np.unique(self.labels_, return_counts=True)
        return AuditRecord(
            algorithm=self.algorithm,
            settings=self.settings(),
            k=int(k),
            prior_labels=None if prior is None else prior.tolist(),
            groups=None if groups is None else groups.tolist(),
            features_shape=values.shape,
            features_sha256=fingerprint(values),
            labels_sha256=fingerprint(self.labels_),
            n_clusters=self.n_clusters_,
            support={str(number): int(count) for number, count in zip(numbers, support, strict=True)},
            dissolved=dissolved,
            iterations=self._partition.iterations,
            converged=self._partition.converged,
            versions=versions(),
        )


def checked_features(features: ArrayLike) -> Array:
    """Return (n, d) finite float64.

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError
    """
    array = as_numbers(features, "features")
    if array.ndim != 2 or 0 in array.shape:
        raise ShapeError("features", got=array.shape, want="(n, d), a point a row")
    values = array.astype(np.float64)
    require_finite("features", values)
    return values


def _checked_labels(labels: ArrayLike, n: int) -> NDArray[np.int64]:
    array = np.asarray(labels)
    if array.shape != (n,):
        raise ShapeError("prior_labels", got=array.shape, want=f"({n},), one for each point")
    if array.dtype.kind not in "iu":
        raise DtypeError("prior_labels", got=array.dtype, want="whole numbers; negative where there was none")
    return array.astype(np.int64)


def _indices(groups: ArrayLike, n: int) -> NDArray[np.int64]:
    array = np.asarray(groups)
    if array.shape != (n,):
        raise ShapeError("groups", got=array.shape, want=f"({n},), one for each point")
    return np.unique(array, return_inverse=True)[1].astype(np.int64)
