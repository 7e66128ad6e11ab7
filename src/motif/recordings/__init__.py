"""Motion on disk: recordings, their readers and writers, data sets and honest splits.

`read` opens any format a reader knows and returns a `Recording`; `load_dataset` opens labelled windows as a `Dataset`.
Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.recordings._aligner import Aligner
    from motif.recordings._boris import write_boris
    from motif.recordings._coding_rows import CodedSpan
    from motif.recordings._codings import Codings, annotate, read_codings
    from motif.recordings._dataset import Dataset, concatenate
    from motif.recordings._dataset_io import dataset_layouts, dataset_options, load_dataset, save_dataset
    from motif.recordings._elan import write_elan
    from motif.recordings._fleet_apart import by_device, by_session
    from motif.recordings._fleet_journal import FleetJournal
    from motif.recordings._journal import Journal
    from motif.recordings._leaks import Leak, LeakWarning, check_leaks
    from motif.recordings._netcdf import write_netcdf
    from motif.recordings._read import read, read_streams
    from motif.recordings._reader import Reader, StreamReader
    from motif.recordings._readings import Readings, unit_of
    from motif.recordings._recording import Annotation, Recording
    from motif.recordings._recover import Recovery, finish, interrupted, recover
    from motif.recordings._registry import known_readers
    from motif.recordings._segment_table import write_segments
    from motif.recordings._splits import Fold, Split, by_block, by_group, default_split, holdout, leave_one_group_out
    from motif.recordings._state_netcdf import write_states_netcdf
    from motif.recordings._windowing import windows_from_recordings
    from motif.recordings._writers import write_npz, write_parquet
    from motif.recordings.readers._columns import ColumnMap
    from motif.recordings.simulator import (
        simulate_gesture_recordings,
        simulate_gesture_stream,
        simulate_gestures,
        simulate_hand,
        simulate_pair,
        simulate_quadruped,
        simulate_quadruped_recordings,
    )
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_aligner": ("Aligner",),
            "_boris": ("write_boris",),
            "_coding_rows": ("CodedSpan",),
            "_codings": ("Codings", "annotate", "read_codings"),
            "_dataset": ("Dataset", "concatenate"),
            "_dataset_io": ("dataset_layouts", "dataset_options", "load_dataset", "save_dataset"),
            "_elan": ("write_elan",),
            "_fleet_apart": ("by_device", "by_session"),
            "_fleet_journal": ("FleetJournal",),
            "_journal": ("Journal",),
            "_leaks": ("Leak", "LeakWarning", "check_leaks"),
            "_netcdf": ("write_netcdf",),
            "_read": ("read", "read_streams"),
            "_reader": ("Reader", "StreamReader"),
            "_readings": ("Readings", "unit_of"),
            "_recording": ("Annotation", "Recording"),
            "_recover": ("Recovery", "finish", "interrupted", "recover"),
            "_registry": ("known_readers",),
            "_segment_table": ("write_segments",),
            "_splits": ("Fold", "Split", "by_block", "by_group", "default_split", "holdout", "leave_one_group_out"),
            "_state_netcdf": ("write_states_netcdf",),
            "_windowing": ("windows_from_recordings",),
            "_writers": ("write_npz", "write_parquet"),
            "readers._columns": ("ColumnMap",),
            "simulator": (
                "simulate_gesture_recordings",
                "simulate_gesture_stream",
                "simulate_gestures",
                "simulate_hand",
                "simulate_pair",
                "simulate_quadruped",
                "simulate_quadruped_recordings",
            ),
        },
    )

__all__ = [
    "Aligner",
    "Annotation",
    "CodedSpan",
    "Codings",
    "ColumnMap",
    "Dataset",
    "FleetJournal",
    "Fold",
    "Journal",
    "Leak",
    "LeakWarning",
    "Reader",
    "Readings",
    "Recording",
    "Recovery",
    "Split",
    "StreamReader",
    "annotate",
    "by_block",
    "by_device",
    "by_group",
    "by_session",
    "check_leaks",
    "concatenate",
    "dataset_layouts",
    "dataset_options",
    "default_split",
    "finish",
    "holdout",
    "interrupted",
    "known_readers",
    "leave_one_group_out",
    "load_dataset",
    "read",
    "read_codings",
    "read_streams",
    "recover",
    "save_dataset",
    "simulate_gesture_recordings",
    "simulate_gesture_stream",
    "simulate_gestures",
    "simulate_hand",
    "simulate_pair",
    "simulate_quadruped",
    "simulate_quadruped_recordings",
    "unit_of",
    "windows_from_recordings",
    "write_boris",
    "write_elan",
    "write_netcdf",
    "write_npz",
    "write_parquet",
    "write_segments",
    "write_states_netcdf",
]
