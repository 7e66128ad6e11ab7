import subprocess
import sys

import pytest

import motif.signals as signals

HEAVY = ("scipy", "numba", "sklearn", "vqf", "pydantic")


def test_importing_the_folder_imports_nothing_heavy():
    code = f"import sys, motif.signals; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_name_it_promises_is_there_and_documented():
    assert list(signals.__all__) == sorted(signals.__all__)
    assert set(signals.__all__) == set(signals._HOME) == set(dir(signals))
    for name in signals.__all__:
        assert getattr(signals, name).__doc__, name


def test_a_name_that_is_not_there_is_said_so():
    with pytest.raises(AttributeError, match="has no attribute 'resampel'"):
        signals.resampel  # noqa: B018
