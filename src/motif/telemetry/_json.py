"""Values as strict JSON can hold them: NaN and infinity are no JSON, whatever Python's writer says."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["json_ready", "strict_json"]


def json_ready(value: Any) -> Any:
    """Return `value` as strict JSON can hold it; what it cannot is described by its text.

    Examples
    --------
    >>> json_ready({"lr": 0.5, "loss": float("nan"), "out": Path("a/b"), "shape": (12, 84)})
    {'lr': 0.5, 'loss': 'NaN', 'out': 'a/b', 'shape': [12, 84]}
    """
    if hasattr(value, "tolist"):  # NumPy's numbers and arrays
        value = value.tolist()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {str(name): json_ready(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_ready(item) for item in value]
    return value.as_posix() if isinstance(value, Path) else str(value)


def strict_json(event: Mapping[str, Any], **options: Any) -> str:
    """Return an event as a line; most hold nothing odd, and those cost nothing more."""
    try:
        return json.dumps(event, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        return json.dumps(json_ready(event), ensure_ascii=False, allow_nan=False)
