"""What a run may hold: numbers as numbers, NaN and infinity as texts, the rest as JSON can say it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from motif.errors import InputError

__all__ = ["as_number", "flat", "json_ready", "number"]

_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def number(name: str, value: object) -> float:
    """Return a metric as a float: Python's numbers, NumPy's, or an array of one of any framework.

    Raises
    ------
    InputError
        It is none.
    """
    try:
        return float(np.asarray(value, dtype=np.float64).item())
    except (TypeError, ValueError) as error:
        raise InputError(f"metric {name!r} is {value!r}; want one number") from error


def as_number(value: Any) -> float:
    """Return what `json_ready` made of a number."""
    return _NOT_FINITE[value] if value in _NOT_FINITE else float(value)


def json_ready(value: object) -> Any:
    """Return `value` as strict JSON can hold it; what it cannot is described by its text.

    Examples
    --------
    >>> json_ready({"lr": np.float32(0.5), "loss": float("nan"), "out": Path("a/b"), "shape": (12, 84)})
    {'lr': 0.5, 'loss': 'NaN', 'out': 'a/b', 'shape': [12, 84]}
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {str(name): json_ready(item) for name, item in value.items()}
    if isinstance(value, np.ndarray | list | tuple | set | frozenset):
        return [json_ready(item) for item in value]
    if isinstance(value, Path):
        return value.as_posix()
    return str(value)


def flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested settings by dotted names.

    Examples
    --------
    >>> flat({"model": {"name": "tcn", "units": [8, 4]}, "seed": 1})
    {'model.name': 'tcn', 'model.units': [8, 4], 'seed': 1}
    """
    found: dict[str, Any] = {}
    for name, value in config.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found
