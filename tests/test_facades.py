"""Each room has one door: light to open, and everything behind it is there."""

import subprocess
import sys
from importlib import import_module

import pytest

LAZY = (
    "bundles.pack",
    "bundles.targets",
    "behavior",
    "behavior.cluster",
    "behavior.encode",
    "behavior.streams",
    "signals",
    "recordings",
    "evaluation",
    "experiments",
    "learning",
    "networks",
    "smoothing",
    "templates",
    "live",
    "service",
    "sources",
    "terminal",
    "tracking",
)
ROOMS = (*LAZY, "telemetry", "bundles")
HEAVY = ("scipy", "numba", "sklearn", "vqf", "keras", "jax", "plotly", "pandas", "h5py", "xarray")


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_a_room_promises_is_there_and_documented(room):
    module = import_module(f"motif.{room}")
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__:
        assert getattr(module, name).__doc__, name
    if room in LAZY:
        assert set(dir(module)) == set(module.__all__)
        with pytest.raises(AttributeError, match="has no attribute 'resampel'"):
            module.resampel  # noqa: B018


def test_opening_every_door_loads_nothing_heavy():
    imports = ", ".join(f"motif.{room}" for room in ROOMS)
    code = f"import sys, {imports}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
