"""Arrays in, figures out: scores, calibration, spread across groups, plots and the report.

Nothing heavy is loaded before a name is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from motif.evaluation._calibration import (
        ReliabilityBin,
        brier_score,
        expected_calibration_error,
        maximum_calibration_error,
        reliability,
    )
    from motif.evaluation._temperature import apply_temperature, fit_temperature, log_probabilities

_HOME = {
    "ReliabilityBin": "_calibration",
    "apply_temperature": "_temperature",
    "brier_score": "_calibration",
    "expected_calibration_error": "_calibration",
    "fit_temperature": "_temperature",
    "log_probabilities": "_temperature",
    "maximum_calibration_error": "_calibration",
    "reliability": "_calibration",
}

__all__ = [
    "ReliabilityBin",
    "apply_temperature",
    "brier_score",
    "expected_calibration_error",
    "fit_temperature",
    "log_probabilities",
    "maximum_calibration_error",
    "reliability",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
