"""Figures of labels in time order. All of it lives in `motif.evaluation`."""

from conv2d.metrics.core import MetricsCalculator, MetricsResult

__all__ = ["MetricsCalculator", "MetricsResult"]
