"""Clusters whose numbers stay, on one strategy interface."""

from motif.behavior.cluster import Clusterer, GMMClusterer, HDPClusterer, KMeansClusterer

__all__ = ["Clusterer", "GMMClusterer", "HDPClusterer", "KMeansClusterer"]
