"""States over time as netCDF, in the dimensions of the `movement` package: beside the poses of the same animals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from motif.errors import ConfigError, LabelError, ShapeError
from motif.files import write_bytes
from motif.optional import require

__all__ = ["write_states_netcdf"]


def write_states_netcdf(
    path: str | Path,
    *,
    time_ns: ArrayLike,
    states: ArrayLike,
    names: Sequence[str],
    rate_hz: float,
    probabilities: ArrayLike | None = None,
    individual: str = "",
) -> Path:
    """Write the state of each frame, and how probable each was, as netCDF-4.

    `state` (time, individuals) holds codes with CF's `flag_values` and `flag_meanings`, -1 where nothing was seen;
    `state_probability` is (time, states, individuals). `time` is seconds since the first frame, `time_ns` the clock's.

    Parameters
    ----------
    path : str or Path
    time_ns : (frames,), int
    states : (frames,), int
        Index of each frame's state in `names`; -1 for none.
    names : sequence of str
    rate_hz : float
        Frames a second.
    probabilities : (frames, states), optional
    individual : str

    Raises
    ------
    ShapeError, LabelError, ConfigError
    MissingExtraError
        xarray or h5netcdf is not installed.
    WriteError

    References
    ----------
    movement.neuroinformatics.dev, "The movement datasets"; CF conventions 1.11, section 3.5, "Flags".
    """
    if not rate_hz > 0:
        raise ConfigError(f"rate_hz is {rate_hz}; want frames a second, above 0")
    times, codes = np.asarray(time_ns, np.int64), np.asarray(states, np.int64)
    if codes.ndim != 1 or times.shape != codes.shape:
        raise ShapeError("states", got=codes.shape, want=f"{times.shape}, one for each of time_ns")
    if codes.size and not -1 <= codes.min() <= codes.max() < len(names):
        raise LabelError(f"states are {codes.min()} to {codes.max()}; there are {len(names)} names, and -1 for none")
    require("h5netcdf", extra="formats")
    xarray = require("xarray", extra="formats")
    flags = {
        "flag_values": np.arange(len(names), dtype=np.int64),
        "flag_meanings": " ".join("_".join(name.split()) or "unnamed" for name in names),
    }
    variables: dict[str, Any] = {
        "state": (("time", "individuals"), codes[:, None], flags | {"long_name": "state, -1 where nothing was seen"}),
        "time_ns": ("time", times, {"long_name": "nanoseconds since 1970, as the device gave them"}),
    }
    if probabilities is not None:
        shares = np.asarray(probabilities, np.float64)
        if shares.shape != (codes.size, len(names)):
            raise ShapeError("probabilities", got=shares.shape, want=f"({codes.size}, {len(names)})")
        variables["state_probability"] = (("time", "states", "individuals"), shares[:, :, None])
    dataset = xarray.Dataset(
        variables,
        coords={
            "time": (times - times[:1]) / 1e9,
            "states": [str(name) for name in names],
            "individuals": [individual or "individual_0"],
        },
        attrs={"time_unit": "seconds", "fps": float(rate_hz), "source_software": "motif", "ds_type": "states"},
    )
    write_bytes(path, bytes(dataset.to_netcdf(engine="h5netcdf", format="NETCDF4")))
    return Path(path)
