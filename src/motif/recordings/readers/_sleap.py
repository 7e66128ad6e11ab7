"""SLEAP's tracks: the analysis HDF5, and the labels file `.slp` itself.

Both are plain HDF5 tables and JSON; nothing in them is unpickled.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError
from motif.recordings._recording import Recording
from motif.recordings.readers._hdf5 import array, looks_like_hdf5, opened, outline, text, texts
from motif.recordings.readers._poses import pose_recording

__all__ = ["SleapReader"]

_MOST_POINTS = 2**27
"""3 GB of coordinates; a damaged frame number asks for more."""


class SleapReader:
    """Channels are `node.x`, `.y`, `.likelihood` (SLEAP's score), with `track.` before them where there are several.

    References
    ----------
    Pereira et al. (2022), Nature Methods 19:486; sleap.ai, "Analysis HDF5" and the `.slp` format of sleap-io.
    """

    name: ClassVar[str] = "sleap"
    description: ClassVar[str] = "analysis HDF5 or .slp of SLEAP"

    def sniff(self, path: Path) -> bool:
        """Look for the tables that only SLEAP writes."""
        names = set((looks_like_hdf5(path) and outline(path)) or ())
        return {"tracks", "node_names"} <= names or {"frames", "instances", "pred_points"} <= names

    def read(self, path: Path, *, rate_hz: float | None = None, video: int = 0) -> Recording:
        """Read the tracks.

        Parameters
        ----------
        path : Path
            `.h5` (analysis) or `.slp`.
        rate_hz : Hz, optional
            Frames per second of the camera: the file does not say; 30 by default.
        video : int
            Which video of a `.slp` that labels several.

        Raises
        ------
        FormatError
            The file is damaged or was not written by SLEAP.
        ConfigError
            There is no such video.
        """
        with opened(path) as file:
            analysis = "node_names" in file
            points, nodes, tracks = _read_analysis(file) if analysis else _read_labels(file, path, video)
        prefixes = [f"{track}." for track in tracks] if len(tracks) > 1 else [""]
        axes = ("x", "y", "likelihood") if points.shape[3] == 3 else ("x", "y")
        channels = [f"{prefix}{node}.{axis}" for prefix in prefixes for node in nodes for axis in axes]
        values = points.reshape(len(points), -1)
        return pose_recording(path, values, channels, rate_hz=rate_hz, metadata={"source_software": "SLEAP"})


def _read_analysis(file: Any) -> tuple[NDArray[np.float64], tuple[str, ...], tuple[str, ...]]:
    """Return (frames, tracks, nodes, x y score), and the names."""
    nodes = texts(file["node_names"])
    points = array(file["tracks"]).astype(np.float64).transpose(3, 0, 2, 1)
    tracks = texts(file["track_names"]) if "track_names" in file and file["track_names"].size else ()
    tracks = tracks or tuple(f"track_{i}" for i in range(points.shape[1]))
    if "point_scores" in file:
        points = np.concatenate([points, array(file["point_scores"]).transpose(2, 0, 1)[..., None]], axis=3)
    if points.shape[1:3] != (len(tracks), len(nodes)):
        raise ValueError(f"{points.shape[1:3]} tracks and nodes where {len(tracks)} and {len(nodes)} are named")
    return points, nodes, tracks


def _read_labels(file: Any, path: Path, video: int) -> tuple[NDArray[np.float64], tuple[str, ...], tuple[str, ...]]:
    """Lay one video's instances out as (frames, tracks, nodes, x y score). A labelled one wins over a predicted."""
    nodes = _node_names(file)
    frames, instances = array(file["frames"]), array(file["instances"])
    points = {0: array(file["points"]), 1: array(file["pred_points"])}
    shift = 0.5 if float(file["metadata"].attrs.get("format_id", 1.2)) < 1.1 else 0.0  # earlier, a pixel began at 0
    tracks = tuple(str(json.loads(text(entry))[1]) for entry in array(file["tracks_json"]).tolist())
    frames = frames[frames["video"] == video]
    if not len(frames):
        raise ConfigError(f"{path} labels no frame of video {video}; want another `video`")
    seen: dict[tuple[int, int], NDArray[np.float64]] = {}
    for frame in frames:
        own = instances[int(frame["instance_id_start"]) : int(frame["instance_id_end"])]
        for kind in (1, 0):
            of_kind = own[own["instance_type"] == kind]
            for place, instance in enumerate(of_kind):
                table = points[kind][int(instance["point_id_start"]) : int(instance["point_id_end"])]
                track = int(instance["track"]) if int(instance["track"]) >= 0 else place
                seen[int(frame["frame_idx"]), track] = _coordinates(table, shift)
    n_tracks = max([len(tracks), 1, *(track + 1 for _, track in seen)])
    n_frames = int(frames["frame_idx"].max()) + 1
    if n_frames * n_tracks * len(nodes) > _MOST_POINTS:
        raise ValueError(f"it claims {n_frames:,} frames of {n_tracks:,} tracks")
    laid = np.full((n_frames, n_tracks, len(nodes), 3), np.nan)
    for place_in_time, coordinates in seen.items():
        laid[place_in_time] = coordinates
    return laid, nodes, tracks if len(tracks) == n_tracks else tuple(f"track_{i}" for i in range(n_tracks))


def _coordinates(table: NDArray[Any], shift: float) -> NDArray[np.float64]:
    """Return x, y and score of each node; what is not visible is NaN with score 0. People's points score 1."""
    score = table["score"] if "score" in (table.dtype.names or ()) else np.ones(len(table))
    coordinates = np.column_stack([table["x"] - shift, table["y"] - shift, score])
    return np.where(table["visible"][:, None], coordinates, [np.nan, np.nan, 0.0])


def _node_names(file: Any) -> tuple[str, ...]:
    described = json.loads(text(file["metadata"].attrs["json"]))
    names = [str(node["name"]) for node in described["nodes"]]
    return tuple(names[node["id"]] for node in described["skeletons"][0]["nodes"])
