"""Arrays in, arrays out: units, time bases, filters, orientation, windows, quality and calibration of motion.

Time is axis 0; NaN marks a gap and is kept as one. A name is imported when it is first asked for: SciPy, Numba and
`vqf` cost a second that a command line should not pay for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.signals._augment import Augmentation, LandmarkAugmentation, MotionAugmentation
    from motif.signals._calibration import AccelerometerCalibration, calibrate_accelerometer, flat_sign
    from motif.signals._drift import remove_drift, rest_bias
    from motif.signals._elastic import elastic_distance, nearest_elastic
    from motif.signals._features import feature_names, features
    from motif.signals._filters import CausalFilter, despike, zero_phase
    from motif.signals._gaps import fill_gaps, stretches
    from motif.signals._gravity import gravity, linear_acceleration, tilt
    from motif.signals._hand_skeleton import HAND_FINGERS, HAND_LANDMARKS
    from motif.signals._landmarks import hand_present, landmark_feature_names, landmark_features, normalize_landmarks
    from motif.signals._monotonic import MonotonicTime, TimeReport, monotonic
    from motif.signals._orientation import OrientationFilter, orientation
    from motif.signals._quality import Quality, quality
    from motif.signals._resample import Resampled, resample
    from motif.signals._rotate import rotate
    from motif.signals._still import still_stretches
    from motif.signals._stuck import stuck_stretches
    from motif.signals._triads import triads
    from motif.signals._units import canonical_unit, convert
    from motif.signals._windows import WindowConfig, window_labels, window_starts, windows
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_augment": ("Augmentation", "LandmarkAugmentation", "MotionAugmentation"),
            "_calibration": ("AccelerometerCalibration", "calibrate_accelerometer", "flat_sign"),
            "_drift": ("remove_drift", "rest_bias"),
            "_elastic": ("elastic_distance", "nearest_elastic"),
            "_features": ("feature_names", "features"),
            "_filters": ("CausalFilter", "despike", "zero_phase"),
            "_gaps": ("fill_gaps", "stretches"),
            "_gravity": ("gravity", "linear_acceleration", "tilt"),
            "_hand_skeleton": ("HAND_FINGERS", "HAND_LANDMARKS"),
            "_landmarks": ("hand_present", "landmark_feature_names", "landmark_features", "normalize_landmarks"),
            "_monotonic": ("MonotonicTime", "TimeReport", "monotonic"),
            "_orientation": ("OrientationFilter", "orientation"),
            "_quality": ("Quality", "quality"),
            "_resample": ("Resampled", "resample"),
            "_rotate": ("rotate",),
            "_still": ("still_stretches",),
            "_stuck": ("stuck_stretches",),
            "_triads": ("triads",),
            "_units": ("canonical_unit", "convert"),
            "_windows": ("WindowConfig", "window_labels", "window_starts", "windows"),
        },
    )

__all__ = [
    "HAND_FINGERS",
    "HAND_LANDMARKS",
    "AccelerometerCalibration",
    "Augmentation",
    "CausalFilter",
    "LandmarkAugmentation",
    "MonotonicTime",
    "MotionAugmentation",
    "OrientationFilter",
    "Quality",
    "Resampled",
    "TimeReport",
    "WindowConfig",
    "calibrate_accelerometer",
    "canonical_unit",
    "convert",
    "despike",
    "elastic_distance",
    "feature_names",
    "features",
    "fill_gaps",
    "flat_sign",
    "gravity",
    "hand_present",
    "landmark_feature_names",
    "landmark_features",
    "linear_acceleration",
    "monotonic",
    "nearest_elastic",
    "normalize_landmarks",
    "orientation",
    "quality",
    "remove_drift",
    "resample",
    "rest_bias",
    "rotate",
    "still_stretches",
    "stretches",
    "stuck_stretches",
    "tilt",
    "triads",
    "window_labels",
    "window_starts",
    "windows",
    "zero_phase",
]
