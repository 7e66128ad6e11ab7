"""From a message's samples to readings: channels, units, signs, and rotations without jumps."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from motif.recordings import Readings
from motif.sources._device_signs import DeviceSigns
from motif.sources._sensor_logger_json import parsed
from motif.sources._sensor_logger_message import Batch, Message
from motif.sources._sensor_logger_names import WEARABLES, Sensor, sensor_for
from motif.sources._sensor_logger_values import arrays_of, numeric_keys

__all__ = ["Streams"]

_N_DEVICES = 2048
_N_NAMES = 64
_G = 9.80665
_IN_G = 3.0
"""A length below this is a gravity of 1 g, above it one of 9.81 m/s²."""
_VOTES = 500
_TELLING = ("accelerometeruncalibrated", "totalacceleration")
"""Looked at first: they tell whose signs a phone has."""
_WORN = (
    ("acceleration", ("accelerationX", "accelerationY", "accelerationZ")),
    ("gravity", ("gravityX", "gravityY", "gravityZ")),
    ("gyr", ("rotationRateX", "rotationRateY", "rotationRateZ")),
    ("quat", ("quaternionW", "quaternionX", "quaternionY", "quaternionZ")),
)
_QUALITY = {0: 0.4, 1: 0.7, 2: 0.9}
"""Of Android's accuracy: unreliable, low, medium; high, and none, is 1."""


@dataclass(slots=True)
class _Device:
    """What has to be remembered of a device from message to message."""

    session: str = ""
    names: set[str] = field(default_factory=set)
    """Plain names of the sensors it sent in this session."""
    moved: bool = False
    """Something it sent could be used."""
    in_g: dict[str, list[int]] = field(default_factory=dict)
    """By sensor, how many samples looked like g and how many like m/s²."""
    quaternion: dict[str, NDArray[np.float64]] = field(default_factory=dict)


class Streams:
    """Makes readings of messages; remembers of each device what it needs, and of so many devices at most."""

    def __init__(self, signs: DeviceSigns) -> None:
        self._signs = signs
        self._devices: OrderedDict[str, _Device] = OrderedDict()

    def readings(self, message: Message) -> list[Readings]:
        """Return a message as readings, one for each sensor; `message.bad` counts what was left out."""
        device = self._devices.setdefault(message.device, _Device())
        self._devices.move_to_end(message.device)
        if len(self._devices) > _N_DEVICES:
            self._devices.popitem(last=False)
        if device.session != message.session:
            device.session, device.names = message.session, set()
        if len(device.names) < _N_NAMES:
            device.names.update(message.batches)
        out = []
        for plain, batch in sorted(message.batches.items(), key=lambda named: named[0] not in _TELLING):
            made = self._worn(plain, batch, message, device) or self._held(plain, batch, message, device)
            if made is not None and made.n_samples:
                out.append(made)
        if message.annotations:
            out.append(_marks(message))
        device.moved = device.moved or bool(out)
        return out

    def names(self, device: str) -> frozenset[str]:
        """Return the plain names of the sensors a device sends; none before anything of it could be used."""
        known = self._devices.get(device)
        return frozenset(known.names) if known and known.moved else frozenset()

    def _held(self, plain: str, batch: Batch, message: Message, device: _Device) -> Readings | None:
        sensor = sensor_for(plain, device.names)
        if sensor is None:
            return self._unknown(plain, batch, message)
        time_ns, values = arrays_of(batch.times, batch.values, sensor.keys, message.bad)
        if not time_ns.size:
            return None
        if sensor.stem == "quat":
            values = _continuous(values, plain, device)
        elif plain in ("accelerometer", "accelerometeruncalibrated", "totalacceleration", "gravity"):
            if plain != "accelerometer" and _is_in_g(plain, values, device):
                values = values * _G
                if plain == "accelerometeruncalibrated":
                    self._signs.seen(message.device, -1)  # only iOS gives this one in g
            if plain == "totalacceleration":
                self._signs.seen(message.device, 1)  # only Android has it
            values = values * self._signs.sign(message.device)
        return _made(message, message.device, sensor.channels, time_ns, values, batch)

    def _worn(self, plain: str, batch: Batch, message: Message, device: _Device) -> Readings | None:
        """Return all quantities of a watch or headphones, which share their times."""
        if plain not in WEARABLES:
            return None
        first = parsed(batch.values[0])
        first = first if isinstance(first, dict) else {}
        parts = [(stem, keys) for stem, keys in _WORN if all(key in first for key in keys)]
        keys = tuple(key for _, keys in parts for key in keys)
        if not keys:
            return None
        time_ns, values = arrays_of(batch.times, batch.values, keys, message.bad)
        if not time_ns.size:
            return None
        name = f"{message.device}.{WEARABLES[plain]}"
        columns = {stem: values[:, [keys.index(key) for key in own]] for stem, own in parts}
        forces = [stem for stem in ("acceleration", "gravity") if stem in columns]
        if "gravity" in columns:
            in_g = _is_in_g(plain, columns["gravity"], device)
            self._signs.seen(name, -1 if in_g else 1)  # in g they are as Apple gives them, else standardised
            for stem in forces:
                columns[stem] = columns[stem] * (_G if in_g else 1.0) * self._signs.sign(name)
        if "quat" in columns:
            columns["quat"] = _continuous(columns["quat"], plain, device)
        if len(forces) == 2:
            columns["acceleration"] = columns["acceleration"] + columns["gravity"]
        names = {"acceleration": "acc" if len(forces) == 2 else "linear_acc"}
        channels = [
            channel
            for stem, own in parts
            for channel in Sensor(names.get(stem, stem), tuple(k.lower() for k in own)).channels
        ]
        return _made(message, name, tuple(channels), time_ns, np.column_stack(list(columns.values())), batch)

    def _unknown(self, plain: str, batch: Batch, message: Message) -> Readings | None:
        message.bad["unknown sensor"] += len(batch.times)
        keys = numeric_keys(batch.values)
        stem = "".join(letter for letter in plain if letter.isprintable()) or "unknown"
        if not keys:
            return None
        time_ns, values = arrays_of(batch.times, batch.values, keys, Counter())
        return _made(message, message.device, tuple(f"{stem}_{key}" for key in keys), time_ns, values, batch)


def _made(
    message: Message,
    device: str,
    channels: tuple[str, ...],
    time_ns: NDArray[np.int64],
    values: NDArray[np.float64],
    batch: Batch,
) -> Readings:
    accuracy = batch.accuracy if type(batch.accuracy) is int else None
    quality = _QUALITY.get(accuracy, 1.0) if accuracy is not None else 1.0
    return Readings(
        device=device, channels=channels, time_ns=time_ns, values=values, quality=quality, session=message.session
    )


def _marks(message: Message) -> Readings:
    """Return annotations as readings without samples."""
    return Readings(
        device=message.device,
        channels=("annotation",),
        time_ns=np.empty(0, dtype=np.int64),
        values=np.empty((0, 1)),
        session=message.session,
        annotations=tuple(message.annotations),
    )


def _is_in_g(plain: str, values: NDArray[np.float64], device: _Device) -> bool:
    """Vote over all samples so far: a throw or a fall deceives for a moment only."""
    length = np.sqrt(np.einsum("ij,ij->i", values, values))
    votes = device.in_g.setdefault(plain, [0, 0])
    n_in_g = int((length < _IN_G).sum())
    votes[0] += n_in_g
    votes[1] += len(length) - n_in_g
    if sum(votes) > _VOTES:
        votes[:] = [votes[0] * _VOTES // sum(votes), votes[1] * _VOTES // sum(votes)]
    return votes[0] > votes[1]


def _continuous(values: NDArray[np.float64], plain: str, device: _Device) -> NDArray[np.float64]:
    """Turn q into −q, the same rotation, wherever it jumped to the other side: lines are drawn between them."""
    before = device.quaternion.get(plain, values[0])
    chain = np.vstack([before, values])
    flips = np.einsum("ij,ij->i", chain[1:], chain[:-1]) < 0
    smooth: NDArray[np.float64] = values * np.where(flips, -1.0, 1.0).cumprod()[:, None]
    known = smooth[~np.isnan(smooth).any(axis=1)]
    if len(known):
        device.quaternion[plain] = known[-1]
    return smooth
