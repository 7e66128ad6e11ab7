"""From streams with a clock each to one recording on one grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from motif.recordings._recording import Recording
from motif.signals import monotonic, resample

__all__ = ["common_grid", "on_grid"]


def on_grid(recording: Recording, rate_hz: float | None) -> Recording:
    """Return the recording on an even grid, gaps as NaN; as it is where no rate is asked for."""
    if rate_hz is None or recording.n_samples == 0:
        return recording
    even = resample(recording.time_ns, recording.values, rate_hz)
    return replace(recording, values=even.values, time_ns=even.time_ns)


def common_grid(
    streams: Mapping[str, Recording], rate_hz: float, *, max_gap_s: float
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    """Bring every stream onto one grid, from the earliest first sample to the latest last one.

    Parameters
    ----------
    streams : name to Recording
        Each with at least one sample.
    rate_hz : Hz
        Rate of the grid.
    max_gap_s : s
        Longer steps stay gaps; a slow sensor may take two and a half of its own steps.

    Returns
    -------
    (n_rows,) int64, and name to (n_rows, n_channels)
        The grid, and the values of each stream on it; NaN before its start, after its end and in gaps.
    """
    start_ns = min(int(stream.time_ns.min()) for stream in streams.values())
    stop_ns = max(int(stream.time_ns.max()) for stream in streams.values())
    grid = np.empty(0, np.int64)
    aligned = {}
    for name, stream in streams.items():
        gap_s = max(max_gap_s, 2.5 * monotonic(stream.time_ns).report.step_s)
        even = resample(stream.time_ns, stream.values, rate_hz, max_gap_s=gap_s, start_ns=start_ns, stop_ns=stop_ns)
        grid, aligned[name] = even.time_ns, even.values
    return grid, aligned
