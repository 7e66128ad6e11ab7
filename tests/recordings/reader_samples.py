"""A small valid file for every reader: the contract test writes one, reads it, and breaks it."""

import json
import pickle
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from motif.recordings import Annotation, Journal, Recording, write_netcdf, write_npz, write_parquet

N_ROWS = 40
START_NS = 1_766_385_749_423_015_200


def recording(n_rows: int = N_ROWS) -> Recording:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(n_rows, 3))
    values[3, 1] = np.nan
    return Recording(
        values=values,
        time_ns=START_NS + 10_000_000 * np.arange(n_rows),
        channels=("acc_x", "acc_y", "gyr_z"),
        units=("m/s²", "m/s²", "rad/s"),
        annotations=(Annotation(START_NS, START_NS + 5, "swipe"),),
        subject="p1",
        session="monday",
        metadata={"platform": "android"},
    )


def poses(n_rows: int = N_ROWS) -> Recording:
    return Recording(
        values=np.random.default_rng(1).normal(size=(n_rows, 6)),
        time_ns=np.rint(np.arange(n_rows) * 1e9 / 30).astype(np.int64),
        channels=("nose.x", "nose.y", "nose.likelihood", "tail.x", "tail.y", "tail.likelihood"),
        units=("px", "px", "", "px", "px", ""),
    )


def sensor_csv(step_ns: int = 10_000_000, *, axes: str = "zyx", vector=(0.0, 0.0, 9.81), n_rows: int = N_ROWS) -> str:
    """Text as the app writes it: integer nanoseconds, elapsed seconds, then the axes in whatever order."""
    by_axis = dict(zip("xyz", vector, strict=True))
    lines = [f"time,seconds_elapsed,{','.join(axes)}"]
    for i in range(n_rows):
        numbers = ",".join(repr(by_axis[axis]) for axis in axes)
        lines.append(f"{START_NS + i * step_ns},{i * step_ns / 1e9},{numbers}")
    return "\n".join(lines) + "\n"


def sensor_logger_zip(folder: Path) -> Path:
    path = folder / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Accelerometer.csv", sensor_csv(vector=(0.1, 0.2, 0.3)))
        archive.writestr("Gravity.csv", sensor_csv())
        archive.writestr("Gyroscope.csv", sensor_csv(17_000_000, vector=(1.0, 2.0, 3.0), n_rows=23))
        archive.writestr("Annotation.csv", "")
        archive.writestr("Metadata.csv", "version,platform,standardisation\n3,android,false")
    return path


def sensor_logger_json(folder: Path) -> Path:
    readings = [{"sensor": "Metadata", "platform": "android"}]
    readings += [
        {
            "sensor": "Accelerometer",
            "time": str(START_NS + i * 10_000_000),
            "seconds_elapsed": "0.1",
            "x": "1",
            "y": "2.5",
            "z": "-3",
        }
        for i in range(N_ROWS)
    ]
    path = folder / "export.json"
    path.write_text(json.dumps(readings))
    return path


def csv_table(folder: Path) -> Path:
    path = folder / "walk.csv"
    rows = (f"{START_NS // 1_000_000 + 10 * i},{i}.5,{-i},{i % 2}" for i in range(N_ROWS))
    path.write_text("timestamp_ms,aX [g],Gyro Y (deg/s),lap\n" + "\n".join(rows) + "\n")
    return path


def arduino(folder: Path) -> Path:
    path = folder / "punch.csv"
    gesture = "\r\n".join("0.5,-1.0,1.5,90,0.0,-180" for _ in range(N_ROWS // 2))
    path.write_bytes(f"aX,aY,aZ,gX,gY,gZ\r\n{gesture}\r\n\r\n{gesture}\r\n".encode())
    return path


def deeplabcut_csv(folder: Path) -> Path:
    path = folder / "mouse.csv"
    header = ["scorer,s,s,s,s,s,s", "bodyparts,nose,nose,nose,tail,tail,tail", "coords,x,y,likelihood,x,y,likelihood"]
    rows = [f"{i},{i}.5,{2 * i},0.99,0.0,0.0,0.0" for i in range(N_ROWS)]
    path.write_text("\n".join([*header, *rows]) + "\n")
    return path


def deeplabcut_fixed_h5(folder: Path) -> Path:
    """Pandas' "fixed" layout, written by hand so that no pickle is needed."""
    path = folder / "mouse.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("df")
        group.attrs.update({"pandas_type": b"frame", "nblocks": 1, "block0_items_nlevels": 3})
        levels = [("scorer", [b"s"], [0] * 6), ("bodyparts", [b"nose", b"tail"], [0, 0, 0, 1, 1, 1])]
        levels.append(("coords", [b"likelihood", b"x", b"y"], [1, 2, 0] * 2))
        for level, (name, words, codes) in enumerate(levels):
            group[f"block0_items_level{level}"] = np.array(words)
            group[f"block0_items_level{level}"].attrs["name"] = name.encode()
            group[f"block0_items_label{level}"] = np.array(codes, dtype=np.int8)
        group["block0_values"] = np.tile([1.5, 2.0, 0.9, 0.0, 0.0, 0.0], (N_ROWS, 1))
        group["axis1"] = np.arange(N_ROWS)
    return path


def deeplabcut_table_h5(folder: Path) -> Path:
    """Pandas' "table" layout, whose column names are a pickled list of tuples."""
    path = folder / "mouse_table.h5"
    names = [("s", part, coordinate) for part in ("nose", "tail") for coordinate in ("x", "y", "likelihood")]
    records = np.zeros(N_ROWS, dtype=[("index", "<i8"), ("values_block_0", "<f8", (6,))])
    records["index"] = np.arange(N_ROWS)
    records["values_block_0"] = [1.5, 2.0, 0.9, 0.0, 0.0, 0.0]
    with h5py.File(path, "w") as file:
        group = file.create_group("df_with_missing")
        group.attrs["pandas_type"] = b"frame_table"
        group["table"] = records
        group["table"].attrs["values_block_0_kind"] = np.bytes_(pickle.dumps(names, protocol=0))
    return path


def sleap_analysis(folder: Path) -> Path:
    path = folder / "mouse.analysis.h5"
    with h5py.File(path, "w") as file:
        file["tracks"] = np.arange(2 * 2 * 3 * N_ROWS, dtype=float).reshape(2, 2, 3, N_ROWS)
        file["point_scores"] = np.full((2, 3, N_ROWS), 0.5)
        file["node_names"] = np.array([b"nose", b"ear", b"tail"])
        file["track_names"] = np.array([b"a", b"b"])
    return path


def sleap_labels(folder: Path) -> Path:
    """Two frames of two animals without tracks; the second frame's first animal was corrected by hand."""
    path = folder / "mouse.slp"
    point = [("x", "<f8"), ("y", "<f8"), ("visible", "?"), ("complete", "?")]
    instance = [("instance_type", "u1"), ("track", "<i4"), ("point_id_start", "<u8"), ("point_id_end", "<u8")]
    frame = [("video", "<u4"), ("frame_idx", "<u8"), ("instance_id_start", "<u8"), ("instance_id_end", "<u8")]
    predicted = [(10.0 * i, 1.0 * i, i != 1, False, 0.9) for i in range(8)]
    with h5py.File(path, "w") as file:
        file["frames"] = np.array([(0, 0, 0, 2), (0, 3, 2, 5)], dtype=frame)
        rows = [(1, 0, 0, 2), (1, 1, 2, 4), (1, 0, 4, 6), (1, 1, 6, 8), (0, 0, 0, 2)]
        file["instances"] = np.array(rows, dtype=instance)
        file["points"] = np.array([(100.0, 101.0, True, True), (102.0, 103.0, True, True)], dtype=point)
        file["pred_points"] = np.array(predicted, dtype=[*point, ("score", "<f8")])
        file["tracks_json"] = np.array([b'[0,"a"]', b'[0,"b"]'])
        skeleton = {"nodes": [{"id": 1}, {"id": 0}]}
        described = {"nodes": [{"name": "tail"}, {"name": "nose"}], "skeletons": [skeleton]}
        file.create_group("metadata").attrs.update({"format_id": 1.2, "json": json.dumps(described).encode()})
    return path


def npy(folder: Path) -> Path:
    path = folder / "points.npy"
    np.save(path, np.arange(N_ROWS * 6, dtype=np.float32).reshape(N_ROWS, 1, 3, 2))
    return path


def journal(folder: Path) -> Path:
    """A stream as a kill leaves it: all batches, not closed."""
    whole = recording()
    with (
        tempfile.TemporaryDirectory() as elsewhere,
        Journal(Path(elsewhere) / "walk.parquet", whole.channels, whole.units) as growing,
    ):
        for start in range(0, N_ROWS, 8):
            growing.append(whole.time_ns[start : start + 8], whole.values[start : start + 8])
            growing.sync()
        growing.annotate("swipe", START_NS)
        growing.sync()
        content = growing.stream_path.read_bytes()
    path = folder / "walk.journal.arrows"
    path.write_bytes(content)
    return path


SAMPLES: dict[str, list[Callable[[Path], Path]]] = {
    "sensor_logger": [sensor_logger_zip, sensor_logger_json],
    "csv": [csv_table],
    "arduino": [arduino],
    "deeplabcut": [deeplabcut_csv, deeplabcut_fixed_h5, deeplabcut_table_h5],
    "sleap": [sleap_analysis, sleap_labels],
    "npy": [npy],
    "npz": [lambda folder: write_npz(recording(), folder / "own.npz")],
    "parquet": [lambda folder: write_parquet(recording(), folder / "own.parquet")],
    "journal": [journal],
    "netcdf": [
        lambda folder: write_netcdf(recording(), folder / "own.nc"),
        lambda folder: write_netcdf(poses(), folder / "poses.nc"),
    ],
}
"""Reader to what writes its files; a new reader adds itself here, or its contract test fails."""
