"""Readings as lines of JSON, so that one command can hand live motion to the next through a pipe."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from motif.errors import InputError
from motif.recordings import Readings, Recording

__all__ = ["line_of_readings", "lines_of_recording", "readings_of_line"]


def line_of_readings(readings: Readings) -> str:
    """Return one JSON object, without a line's end: `device`, `channels`, `time_ns`, `values` (gaps are null)."""
    values = [[None if np.isnan(value) else value for value in row] for row in readings.values.tolist()]
    return json.dumps(
        {
            "device": readings.device,
            "channels": readings.channels,
            "time_ns": readings.time_ns.tolist(),
            "values": values,
        },
        allow_nan=False,
    )


def readings_of_line(line: str) -> Readings:
    """Return what `line_of_readings` wrote.

    Raises
    ------
    InputError
        The line is no JSON object of readings.
    """
    try:
        found: dict[str, Any] = json.loads(line)
        values = [[np.nan if value is None else value for value in row] for row in found["values"]]
        return Readings(
            device=str(found["device"]),
            channels=tuple(found["channels"]),
            time_ns=np.array(found["time_ns"]),
            values=np.array(values, dtype=np.float64),
        )
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        shown = line if len(line) < 80 else line[:77] + "…"
        raise InputError(
            f"{shown!r} is no line of readings ({error}); "
            'want {"device": …, "channels": […], "time_ns": […], "values": [[…], …]}'
        ) from error


def lines_of_recording(recording: Recording, *, device: str = "phone", chunk_samples: int = 10) -> list[str]:
    """Return a recording as lines, a few samples each, in the order they were taken."""
    return [
        line_of_readings(
            Readings(
                device=device,
                channels=recording.channels,
                time_ns=recording.time_ns[start : start + chunk_samples],
                values=recording.values[start : start + chunk_samples],
            )
        )
        for start in range(0, recording.n_samples, chunk_samples)
    ]
