"""The report of two streams: coupled or not, who leads, when, and against which chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

from motif.behavior._synchrony._figures import coherence_figure, lag_figure, measures_figure, recurrence_figure
from motif.behavior._synchrony._measure import Synchrony
from motif.evaluation._html import Html, bullets, card, facts, figure, markup, number, page, paragraph, section, table

__all__ = ["synchrony_report"]

_LEADERS = {"a": "a leads", "b": "b leads", "neither": "neither leads"}


def synchrony_report(
    title: str,
    found: Synchrony,
    *,
    summary: str = "",
    data: Mapping[str, object] | None = None,
    notes: Sequence[str] = (),
) -> str:
    """Return one HTML page that loads nothing from anywhere.

    Parameters
    ----------
    title, summary : str
        Of the page, and a sentence below it.
    found : Synchrony
    data : mapping, optional
        Facts of the streams: files, channels, rate.
    notes : sequence of str

    Raises
    ------
    MissingExtraError
        plotly is not installed.
    """
    sections: dict[str, tuple[str, Html]] = {
        "measures": ("Measures", _measures(found)),
        "lag": ("Lag over time", _lag(found)),
        "frequencies": ("Frequencies", _frequencies(found)),
        "recurrence": ("Recurrence", _recurrence(found)),
    }
    notes = (*found.notes, *notes)
    about = dict(data or {}) | _drift(found)
    if about or notes:
        sections["data"] = ("Data", section("data", "Data", facts(about), bullets(notes) if notes else Html("")))
    return page(title, _header(title, summary, found), sections)


def _header(title: str, summary: str, found: Synchrony) -> Html:
    smallest = min(found.measures, key=lambda measure: measure.p_corrected)
    shares = found.lead.shares
    verdict = "Coupled" if found.is_coupled else "Not beyond chance"
    figures = [
        card("Together", verdict, f"smallest corrected p {smallest.p_corrected:.3g}", smallest.name.replace("_", " ")),
        card("Who comes first", _LEADERS[found.leader], f"a in {shares['a']:.0%} of windows, b in {shares['b']:.0%}"),
        _lag_card(found),
    ]
    below = f"<p>{markup(summary)}</p>" if summary else ""
    return Html(f'<h1>{markup(title)}</h1>{below}<div class="cards">{"".join(figures)}</div>')


def _lag_card(found: Synchrony) -> Html:
    if not found.is_coupled:
        return card("Lag", "None to tell", "unrelated streams have a best lag too")
    has_error = isfinite(found.lag_error_s)
    below = f"± {number(found.lag_error_s * 1e3, 0)} ms" if has_error else " ".join(found.notes)
    return card(f"b is {'earlier' if found.lag_s < 0 else 'later'} by", f"{abs(found.lag_s) * 1e3:.0f} ms", below)


def _measures(found: Synchrony) -> Html:
    heads = ("measure", "value", "by chance", "deviations above", "p", "p, corrected")
    rows = [
        (m.name.replace("_", " "), *map(number, (m.value, m.chance, m.effect, m.p_value, m.p_corrected)))
        for m in found.measures
    ]
    note = paragraph(
        "Each measure beside the same measure of surrogates, which keep everything about each stream but their "
        "relation. The corrected p says how often chance would make the strongest of all measures as strong."
    )
    return section("measures", "More than chance?", note, figure(measures_figure(found), "Effects"), table(heads, rows))


def _lag(found: Synchrony) -> Html:
    note = paragraph(
        "Dark is where a window of a is like b at that lag. A filled dot is beyond what 95% of unrelated windows "
        "reach; above the line b is later, so a leads."
    )
    return section("lag", "Who follows whom, when", note, figure(lag_figure(found), "Lag over time"))


def _frequencies(found: Synchrony) -> Html:
    note = paragraph(
        "The share of each frequency that one stream explains of the other, by wavelets. Short windows of low "
        "frequencies are never near 0, even by chance: compare with the measure above."
    )
    return section("frequencies", "What is shared", note, figure(coherence_figure(found), "Wavelet coherence"))


def _recurrence(found: Synchrony) -> Html:
    r = found.recurrence
    about = {
        "rate": f"{r.rate:.1%} of moments within the largest lag recur; 5% of moments far apart do",
        "determinism": f"{r.determinism:.1%} of them on stretches that both go through at one pace",
        "mean and longest stretch": f"{r.mean_line * found.step_s:.2f} s, {r.longest_line * found.step_s:.2f} s",
        "laminarity": f"{r.laminarity:.1%} where one waits, {r.trapping_time * found.step_s:.2f} s on average",
    }
    return section(
        "recurrence", "Being where the other was", figure(recurrence_figure(found), "Recurrence"), facts(about)
    )


def _drift(found: Synchrony) -> dict[str, object]:
    if found.drift is None:
        return {}
    undone = "undone first" if found.drift.is_certain else "not certain, left as it is"
    return {"drift of b's clock": f"{found.drift.ppm:.1f} ± {found.drift.error_ppm:.1f} ppm, {undone}"}
