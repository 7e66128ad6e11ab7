"""`GestureSample`: one time somebody made a gesture, as raw motion, as features, or both."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import require_finite
from motif.errors import ConfigError, InputError, ShapeError
from motif.templates._sensor_features import SensorFeatures
from motif.templates._sensor_features_of import sensor_features

__all__ = ["GestureSample"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class GestureSample:
    """One sample of a gesture. Frozen: its arrays cannot be written to.

    Raises
    ------
    InputError, ShapeError, NotFiniteError, ConfigError
        There is neither motion nor a feature, the parts do not fit together, or a number is NaN or infinite.

    Examples
    --------
    >>> sample = GestureSample.of(np.random.default_rng(0).normal(size=(80, 3)), ("gyr_x", "gyr_y", "gyr_z"), 100.0)
    >>> sample
    <GestureSample: 80 × gyr_x gyr_y gyr_z at 100 Hz, quality 1.00>
    """

    values: NDArray[np.float32] | None = None
    """(n_samples, n_channels), from the gesture's start to its end."""
    channels: tuple[str, ...] = ()
    """Named as in `Recording`: `acc_x` … in m/s², `gyr_x` … in rad/s, or `hand_0_x` …"""
    rate_hz: float = 0.0
    """Samples per second of `values`; 0 where there are none."""
    features: SensorFeatures | None = None
    """Physical features; of the prototype's samples nothing else is known."""
    quality: float = 1.0
    """0 (useless) … 1 (nothing to complain of)."""
    created_ns: int = field(default_factory=time.time_ns)
    """When it was made, nanoseconds since the epoch."""
    group: str = ""
    """Which person or session it is from: samples of one group are never split between teaching and judging."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Anything else, as JSON has it."""
    outlying: bool = False
    """Training found it unlike the others: kept, not used."""
    sample_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    """What it is called in its database."""

    def __post_init__(self) -> None:
        if self.values is None and self.features is None:
            raise InputError("a sample needs motion (values) or features; it has neither")
        if not 0.0 <= self.quality <= 1.0:
            raise InputError(f"quality is {self.quality}; want 0 (useless) to 1 (good)")
        object.__setattr__(self, "channels", tuple(self.channels))
        if self.values is not None:
            object.__setattr__(self, "values", self._checked(self.values))
        for name, facts in (
            ("features", self.features.to_dict() if self.features else {}),
            ("metadata", self.metadata),
        ):
            try:
                json.dumps(facts, allow_nan=False)
            except (TypeError, ValueError, RecursionError) as error:
                raise InputError(f"{name} cannot be kept ({error}); want finite numbers, texts, lists") from error

    @classmethod
    def of(cls, values: ArrayLike, channels: tuple[str, ...], rate_hz: float, **others: Any) -> Self:
        """Return a sample of raw motion (n_samples, n_channels), with its features where its sensors have any."""
        motion = np.asarray(values)
        kinds = {f"{kind}_{axis}" for kind in ("acc", "linear_acc", "gyr") for axis in "xyz"}
        if others.get("features") is None and len(kinds.intersection(channels)) >= 3 and len(motion) >= 4:
            others["features"] = sensor_features(motion, rate_hz, channels)
        return cls(values=motion.astype(np.float32), channels=tuple(channels), rate_hz=rate_hz, **others)

    def _checked(self, values: ArrayLike) -> NDArray[np.float32]:
        array = np.array(values, dtype=np.float32)  # a copy of our own, that nobody else can write to
        if array.ndim != 2 or 0 in array.shape or array.shape[1] != len(self.channels):
            raise ShapeError("values", got=array.shape, want=f"(n_samples, {len(self.channels)} channels)")
        if len(set(self.channels)) < len(self.channels) or not all(isinstance(name, str) for name in self.channels):
            raise InputError(f"channels are {self.channels}; want texts, each once")
        if not (np.isfinite(self.rate_hz) and self.rate_hz > 0):
            raise ConfigError(f"rate_hz is {self.rate_hz}; want samples per second, above 0")
        require_finite("values", array)
        array.setflags(write=False)
        return array

    @property
    def n_samples(self) -> int:
        """Length of the motion in samples; 0 where only features are known."""
        return 0 if self.values is None else len(self.values)

    @property
    def hash(self) -> str:
        """SHA-256 of motion and features: equal for equal samples, whatever they are called and whenever made."""
        parts = [list(self.channels), float(self.rate_hz), self.features.to_dict() if self.features else None]
        digest = sha256(json.dumps(parts, sort_keys=True).encode())
        if self.values is not None:
            digest.update(repr(self.values.shape).encode() + self.values.astype("<f4").tobytes())
        return digest.hexdigest()

    def renamed(self) -> Self:
        """Return the same sample under a new `sample_id`."""
        return replace(self, sample_id=uuid.uuid4().hex)

    def to_facts(self) -> dict[str, Any]:
        """Return everything but the motion's numbers, as JSON has it."""
        return {
            "channels": list(self.channels),
            "rate_hz": self.rate_hz,
            "features": self.features.to_dict() if self.features else None,
            "quality": self.quality,
            "created_ns": self.created_ns,
            "group": self.group,
            "metadata": dict(self.metadata),
            "outlying": self.outlying,
            "sample_id": self.sample_id,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], values: NDArray[np.float32] | None) -> Self:
        """Return the sample that `to_facts` described.

        Raises
        ------
        InputError
            A fact is missing or cannot be.
        """
        try:
            features = None if facts["features"] is None else SensorFeatures.from_dict(facts["features"])
            return cls(
                values=values,
                channels=tuple(map(str, facts["channels"])),
                rate_hz=float(facts["rate_hz"]),
                features=features,
                quality=float(facts["quality"]),
                created_ns=int(facts["created_ns"]),
                group=str(facts["group"]),
                metadata=dict(facts["metadata"]),
                outlying=bool(facts["outlying"]),
                sample_id=str(facts["sample_id"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise InputError(f"a sample's facts do not fit together ({type(error).__name__}: {error})") from error

    def __repr__(self) -> str:
        what = f"{self.n_samples} × {' '.join(self.channels[:6])} at {self.rate_hz:g} Hz"
        if self.values is None and self.features is not None:
            what = f"{len(self.features.numbers())} features"
        return f"<GestureSample: {what}, quality {self.quality:.2f}{', outlying' if self.outlying else ''}>"
