"""Plots of one evaluation: groups, where it was wrong, whom to trust how far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from motif.evaluation._evaluation import Evaluation
from motif.evaluation._group_scores import GroupScore
from motif.evaluation._plot_style import (
    BLUE,
    GREEN,
    ORANGE,
    SHARE,
    VERMILION,
    axis,
    empty_figure,
    named_ticks,
    plain_text,
)
from motif.evaluation._selective import SelectiveCurve
from motif.evaluation._uncertainty import Uncertainty

__all__ = ["conformal_figure", "groups_figure", "selective_figure", "uncertainty_figure", "wrong_windows_figure"]

_MOST_ROWS = 40
_PIECES = 60
_MOST_POINTS = 4000


def groups_figure(per_group: Sequence[GroupScore]) -> Any:
    """Return accuracy and macro-F1 of each group, the worst on top; at most 40."""
    rows = sorted(per_group, key=lambda group: group.accuracy)[:_MOST_ROWS][::-1]
    figure = empty_figure(height=max(240, 120 + 24 * len(rows)))
    for name, values, symbol, colour in (
        ("macro-F1", [g.macro_f1 for g in rows], "circle", BLUE),
        ("accuracy", [g.accuracy for g in rows], "diamond-open", ORANGE),
    ):
        figure.add_scatter(
            x=values,
            y=list(range(len(rows))),
            mode="markers",
            name=name,
            marker={"symbol": symbol, "size": 10, "color": colour, "line": {"width": 2}},
            customdata=[g.n for g in rows],
            hovertemplate=name + " %{x:.3f}, %{customdata} windows",
        )
    ticks = named_ticks([plain_text(g.group) for g in rows])
    figure.update_layout(xaxis=axis(**SHARE), yaxis=axis(**ticks, range=[-0.6, len(rows) - 0.4]))
    return figure


def wrong_windows_figure(evaluation: Evaluation) -> Any:
    """Return the share of wrong windows along each group's recording, cut into at most 60 pieces in time."""
    names = np.unique(evaluation.groups)[:_MOST_ROWS]
    of_group = [evaluation.order[evaluation.groups[evaluation.order] == name] for name in names]
    n_pieces = min(_PIECES, max(map(len, of_group)))
    shares: list[list[float | None]] = []
    for rows in of_group:
        pieces = np.array_split(~evaluation.right[rows], n_pieces)
        shares.append([float(piece.mean()) if piece.size else None for piece in pieces])
    figure = empty_figure(height=max(240, 130 + 24 * len(names)))
    figure.add_heatmap(
        z=shares,
        x=[(i + 0.5) / n_pieces for i in range(n_pieces)],
        zmin=0,
        zmax=1,
        colorscale=[[0, "rgba(47, 131, 197, 0.13)"], [0.001, "#f6c9a8"], [1, VERMILION]],
        hovertemplate="%{z:.0%} wrong at %{x:.0%} of %{y}<extra></extra>",
        xgap=1,
        ygap=2,
        colorbar={"tickformat": ".0%", "thickness": 10, "outlinewidth": 0, "ticks": ""},
    )
    figure.update_layout(
        xaxis=axis("from the first window to the last", tickformat=".0%", showgrid=False),
        yaxis=axis(**named_ticks([plain_text(str(name)) for name in names]), showgrid=False, autorange="reversed"),
    )
    return figure


def selective_figure(curve: SelectiveCurve) -> Any:
    """Return accuracy against the share of windows answered, the surest first."""
    figure = empty_figure(height=340)
    figure.add_scatter(
        x=curve.coverage,
        y=curve.accuracy,
        mode="lines" if len(curve.coverage) > 1 else "markers",
        name="of the windows answered",
        line={"color": BLUE, "width": 2.5},
        customdata=curve.threshold,
        hovertemplate="%{x:.1%} answered, %{y:.2%} of them right<br>from confidence %{customdata:.3f}<extra></extra>",
    )
    low = float(curve.accuracy.min())
    figure.update_layout(
        xaxis=axis("share of windows answered, the surest first", **SHARE),
        yaxis=axis("share right", tickformat=".1%", range=[low - 0.05 * (1 - low) - 0.005, 1 + 0.05 * (1 - low)]),
        showlegend=False,
    )
    return figure


def conformal_figure(evaluation: Evaluation) -> Any:
    """Return how often conformal sets held the truth, beside what was promised, for each group."""
    figure = empty_figure(height=340)
    rows = {level: coverages[1 : 1 + _MOST_ROWS] for level, coverages in evaluation.coverage.items()}
    for (level, coverages), colour in zip(rows.items(), (GREEN, BLUE, ORANGE), strict=False):
        figure.add_scatter(
            x=list(range(len(coverages))),
            y=[c.coverage for c in coverages],
            mode="markers",
            name=f"promised {level:.0%}",
            marker={"color": colour, "size": 9},
            customdata=[[c.mean_size, c.n] for c in coverages],
            hovertemplate="held %{y:.1%}, %{customdata[0]:.2f} classes a set, %{customdata[1]} windows",
        )
        figure.add_hline(y=level, line={"color": colour, "width": 1, "dash": "dot"})
    names = [plain_text(c.group) for c in next(iter(rows.values()))]
    lowest = min(c.coverage for coverages in rows.values() for c in coverages)
    figure.update_layout(
        xaxis=axis(**named_ticks(names), showgrid=False),
        yaxis=axis("sets that held the truth", tickformat=".0%", range=[min(lowest, 0.85) - 0.02, 1.01]),
    )
    return figure


def uncertainty_figure(doubt: Uncertainty, right: Any) -> Any:
    """Return each window's two doubts, the wrong answers standing out; at most 4,000 windows of each kind."""
    figure = empty_figure(height=420)
    answered = np.asarray(right, dtype=bool)
    for name, rows, colour, size in (("right", answered, BLUE, 5), ("wrong", ~answered, VERMILION, 8)):
        shown = np.flatnonzero(rows)
        shown = shown[:: max(1, len(shown) // _MOST_POINTS)]
        figure.add_scatter(
            x=doubt.aleatoric[shown],
            y=doubt.epistemic[shown],
            mode="markers",
            name=name,
            marker={"color": colour, "size": size, "opacity": 0.6},
            hovertemplate="in the movement %{x:.2f}, in what was learnt %{y:.2f} nats",
        )
    figure.update_layout(
        xaxis=axis("aleatoric: the movement is ambiguous (nats)", rangemode="tozero"),
        yaxis=axis("epistemic: nothing like it was learnt (nats)", rangemode="tozero"),
    )
    return figure
