"""`SensorFeatures`: what one sample of a gesture is like, as physical quantities with names."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from motif.errors import ColumnError, InputError

__all__ = ["SensorFeatures", "Vector"]

Vector = tuple[float, float, float]
_AXES = ("x", "y", "z")
_NOT_ABOVE = (
    ("acc_mean", "acc_rms"), ("acc_rms", "acc_peak"), ("gyr_mean", "gyr_rms"), ("gyr_rms", "gyr_peak"),
    ("jerk_mean", "jerk_peak"), ("moving_s", "duration_s"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorFeatures:
    """Physical features of one sample of a gesture; `None` where a sensor was missing.

    Acceleration is what is left without gravity. A *direction* is a mean vector over a mean size: its length is 1 when
    all pointed one way and near 0 for a to and fro, so noise has no direction.

    Examples
    --------
    >>> features = SensorFeatures.from_dict({"duration_s": 0.8, "gyro_direction": [0.0, 0.0, 0.9], "hand": "left"})
    >>> features.gyro_direction, features.extra, features.validate()
    ((0.0, 0.0, 0.9), {'hand': 'left'}, True)
    """

    duration_s: float | None = None
    """From the first sample to the end of the last, s."""
    moving_s: float | None = None
    """How long the movement was above a quarter of its peak, s."""
    time_of_peak: float | None = None
    """When the strongest moment came: 0 (at the start) … 1 (at the end)."""
    acc_peak: float | None = None
    """Largest acceleration, m/s²."""
    acc_mean: float | None = None
    """Mean size of the acceleration, m/s²."""
    acc_rms: float | None = None
    """Root mean square of the acceleration, m/s²."""
    acc_energy: float | None = None
    """Acceleration squared, over the duration, m²/s³."""
    jerk_mean: float | None = None
    """Mean size of the acceleration's rate of change, m/s³."""
    jerk_peak: float | None = None
    """Largest rate of change of the acceleration, m/s³."""
    gyr_peak: float | None = None
    """Largest angular rate, rad/s."""
    gyr_mean: float | None = None
    """Mean size of the angular rate, rad/s."""
    gyr_rms: float | None = None
    """Root mean square of the angular rate, rad/s."""
    gyr_energy: float | None = None
    """Angular rate squared, over the duration, rad²/s."""
    rotation: float | None = None
    """How far it turned, to and fro added, rad."""
    dominant_frequency_hz: float | None = None
    """Where the movement has most power, Hz; 0 when still."""
    n_reversals: float | None = None
    """How often the movement turned back along its main axis."""
    acc_direction: Vector | None = None
    """Direction in which the movement sets off: of acceleration, over the first half of its energy."""
    gyro_direction: Vector | None = None
    """Direction about which it rotates, over the whole sample."""
    gravity_direction: Vector | None = None
    """Mean specific force as a unit vector: how the device was held."""
    acc_axis_shares: Vector | None = None
    """Share of each axis in the acceleration's energy; they add up to 1."""
    gyr_axis_shares: Vector | None = None
    """Share of each axis in the rotation's energy; they add up to 1."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What a dictionary held beyond these, as it was."""

    LIMITS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "duration_s": (0.0, 120.0),
        "moving_s": (0.0, 120.0),
        "time_of_peak": (0.0, 1.0),
        "acc_peak": (0.0, 1000.0),
        "acc_mean": (0.0, 1000.0),
        "acc_rms": (0.0, 1000.0),
        "acc_energy": (0.0, 1.2e8),
        "jerk_mean": (0.0, 1e6),
        "jerk_peak": (0.0, 1e6),
        "gyr_peak": (0.0, 175.0),
        "gyr_mean": (0.0, 175.0),
        "gyr_rms": (0.0, 175.0),
        "gyr_energy": (0.0, 3.7e6),
        "rotation": (0.0, 21_000.0),
        "dominant_frequency_hz": (0.0, 1000.0),
        "n_reversals": (0.0, 10_000.0),
        "acc_direction": (-1.0, 1.0),
        "gyro_direction": (-1.0, 1.0),
        "gravity_direction": (-1.0, 1.0),
        "acc_axis_shares": (0.0, 1.0),
        "gyr_axis_shares": (0.0, 1.0),
    }
    """What is possible for a device in or on a hand: 100 g and 10,000 °/s are beyond any sensor of a phone."""
    VECTORS: ClassVar[tuple[str, ...]] = (
        "acc_direction", "gyro_direction", "gravity_direction", "acc_axis_shares", "gyr_axis_shares",
    )  # fmt: skip

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the features' names, always in this order."""
        return tuple(each.name for each in fields(cls) if each.name != "extra")

    @classmethod
    def vector_names(cls) -> tuple[str, ...]:
        """Return the name of each number of `vector`: a direction has three, `gyro_direction_x` and so on."""
        return tuple(part for name in cls.names() for part in cls._parts(name))

    @classmethod
    def weight_vector(cls, feature_weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Return a weight for each number of `vector`, from weights by feature name; 1 where none is given.

        Raises
        ------
        ColumnError, InputError
            A name is no feature, a weight is negative or not finite.
        """
        for name, weight in feature_weights.items():
            if name not in cls.LIMITS:
                raise ColumnError(name, have=cls.names())
            if not (math.isfinite(weight) and weight >= 0):
                raise InputError(f"the weight of {name!r} is {weight}; want a number of 0 or more")
        return np.array([feature_weights.get(name, 1.0) for name in cls.names() for _ in cls._parts(name)])

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave, or the prototype's dictionaries: what is unknown or not usable is kept as extra.

        Raises
        ------
        InputError
            `values` is not a mapping with texts as keys.
        """
        if not isinstance(values, Mapping) or not all(isinstance(key, str) for key in values):
            raise InputError(f"features are {type(values).__name__}; want a dictionary from names to values")
        known: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for name, value in values.items():
            usable = _vector(value) if name in cls.VECTORS else _number(value)
            if name in cls.LIMITS and usable is not None:
                known[name] = usable
            elif not (name in cls.LIMITS and value is None):
                extra[name] = value
        return cls(**known, extra=extra)

    def to_dict(self) -> dict[str, Any]:
        """Return what is known by name, and the extra beside it; made of numbers, lists and what was given."""
        known = {name: getattr(self, name) for name in self.names()}
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in known.items()}
        return {name: value for name, value in plain.items() if value is not None} | dict(self.extra)

    def vector(self) -> NDArray[np.float64]:
        """Return (n_features,) in the order of `vector_names`; NaN where a feature is not known."""
        numbers: list[float] = []
        for name in self.names():
            value = getattr(self, name)
            parts = self._parts(name)
            numbers += [math.nan] * len(parts) if value is None else value if len(parts) > 1 else [value]
        return np.array(numbers)

    def numbers(self) -> dict[str, float]:
        """Return every number by name, those in `extra` too (`name_0`, `name_1` where it is a list)."""
        own = zip(self.vector_names(), self.vector(), strict=True)
        given = ((name, _number(value)) for name, value in _leaves(self.extra, "_"))
        return {name: float(number) for name, number in (*own, *given) if number is not None and math.isfinite(number)}

    @property
    def dominant_axis(self) -> str | None:
        """The axis with most of the movement, of acceleration where there is one: `"acc_x"`, `"gyr_z"`."""
        for quantity, shares in (("acc", self.acc_axis_shares), ("gyr", self.gyr_axis_shares)):
            if shares is not None and max(shares) > 0:
                return f"{quantity}_{_AXES[shares.index(max(shares))]}"
        return None

    def problems(self) -> tuple[str, ...]:
        """Return what no real movement can have: one line for each, naming the value and what is possible."""
        found = list(self.unusable())
        for name, number in zip(self.vector_names(), self.vector(), strict=True):
            feature = name if name in self.LIMITS else name[:-2]
            low, high = self.LIMITS[feature]
            if getattr(self, feature) is not None and not low - 1e-6 <= number <= high + 1e-6:
                found.append(f"{name} is {number:g}; want {low:g} to {high:g}")
        for low_name, high_name in _NOT_ABOVE:
            low, high = getattr(self, low_name), getattr(self, high_name)
            if low is not None and high is not None and low > high * (1 + 1e-6) + 1e-9:
                found.append(f"{low_name} is {low:g}, above {high_name}, {high:g}")
        found += [f"{name} is not finite" for name, value in _leaves(self.extra, ".") if _is_infinite(value)]
        return tuple(found)

    def unusable(self) -> tuple[str, ...]:
        """Return what is no feature, whatever its unit: values that don't fit their name, or not a single number."""
        found = [
            f"{name} is {value!r:.40}; want {'three numbers' if name in self.VECTORS else 'a number'}"
            for name, value in self.extra.items()
            if name in self.LIMITS
        ]
        if not found and not self._has_number():
            found.append("no feature at all; want a number, such as duration_s")
        return tuple(found)

    def validate(self) -> bool:
        """Whether these can be of a real movement: finite, within what sensors and hands can do, means below peaks.

        Numbers under names that are not ours count as features, and may be anything finite.
        """
        return not self.problems()

    def _has_number(self) -> bool:
        known = any(getattr(self, name) is not None for name in self.names())
        return known or any(_number(value) is not None for _, value in _leaves(self.extra, "_"))

    @classmethod
    def _parts(cls, name: str) -> tuple[str, ...]:
        return tuple(f"{name}_{axis}" for axis in _AXES) if name in cls.VECTORS else (name,)


def _number(value: Any) -> float | None:
    if not isinstance(value, int | float | np.number) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:  # a whole number beyond all floats
        return None


def _vector(value: Any) -> Vector | None:
    if not isinstance(value, list | tuple | np.ndarray) or len(value) != 3:
        return None
    x, y, z = (_number(part) for part in value)
    return None if x is None or y is None or z is None else (x, y, z)


def _is_infinite(value: Any) -> bool:
    return isinstance(value, float | np.floating) and not math.isfinite(value)


def _leaves(extra: Mapping[str, Any], joint: str) -> Iterator[tuple[str, Any]]:
    """Yield what is neither list nor dictionary, however deep, by the names that lead to it."""
    stack = list(extra.items())[::-1]
    while stack:
        name, value = stack.pop()
        parts = dict(enumerate(value)) if isinstance(value, list | tuple) else value
        if isinstance(parts, Mapping):
            stack += [(f"{name}{joint}{key}", part) for key, part in parts.items()][::-1]
        else:
            yield name, value
