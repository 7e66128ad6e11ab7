"""DeepLabCut's tracks, from CSV or HDF5: one animal, several as prefixed parts, or `individuals` (maDLC).

DeepLabCut writes HDF5 through pandas, whose own reader unpickles what a file asks it to. Here the arrays are read as
they lie, so nothing in a file can run code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError
from motif.recordings._recording import Recording
from motif.recordings.readers._hdf5 import array, looks_like_hdf5, opened, outline, text, texts
from motif.recordings.readers._members import read_limited
from motif.recordings.readers._pickled_names import pickled_names
from motif.recordings.readers._poses import pose_recording, zeros_to_nan

__all__ = ["DeepLabCutReader"]

_HINT = "export it again from DeepLabCut"


class DeepLabCutReader:
    """Channels are `bodypart.x`, `.y`, `.likelihood`, with `individual.` before them in multi-animal files.

    A point that is 0, 0 with likelihood 0 was not seen: its coordinates are NaN.

    References
    ----------
    Mathis et al. (2018), Nature Neuroscience 21:1281; Lauer et al. (2022), Nature Methods 19:496.
    """

    name: ClassVar[str] = "deeplabcut"
    description: ClassVar[str] = "CSV or HDF5 of DeepLabCut, one or several animals"

    def sniff(self, path: Path) -> bool:
        """Look for `scorer` first in a CSV, for a pandas frame in HDF5."""
        try:
            if looks_like_hdf5(path):
                found: Mapping[str, Any] = outline(path) or {}
                return any("pandas_type" in entry.attrs for entry in found.values())
            with path.open("rb") as file:
                return file.read(7) == b"scorer,"
        except OSError:
            return False

    def read(self, path: Path, *, rate_hz: float | None = None, key: str | None = None) -> Recording:
        """Read the tracks.

        Parameters
        ----------
        path : Path
            `.csv` or `.h5`.
        rate_hz : Hz, optional
            Frames per second of the camera: the file does not say; 30 by default.
        key : str, optional
            Which frame of an HDF5 file that holds several; the first by default.

        Raises
        ------
        FormatError
            The file is damaged or was not written by DeepLabCut.
        """
        frames, names, values = _read_hdf5(path, key) if looks_like_hdf5(path) else _read_csv(path)
        channels = [".".join(name) for name in names]
        metadata = {"source_software": "DeepLabCut"}
        return pose_recording(
            path, zeros_to_nan(values, channels), channels, rate_hz=rate_hz, frames=frames, metadata=metadata
        )


def _channel_names(path: Path, levels: dict[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Return (individual, bodypart, coordinate) of each column; the individual only where there are some."""
    if not {"bodyparts", "coords"} <= levels.keys():
        found = ", ".join(levels) or "none"
        raise FormatError(path, f"has no header levels bodyparts and coords, only {found}", hint=_HINT)
    rows = [levels[name] for name in ("individuals", "bodyparts", "coords") if name in levels]
    if len({len(row) for row in rows}) > 1:
        raise FormatError(path, f"its header lines have {', '.join(str(len(row)) for row in rows)} columns", hint=_HINT)
    return list(zip(*rows, strict=True))


def _read_csv(path: Path) -> tuple[NDArray[np.int64], list[tuple[str, ...]], NDArray[np.float64]]:
    lines = read_limited(path).decode("utf-8", "replace").splitlines()
    levels: dict[str, Sequence[str]] = {}
    while lines and len(levels) < 5 and "coords" not in levels:
        name, *entries = lines.pop(0).split(",")
        levels[name] = entries
    names = _channel_names(path, levels)
    rows = [line.split(",") for line in lines if line.strip()]
    if rows and len(rows[-1]) < len(names) + 1:
        rows.pop()  # the last line was cut off
    try:
        table = np.array([[float(entry or "nan") for entry in row] for row in rows]).reshape(len(rows), len(names) + 1)
        frames = np.array([int(row[0]) for row in rows], dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise FormatError(path, f"is not a table of {len(names)} numbers a frame ({error})", hint=_HINT) from error
    return frames, names, table[:, 1:]


def _read_hdf5(path: Path, key: str | None) -> tuple[NDArray[np.int64], list[tuple[str, ...]], NDArray[np.float64]]:
    with opened(path) as file:
        keys = [name for name in file if "pandas_type" in file[name].attrs]
        if not keys or (key is not None and key not in keys):
            raise FormatError(path, f"holds no pandas frame {key or ''}; there are {keys}", hint=_HINT)
        group = file[key or keys[0]]
        if "table" in group:
            return _from_table(path, group["table"])
        return _from_fixed(path, group)


def _from_fixed(path: Path, group: Any) -> tuple[NDArray[np.int64], list[tuple[str, ...]], NDArray[np.float64]]:
    """Read pandas' "fixed" layout: names as codes into levels, numbers in blocks of columns."""
    names: list[tuple[str, ...]] = []
    blocks = []
    for block in range(int(group.attrs["nblocks"])):
        items = f"block{block}_items"
        levels: dict[str, Sequence[str]] = {}
        for level in range(int(group.attrs[f"{items}_nlevels"])):
            entries = group[f"{items}_level{level}"]
            words, codes = texts(entries), array(group[f"{items}_label{level}"])
            levels[text(entries.attrs["name"])] = [words[code] for code in codes.tolist()]
        names += _channel_names(path, levels)
        blocks.append(array(group[f"block{block}_values"]).astype(np.float64))
    values = np.concatenate(blocks, axis=1)
    frames = _frame_numbers(array(group["axis1"]) if "axis1" in group else None, len(values))
    return frames, names, values


def _from_table(path: Path, table: Any) -> tuple[NDArray[np.int64], list[tuple[str, ...]], NDArray[np.float64]]:
    """Read pandas' "table" layout: records of an index and blocks of columns."""
    records = array(table)
    levels = ("scorer", "individuals", "bodyparts", "coords")
    names: list[tuple[str, ...]] = []
    blocks = []
    for field in records.dtype.names or ():
        if field.startswith("values_block_"):
            columns = pickled_names(bytes(table.attrs[f"{field}_kind"]))
            depth = len(columns[0])
            kept = levels if depth == 4 else (levels[0], *levels[2:])
            names += _channel_names(
                path, dict(zip(kept, [[str(c[i]) for c in columns] for i in range(depth)], strict=True))
            )
            blocks.append(records[field].astype(np.float64).reshape(len(records), -1))
    if not blocks:
        raise FormatError(path, "its table has no block of values", hint=_HINT)
    return _frame_numbers(records["index"], len(records)), names, np.concatenate(blocks, axis=1)


def _frame_numbers(index: NDArray[Any] | None, n_frames: int) -> NDArray[np.int64]:
    """Return the frame numbers of the index, or a count where it holds something else, such as image names."""
    if index is None or index.dtype.kind not in "iu":
        return np.arange(n_frames)
    return index.astype(np.int64)
