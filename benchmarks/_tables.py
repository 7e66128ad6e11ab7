"""Rows that are printed as they come and written together."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
_console = Console(width=120)


def show(title: str, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Print rows of equal keys as a table and return them."""
    rows = list(rows)
    table = Table(title=title, title_justify="left")
    for column in rows[0]:
        table.add_column(column, justify="left" if isinstance(rows[0][column], str) else "right")
    for row in rows:
        table.add_row(*(cell(value) for value in row.values()))
    _console.print(table)
    return rows


def write(suite: str, tables: dict[str, Sequence[dict[str, Any]]]) -> Path:
    """Write a suite's tables with the machine and the versions they were measured on."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{suite}.json"
    packages = ("motif", "numpy", "keras", "jax", "onnxruntime", "numba", "scikit-learn")
    content = {
        "measured": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()},
        "versions": {"python": platform.python_version()} | {name: version(name) for name in packages},
        "tables": tables,
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)
