"""A base model fitted to one person. All of it lives in `motif.networks`."""

from motif.networks import CalibrationConfig, PersonalizationResult, UserCalibrator, load_profile, quick_calibrate

__all__ = ["CalibrationConfig", "PersonalizationResult", "UserCalibrator", "load_profile", "quick_calibrate"]
