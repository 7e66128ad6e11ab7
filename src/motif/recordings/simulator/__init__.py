"""Simulated motion with known truth: phone gestures, a quadruped, a hand, and pairs of movers.

Bodies move on paths, sensors feel those paths by the laws of physics and add their own errors; people and animals
differ. Everything is seeded: same `random_state`, same bytes.
"""

from __future__ import annotations

from motif.recordings.simulator._clock import EXACT_CLOCK, PHONE_CLOCK, ClockModel
from motif.recordings.simulator._gaits import GAITS
from motif.recordings.simulator._gesture_paths import GESTURES, ORDINARY_MOVEMENTS
from motif.recordings.simulator._gesture_stream import simulate_gesture_stream
from motif.recordings.simulator._gestures import simulate_gesture_recordings, simulate_gestures
from motif.recordings.simulator._hand import simulate_hand
from motif.recordings.simulator._hand_gestures import HAND_GESTURES
from motif.recordings.simulator._pair import simulate_pair
from motif.recordings.simulator._quadruped import simulate_quadruped, simulate_quadruped_recordings
from motif.recordings.simulator._sensor import (
    IDEAL,
    PHONE_ACCELEROMETER,
    PHONE_GYROSCOPE,
    PHONE_MAGNETOMETER,
    SensorModel,
)

__all__ = [
    "EXACT_CLOCK",
    "GAITS",
    "GESTURES",
    "HAND_GESTURES",
    "IDEAL",
    "ORDINARY_MOVEMENTS",
    "PHONE_ACCELEROMETER",
    "PHONE_CLOCK",
    "PHONE_GYROSCOPE",
    "PHONE_MAGNETOMETER",
    "ClockModel",
    "SensorModel",
    "simulate_gesture_recordings",
    "simulate_gesture_stream",
    "simulate_gestures",
    "simulate_hand",
    "simulate_pair",
    "simulate_quadruped",
    "simulate_quadruped_recordings",
]
