"""Pieces of a page that needs nothing but itself: no script, style, font or picture from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from motif.evaluation._stylesheet import STYLESHEET
from motif.optional import require

_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
"""Even a slip could not fetch anything: the browser itself refuses."""

_DRAW = """
for (const box of document.querySelectorAll(".figure")) {
  const {data, layout} = JSON.parse(box.nextElementSibling.textContent);
  Plotly.newPlot(box, data, layout, {responsive: true, displaylogo: false, displayModeBar: false});
}
"""


class Html(str):
    """Markup that is meant; any other text is escaped."""

    __slots__ = ()


def markup(value: object) -> str:
    """Return `value` as it may stand in a page."""
    return value if isinstance(value, Html) else escape(str(value))


def number(value: float | None, digits: int = 3) -> str:
    """Return a figure with fixed digits, and a dash for none."""
    return "–" if value is None else f"{value:.{digits}f}"


def table(headers: Sequence[object], rows: Iterable[Sequence[object]]) -> Html:
    """Return a table whose first column names the row."""
    head = "".join(f"<th>{markup(h)}</th>" for h in headers)
    body = "".join(
        f"<tr><th>{markup(first)}</th>{''.join(f'<td>{markup(cell)}</td>' for cell in rest)}</tr>"
        for first, *rest in rows
    )
    return Html(f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')


def facts(pairs: Mapping[str, object]) -> Html:
    """Return names and values."""
    return Html("<dl>" + "".join(f"<dt>{markup(k)}</dt><dd>{markup(v)}</dd>" for k, v in pairs.items()) + "</dl>")


def bullets(lines: Iterable[object]) -> Html:
    """Return a list."""
    return Html("<ul>" + "".join(f"<li>{markup(line)}</li>" for line in lines) + "</ul>")


def paragraph(text: object) -> Html:
    """Return a paragraph of explanation."""
    return Html(f'<p class="note">{markup(text)}</p>')


def card(label: str, value: str, *details: str) -> Html:
    """Return one figure in large, with what puts it into proportion beneath."""
    beneath = "".join(f"<span>{markup(detail)}</span>" for detail in details)
    return Html(f'<div class="card"><em>{markup(label)}</em><strong>{markup(value)}</strong>{beneath}</div>')


def figure(plot: Any, description: str) -> Html:
    """Return the place of a plotly figure, with its data beside it."""
    data = plot.to_json().replace("<", "\\u003c")  # no class name may end the script
    return Html(
        f'<div class="figure" role="img" aria-label="{escape(description)}"></div>'
        f'<script type="application/json">{data}</script>'
    )


def section(anchor: str, title: str, *parts: str) -> Html:
    """Return a titled part of the page."""
    return Html(f'<section id="{escape(anchor)}"><h2>{markup(title)}</h2>{"".join(markup(p) for p in parts)}</section>')


def page(title: str, header: str, sections: Mapping[str, tuple[str, Html]]) -> str:
    """Return the whole page. `sections` go by anchor, with a short name for the line of links."""
    links = "".join(f'<a href="#{escape(anchor)}">{markup(name)}</a>' for anchor, (name, _) in sections.items())
    body = "".join(part for _, part in sections.values())
    plots = ""
    if 'class="figure"' in body:
        library = require("plotly.offline", extra="train").get_plotlyjs()
        plots = f"<script>{library}</script><script>{_DRAW}</script>"
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{markup(title)}</title><style>{STYLESHEET}</style></head>"
        f"<body><main><header>{markup(header)}<nav>{links}</nav></header>{body}"
        "<noscript><p>The plots need JavaScript; every number also stands in the tables.</p></noscript>"
        f"</main>{plots}</body></html>\n"
    )
