"""Numbers of a run, and its settings by dotted names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from motif.errors import InputError

__all__ = ["as_number", "flat", "number"]

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
