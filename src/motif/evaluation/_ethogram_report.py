"""The report of an ethogram: what happened when, what each state is like, what follows what, and how sure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from motif.errors import ConfigError, LabelError
from motif.evaluation._coded_agreement import CodedAgreement
from motif.evaluation._ethogram import UNSEEN, Ethogram, transitions
from motif.evaluation._ethogram_cards import StateCard, Stretch, state_cards
from motif.evaluation._ethogram_figures import ethogram_figure, time_unit
from motif.evaluation._ethogram_svg import bars, lines, places, state_colours, transition_graph
from motif.evaluation._html import Html, bullets, card, figure, markup, number, page, paragraph, section, table

__all__ = ["ethogram_report"]

_MOST_RECORDINGS = 12
_STYLE = """<style>
.states { display: grid; grid-template-columns: repeat(auto-fill, minmax(290px, 1fr)); gap: 14px; }
.state { border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; border-top: 5px solid; }
.state h3 { margin: 0; font-size: 16px; color: var(--text); display: flex; justify-content: space-between; }
.state h3 span { font-weight: 500; color: var(--soft); }
.state p { margin: 6px 0 2px; font-size: 13px; color: var(--soft); }
.state p b { color: var(--text); font-weight: 600; }
.spark { display: block; width: 100%; height: auto; max-height: 150px; }
.graph { display: block; width: 100%; max-height: 560px; }
.level { display: grid; grid-template-columns: 1fr 90px 46px; gap: 8px; font-size: 12px; align-items: center;
  color: var(--soft); }
.level i { position: relative; height: 8px; background: var(--line); border-radius: 4px; }
.level i b { position: absolute; top: 0; height: 8px; border-radius: 4px; }
.level span:last-child { text-align: right; font-variant-numeric: tabular-nums; }
</style>"""


def ethogram_report(
    title: str,
    ethograms: Sequence[Ethogram],
    *,
    summary: str = "",
    notes: Sequence[str] = (),
    warnings: Sequence[str] = (),
    agreement: CodedAgreement | None = None,
) -> str:
    """Return one HTML page that loads nothing from anywhere.

    Parameters
    ----------
    title, summary : str
        Of the page, and a sentence below it.
    ethograms : sequence of Ethogram
        One a recording, all with the same states.
    notes : sequence of str
        How the states were found, what was left out.
    warnings : sequence of str
        Shown first.
    agreement : CodedAgreement, optional
        With what a person coded of the same recordings.

    Raises
    ------
    ConfigError
        There is no ethogram, or one without a frame that was seen.
    LabelError
        The ethograms name different states.
    MissingExtraError
        plotly is not installed.
    """
    if not ethograms or not any((one.states != UNSEEN).any() for one in ethograms):
        raise ConfigError("an ethogram report needs at least one ethogram in which something was seen")
    names = ethograms[0].names
    if any(one.names != names for one in ethograms):
        raise LabelError("the ethograms name different states; label all recordings with one model")
    colours = ethograms[0].colours or state_colours(len(names))
    cards = state_cards(ethograms)
    order = [names.index(one.name) for one in cards]
    sections: dict[str, tuple[str, Html]] = {}
    if warnings:
        sections["warnings"] = ("Warnings", section("warnings", "Before you rely on this", bullets(warnings)))
    sections["ethogram"] = ("Ethogram", _timelines(ethograms, colours, order))
    sections["states"] = ("States", _states(cards, dict(zip(names, colours, strict=True))))
    if agreement is not None:
        sections["coded"] = ("What was coded", _agreement(agreement))
    sections["transitions"] = ("What follows what", _graph(ethograms, cards, colours, order))
    sections["budget"] = ("Time budget", _budget(ethograms, order))
    if notes:
        sections["notes"] = ("Notes", section("notes", "How this was made", bullets(notes)))
    return page(title, Html(_STYLE + _header(title, summary, ethograms, cards)), sections)


def _header(title: str, summary: str, ethograms: Sequence[Ethogram], cards: Sequence[StateCard]) -> Html:
    seconds = sum(one.duration_s for one in ethograms)
    seen = sum(float((one.states != UNSEEN).sum()) / one.rate_hz for one in ethograms)
    durations = np.concatenate([one.durations_s for one in cards])
    doubt = np.concatenate([np.empty(0), *(one.doubt for one in ethograms if one.doubt is not None)])
    doubt = doubt[np.isfinite(doubt)]
    figures = [
        card("States", str(len(cards)), _count(len(durations), "segment")),
        card("Recorded", _time(seconds), _count(len(ethograms), "recording"), f"{seen / seconds:.1%} of the time seen"),
        card(
            "A segment lasts",
            _time(float(np.median(durations))),
            "median",
            f"{len(durations) / seen * 60:.1f} a minute",
        ),
    ]
    if doubt.size:
        figures.append(
            card("Mean doubt", f"{doubt.mean():.1%}", f"above a half {(doubt > 0.5).mean():.1%} of the time")
        )
    below = f"<p>{markup(summary)}</p>" if summary else ""
    return Html(f'<h1>{markup(title)}</h1>{below}<div class="cards">{"".join(figures)}</div>')


def _timelines(ethograms: Sequence[Ethogram], colours: Sequence[str], order: Sequence[int]) -> Html:
    shown = ethograms[:_MOST_RECORDINGS]
    parts: list[str] = [paragraph(_reading(ethograms))]
    for one in shown:
        parts += [
            Html(f"<h3>{markup(one.name)}</h3>"),
            figure(ethogram_figure(one, colours, order), f"Ethogram of {one.name}"),
        ]
    if len(ethograms) > len(shown):
        parts.append(paragraph(f"{len(ethograms) - len(shown)} more recordings stand in the tables only."))
    return section("ethogram", "What happened, when", *parts)


def _reading(ethograms: Sequence[Ethogram]) -> str:
    text = "A row is a state, a bar a segment; drag to zoom, double-click to go back."
    if any(one.doubt is not None for one in ethograms):
        text += " The ribbon is doubt: one less the probability of the state that is shown."
    if any(one.epistemic is not None for one in ethograms):
        text += " Orange is how far several models disagree, which more data could settle."
    return text


def _states(cards: Sequence[StateCard], colours: dict[str, str]) -> Html:
    note = paragraph(
        "States are found, not named: look at what moves, how long it lasts and when, then give each a name. "
        "A state is what motion looks like; whether it is a behaviour is yours to say."
    )
    reach = _reach(cards)
    inside = "".join(_state(one, colours[one.name], reach) for one in cards)
    return section("states", "What each state is like", note, Html(f'<div class="states">{inside}</div>'))


def _reach(cards: Sequence[StateCard]) -> np.ndarray:
    """Return (2, channels), the least and the largest over the typical stretches of all states."""
    motions = [one.typical.motion for one in cards if one.typical is not None]
    seen = [motion[np.isfinite(motion).all(axis=1)] for motion in motions]
    if not sum(map(len, seen)):
        return np.zeros((2, motions[0].shape[1] if motions else 0))
    together = np.concatenate(seen)
    return np.stack([together.min(axis=0), together.max(axis=0)])


def _state(one: StateCard, colour: str, reach: np.ndarray) -> Html:
    low, median, high = np.quantile(one.durations_s, [0.1, 0.5, 0.9])
    lasting = f"<b>{_time(median)}</b> ({_time(low)} to {_time(high)}), {_count(len(one.durations_s), 'segment')}"
    parts = [
        f"<h3>{markup(one.name)} <span>{one.share:.1%}</span></h3><p>Lasts {lasting}</p>",
        bars(_histogram(one.durations_s), colour, f"Durations of {one.name}"),
        f"<p>From {_time(one.durations_s.min())} to {_time(one.durations_s.max())}, equal steps in ratio</p>",
        "<p>When, from beginning to end</p>",
        bars(one.over_time, colour, f"Share of the time in {one.name}"),
    ]
    if one.typical is not None:
        parts.append(f"<p>Typical motion, all states on one scale: {_place(one.typical)}</p>")
        parts.append(lines(one.typical.motion, f"Motion in {one.name}", *reach))
    if one.levels:
        parts.append("<p>Movement, in deviations from other time</p>")
        parts += [_level(name, value, colour) for name, value in one.levels]
    if one.where is not None:
        parts += ["<p>Where</p>", places(one.where, colour, f"Where {one.name} happens")]
    if one.next_states:
        following = ", ".join(f"{markup(name)} {share:.0%}" for name, share in one.next_states[:3])
        parts.append(f"<p>Then <b>{following}</b></p>")
    if one.certainty is not None:
        parts.append(f"<p>Mean probability while it holds <b>{one.certainty:.1%}</b></p>")
    return Html(f'<article class="state" style="border-top-color:{colour}">{"".join(parts)}</article>')


def _place(stretch: Stretch) -> str:
    """Return where a stretch is, in the unit of the ethogram's axis."""
    unit, seconds = time_unit(stretch.duration_s)
    digits = 1 if seconds == 1.0 else 2 if seconds == 60.0 else 3  # a second or two, as exact as needed to find it
    start, stop = stretch.start_s / seconds, stretch.stop_s / seconds
    return f"{markup(stretch.recording)}, {start:.{digits}f} to {stop:.{digits}f}&nbsp;{unit}"


def _level(name: str, value: float, colour: str) -> str:
    reach = min(abs(value) / 3.0, 1.0) * 50
    left = 50.0 if value >= 0 else 50.0 - reach
    shown = f"{round(value, 1) + 0.0:+.1f}"  # no minus before a zero
    return (
        f'<div class="level"><span>{markup(name)}</span><i>'
        f'<b style="left:{left:.0f}%;width:{reach:.0f}%;background:{colour}"></b></i><span>{shown}</span></div>'
    )


def _agreement(agreement: CodedAgreement) -> Html:
    figures = [
        card("Adjusted Rand index", number(agreement.ari, 2), "1 perfect, 0 chance"),
        card("Mutual information", number(agreement.nmi, 2), "normalized, 0 to 1"),
        card("Coded", _time(agreement.coded_s), f"{agreement.coded_s / agreement.seen_s:.1%} of the time seen"),
    ]
    rows = [
        [state, *(f"{share:.0%}" if share else "" for share in row)]
        for state, row in zip(agreement.states, agreement.shares, strict=True)
    ]
    note = paragraph("Of each state's time that somebody coded, which share was which behaviour.")
    cards = Html(f'<div class="cards">{"".join(figures)}</div>')
    return section("coded", "Against what was coded", note, cards, table(["", *agreement.behaviours], rows))


def _graph(
    ethograms: Sequence[Ethogram], cards: Sequence[StateCard], colours: Sequence[str], order: Sequence[int]
) -> Html:
    counts = transitions(ethograms)[np.ix_(order, order)]
    names = [one.name for one in cards]
    drawing = transition_graph(names, [colours[i] for i in order], np.array([one.share for one in cards]), counts)
    leaving = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    rows = [[name, *(f"{x:.0%}" if x else "" for x in row)] for name, row in zip(names, leaving, strict=True)]
    note = paragraph("Of all times a state ends, how often each other comes next; arrows from one in twenty on.")
    return section("transitions", "What follows what", note, drawing, table(["", *names], rows))


def _budget(ethograms: Sequence[Ethogram], order: Sequence[int]) -> Html:
    names = ethograms[0].names
    rows = []
    for one in ethograms:
        seen = max(int((one.states != UNSEEN).sum()), 1)
        shares = [f"{(one.states == k).sum() / seen:.1%}" for k in order]
        rows.append([one.name, _time(one.duration_s), *shares])
    note = paragraph("Share of the time that was seen in each state, by recording.")
    return section("budget", "Time budget", note, table(["recording", "length", *(names[k] for k in order)], rows))


def _histogram(durations_s: np.ndarray) -> np.ndarray:
    low, high = float(durations_s.min()), float(durations_s.max())
    if low == high:
        return np.array([float(len(durations_s))])
    edges = np.geomspace(low, high, 13)
    edges[0], edges[-1] = low, high
    return np.histogram(durations_s, edges)[0].astype(np.float64)


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{number(seconds, 1 if seconds >= 1 else 2)} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
