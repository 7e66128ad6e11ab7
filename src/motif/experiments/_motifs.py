"""Motifs: clusters of embeddings, found without looking at labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.behavior.cluster import Clusterer, clusterers
from motif.evaluation import normalized_mutual_information
from motif.experiments._experiment import ClusteringSettings

__all__ = ["Motifs", "find_motifs"]

_MOST_TO_COMPARE = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Motifs:
    """Which motif each window shows."""

    labels: NDArray[np.int64]
    """(n,), the largest motif is 0."""
    n_motifs: int
    nmi: float
    """What motif and label say of each other, 0…1."""
    audit: dict[str, Any]
    """Repeats the fit, with the same embeddings."""

    def to_dict(self) -> dict[str, Any]:
        """Return the figures, ready for JSON."""
        return {"count": self.n_motifs, "nmi": self.nmi, "support": np.bincount(self.labels).tolist()}


def find_motifs(
    embeddings: NDArray[np.float32],
    truth: NDArray[np.int64],
    groups: NDArray[np.str_],
    settings: ClusteringSettings,
    seed: int,
) -> Motifs:
    """Cluster embeddings (n, d); `truth` only judges what was found.

    The number of clusters has the best silhouette between the experiment's bounds, or is found by `hdp` itself.

    Raises
    ------
    TooFewSamplesError
        There are fewer windows than clusters.
    """
    make = clusterers()[settings.type]
    most = min(settings.max_clusters, len(embeddings) // 2)
    counts = [most] if settings.type == "hdp" else range(min(settings.min_clusters, most), most + 1)
    best: tuple[float, Clusterer] | None = None
    for k in counts:
        clusterer = make(random_state=seed)
        labels = clusterer.fit_predict(embeddings, k, groups=groups)
        quality = _silhouette(embeddings, labels, seed) if len(counts) > 1 else 0.0
        if best is None or quality > best[0]:
            best = quality, clusterer
    assert best is not None
    found = best[1]
    return Motifs(
        labels=found.labels_,
        n_motifs=found.n_clusters_,
        nmi=normalized_mutual_information(truth, found.labels_),
        audit=found.record_.model_dump(mode="json"),
    )


def _silhouette(embeddings: NDArray[np.float32], labels: NDArray[np.int64], seed: int) -> float:
    from sklearn.metrics import silhouette_score

    if len(np.unique(labels)) < 2:
        return -1.0
    return float(
        silhouette_score(embeddings, labels, sample_size=min(len(labels), _MOST_TO_COMPARE), random_state=seed)
    )
