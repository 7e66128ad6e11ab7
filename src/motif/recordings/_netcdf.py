"""netCDF through xarray: key points in the layout of the `movement` package, other motion as (time, channel)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from motif.files import write_bytes
from motif.optional import require
from motif.recordings._header import HEADER_KEY, header_of
from motif.recordings._poses import PoseLayout, pose_layout
from motif.recordings._recording import Recording

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["to_dataset", "write_netcdf"]


def write_netcdf(recording: Recording, path: str | Path) -> Path:
    """Write netCDF-4 that xarray, MATLAB, R and, for key points, `movement` open; `read` gives it back exactly.

    Raises
    ------
    WriteError
        The disk is full or the folder cannot be written; nothing is changed.
    MissingExtraError
        xarray or h5netcdf is not installed.
    """
    require("h5netcdf", extra="formats")
    path = Path(path)
    content = to_dataset(recording).to_netcdf(engine="h5netcdf", format="NETCDF4")
    write_bytes(path, bytes(content))
    return path


def to_dataset(recording: Recording) -> xr.Dataset:
    """Return an xarray Dataset; `time_ns` in it are the raw times, `time` seconds since the first one.

    References
    ----------
    movement.neuroinformatics.dev, "The movement datasets": dimensions time, space, keypoints, individuals.
    """
    xarray = require("xarray", extra="formats")
    layout = pose_layout(recording.channels)
    variables = _motion(recording) if layout is None else _poses(recording, layout)
    variables["time_ns"] = ("time", recording.time_ns, {"long_name": "nanoseconds since 1970, as the device gave them"})
    coordinates: dict[str, Any] = {"time": recording.seconds}
    if layout is None:
        coordinates |= {"channel": list(recording.channels), "units": ("channel", list(recording.units))}
    else:
        coordinates |= {"space": list(layout.space), "keypoints": list(layout.keypoints)}
        coordinates["individuals"] = [name or "individual_0" for name in layout.individuals]
    variables[HEADER_KEY] = ((), header_of(recording))  # an attribute would end at 64 kB
    attributes: dict[str, Any] = {"time_unit": "seconds"}
    if layout is not None:
        attributes |= {"ds_type": "poses", "source_software": recording.metadata.get("source_software", "motif")}
    if recording.duration_s:
        attributes["fps"] = recording.rate_hz
    dataset: xr.Dataset = xarray.Dataset(variables, coords=coordinates, attrs=attributes)
    return dataset


def _motion(recording: Recording) -> dict[str, Any]:
    return {"motion": (("time", "channel"), recording.values)}


def _poses(recording: Recording, layout: PoseLayout) -> dict[str, Any]:
    variables: dict[str, Any] = {
        "position": (("time", "space", "keypoints", "individuals"), recording.values[:, layout.position])
    }
    if layout.confidence is not None:
        confidence = np.ascontiguousarray(recording.values[:, layout.confidence])
        variables["confidence"] = (("time", "keypoints", "individuals"), confidence)
    return variables
