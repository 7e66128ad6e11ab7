"""Small drawings without a script: lines, bars, places, and the graph of what follows what."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from motif.evaluation._html import Html, markup

__all__ = ["bars", "lines", "places", "state_colours", "transition_graph"]

Array = NDArray[np.float64]

_OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#b8a900")
_STROKES = ("var(--text)", "var(--accent)", "var(--warn)", "var(--soft)")
_LEAST_SHARE = 0.05
_MOST_POINTS = 240


def state_colours(n: int) -> tuple[str, ...]:
    """Return n colours: Okabe and Ito's seven, which everyone can tell apart, then lighter and darker ones."""
    found = []
    for i in range(n):
        round_, place = divmod(i, len(_OKABE_ITO))
        found.append(
            _mixed(_OKABE_ITO[place], ("#000000", "#ffffff")[round_ % 2], min(0.32 * ((round_ + 1) // 2), 0.7))
        )
    return tuple(found)


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = zip((colour[1:3], colour[3:5], colour[5:7]), (other[1:3], other[3:5], other[5:7]), strict=True)
    return "#" + "".join(f"{round(int(a, 16) * (1 - share) + int(b, 16) * share):02x}" for a, b in pairs)


def lines(values: Array, label: str, low: Array, high: Array) -> Html:
    """Draw (samples, channels) below each other, each channel from `low` to `high` (channels,)."""
    values = values[:: max(len(values) // _MOST_POINTS, 1)]
    n_channels = values.shape[1]
    height = 26 * n_channels
    drawn = []
    for c, column in enumerate(values.T):
        y = 26 * c + 23 - 20 * (np.nan_to_num(column, nan=low[c]) - low[c]) / (high[c] - low[c] or 1.0)
        x = np.linspace(2, 258, len(column))
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{_STROKES[c % 4]}" stroke-width="1.3"/>')
    return _svg(260, height, "".join(drawn), label)


def bars(heights: Array, colour: str, label: str) -> Html:
    """Draw bars side by side; the largest fills the height, and the line beneath is open where one is NaN."""
    top = float(np.nanmax(heights)) or 1.0
    width = 256 / len(heights)
    drawn = [
        f'<rect x="{2 + i * width:.1f}" y="{38 - 36 * h / top:.1f}" width="{max(width - 1.5, 0.5):.1f}" '
        f'height="{36 * h / top:.1f}" rx="1" fill="{colour}"/>'
        for i, h in enumerate(heights)
        if np.isfinite(h)
    ]
    base = [
        f'<line x1="{2 + i * width:.1f}" x2="{2 + (i + 1) * width:.1f}" y1="38.5" y2="38.5" stroke="var(--line)"/>'
        for i in np.flatnonzero(np.isfinite(heights))
    ]
    return _svg(260, 40, "".join(base + drawn), label)


def places(shares: Array, colour: str, label: str) -> Html:
    """Draw (rows, columns) as a map, rows upward, the fullest place in full colour."""
    rows, columns = shares.shape
    top = float(shares.max()) or 1.0
    drawn = [
        f'<rect x="{j * 8}" y="{(rows - 1 - i) * 8}" width="8" height="8" fill="{colour}" '
        f'fill-opacity="{math.sqrt(shares[i, j] / top):.2f}"/>'
        for i in range(rows)
        for j in range(columns)
        if shares[i, j] > 0
    ]
    frame = f'<rect width="{columns * 8}" height="{rows * 8}" fill="none" stroke="var(--line)"/>'
    return _svg(columns * 8, rows * 8, frame + "".join(drawn), label)


def transition_graph(names: Sequence[str], colours: Sequence[str], shares: Array, counts: NDArray[np.int64]) -> Html:
    """Draw states on a circle, as large as their share, and an arrow for what follows at least once in twenty."""
    k = len(names)
    angles = [2 * math.pi * i / k - math.pi / 2 for i in range(k)]
    ring = 0.0 if k == 1 else 190.0
    centre = [(360 + 1.35 * ring * math.cos(a), 250 + ring * math.sin(a)) for a in angles]
    radius = [10 + 26 * math.sqrt(float(s)) for s in shares]
    leaving = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    arrows = [
        _arrow(centre[i], centre[j], radius[i], radius[j], colours[i], float(leaving[i, j]), f"{names[i]} → {names[j]}")
        for i in range(k)
        for j in range(k)
        if leaving[i, j] >= _LEAST_SHARE
    ]
    nodes = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{colour}"/>{_name(x, y, r, name)}'
        for (x, y), r, colour, name in zip(centre, radius, colours, names, strict=True)
    ]
    return _svg(720, 500, "".join(arrows + nodes), "Which state follows which", css_class="graph")


def _name(x: float, y: float, r: float, name: str) -> str:
    side = 1 if x > 365 else -1 if x < 355 else 0
    anchor = {1: "start", -1: "end", 0: "middle"}[side]
    dy = 4.0 if side else (-r - 8 if y < 250 else r + 18)
    return (
        f'<text x="{x + side * (r + 8):.1f}" y="{y + dy:.1f}" text-anchor="{anchor}" font-size="14" '
        f'fill="var(--text)">{markup(name)}</text>'
    )


def _arrow(
    start: tuple[float, float], stop: tuple[float, float], r0: float, r1: float, colour: str, share: float, title: str
) -> str:
    """Draw a bent arrow: two ways between two states lie beside each other."""
    (x0, y0), (x1, y1) = start, stop
    length = math.hypot(x1 - x0, y1 - y0)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    bend = 0.14 * length
    mx, my = (x0 + x1) / 2 - uy * bend, (y0 + y1) / 2 + ux * bend
    ex, ey = _towards((x1, y1), (mx, my), r1 + 9)
    sx, sy = _towards((x0, y0), (mx, my), r0 + 2)
    hx, hy = _towards((ex, ey), (mx, my), -8)
    wide = 1.0 + 6.0 * share
    nx, ny = (hy - ey) / 8 * (3 + wide / 2), -(hx - ex) / 8 * (3 + wide / 2)
    head = f"{hx:.1f},{hy:.1f} {ex + nx:.1f},{ey + ny:.1f} {ex - nx:.1f},{ey - ny:.1f}"
    return (
        f'<g opacity="{0.35 + 0.65 * share:.2f}"><title>{markup(title)}: {share:.0%}</title>'
        f'<path d="M{sx:.1f} {sy:.1f} Q{mx:.1f} {my:.1f} {ex:.1f} {ey:.1f}" fill="none" stroke="{colour}" '
        f'stroke-width="{wide:.1f}"/><polygon points="{head}" fill="{colour}"/></g>'
    )


def _towards(point: tuple[float, float], other: tuple[float, float], by: float) -> tuple[float, float]:
    length = math.hypot(other[0] - point[0], other[1] - point[1]) or 1.0
    return point[0] + (other[0] - point[0]) / length * by, point[1] + (other[1] - point[1]) / length * by


def _svg(width: float, height: float, inside: str, label: str, css_class: str = "spark") -> Html:
    return Html(
        f'<svg class="{css_class}" viewBox="0 0 {width} {height}" role="img" aria-label="{markup(label)}">'
        f"{inside}</svg>"
    )
