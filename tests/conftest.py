"""What every test may ask for."""

import atexit
import gc
import os
import shutil
import tempfile

# One thread each: with two, a busy machine makes small matrix products many times slower. Before NumPy is imported.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")  # tests train for seconds, compiling well takes longer
if "JAX_COMPILATION_CACHE_DIR" not in os.environ:  # and the same small networks are compiled in many tests
    compiled = tempfile.mkdtemp(prefix="motif-compiled-")
    atexit.register(shutil.rmtree, compiled, ignore_errors=True)
    os.environ["JAX_COMPILATION_CACHE_DIR"] = compiled
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"  # hundreds of small ones take as long as a large one

# What was imported stays: looking through it for garbage again and again takes a tenth of the suite's time.
gc.set_threshold(100_000, 50, 100)

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples every time: a red run can be repeated. HYPOTHESIS_PROFILE=explore looks for new ones. No deadlines:
# a kernel compiles when it is first called, and tests do not time things.
settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.register_profile("explore", max_examples=500, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


PASSES_THROUGH = {"test_docs.py", "test_compare_command.py", "contracts", "regression"}
"""Tests that use what others look at more closely, as those of every recognizer, reader and source do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count as covered what tests of a room look at, not what passes through; tracing costs a third of the time."""
    for item in items:
        of_each = isinstance(item, pytest.DoctestItem) or item.path.name.startswith("test_every_")
        if of_each or PASSES_THROUGH & {item.path.name, item.path.parent.name}:
            item.add_marker("no_cover")


SHARED = Path(os.environ.get("MOTIF_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return the folder of a real data set, or skip the test where the machine has none."""

    def find(name: str) -> Path:
        folder = SHARED / name
        if not folder.exists():
            pytest.skip(f"no real recordings at {folder}")
        return folder

    return find
