"""`model_card.md`: what a recognizer knows, how well, and where it was not tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from motif.bundles._describe import BundleConfig, WindowSpec

__all__ = ["model_card"]


def model_card(config: BundleConfig, class_names: Sequence[str], metrics: Mapping[str, Any]) -> str:
    """Return a page of Markdown a person can read before trusting the recognizer."""
    window = config.window
    rate = f"{window.rate_hz:g} Hz" if window.rate_hz else "rate not recorded"
    lines = [
        f"# {config.name}",
        "",
        f"Made by motif's `{config.recognizer}`. Raw windows go in; one probability for each class comes out.",
        "",
        "## Window",
        f"- shape {' × '.join(map(str, window.shape))} ({_axes(window)}), {rate}",
        *([f"- channels: {', '.join(_with_units(window))}"] if 0 < len(window.channels) <= 30 else []),
        *([f"- sensors: {', '.join(window.sensors)}"] if window.sensors else []),
        "",
        "## Classes",
        ", ".join(class_names),
        "",
        "## Data",
        *(_bullets(config.data) or ["Not recorded."]),
        "",
        "## Figures",
        *(_figures(metrics) or ["Not measured. Run `motif evaluate` before relying on it."]),
        "",
        "## Limits",
        "- The figures hold for people, devices and places like those in the data above, not beyond.",
        f"- A best probability below {config.outlier_confidence:.2f} is reported as an outlier.",
        "",
    ]
    return "\n".join(lines)


def _axes(window: WindowSpec) -> str:
    if len(window.shape) == 3:
        return "channels × sensors × samples"
    return "channels × samples" if window.time_last else "frames × features"


def _with_units(window: WindowSpec) -> list[str]:
    pairs = zip_longest(window.channels, window.units, fillvalue="")
    return [f"{name} ({unit})" if unit else name for name, unit in pairs]


def _figures(metrics: Mapping[str, Any]) -> list[str]:
    """Return a line for each figure, with the interval it would move in with other people, where that is known."""
    shown = {key: value for key, value in metrics.items() if isinstance(value, int | float | str)}
    intervals = metrics.get("intervals")
    known = intervals if isinstance(intervals, Mapping) else {}
    return [line + _interval(known.get(key)) for key, line in zip(shown, _bullets(shown), strict=True)]


def _interval(found: object) -> str:
    try:
        return " ({level:.0%} between {low:.4g} and {high:.4g}, by {n_groups} groups)".format_map(dict(found))  # type: ignore[call-overload]
    except (KeyError, TypeError, ValueError):
        return ""


def _bullets(values: Mapping[str, Any]) -> list[str]:
    return [f"- {key.replace('_', ' ')}: {_text(value)}" for key, value in values.items()]


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)
