"""Keras, on JAX unless `KERAS_BACKEND` says otherwise; the choice has to be made before Keras is imported."""

from __future__ import annotations

import os
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.optional import require

__all__ = ["arrays", "keras", "numbered_afresh", "seeded"]


def keras() -> ModuleType:
    """Import Keras, with JAX as its backend unless the environment names another.

    Compiled programs are kept in `JAX_COMPILATION_CACHE_DIR`, by default in the user's cache: the first epoch of a
    program seen before starts in a third of the time.

    Raises
    ------
    MissingExtraError
        Keras or JAX is not installed.
    """
    if "keras" not in sys.modules and os.environ.setdefault("KERAS_BACKEND", "jax") == "jax":
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(_user_cache() / "jax"))
        require("jax", extra="train")
    return require("keras", extra="train")


def arrays(variables: Iterable[Any]) -> list[NDArray[Any]]:
    """Return copies of the values of Keras variables; `get_weights` converts in a way NumPy has deprecated."""
    return [np.array(keras().ops.convert_to_numpy(variable.value)) for variable in variables]


def _user_cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(home) / "motif"


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Make the layers built inside draw the same weights every time, and leave the caller's random state as it was.

    A Keras initializer or dropout without a seed of its own takes one from Python's `random`.
    """
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


@contextmanager
def numbered_afresh() -> Iterator[None]:
    """Name the layers built inside as if they were the first of the process, so that the same network is the same file.

    Keras numbers what bears no name of its own by what was built before; the caller's numbers go on where they were.
    """
    state = import_module("keras.src.backend.common.global_state")
    numbers = state.get_global_attribute("object_name_uids")
    state.set_global_attribute("object_name_uids", defaultdict(int))
    try:
        yield
    finally:
        state.set_global_attribute("object_name_uids", numbers)
