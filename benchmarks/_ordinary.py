"""Real streams for spotting: phone gestures with rests between, and ordinary movement, all at one rate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.signals import linear_acceleration, resample, stretches

RATE_HZ = 50.0
"""The gestures' own rate is not stated; 50 Hz, Android's rate for games, is taken for it."""


@dataclass(frozen=True)
class GestureStream:
    """One continuous recording of repetitions of a gesture; columns are gyr x y z, linear_acc x y z."""

    person: str
    gesture: str
    values: NDArray[np.float64]
    spans: NDArray[np.int64]
    """(n_gestures, 2), start and stop of each."""


@dataclass(frozen=True)
class OrdinaryStream:
    """Movement without any gesture; columns as above, gravity taken out causally."""

    source: str
    person: str
    values: NDArray[np.float64]

    @property
    def hours(self) -> float:
        return len(self.values) / RATE_HZ / 3600


def gesture_streams(shared: Path) -> list[GestureStream]:
    """Return the ten main gestures of uhh_imu_gestures; a gesture is a run of its `active` mask."""
    data = np.load(shared / "uhh_imu_gestures" / "uhh_imu_gestures.npz")
    bounds = list(zip(data["offsets"], data["offsets"][1:], strict=False))
    return [
        GestureStream(
            str(data["subject"][row]),
            str(data["gesture_names"][gesture]),
            data["x"][start:stop, 3:9].astype(np.float64),
            stretches(data["active"][start:stop] > 0),
        )
        for row, (start, stop) in enumerate(bounds)
        if (gesture := int(data["gesture"][row])) < 10
    ]


def ordinary_streams(shared: Path) -> list[OrdinaryStream]:
    """Return dsads (torso, right arm, right leg) and sp_sw_har (phone in the pocket, watch)."""
    return [*_dsads(shared / "dsads"), *_sp_sw_har(shared / "sp_sw_har" / "sp_sw_har.npz")]


def _dsads(folder: Path) -> list[OrdinaryStream]:
    found = []
    for path in sorted(folder.glob("p*.npz")):
        data = np.load(path)
        scaled = data["q"] * data["scale"][:, None, None, None]
        for unit in range(0, len(scaled), 9):
            for activity in range(scaled.shape[1]):
                columns = scaled[unit : unit + 6, activity].reshape(6, -1).T
                time_ns = np.arange(len(columns), dtype=np.int64) * round(1e9 / 25)
                found.append(OrdinaryStream("dsads", path.stem, _comparable(time_ns, columns)))
    return found


def _sp_sw_har(path: Path) -> list[OrdinaryStream]:
    data = np.load(path)
    found = []
    for row, (start, stop) in enumerate(zip(data["offsets"], data["offsets"][1:], strict=False)):
        columns = (data["q"][:, start:stop] * data["scale"][:, None]).T
        time_ns = data["t_rel_ms"][start:stop].astype(np.int64) * 1_000_000
        found.append(OrdinaryStream("sp_sw_har", str(data["subject"][row]), _comparable(time_ns, columns)))
    return found


def _comparable(time_ns: NDArray[np.int64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring acc x y z (with gravity), gyr x y z onto the gestures' rate, order and freedom from gravity."""
    even = resample(time_ns, columns, RATE_HZ, max_gap_s=0.25).values
    linear = linear_acceleration(even[:, :3], RATE_HZ, even[:, 3:6], causal=True)
    return np.hstack([even[:, 3:6], linear])
