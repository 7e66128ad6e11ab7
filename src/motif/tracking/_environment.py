"""What a run ran on: Python, the system, packages, GPUs."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from motif.telemetry import json_ready
from motif.tracking._machine import gpu_names
from motif.tracking._values import flat

__all__ = ["environment", "packages", "seeds"]


def environment() -> dict[str, Any]:
    """Return it JSON-ready; `gpus` is "absent" where no driver tells of one."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "gpus": gpu_names() or "absent",
        "backend": _backend(),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "packages": packages(),
    }


def _backend() -> str:
    """Return what Keras runs on, or will run on once a training imports it."""
    keras = sys.modules.get("keras")
    return str(keras.config.backend()) if keras else os.environ.get("KERAS_BACKEND", "jax")


def packages() -> dict[str, str]:
    """Return the version of each package that is installed, by the names of their folders: to read them all is slow."""
    found: dict[str, str] = {}
    for place in reversed(sys.path):  # what stands first in the path is what gets imported
        for folder in Path(place or ".").glob("*.dist-info"):
            name, _, version = folder.stem.rpartition("-")
            found[name] = version
    return dict(sorted(found.items()))


def seeds(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return every setting that is a seed by its name, and Python's own."""
    found = {
        name: json_ready(value)
        for name, value in flat(config).items()
        if "seed" in name.rpartition(".")[2] or name.rpartition(".")[2] == "random_state"
    }
    return found | {"PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED")}
