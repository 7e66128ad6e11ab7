"""Write `docs/benchmarks.md` from `benchmarks/results/*.json`: `python -m benchmarks.page`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks._tables import RESULTS, cell

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
INTRO = """# Benchmarks

`make bench` prints these tables and writes them to `benchmarks/results/`; this page is written from those files by
`python -m benchmarks.page`. Peers run in the same run, on the same windows, folds and single thread, in an environment
of their own (`benchmarks/peers.txt`). Recordings are split by person or by recorded block, never at random.
"""


def page() -> str:
    """Return the page's text."""
    suites = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))]
    tables = [_table(title, rows) for suite in suites for title, rows in suite["tables"].items()]
    measured = [f"Measured {suite['measured']} with {_versions(suite['versions'])}." for suite in suites[:1]]
    return "\n".join([INTRO, *tables, *measured, ""])


def _table(title: str, rows: list[dict[str, Any]]) -> str:
    columns = list(rows[0])
    lines = [" | ".join(columns), " | ".join("---" if isinstance(rows[0][c], str) else "--:" for c in columns)]
    lines += [" | ".join(cell(row[column]) for column in columns) for row in rows]
    return f"## {title}\n\n" + "\n".join(f"| {line} |" for line in lines) + "\n"


def _versions(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
