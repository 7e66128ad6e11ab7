"""The ethogram and its ribbon of uncertainty, as plots that zoom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.evaluation._ethogram import Ethogram
from motif.evaluation._plot_style import GREY, VERMILION, axis, empty_figure, named_ticks, plain_text

__all__ = ["ethogram_figure", "time_unit"]

Array = NDArray[np.float64]

_MOST_BINS = 3000
_HALF_A_BAR = 0.28
_HAS_A_CLOCK_NS = 10**17
"""Times from here on, March 1973, count from 1970; those before count from when the device began."""


def ethogram_figure(ethogram: Ethogram, colours: Sequence[str], order: Sequence[int]) -> Any:
    """Return a row for each state, a bar for each segment, and beneath how unsure each moment is.

    Parameters
    ----------
    ethogram : Ethogram
    colours : (states,)
    order : sequence of int
        Which states to draw, the first on top.

    Raises
    ------
    MissingExtraError
        plotly is not installed.
    """
    ribbon = ethogram.doubt is not None
    figure = empty_figure(height=150 + 26 * len(order) + (90 if ribbon else 0), showlegend=False)
    unit, seconds = time_unit(ethogram.duration_s)
    segments = ethogram.segments()
    for row, state in enumerate(order):
        own = [s for s in segments if s.state == state]
        ends = [(s.start / ethogram.rate_hz / seconds, s.stop / ethogram.rate_hz / seconds) for s in own]
        figure.add_scatter(
            x=[value for start, stop in ends for value in (start, stop, None)],
            y=[value for _ in own for value in (row, row, None)],
            mode="lines",
            line={"color": colours[state], "width": 15},
            name=plain_text(ethogram.names[state]),
            hovertemplate=f"%{{x:.2f}} {unit}",
        )
        figure.add_scatter(  # a segment of seconds in an hour is narrower than a pixel
            x=[value for start, _ in ends for value in (start, start, None)],
            y=[row - _HALF_A_BAR, row + _HALF_A_BAR, None] * len(own),
            mode="lines",
            line={"color": colours[state], "width": 1},
            hoverinfo="skip",
        )
    if ribbon:
        _draw_ribbon(figure, ethogram, seconds)
    rows = [plain_text(ethogram.names[state]) for state in order]
    figure.update_layout(
        margin={"l": 60, "r": 20, "t": 12, "b": 50},
        xaxis=axis(_since(unit, ethogram), anchor="y2" if ribbon else "y", range=[0, ethogram.duration_s / seconds]),
        yaxis=axis(
            **named_ticks(rows), range=[len(rows) - 0.4, -0.6], showgrid=False, domain=[0.32 if ribbon else 0, 1]
        ),
    )
    if ribbon:
        figure.update_layout(yaxis2=axis("doubt", range=[0, 1], tickformat=".0%", nticks=3, domain=[0, 0.24]))
    return figure


def _draw_ribbon(figure: Any, ethogram: Ethogram, seconds: float) -> None:
    doubt = ethogram.doubt
    assert doubt is not None
    time = np.arange(len(doubt)) / ethogram.rate_hz / seconds
    parts = [("doubt", doubt, GREY)]
    if ethogram.epistemic is not None:
        share = ethogram.epistemic / np.log(max(len(ethogram.names), 2))
        parts.append(("models disagree", share, VERMILION))
    for name, values, colour in parts:
        x, y = _largest(time, values)
        unseen = np.isnan(y)
        at_edge = unseen & ~(np.append(unseen[1:], False) & np.insert(unseen[:-1], 0, False))
        y[at_edge] = 0.0  # else the fill slants across the gap
        figure.add_scatter(
            x=x.tolist(),
            y=[None if np.isnan(value) else round(float(value), 4) for value in y],
            yaxis="y2",
            mode="lines",
            fill="tozeroy",
            line={"color": colour, "width": 1},
            name=name,
            hovertemplate=name + " %{y:.0%}",
        )


def _largest(time: Array, values: Array) -> tuple[Array, Array]:
    """Return at most 3,000 points, the largest value of each bin: what is unsure for a moment is not lost."""
    size = -(-len(values) // _MOST_BINS)
    padded = np.pad(values, (0, -len(values) % size), constant_values=np.nan).reshape(-1, size)
    empty = np.isnan(padded).all(axis=1)
    largest = np.where(empty, np.nan, np.where(np.isnan(padded), -np.inf, padded).max(axis=1))
    return time[::size], largest


def _since(unit: str, ethogram: Ethogram) -> str:
    start_ns = int(ethogram.time_ns[0])
    if start_ns < _HAS_A_CLOCK_NS:
        return unit
    return f"{unit} since {datetime.fromtimestamp(start_ns // 10**9, UTC):%Y-%m-%d %H:%M:%S} UTC"


def time_unit(duration_s: float) -> tuple[str, float]:
    """Return the unit of a recording's time axis, and how many seconds it has."""
    return ("seconds", 1.0) if duration_s < 300 else ("minutes", 60.0) if duration_s < 3 * 3600 else ("hours", 3600.0)
