"""What a Sensor Logger export says, word for word: streams, annotations, metadata, from CSV or JSON, folder or zip."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError, SourceError
from motif.recordings._recording import Annotation
from motif.recordings.readers._members import members, read_limited
from motif.recordings.readers._tables import is_number, numeric_columns, read_columns, text_rows

__all__ = ["Export", "RawStream", "read_export", "sensor_of"]

SENSORS = (
    "Accelerometer",
    "AccelerometerUncalibrated",
    "TotalAcceleration",
    "Gravity",
    "Gyroscope",
    "GyroscopeUncalibrated",
    "Magnetometer",
    "MagnetometerUncalibrated",
    "Orientation",
    "WristMotion",
    "Headphone",
    "Barometer",
)
"""Sensors of motion; a damaged file of one of these is an error, of another one it is left out."""
_CLOCK = ("time", "seconds_elapsed")
_PRIVATE = {"device id", "sensor"}
_HINT = "export the recording from Sensor Logger again, as CSV or JSON"


@dataclass(frozen=True)
class RawStream:
    """One sensor's numbers, in the units and signs of the file."""

    time_ns: NDArray[np.int64]
    elapsed_s: NDArray[np.float64]
    """Seconds since the recording began; below zero for readings from before. NaN where the file doesn't say."""
    columns: Mapping[str, NDArray[np.float64]]


@dataclass
class Export:
    """A whole export."""

    streams: dict[str, RawStream] = field(default_factory=dict)
    annotations: list[Annotation] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    """Files that hold no numbers, or could not be read and are no sensor of motion."""


def sensor_of(stem: str) -> str:
    """Return the sensor a file is of: its own name, or the known sensor that a longer name ends with."""
    plain = stem.replace(" ", "").replace("_", "").lower()
    exact = [name for name in SENSORS if name.lower() == plain]
    ending = sorted((name for name in SENSORS if plain.endswith(name.lower())), key=len)
    return (exact or ending[-1:] or [stem])[0]


def read_export(path: Path) -> Export:
    """Read a folder, a zip, a single CSV or a JSON export.

    Raises
    ------
    FormatError
        A sensor of motion cannot be read, or there is no stream at all.
    """
    if path.suffix.lower() == ".json":
        export = _read_json(read_limited(path), str(path))
    elif path.suffix.lower() == ".csv":
        export = Export()
        _add_csv(export, sensor_of(path.stem), read_limited(path), str(path))
        beside = path.with_name("Metadata.csv")
        if beside.is_file():
            _add_csv(export, "Metadata", read_limited(beside), str(beside))
    else:
        export = _read_members(path)
    if not export.streams:
        raise FormatError(path, "holds no stream of numbers with a time column", hint=_HINT)
    return export


def _read_members(path: Path) -> Export:
    files = members(path)
    tables = {name: read for name, read in files.items() if name.lower().endswith(".csv")}
    jsons = [name for name in files if name.lower().endswith(".json")]
    if not tables and len(jsons) == 1:
        return _read_json(files[jsons[0]](), f"{path}/{jsons[0]}")
    export = Export()
    for name, read in tables.items():
        _add_member(export, name.rsplit(".", 1)[0], read, f"{path}/{name}")
    return export


def _add_member(export: Export, stem: str, read: Callable[[], bytes], where: str) -> None:
    exact = stem in SENSORS
    try:
        _add_csv(export, stem, read(), where)
    except SourceError:
        if exact or stem in ("Annotation", "Metadata"):
            raise
        export.skipped.append(stem)


def _add_csv(export: Export, sensor: str, content: bytes, where: str) -> None:
    if sensor == "Metadata":
        rows = text_rows(content, where=where)
        export.metadata |= {k: v for k, v in (rows[0] if rows else {}).items() if k not in _PRIVATE}
    elif sensor == "Annotation":
        export.annotations += [_annotation(row, where) for row in text_rows(content, where=where)]
    else:
        numbers = numeric_columns(content, where=where)
        columns = [name for name in numbers if name not in _CLOCK]
        if "time" not in numbers or not columns:
            export.skipped.append(sensor)
            return
        wanted = [*columns, *("seconds_elapsed",) * ("seconds_elapsed" in numbers)]
        table = read_columns(content, wanted, integers=["time"], where=where)
        export.streams[sensor] = _stream(table)


def _stream(table: Mapping[str, NDArray[Any]]) -> RawStream:
    time_ns = table["time"]
    elapsed = table.get("seconds_elapsed", np.full(time_ns.size, np.nan))
    return RawStream(time_ns, elapsed, {name: column for name, column in table.items() if name not in _CLOCK})


def _annotation(row: Mapping[str, str], where: str) -> Annotation:
    """`time` is when the button was pressed; a long press marks a span."""
    try:
        start = int(row["time"])
        pressed_ms = float(row.get("millisecond_press_duration") or 0.0)
        return Annotation(start, start + round(max(pressed_ms, 0.0) * 1e6), row.get("text", ""))
    except (KeyError, ValueError, OverflowError) as error:
        raise FormatError(where, f"an annotation lacks or garbles its time ({error})", hint=_HINT) from error


def _read_json(content: bytes, where: str) -> Export:
    """Read the JSON export: a list of readings, every value a string."""
    try:
        readings = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FormatError(where, f"is not whole JSON ({error})", hint=_HINT) from error
    if not isinstance(readings, list) or not all(isinstance(reading, dict) for reading in readings):
        raise FormatError(where, "is not a list of readings", hint=_HINT)
    by_sensor: dict[str, list[dict[str, str]]] = {}
    for reading in readings:
        by_sensor.setdefault(str(reading.get("sensor")), []).append(
            {str(key): "" if entry in (None, "null") else str(entry) for key, entry in reading.items()}
        )
    export = Export()
    for sensor, rows in by_sensor.items():
        if sensor == "Metadata":
            export.metadata |= {key: text for key, text in rows[0].items() if key not in _PRIVATE}
        elif sensor == "Annotation":
            export.annotations += [_annotation(row, where) for row in rows]
        else:
            _add_json_stream(export, sensor, rows, where)
    return export


def _add_json_stream(export: Export, sensor: str, rows: list[dict[str, str]], where: str) -> None:
    first = rows[:20]
    names = [
        name
        for name in first[0]
        if name not in ("sensor", "time") and any(is_number(row.get(name, "")) for row in first)
    ]
    try:
        table = {name: np.array([float(row.get(name) or "nan") for row in rows]) for name in names}
        table["time"] = np.array([int(row["time"]) for row in rows], dtype=np.int64)
    except (KeyError, ValueError, OverflowError) as error:
        if sensor in SENSORS:
            raise FormatError(where, f"a reading of {sensor} is garbled ({error})", hint=_HINT) from error
        names = []
    if set(names) - set(_CLOCK):
        export.streams[sensor] = _stream(table)
    else:
        export.skipped.append(sensor)
