"""netCDF written by motif, exactly; and key points written by `movement`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from motif.errors import FormatError, InputError
from motif.recordings._align import on_grid
from motif.recordings._header import HEADER_KEY, channels_of, recording_of
from motif.recordings._poses import pose_layout
from motif.recordings._recording import Recording
from motif.recordings.readers._hdf5 import array, looks_like_hdf5, opened, outline, text, texts
from motif.recordings.readers._poses import pose_recording

__all__ = ["NetcdfReader"]

_HINT = "write it again with motif or movement"


class NetcdfReader:
    """netCDF-4 is HDF5: the arrays are read as they lie, whatever the attributes say of scales and calendars."""

    name: ClassVar[str] = "netcdf"
    description: ClassVar[str] = "netCDF written by motif, or key points written by movement"

    def sniff(self, path: Path) -> bool:
        """Look for the arrays that motif and movement write."""
        names = set((looks_like_hdf5(path) and outline(path)) or ())
        return HEADER_KEY in names or {"position", "keypoints", "individuals"} <= names

    def read(self, path: Path, *, rate_hz: float | None = None) -> Recording:
        """Read a recording.

        Parameters
        ----------
        path : Path
            The file.
        rate_hz : Hz, optional
            The even grid to resample to; for a file of `movement`, how fast the camera was where it does not say.

        Raises
        ------
        FormatError
            The file is damaged, or neither of motif nor of movement.
        """
        with opened(path) as file:
            if HEADER_KEY not in file:
                return _of_movement(path, file, rate_hz)  # its time is a float, or a count
            try:
                recording = _own(file, text(array(file[HEADER_KEY]).item()))
            except InputError as error:
                raise FormatError(path, str(error), hint=_HINT) from error
        return on_grid(recording, rate_hz)


def _own(file: Any, header: str) -> Recording:
    time_ns = array(file["time_ns"])
    if "motion" in file:
        return recording_of(array(file["motion"]), time_ns, header)
    channels = channels_of(header)
    layout = pose_layout(channels)
    if layout is None:
        raise InputError(f"the header's channels are no key points: {', '.join(channels)}")
    values = np.full((time_ns.size, len(channels)), np.nan)
    values[:, layout.position] = array(file["position"])
    if layout.confidence is not None:
        values[:, layout.confidence] = array(file["confidence"])
    return recording_of(values, time_ns, header)


def _of_movement(path: Path, file: Any, rate_hz: float | None) -> Recording:
    position = array(file["position"]).astype(np.float64)
    names = [texts(file[name]) for name in ("individuals", "keypoints", "space")]
    individuals, keypoints, space = names
    blocks, coordinates = [position.transpose(0, 3, 2, 1)], [*space]
    if "confidence" in file:
        blocks.append(array(file["confidence"]).astype(np.float64).transpose(0, 2, 1)[..., None])
        coordinates.append("likelihood")
    prefixes = [f"{name}." for name in individuals] if len(individuals) > 1 else [""]
    channels = [f"{prefix}{point}.{axis}" for prefix in prefixes for point in keypoints for axis in coordinates]
    values = np.concatenate(blocks, axis=3).reshape(len(position), -1)
    fps = float(np.ravel(file.attrs["fps"])[0]) if "fps" in file.attrs else None  # netCDF keeps numbers as arrays
    software = text(file.attrs.get("source_software", "movement"))
    return pose_recording(path, values, channels, rate_hz=fps or rate_hz, metadata={"source_software": software})
