"""How the engine listens: the grid it puts a device on, and when windows make an event."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, PositiveFloat, PositiveInt
from pydantic.dataclasses import dataclass

__all__ = ["Agreement", "EngineConfig"]

_CONFIG = ConfigDict(extra="forbid", use_attribute_docstrings=True)
_Seconds = Annotated[float, Field(ge=0.0, le=60.0)]


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class Agreement:
    """When windows that follow each other make an event. For recognizers of windows; a spotter knows by itself."""

    hop_s: PositiveFloat = 0.05
    """Time between two windows that are judged."""
    n_windows: PositiveInt = 4
    """How many windows in a row must name the gesture, none of them an outlier."""
    n_release: PositiveInt = 2
    """How many windows in a row must name something else before the same gesture can come again."""
    refractory_s: _Seconds = 0.5
    """No event sooner than this after another one of the device."""
    ordinary: frozenset[str] = frozenset({"none", "rest", "idle", "background", "no_gesture"})
    """Labels that are no events."""


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class EngineConfig:
    """How an engine listens."""

    channels: tuple[str, ...] | None = None
    """What the recognizer takes, in its order; what the recognizer itself says, or `acc_x … gyr_z`, where left out."""
    rate_hz: PositiveFloat | None = None
    """Rate of the grid; what the recognizer says, or 100, where left out."""
    max_gap_s: PositiveFloat = 0.1
    """The longest step between samples to draw a line across; beyond, there is a gap."""
    max_late_s: _Seconds = 0.0
    """How late a sample may come behind later ones of its sensor; all decisions wait that much longer."""
    max_skew_s: PositiveFloat = 2.0
    """How long a sensor that is behind the others, or silent, is waited for."""
    min_confidence: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """Gestures told with less are no events."""
    agreement: Agreement = Agreement()
    """For recognizers of windows."""
    max_devices: PositiveInt = 256
    """Of more devices, the one not heard for longest is forgotten."""
