"""Exports of the Sensor Logger app (tszheichoi.com/sensorlogger): folder, zip, JSON or one CSV; Android, iOS, watch."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from motif.errors import ConfigError, FormatError, InputError
from motif.recordings._align import common_grid
from motif.recordings._recording import Recording
from motif.recordings.readers._sensor_logger_channels import parts_of, unit_of, values_of
from motif.recordings.readers._sensor_logger_files import SENSORS, Export, RawStream, read_export
from motif.recordings.readers._sensor_logger_frames import Platform, platform_of, standard_streams

__all__ = ["SensorLoggerReader"]

_STALE_S = -5.0
"""Readings from longer before the start are ones the system had kept: some are days old."""
_QUATERNION = {f"{stem}{axis}" for stem, axes in (("q", "wxyz"), ("quaternion", "WXYZ")) for axis in axes}
_SLOW = ("Gravity", "Orientation")
"""Computed from the others, so their rate says nothing new."""


class SensorLoggerReader:
    """Aligns the sensors of an export on one grid, as total specific force, angular rate and what else there is.

    Channels: `acc_x … acc_z` (m/s², with gravity, +9.81 on z when flat with the screen up), `gyr_*` (rad/s), `mag_*`
    (µT), `gravity_*` (m/s²), `quat_w … quat_z` (device to world, z up). Where only an acceleration without gravity is
    there, it is called `linear_acc_*`. An export of several devices has `phone.`, `wrist.` or `headphone.` before each.
    """

    name: ClassVar[str] = "sensor_logger"
    description: ClassVar[str] = "folder, zip, JSON or CSV exported from the Sensor Logger app"

    def sniff(self, path: Path) -> bool:
        """Look for a known sensor's file, or the two clocks in a CSV's first line."""
        try:
            if path.is_dir():
                return any((path / f"{sensor}.csv").is_file() for sensor in SENSORS)
            suffix = path.suffix.lower()
            if suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    names = {Path(name).stem for name in archive.namelist()}
                return bool(names & set(SENSORS)) or any(name.endswith(".json") for name in archive.namelist())
            with path.open("rb") as file:
                start = file.read(4096)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
            return False
        if suffix == ".json":
            return b'"sensor"' in start
        columns = {column.strip() for column in start.split(b"\n")[0].lstrip(b"\xef\xbb\xbf").split(b",")}
        return {b"time", b"seconds_elapsed"} <= columns

    def read_streams(self, path: Path, *, platform: str | None = None) -> dict[str, Recording]:
        """Return every sensor on its raw clock, in standard units and signs; see `read` for the options."""
        export = read_export(path)
        return standard_streams(export, platform_of(export, platform))

    def read(
        self, path: Path, *, rate_hz: float | None = None, platform: str | None = None, max_gap_s: float = 0.2
    ) -> Recording:
        """Read and align an export.

        Parameters
        ----------
        path : Path
            Folder, zip, JSON or one sensor's CSV.
        rate_hz : Hz, optional
            Rate of the grid; by default the typical rate of the fastest accelerometer or gyroscope, rounded to 1 Hz.
        platform : {"android", "ios"}, optional
            Whose signs and units the file has, where its metadata do not say.
        max_gap_s : s
            Longer pauses stay gaps (NaN).

        Returns
        -------
        Recording
            On an even grid. `metadata` says the platform, how it was known, and what was converted or left out.

        Raises
        ------
        FormatError
            The export is damaged or has no sensor of motion.
        ConfigError
            `platform` or `max_gap_s` cannot be.
        """
        if not max_gap_s > 0:
            raise ConfigError(f"max_gap_s={max_gap_s} cannot be; want more than 0 s")
        export = read_export(path)
        n_stale = _drop_stale(export)
        found = platform_of(export, platform)
        streams = {name: stream for name, stream in standard_streams(export, found).items() if stream.n_samples}
        parts = parts_of(streams)
        if not parts:
            raise FormatError(
                path,
                f"has no sensor of motion, only {', '.join(export.streams)}",
                hint="record with Accelerometer and Gyroscope switched on",
            )
        used = {name: streams[name] for part in parts for name in part.sensors}
        rate_hz = rate_hz or _fastest_rate(used)
        try:
            grid, aligned = common_grid(_continuous_quaternions(used), rate_hz, max_gap_s=max_gap_s)
        except InputError as error:
            raise FormatError(path, str(error), hint="or look at each sensor alone with read_streams") from error
        values = np.column_stack([values_of(part, used, aligned) for part in parts])
        channels = tuple(channel for part in parts for channel in part.channels)
        return Recording(
            values=values,
            time_ns=grid,
            channels=channels,
            units=tuple(unit_of(channel) for channel in channels),
            annotations=tuple(export.annotations),
            session=export.metadata.get("recording time", ""),
            metadata=_metadata(export, found, used, n_stale),
        )


def _metadata(export: Export, platform: Platform, used: Mapping[str, Recording], n_stale: int) -> dict[str, str]:
    conversions = [f"{name} {said}" for name in used if (said := used[name].metadata.get("conversion"))]
    return {
        **export.metadata,
        "platform": platform.name,
        "platform known from": platform.source,
        "convention": "Android: specific force in m/s², gravity +z when flat with the screen up",
        "conversion": "; ".join(conversions),
        "stale readings left out": str(n_stale),
        "left out": ", ".join([*(name for name in export.streams if name not in used), *export.skipped]),
    }


def _drop_stale(export: Export) -> int:
    dropped = 0
    for name, stream in export.streams.items():
        stale = stream.elapsed_s < _STALE_S
        dropped += int(stale.sum())
        columns = {column: numbers[~stale] for column, numbers in stream.columns.items()}
        export.streams[name] = RawStream(stream.time_ns[~stale], stream.elapsed_s[~stale], columns)
    return dropped


def _continuous_quaternions(streams: Mapping[str, Recording]) -> dict[str, Recording]:
    """Turn q into −q, the same rotation, wherever the device jumped to the other side: lines are drawn between them."""
    smooth = dict(streams)
    for name, stream in streams.items():
        columns = [i for i, channel in enumerate(stream.channels) if channel in _QUATERNION]
        if len(columns) == 4:
            values = stream.values.copy()
            flips = np.einsum("ij,ij->i", values[1:, columns], values[:-1, columns]) < 0
            sign = np.concatenate([[1.0], np.where(flips, -1.0, 1.0).cumprod()])
            values[:, columns] *= sign[:, None]
            smooth[name] = replace(stream, values=values)
    return smooth


def _fastest_rate(streams: Mapping[str, Recording]) -> float:
    rates = {name: stream.rate_hz for name, stream in streams.items() if stream.duration_s > 0}
    measured = [rate for name, rate in rates.items() if name not in _SLOW]
    fastest = max(measured or rates.values(), default=100.0)
    return float(round(fastest)) if fastest >= 2 else fastest
