"""A network adapted to one person: a few samples of each gesture in, a recognizer out that is never worse."""

from motif.networks.personal._calibrator import UserCalibrator, quick_calibrate
from motif.networks.personal._config import CalibrationConfig
from motif.networks.personal._personalize import personalize
from motif.networks.personal._profile import Profile, ProfileFacts, load_profile
from motif.networks.personal._result import GestureGain, PersonalizationResult

__all__ = [
    "CalibrationConfig",
    "GestureGain",
    "PersonalizationResult",
    "Profile",
    "ProfileFacts",
    "UserCalibrator",
    "load_profile",
    "personalize",
    "quick_calibrate",
]
