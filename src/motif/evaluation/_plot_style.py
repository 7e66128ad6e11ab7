"""How every plot looks: colours told apart by everyone (Okabe and Ito, 2008), legible on white and on black."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from motif.optional import require

BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY = "#2f83c5", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9"
GREY = "#768390"
FAINT = "rgba(128, 138, 150, 0.22)"
SHARE: dict[str, Any] = {"range": [-0.03, 1.03], "tickformat": ".0%", "tickvals": [0, 0.25, 0.5, 0.75, 1]}
_LONGEST_NAME = 26


def axis(title: str = "", **settings: Any) -> dict[str, Any]:
    """Return an axis with faint lines and room for its labels."""
    titled = {"title": {"text": title, "standoff": 10, "font": {"size": 13}}} if title else {}
    return {"gridcolor": FAINT, "zeroline": False, "ticks": "", "automargin": True, **titled, **settings}


def empty_figure(**layout: Any) -> Any:
    """Return a figure without data, on whatever background the page has."""
    figure = require("plotly.graph_objects", extra="train").Figure()
    figure.update_layout(
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, -apple-system, Segoe UI, sans-serif", "size": 13, "color": GREY},
        margin={"l": 60, "r": 20, "t": 50, "b": 50},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
        hoverlabel={"font": {"family": "system-ui, sans-serif"}},
        **layout,
    )
    return figure


def plain_text(text: str) -> str:
    """Escape what plotly would read as markup, and shorten what would push the plot aside."""
    if len(text) > _LONGEST_NAME:
        half = _LONGEST_NAME // 2
        text = f"{text[:half]}…{text[-half:]}"  # names that begin alike often differ at their end
    return escape(text)


def named_ticks(names: Sequence[str]) -> dict[str, Any]:
    """Return ticks by number: two names that look alike stay two."""
    return {"tickvals": list(range(len(names))), "ticktext": list(names)}
