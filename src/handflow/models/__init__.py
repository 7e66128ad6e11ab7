"""Networks on hand landmarks: built by name, trained, fitted to one person. All of it lives in `motif.networks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from handflow.models.architectures import ARCHITECTURES, build_model, compare_architectures
    from handflow.models.calibration import CalibrationConfig, UserCalibrator, quick_calibrate
    from handflow.models.trainer import Trainer
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "architectures": ("ARCHITECTURES", "build_model", "compare_architectures"),
            "calibration": ("CalibrationConfig", "UserCalibrator", "quick_calibrate"),
            "trainer": ("Trainer",),
        },
    )

__all__ = [
    "ARCHITECTURES",
    "CalibrationConfig",
    "Trainer",
    "UserCalibrator",
    "build_model",
    "compare_architectures",
    "quick_calibrate",
]
