"""The ways of clustering there are, by the name an experiment file calls them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points

from numpy.typing import ArrayLike

from motif.behavior.cluster._audit import AuditRecord, fingerprint
from motif.behavior.cluster._clusterer import Clusterer, checked_features
from motif.behavior.cluster._gmm import GMMClusterer
from motif.behavior.cluster._hdp import HDPClusterer
from motif.behavior.cluster._kmeans import KMeansClusterer
from motif.errors import ConfigError, InputError

__all__ = ["clusterers", "repeat"]

GROUP = "motif.clusterers"
"""Entry points under which other packages register theirs."""


def clusterers() -> Mapping[str, type[Clusterer]]:
    """Return every clusterer by its name: `kmeans`, `gmm`, `hdp`, and what other packages registered."""
    ours: dict[str, type[Clusterer]] = {c.algorithm: c for c in (KMeansClusterer, GMMClusterer, HDPClusterer)}
    return {point.name: point.load() for point in entry_points(group=GROUP)} | ours


def repeat(record: AuditRecord, features: ArrayLike) -> Clusterer:
    """Fit again what a record tells of; the clusterer comes back with the same `labels_`.

    Parameters
    ----------
    record : AuditRecord
        `clusterer.record_`, or `AuditRecord.from_json` of its file.
    features : (n, d)
        What was clustered then.

    Raises
    ------
    ConfigError
        The algorithm is not installed.
    InputError
        These are other features, or other labels come out (the versions of both fits are named).
    """
    if record.algorithm not in clusterers():
        raise ConfigError(f"no clusterer is called {record.algorithm!r}; there are {', '.join(clusterers())}")
    if fingerprint(checked_features(features)) != record.features_sha256:
        raise InputError(f"these are not the features of the record (there {record.features_shape}); pass the same")
    clusterer = clusterers()[record.algorithm](**record.settings)
    clusterer.fit_predict(features, record.k, record.prior_labels, groups=record.groups)
    if clusterer.record_.labels_sha256 != record.labels_sha256:
        raise InputError(
            f"other labels came out than then; the record is of {record.versions}, here are "
            f"{clusterer.record_.versions}: install the same to compare"
        )
    return clusterer
