"""Motion on disk: recordings, their readers and writers, data sets and honest splits.

`read` opens any format a reader knows and returns a `Recording`; `load_dataset` opens labelled windows as a `Dataset`.
Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motif.recordings._dataset import Dataset, concatenate
    from motif.recordings._dataset_io import dataset_layouts, load_dataset, save_dataset
    from motif.recordings._journal import Journal
    from motif.recordings._leaks import Leak, LeakWarning, check_leaks
    from motif.recordings._netcdf import write_netcdf
    from motif.recordings._read import read, read_streams
    from motif.recordings._reader import Reader, StreamReader
    from motif.recordings._recording import Annotation, Recording
    from motif.recordings._recover import Recovery, finish, interrupted, recover
    from motif.recordings._registry import known_readers
    from motif.recordings._splits import Fold, Split, by_block, by_group, default_split, holdout, leave_one_group_out
    from motif.recordings._windowing import windows_from_recordings
    from motif.recordings._writers import write_npz, write_parquet
    from motif.recordings.readers._columns import ColumnMap
    from motif.recordings.simulator import (
        simulate_gesture_recordings,
        simulate_gestures,
        simulate_hand,
        simulate_pair,
        simulate_quadruped,
        simulate_quadruped_recordings,
    )

_MODULE_OF = {
    "Annotation": "_recording",
    "ColumnMap": "readers._columns",
    "Dataset": "_dataset",
    "Fold": "_splits",
    "Journal": "_journal",
    "Leak": "_leaks",
    "LeakWarning": "_leaks",
    "Reader": "_reader",
    "Recording": "_recording",
    "Recovery": "_recover",
    "Split": "_splits",
    "StreamReader": "_reader",
    "by_block": "_splits",
    "by_group": "_splits",
    "check_leaks": "_leaks",
    "concatenate": "_dataset",
    "dataset_layouts": "_dataset_io",
    "default_split": "_splits",
    "finish": "_recover",
    "holdout": "_splits",
    "interrupted": "_recover",
    "known_readers": "_registry",
    "leave_one_group_out": "_splits",
    "load_dataset": "_dataset_io",
    "read": "_read",
    "read_streams": "_read",
    "recover": "_recover",
    "save_dataset": "_dataset_io",
    "simulate_gesture_recordings": "simulator",
    "simulate_gestures": "simulator",
    "simulate_hand": "simulator",
    "simulate_pair": "simulator",
    "simulate_quadruped": "simulator",
    "simulate_quadruped_recordings": "simulator",
    "windows_from_recordings": "_windowing",
    "write_netcdf": "_netcdf",
    "write_npz": "_writers",
    "write_parquet": "_writers",
}

__all__ = [
    "Annotation",
    "ColumnMap",
    "Dataset",
    "Fold",
    "Journal",
    "Leak",
    "LeakWarning",
    "Reader",
    "Recording",
    "Recovery",
    "Split",
    "StreamReader",
    "by_block",
    "by_group",
    "check_leaks",
    "concatenate",
    "dataset_layouts",
    "default_split",
    "finish",
    "holdout",
    "interrupted",
    "known_readers",
    "leave_one_group_out",
    "load_dataset",
    "read",
    "read_streams",
    "recover",
    "save_dataset",
    "simulate_gesture_recordings",
    "simulate_gestures",
    "simulate_hand",
    "simulate_pair",
    "simulate_quadruped",
    "simulate_quadruped_recordings",
    "windows_from_recordings",
    "write_netcdf",
    "write_npz",
    "write_parquet",
]


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
