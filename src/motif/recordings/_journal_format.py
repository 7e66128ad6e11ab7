"""The bytes of a journal: an Arrow IPC stream whose batches carry a checksum and the annotations that came with them.

A batch is written with one call and judged alone: what a kill or a power cut left of the last one is told apart from
what stands. Any Arrow library reads the stream.
"""

from __future__ import annotations

import io
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import InputError
from motif.recordings._arrow import arrow_array, numpy_array
from motif.recordings._header import channels_of
from motif.recordings._journal_batch import Batch
from motif.recordings._recording import Annotation

if TYPE_CHECKING:
    import pyarrow

__all__ = ["JOURNAL_KEY", "Scan", "encoded_batch", "encoded_header", "scan", "schema_of"]

JOURNAL_KEY = "motif.journal"
"""What the recording's header is called in the stream's schema."""

_END_OF_STREAM = 8
"""Bytes that Arrow puts behind the last batch; a journal has none, as it may always grow."""


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """What the bytes of a journal hold."""

    header: str
    batches: list[Batch]
    n_bytes_dropped: int
    reason: str
    """Why bytes were dropped; empty where none were."""


def schema_of(header: str, n_channels: int) -> pyarrow.Schema:
    """Return the schema of a journal: times, and one fixed-size list of values a sample."""
    import pyarrow

    fields = [("time_ns", pyarrow.int64()), ("values", pyarrow.list_(pyarrow.float64(), n_channels))]
    return pyarrow.schema(fields, metadata={JOURNAL_KEY: header})


def encoded_header(schema: pyarrow.Schema) -> bytes:
    """Return the bytes a journal begins with."""
    return _stream(schema)[:-_END_OF_STREAM]


def encoded_batch(schema: pyarrow.Schema, batch: Batch) -> bytes:
    """Return the bytes of one batch, to be put behind what stands."""
    import pyarrow

    values = pyarrow.FixedSizeListArray.from_arrays(arrow_array(batch.values.reshape(-1)), batch.values.shape[1])
    rows = pyarrow.record_batch([arrow_array(batch.time_ns), values], schema=schema)
    marks = json.dumps([[mark.start_ns, mark.stop_ns, mark.label] for mark in batch.annotations])
    stream = _stream(schema, rows, {"annotations": marks, "crc32": str(_checksum(batch.time_ns, batch.values, marks))})
    return stream[len(encoded_header(schema)) : -_END_OF_STREAM]


def scan(content: bytes) -> Scan:
    """Return what the bytes of a journal hold, torn or whole.

    Raises
    ------
    InputError
        They do not begin as a journal does.
    """
    import pyarrow

    source = pyarrow.BufferReader(content)
    try:
        reader = pyarrow.ipc.open_stream(source)
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError(f"this is no Arrow stream ({error})") from error
    metadata = reader.schema.metadata or {}
    if JOURNAL_KEY.encode() not in metadata:
        raise InputError("this Arrow stream was not written by a journal")
    header = metadata[JOURNAL_KEY.encode()].decode("utf-8", "replace")
    batches: list[Batch] = []
    end, wrong, reason = int(source.tell()), 0, ""
    schema = schema_of(header, len(channels_of(header)))
    if reader.schema != schema:
        raise InputError(f"the stream's columns are {reader.schema.names}, not those its header names")
    while end < len(content):
        try:
            batch = _decoded(*reader.read_next_batch_with_custom_metadata())
        except StopIteration:
            reason = reason or "behind the last batch stands something else"
            break
        except (pyarrow.ArrowException, OSError):
            reason = "the last batch was not written to its end"
            break
        start, end = end, int(source.tell())
        if batch is None:
            wrong += end - start
            reason = "a batch does not match its checksum"
        else:
            batches.append(batch)
    return Scan(header, batches, len(content) - end + wrong, reason)


def _decoded(rows: pyarrow.RecordBatch, extra: Any) -> Batch | None:
    """Return the batch, if it is the one that was written."""
    rows.validate()
    times, lists = rows.columns
    flat = lists.flatten()
    n_channels = lists.type.list_size
    if times.null_count or flat.null_count or len(flat) != len(times) * n_channels:
        return None
    time_ns, values = numpy_array(times), numpy_array(flat).reshape(len(times), n_channels)
    extra = dict(extra or {})
    marks = extra.get(b"annotations", b"").decode("utf-8", "replace")
    if extra.get(b"crc32") != str(_checksum(time_ns, values, marks)).encode():
        return None
    return Batch(time_ns, values, tuple(Annotation(*mark) for mark in json.loads(marks)))


def _checksum(time_ns: NDArray[np.int64], values: NDArray[np.float64], marks: str) -> int:
    checksum = zlib.crc32(np.ascontiguousarray(time_ns).data)
    checksum = zlib.crc32(np.ascontiguousarray(values).data, checksum)
    return zlib.crc32(marks.encode(), checksum)


def _stream(schema: pyarrow.Schema, rows: pyarrow.RecordBatch | None = None, extra: Any = None) -> bytes:
    import pyarrow

    sink = io.BytesIO()
    with pyarrow.ipc.new_stream(sink, schema) as writer:
        if rows is not None:
            writer.write_batch(rows, custom_metadata=extra)
    return sink.getvalue()
