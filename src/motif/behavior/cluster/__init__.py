"""Points into clusters: k-means, Gaussians, a hierarchical Dirichlet process; numbers that stay, fits that repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.behavior.cluster._audit import AuditRecord
    from motif.behavior.cluster._clusterer import Clusterer, Partition
    from motif.behavior.cluster._gmm import GMMClusterer
    from motif.behavior.cluster._hdp import HDPClusterer
    from motif.behavior.cluster._kmeans import KMeansClusterer
    from motif.behavior.cluster._matching import match_labels
    from motif.behavior.cluster._registry import clusterers, repeat
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_audit": ("AuditRecord",),
            "_clusterer": ("Clusterer", "Partition"),
            "_gmm": ("GMMClusterer",),
            "_hdp": ("HDPClusterer",),
            "_kmeans": ("KMeansClusterer",),
            "_matching": ("match_labels",),
            "_registry": ("clusterers", "repeat"),
        },
    )

__all__ = [
    "AuditRecord",
    "Clusterer",
    "GMMClusterer",
    "HDPClusterer",
    "KMeansClusterer",
    "Partition",
    "clusterers",
    "match_labels",
    "repeat",
]
