"""`python -m benchmarks [suite …]`: print tables, write `benchmarks/results/<suite>.json`."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from benchmarks._tables import write

SUITES = (
    "start",
    "database",
    "bundle",
    "convert",
    "training",
    "hands",
    "activities",
    "semi_markov",
    "discovery",
    "templates",
    "strangers",
    "synchrony",
    "ingest",
    "spotting",
    "live",
    "teach",
    "encode",
    "streams",
    "tracking",
    "logs",
    "service",
    "personal",
    "conformal",
    "uncertainty",
    "vocabulary",
    "architectures",
)
SLOW = ("semi_markov_seeds", "service_soak", "encode_pairs")
"""Run only when named."""
ON_REAL_RECORDINGS = (
    "hands",
    "convert",
    "encode",
    "encode_pairs",
    "streams",
    "activities",
    "semi_markov",
    "semi_markov_seeds",
    "discovery",
    "templates",
    "strangers",
    "spotting",
    "personal",
    "conformal",
    "uncertainty",
    "vocabulary",
    "architectures",
)
SHARED = Path(os.environ.get("MOTIF_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


def main(names: list[str]) -> int:
    if unknown := set(names) - {*SUITES, *SLOW}:
        print(f"no suite {', '.join(sorted(unknown))}; there are {', '.join((*SUITES, *SLOW))}", file=sys.stderr)
        return 2
    for name in names or SUITES:
        if name in ON_REAL_RECORDINGS and not SHARED.exists():
            print(f"{name}: no real recordings at {SHARED}; set MOTIF_SHARED_DATA", file=sys.stderr)
            continue
        print(f"written: {write(name, import_module(f'benchmarks.suite_{name}').run(SHARED))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
