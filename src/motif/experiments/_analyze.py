"""Reports read back: one on its own, or beside others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
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

    Figures that no report has are left out; `–` stands where one has none.
    """
    rows: list[tuple[Any, ...]] = []
    for name in COMPARED:
        values = [report.figure(name) for report in reports]
        if any(value is not None for value in values):
            first = values[0]
            gains = [_signed(value - first) if None not in (value, first) else "–" for value in values[1:]]  # type: ignore[operator]
            rows.append((name, *("–" if value is None else value for value in values), *gains))
    return rows


def _signed(difference: float) -> str:
    return f"{difference:+.4g}"
