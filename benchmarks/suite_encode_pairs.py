"""Activities from the pairs of sensors that `encode` does not look at: how much the choice of the pair matters."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.suite_encode import SENSORS, activities
from motif.recordings import load_dataset


def run(shared: Path) -> dict[str, Any]:
    data = load_dataset(shared / "dsads")
    tables = {}
    for pair in combinations(data.sensors, 2):
        if pair != SENSORS:
            tables |= activities(data, pair)
    return tables
