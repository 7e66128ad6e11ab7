"""Labelled spans as a table: Parquet for programs, CSV for everything else."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from motif.errors import ConfigError
from motif.files import write_bytes
from motif.recordings._recording import Recording
from motif.recordings._segment_rows import SegmentRow, as_recordings, observation_names, segment_rows

__all__ = ["write_segments"]

_COLUMNS = ("recording", "subject", "session", "label", "start_s", "stop_s", "duration_s", "start_ns", "stop_ns")


def write_segments(recordings: Recording | Sequence[Recording], path: str | Path) -> Path:
    """Write annotations, a row a span: recording, subject, session, label, start, stop and duration.

    Seconds count from each recording's first sample, nanoseconds from 1970.

    Parameters
    ----------
    recordings : Recording or sequence of Recording
    path : str or Path
        Ending in `.parquet` or `.csv`.

    Raises
    ------
    ConfigError
        Another extension.
    InputError, TooFewSamplesError
        A recording without samples, an annotation before its first one.
    WriteError
    """
    path, several = Path(path), as_recordings(recordings)
    rows = [
        (name, one.subject, one.session, *_cells(row))
        for name, one in zip(observation_names(several), several, strict=True)
        for row in segment_rows(one)
    ]
    if path.suffix == ".csv":
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(rows)
        write_bytes(path, file.getvalue().encode())
    elif path.suffix == ".parquet":
        write_bytes(path, _parquet(rows))
    else:
        raise ConfigError(f"{path.name} has extension {path.suffix!r}; want .parquet or .csv")
    return path


def _cells(row: SegmentRow) -> tuple[object, ...]:
    return row.label, row.start_s, row.stop_s, row.stop_s - row.start_s, row.start_ns, row.stop_ns


def _parquet(rows: Sequence[tuple[object, ...]]) -> bytes:
    import pyarrow
    from pyarrow import parquet

    kinds = [pyarrow.string()] * 4 + [pyarrow.float64()] * 3 + [pyarrow.int64()] * 2
    columns = list(zip(*rows, strict=True)) or [()] * len(_COLUMNS)
    arrays = [pyarrow.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(pyarrow.Table.from_arrays(arrays, names=list(_COLUMNS)), sink, compression="zstd")
    return bytes(sink.getvalue())
