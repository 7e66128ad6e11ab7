"""`GestureTemplate`: one taught gesture, and how well it was taught."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["GestureTemplate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GestureTemplate:
    """One taught gesture. Its samples are `database.samples(template.name)`."""

    name: str
    version: int = 0
    """How often it was trained; 0 before the first time."""
    num_samples: int = 0
    """Samples in use, outlying ones not counted."""
    accuracy: float = 0.0
    """0…1, of cross-validation against the other gestures when it was trained; 0 before."""
    consistency_score: float = 0.0
    """0 (samples have nothing in common) … 1 (all alike), when it was trained; 0 before."""
    num_outlying: int = 0
    """Samples that training set aside."""
    cross_validated: bool = False
    """Whether `accuracy` was measured by cross-validation."""
    confusions: Mapping[str, float] = field(default_factory=dict)
    """Which other gestures its samples were taken for: name → share."""
    more_samples: int = 0
    """How many more samples are worth recording."""
    up_to_date: bool = False
    """Whether no sample came or went since it was trained."""
    created_ns: int = 0
    """When the gesture was first taught, nanoseconds since the epoch."""
    updated_ns: int = 0
    """When it was trained last."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Anything else, as JSON has it."""
