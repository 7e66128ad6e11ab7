"""One evaluation as files: a page to look at, and the numbers for whoever goes on with them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from motif.evaluation._evaluation import Evaluation
from motif.evaluation._report import html_report
from motif.evaluation._report_markdown import markdown_report
from motif.evaluation._scores import METRICS
from motif.files import write_bytes

__all__ = ["save_report"]

SCHEMA_VERSION = 1


def save_report(
    evaluation: Evaluation,
    folder: str | Path,
    *,
    summary: str = "",
    dataset: Mapping[str, object] | None = None,
    notes: Sequence[str] = (),
    environment: Mapping[str, object] | None = None,
    warnings: Sequence[str] = (),
) -> Path:
    """Write `report.html`, `report.md`, `report.json` and tables as CSV; return the page's path.

    Parameters
    ----------
    evaluation : Evaluation
    folder : path
        Made where it is not there; files of an earlier report are replaced.
    summary, dataset, notes, environment, warnings
        As in `html_report`.

    Raises
    ------
    WriteError
        The disk is full or the place cannot be written.
    MissingExtraError
        plotly is not installed.
    """
    place = Path(folder)
    page = html_report(
        evaluation.name,
        evaluation=evaluation,
        summary=summary,
        dataset=dataset,
        notes=notes,
        environment=environment,
        warnings=warnings,
    )
    plain = {"schema_version": SCHEMA_VERSION, "warnings": list(warnings), **evaluation.to_dict()}
    texts = {
        "report.html": page,
        "report.md": markdown_report(evaluation, warnings=warnings),
        "report.json": json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        **{f"{name}.csv": _csv(rows) for name, rows in _tables(evaluation).items()},
    }
    for name, text in texts.items():
        write_bytes(place / name, text.encode())
    return place / "report.html"


def _tables(evaluation: Evaluation) -> dict[str, list[Sequence[object]]]:
    scores, names, curve = evaluation.scores, evaluation.scores.class_names, evaluation.selective
    plain = evaluation.to_dict()
    return {
        "scores": [("figure", "value", "low", "high", "never_looks"), *_figures(evaluation)],
        "classes": _records(plain["scores"]["per_class"]),
        "groups": _records(plain["per_group"]),
        "confusion": _matrix(names, scores.confusion),
        "confusion_normalized": _matrix(names, scores.confusion_normalized),
        "confused_pairs": _records(plain["confused_pairs"]),
        "wrong": _records(plain["wrong"]),
        "selective": [
            ("coverage", "accuracy", "threshold"),
            *zip(curve.coverage.tolist(), curve.accuracy.tolist(), curve.threshold.tolist(), strict=True),
        ],
        "conformal": _records(
            [{"promised": level, **row} for level, rows in plain["conformal"].items() for row in rows]
        ),
    }


def _figures(evaluation: Evaluation) -> Iterable[Sequence[object]]:
    for name in METRICS:
        interval = evaluation.intervals.get(name)
        ends = (interval.low, interval.high) if interval else (None, None)
        yield name, getattr(evaluation.scores, name), *ends, getattr(evaluation.baseline, name)
    for k, value in evaluation.scores.top_k.items():
        yield f"top_{k}", value, None, None, evaluation.baseline.top_k[k]


def _matrix(names: Sequence[str], values: NDArray[Any]) -> list[Sequence[object]]:
    return [("truth", *names), *((name, *row) for name, row in zip(names, values.tolist(), strict=True))]


def _records(records: Sequence[Mapping[str, object]]) -> list[Sequence[object]]:
    return [tuple(records[0]), *(tuple(record.values()) for record in records)] if records else []


def _csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
