"""Run the regression suite group by group: `python run_regression_tests.py [group …]`. Needs the extra `dev`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

GROUPS = ("shapes", "determinism", "temporal", "calibration", "speed")
TESTS = Path(__file__).parent / "tests" / "regression"


def main(wanted: list[str]) -> int:
    """Return 0 where every group passed."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    import pytest

    if unknown := set(wanted) - set(GROUPS):
        print(f"no group {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    passed = {name: pytest.main(["-q", str(TESTS / f"test_regression_{name}.py")]) == 0 for name in wanted or GROUPS}
    for name, ok in passed.items():
        print(f"{'passed' if ok else 'FAILED'}  {name}")
    return 0 if all(passed.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
