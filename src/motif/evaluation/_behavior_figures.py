"""Plots of how sure the answers were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from motif.evaluation._calibration import ReliabilityBin
from motif.evaluation._plot_style import BLUE, GREEN, SHARE, VERMILION, axis, empty_figure

__all__ = ["confidence_histogram"]


def confidence_histogram(bins: Sequence[ReliabilityBin]) -> Any:
    """Return how many answers were given how surely, with mean confidence and accuracy as lines.

    Parameters
    ----------
    bins : sequence of ReliabilityBin
        As `reliability` gives them.

    Raises
    ------
    MissingExtraError
        plotly is not installed.
    """
    figure = empty_figure(height=320, bargap=0.05)
    total = sum(b.count for b in bins)
    figure.add_bar(
        x=[(b.low + b.high) / 2 for b in bins],
        y=[b.count for b in bins],
        width=[b.high - b.low for b in bins],
        marker={"color": BLUE, "opacity": 0.75},
        hovertemplate="confidence %{x:.0%}<br>%{y} answers",
        name="answers",
    )
    for name, mean, colour in (
        ("mean confidence", sum(b.count * b.confidence for b in bins), VERMILION),
        ("accuracy", sum(b.count * b.accuracy for b in bins), GREEN),
    ):
        at = mean / total if total else 0.0
        top = max((b.count for b in bins), default=1)
        line = {"color": colour, "width": 2, "dash": "dash"}
        figure.add_scatter(x=[at, at], y=[0, top], mode="lines", line=line, name=f"{name} {at:.1%}")
    figure.update_layout(xaxis=axis("confidence", **SHARE), yaxis=axis("answers"))
    return figure
