"""Reports read back: one on its own, or beside others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from motif.errors import FormatError, MissingFileError

__all__ = ["ReadReport", "comparison_rows", "read_report"]

COMPARED = ("accuracy", "macro_f1", "ece", "mce", "coverage", "motif_count", "transition_rate")


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What `metrics.json` of a report, or of a bundle, says."""

    name: str
    path: Path
    metrics: dict[str, Any]

    def figure(self, name: str) -> float | None:
        """Return a figure by name, None where the report has none."""
        value = self.metrics.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    @property
    def judged_on(self) -> str | None:
        """Which windows the figures are of, in words; None where nobody says."""
        said = self.metrics.get("how", self.metrics.get("judged"))
        return said if isinstance(said, str) else None

    @property
    def is_smoothed(self) -> bool:
        """Whether the figures are of labels smoothed along time: those of a report are, a bundle's are not."""
        return isinstance(self.metrics.get("raw"), dict)

    def window_by_window(self) -> ReadReport:
        """Return the figures before smoothing."""
        return replace(self, metrics={"how": self.judged_on} | self.metrics["raw"]) if self.is_smoothed else self

    def is_of_the_same_windows(self, other: ReadReport) -> bool:
        """Whether one's figures may be subtracted from the other's."""
        return self.judged_on is not None and self.judged_on == other.judged_on


def read_report(path: str | Path) -> ReadReport:
    """Read the folder of a report, or of a bundle.

    Raises
    ------
    MissingFileError
        There is no `metrics.json`.
    FormatError
        It is damaged.
    """
    folder = Path(path)
    file = folder / "metrics.json"
    try:
        metrics = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingFileError(file, want="the folder of a report; `conv2d eval` writes one to reports/") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(file, f"it is no JSON ({error})", hint="judge again with `conv2d eval`") from error
    if not isinstance(metrics, dict):
        raise FormatError(file, "it holds no figures by name", hint="judge again with `conv2d eval`")
    return ReadReport(folder.resolve().name, folder, metrics)


def comparison_rows(reports: Sequence[ReadReport]) -> list[tuple[Any, ...]]:
    """Return a row for each figure: its name, its value in every report, and what the others have more than the first.

    Beside a bundle, which answers window by window, stand the figures of a report before smoothing. Figures that no
    report has are left out; `–` stands where one has none, and for differences between figures of other windows.
    """
    if not all(report.is_smoothed for report in reports):
        reports = [report.window_by_window() for report in reports]
    same = [report.is_of_the_same_windows(reports[0]) for report in reports[1:]]
    rows: list[tuple[Any, ...]] = [
        ("judged on", *(report.judged_on or "–" for report in reports), *("same" if one else "–" for one in same)),
        ("smoothed", *("yes" if report.is_smoothed else "no" for report in reports), *("same" for _ in same)),
    ]
    for name in COMPARED:
        values = [report.figure(name) for report in reports]
        if any(value is not None for value in values):
            gains = [_gain(values[0], value) if one else "–" for value, one in zip(values[1:], same, strict=True)]
            rows.append((name, *("–" if value is None else value for value in values), *gains))
    return rows


def _gain(first: float | None, other: float | None) -> str:
    return "–" if first is None or other is None else f"{other - first:+.4g}"
