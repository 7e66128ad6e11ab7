"""Gestures as Arduino's IMU_Capture sketch prints them: `aX,aY,aZ,gX,gY,gZ` in g and deg/s, blank lines between."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from motif.checks import require_positive
from motif.errors import ConfigError, FormatError
from motif.recordings._recording import Annotation, Recording
from motif.recordings.readers._members import read_limited
from motif.signals import convert

__all__ = ["ArduinoReader"]

_HEADER = ("ax", "ay", "az", "gx", "gy", "gz")
_PAUSE_S = 0.5


class ArduinoReader:
    """Each gesture becomes an annotation labelled by the file's name; between two stands half a second of NaN.

    References
    ----------
    Arduino, "Get started with machine learning on Arduino": IMU_Capture prints 119 samples of an LSM9DS1 at 119 Hz once
    |aX| + |aY| + |aZ| reaches 2.5 g, then an empty line.
    """

    name: ClassVar[str] = "arduino"
    description: ClassVar[str] = "CSV of aX,aY,aZ,gX,gY,gZ in g and deg/s, blank lines between gestures"

    def sniff(self, path: Path) -> bool:
        """Look at the first line."""
        try:
            with path.open("rb") as file:
                return _is_header(file.readline(256).decode("utf-8-sig", "replace"))
        except OSError:
            return False

    def read(
        self, path: Path, *, rate_hz: float | None = None, rows_per_sample: int | None = None, label: str | None = None
    ) -> Recording:
        """Read the gestures of one file.

        Parameters
        ----------
        path : Path
            The text file.
        rate_hz : Hz, optional
            How fast the board sampled; 119 Hz (Nano 33 BLE Sense) by default.
        rows_per_sample : int, optional
            Length of a gesture, for files without blank lines.
        label : str, optional
            What the gestures are called; the file's name by default.

        Raises
        ------
        FormatError
            A line is not six numbers, or the rows do not divide into gestures of `rows_per_sample`.
        ConfigError
            `rows_per_sample` is below 1 or `rate_hz` is not above 0.
        """
        blocks = _blocks(read_limited(path), path)
        if rows_per_sample is not None:
            blocks = _divided(blocks, rows_per_sample, path)
        rate = 119.0 if rate_hz is None else rate_hz
        require_positive("rate_hz", rate)
        pause = np.full((round(_PAUSE_S * rate) + 1, len(_HEADER)), np.nan)
        pieces = [piece for block in blocks for piece in (block, pause)][:-1]
        values = np.concatenate(pieces)
        edges = np.cumsum([0, *(len(piece) for piece in pieces)])
        time_ns = np.rint(np.arange(len(values) + 1) * (1e9 / rate)).astype(np.int64)
        spans = zip(time_ns[edges[:-1:2]].tolist(), time_ns[edges[1::2]].tolist(), strict=True)
        name = path.stem if label is None else label
        return Recording(
            values=np.hstack([convert(values[:, :3], "g", "m/s²"), convert(values[:, 3:], "deg/s", "rad/s")]),
            time_ns=time_ns[:-1],
            channels=("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z"),
            units=("m/s²",) * 3 + ("rad/s",) * 3,
            annotations=tuple(Annotation(start, stop, name) for start, stop in spans),
            metadata={"rate": "as asked" if rate_hz else "119 Hz: assumed, of the Nano 33 BLE Sense"},
        )


def _is_header(line: str) -> bool:
    return tuple(name.strip().lower() for name in line.split(",")) == _HEADER


def _blocks(content: bytes, path: Path) -> list[NDArray[np.float64]]:
    lines = content.decode("utf-8-sig", "replace").splitlines()
    blocks: list[list[list[float]]] = [[]]
    for number, line in enumerate(lines, start=1):
        if not line.strip() or _is_header(line):
            blocks.append([])
            continue
        try:
            row = [float(entry) for entry in line.split(",")]
        except ValueError:
            row = []
        if len(row) != len(_HEADER):
            if number == len(lines):
                break  # the serial line was cut off
            raise FormatError(path, f"line {number} is not six numbers: {line[:60]!r}", hint="remove or repair it")
        blocks[-1].append(row)
    filled = [np.array(block) for block in blocks if block]
    if not filled:
        raise FormatError(path, "holds no gesture", hint="record with Arduino's IMU_Capture sketch")
    return filled


def _divided(blocks: list[NDArray[np.float64]], rows_per_sample: int, path: Path) -> list[NDArray[np.float64]]:
    if rows_per_sample < 1:
        raise ConfigError(f"rows_per_sample={rows_per_sample} cannot be; want at least 1")
    for block in blocks:
        if len(block) % rows_per_sample:
            raise FormatError(
                path,
                f"{len(block)} rows do not divide into gestures of {rows_per_sample}",
                hint="give the rows_per_sample it was recorded with",
            )
    return [piece for block in blocks for piece in np.split(block, len(block) // rows_per_sample)]
