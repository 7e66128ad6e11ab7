"""Plots of two streams: the lag over time, what is shared at which frequency, how often one is where the other was."""

from __future__ import annotations

from typing import Any

import numpy as np

from motif.behavior._synchrony._measure import Synchrony
from motif.evaluation._plot_style import BLUE, GREY, ORANGE, VERMILION, axis, empty_figure

__all__ = ["coherence_figure", "lag_figure", "measures_figure", "recurrence_figure"]

_SHADES = [[0, "rgba(47,131,197,0)"], [0.5, "#4c94cf"], [1, "#08467c"]]
_HERTZ = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]
_BAR = {"thickness": 10, "outlinewidth": 0, "ticks": ""}


def lag_figure(found: Synchrony) -> Any:
    """Return the correlation of each window at each lag, and on it the lag, filled where it is beyond chance."""
    figure = empty_figure(height=420, showlegend=True)
    figure.add_heatmap(
        x=found.time_s.tolist(),
        y=found.lags_s.tolist(),
        z=np.maximum(found.correlation.T, 0.0).round(3).tolist(),
        colorscale=_SHADES,
        colorbar=_BAR | {"title": {"text": "z"}},
        hovertemplate="%{x:.1f} s, lag %{y:.2f} s: %{z:.2f}<extra></extra>",
    )
    coupled = found.lead.is_coupled
    for name, chosen, symbol in (("beyond chance", coupled, "circle"), ("not beyond chance", ~coupled, "circle-open")):
        figure.add_scatter(
            x=found.lead.time_s[chosen].tolist(),
            y=found.lead.lag_s[chosen].tolist(),
            mode="markers",
            marker={"symbol": symbol, "color": VERMILION, "size": 7},
            name=name,
            hovertemplate="%{x:.1f} s: b is %{y:.3f} s later",
        )
    figure.add_hline(y=0, line={"color": GREY, "width": 1, "dash": "dot"})
    figure.update_layout(xaxis=axis("seconds"), yaxis=axis("b later, seconds"))
    return figure


def coherence_figure(found: Synchrony) -> Any:
    """Return the share of each frequency that both have in common, window by window."""
    figure = empty_figure(height=340)
    middle = (found.time_s[: len(found.wavelet_coherence)]).tolist()
    figure.add_heatmap(
        x=middle,
        y=found.frequencies_hz.tolist(),
        z=found.wavelet_coherence.T.round(3).tolist(),
        zmin=0,
        zmax=1,
        colorscale=_SHADES,
        colorbar=_BAR | {"tickformat": ".0%"},
        hovertemplate="%{x:.1f} s, %{y:.2f} Hz: %{z:.0%}<extra></extra>",
    )
    figure.update_layout(xaxis=axis("seconds"), yaxis=axis("hertz", type="log", tickvals=_HERTZ))
    return figure


def recurrence_figure(found: Synchrony) -> Any:
    """Return how often one is where the other was, at each lag; and the lags along which the bent streams are alike."""
    figure = empty_figure(height=320)
    half = len(found.recurrence.profile) // 2
    lags = np.arange(-half, half + 1) * found.step_s
    line = {"color": BLUE, "width": 2}
    figure.add_scatter(x=lags.tolist(), y=found.recurrence.profile.tolist(), mode="lines", line=line, name="recurrence")
    edges = (np.arange(-half, half + 2) - 0.5) * found.step_s
    counts = np.histogram(found.warped_lag_s, edges)[0] / len(found.warped_lag_s)
    bar = {"color": ORANGE, "opacity": 0.5}
    figure.add_bar(x=lags.tolist(), y=counts.tolist(), marker=bar, name="lag of the bent streams, share of time")
    figure.update_layout(xaxis=axis("b later, seconds"), yaxis=axis(tickformat=".0%", rangemode="tozero"))
    return figure


def measures_figure(found: Synchrony) -> Any:
    """Return how far each measure is above chance, in deviations of the surrogates."""
    figure = empty_figure(height=120 + 30 * len(found.measures), showlegend=False)
    rows = found.measures[::-1]
    figure.add_bar(
        x=[m.effect for m in rows],
        y=[m.name.replace("_", " ") for m in rows],
        orientation="h",
        marker={"color": [BLUE if m.p_corrected <= 0.05 else GREY for m in rows]},
        text=[f"p {m.p_corrected:.3g}" for m in rows],
        textposition="auto",
        hovertemplate="%{x:.1f} deviations above chance<extra></extra>",
    )
    figure.update_layout(xaxis=axis("deviations above chance"), yaxis=axis(showgrid=False))
    return figure
