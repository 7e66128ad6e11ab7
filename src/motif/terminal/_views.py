"""What the training menu shows: renderables from plain data. Nothing here asks, waits or changes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from motif.terminal._analytics import Practice, sparkline
from motif.terminal._counted import counted
from motif.terminal._session import GOAL_SAMPLES, TrainingSession

__all__ = [
    "MENU",
    "analytics_view",
    "bar",
    "dashboard_view",
    "gestures_view",
    "menu_view",
    "meter_view",
    "practice_view",
]

MENU = {
    "1": "Record a gesture",
    "2": "Practise, and hear what is understood",
    "3": "Gestures: look, rename, delete, undo, export",
    "4": "Practice analytics and trends",
    "5": "Performance dashboard",
    "6": "Just live with it for a minute: what is not a gesture",
    "0": "Quit",
}
_WIDTH = 24
_FIGURES = ("tries", "right", "last 10", "trend", "sure", "history")
_WIDE, _FEWER_FIGURES = 90, ("tries", "last 10", "trend")
_TREND = {"better": "[green]▲ better[/]", "worse": "[red]▼ worse[/]", "steady": "• steady", "new": "new"}


def menu_view(session: TrainingSession, samples: Mapping[str, int], health: str) -> RenderableType:
    """Return the menu, above it how many samples each gesture has and how practice went, and the sensors below it."""
    choices = Table.grid(padding=(0, 2))
    for key, what in MENU.items():
        choices.add_row(f"[bold cyan]{key}[/]", what)
    parts: list[RenderableType] = []
    if samples:
        parts += [_progress_table(session, samples), Text()]
    parts += [choices, Text(), Text.assemble(("sensors  ", "dim"), health)]
    return Panel(Group(*parts), title="motif · teach a gesture", title_align="left", border_style="cyan", width=78)


def _progress_table(session: TrainingSession, samples: Mapping[str, int]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, n_samples in samples.items():
        progress = session.of(name)
        accuracy = "" if progress.accuracy is None else f"{progress.accuracy:.0%} of {progress.practised} understood"
        known = f"{n_samples}/{GOAL_SAMPLES}"
        table.add_row(Text(name, "bold"), bar(n_samples / GOAL_SAMPLES), known, Text(accuracy, "dim"))
    return table


def bar(share: float) -> ProgressBar:
    """Return a bar, 0…1."""
    return ProgressBar(total=1.0, completed=min(1.0, max(0.0, share)), width=_WIDTH)


def meter_view(title: str, share: float, motion: Mapping[str, float], quality: float, note: str = "") -> RenderableType:
    """Return the live display of a take: time that has passed, how strongly each sensor moves, how good it is.

    Parameters
    ----------
    share, motion, quality : 0…1
    """
    table = Table.grid(padding=(0, 2))
    table.add_row("time", bar(share), f"{share:.0%}")
    for name, level in motion.items():
        table.add_row(escape(name), bar(level), "")
    table.add_row("quality", bar(quality), f"{quality:.0%}")
    parts: list[RenderableType] = [table]
    if note:
        parts.append(Text(note, "yellow"))
    return Panel(Group(*parts), title=escape(title), title_align="left", border_style="red", width=78)


def practice_view(asked: str, heard: str | None, confidence: float, milliseconds: float) -> RenderableType:
    """Return what was understood of one movement."""
    right = heard == asked
    word = "Yes" if right else "I took it for no gesture" if heard is None else f"I understood {heard!r}"
    style = "green" if right else "yellow"
    line = Text.assemble((word, f"bold {style}"), f"   confidence {confidence:.0%}, computed in {milliseconds:.1f} ms")
    return Panel(Group(line, bar(confidence)), border_style=style, width=78, title=escape(asked), title_align="left")


def gestures_view(rows: Sequence[Mapping[str, object]], state: str) -> RenderableType:
    """Return the gestures of a database: name, version, samples, accuracy and consistency (0…1 or None)."""
    if not rows:
        return Text("No gesture was taught yet: choose 1.", "dim")
    table = Table(
        title=f"{counted(len(rows), 'gesture')}, database {escape(state)}", title_justify="left", header_style="dim"
    )
    for column in ("gesture", "version", "samples", "understood", "consistency"):
        is_name = column == "gesture"
        table.add_column(column, justify="left" if is_name else "right", no_wrap=not is_name)
    for row in rows:
        table.add_row(
            escape(str(row["name"])),
            str(row["version"]),
            str(row["num_samples"]),
            _percent(row["accuracy"]),
            _percent(row["consistency_score"]),
        )
    return table


def analytics_view(practice: Sequence[Practice], width: int = 100) -> RenderableType:
    """Return figures of practice, in a narrow window fewer, the least understood gesture first, and one hint."""
    if not practice:
        return Text("Nothing was practised yet: choose 2.", "dim")
    table = Table(title="Practice", title_justify="left", header_style="dim")
    figures = _FIGURES if width >= _WIDE else _FEWER_FIGURES
    for column in ("gesture", *figures, "taken for"):
        is_number = column in ("tries", "right", "last 10", "sure")
        table.add_column(column, justify="right" if is_number else "left", no_wrap=column in figures)
    for each in practice:
        shown = {
            "tries": str(each.n),
            "right": f"{each.accuracy:.0%}",
            "last 10": f"{each.recent:.0%}",
            "trend": _TREND[each.trend],
            "sure": f"{each.confidence:.0%}",
            "history": sparkline(each.history),
        }
        mistaken_for = "–" if each.mistaken_for is None else escape(each.mistaken_for) or "no gesture"
        table.add_row(escape(each.gesture), *(shown[figure] for figure in figures), mistaken_for)
    return Group(table, Text(_hint(practice[0]), "italic"))


def _hint(worst: Practice) -> str:
    if worst.recent >= 0.9:
        return "All of them are understood."
    if worst.mistaken_for:
        return f"{worst.gesture!r} is taken for {worst.mistaken_for!r}: make one of the two larger, or choose another."
    return f"Record {worst.gesture!r} a few more times, as differently as you will make it on stage."


def dashboard_view(groups: Mapping[str, Mapping[str, object]]) -> RenderableType:
    """Return figures in groups, each a small table."""
    parts: list[RenderableType] = []
    for title, values in groups.items():
        table = Table(title=escape(title), title_justify="left", show_header=False, width=78)
        for name, value in values.items():
            table.add_row(escape(name.replace("_", " ")), escape(_shown(value)))
        parts += [table, Text()]
    return Group(*parts)


def _percent(value: object) -> str:
    return f"{value:.1%}" if isinstance(value, float | int) else "–"


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_shown(each)}" for name, each in value.items()) or "–"
    if value is None or value in ("", [], ()):
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
