"""The crash-safe journal: what was acknowledged is on the disk, whatever happens next."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from motif.errors import ConfigError, InputError, WriteError
from motif.recordings._durable_file import DurableFile, remove_stale
from motif.recordings._header import header_of
from motif.recordings._journal_batch import Batch, checked_readings, joined
from motif.recordings._journal_format import encoded_batch, encoded_header, schema_of
from motif.recordings._recording import Annotation, Recording
from motif.recordings._recover import JOURNAL_SUFFIX, settle

__all__ = ["Journal"]

_FLUSH_EVERY_S = 0.05
"""Half of the 100 ms that are promised: the other half is for the disk."""


class Journal:
    """A recording that grows, and survives a kill, a full disk or a power cut.

    Readings go into an Arrow IPC stream `NAME.journal.arrows`. A background thread writes and syncs what has come at
    least every 50 ms, whether or not more comes: at most 100 ms are not on the disk yet, as long as the disk keeps up.
    `close` turns the stream into `NAME.parquet` and removes it once that stands.

    Parameters
    ----------
    path
        The Parquet file to become, `NAME.parquet`.
    channels, units, subject, session, metadata
        As in `Recording`.

    Raises
    ------
    ConfigError
        `path` is no `.parquet`, or a recording or journal of that name is there.
    ShapeError, DtypeError, InputError
        Channels and units do not fit together.
    WriteError
        The folder cannot be written.
    SourceError
        Somebody else began a journal of that name at the same moment.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> with Journal(f"{folder}/walk.parquet", channels=["acc_x"], units=["m/s²"]) as journal:
    ...     journal.annotate("step", 1_000_000_000)
    ...     on_disk = journal.append([1_000_000_000, 1_010_000_000], [[0.1], [0.2]])
    >>> journal.acknowledged
    2
    """

    def __init__(
        self,
        path: str | Path,
        channels: Sequence[str],
        units: Sequence[str],
        *,
        subject: str = "",
        session: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        self.path = Path(path)
        """The Parquet file that `close` writes."""
        self.stream_path = _free_stream_path(self.path)
        """The stream that grows until then."""
        empty = Recording(
            values=np.empty((0, len(channels))),
            time_ns=np.empty(0, np.int64),
            channels=tuple(channels),
            units=tuple(units),
            subject=subject,
            session=session,
            metadata=metadata or {},
        )
        self.channels = empty.channels
        self._schema = schema_of(header_of(empty), empty.n_channels)
        self._pending: list[Batch] = []
        self._pending_lock = threading.Lock()
        self._disk_lock = threading.Lock()
        self._failure: WriteError | None = None
        self._acknowledged = self._n_missing = 0
        self._file = DurableFile(self.stream_path, encoded_header(self._schema))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._flush_regularly, name="motif-journal", daemon=True)
        self._thread.start()

    @property
    def acknowledged(self) -> int:
        """How many samples are on the disk: these survive anything."""
        return self._acknowledged

    @property
    def n_missing(self) -> int:
        """How many values were NaN so far."""
        return self._n_missing

    def append(self, time_ns: ArrayLike, values: ArrayLike) -> int:
        """Take readings, to be on the disk within 100 ms.

        Parameters
        ----------
        time_ns : (k,) or (), int
            Nanoseconds since the epoch, as the device gave them.
        values : (k, n_channels) or (n_channels,), float
            NaN marks a gap.

        Returns
        -------
        int
            How many samples are on the disk so far: `acknowledged`.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError, InputError
            The readings were not taken.
        WriteError
            The disk is full. These readings were not taken; earlier ones are kept, and written once there is space.
        """
        self.take(checked_readings(time_ns, values, len(self.channels)))
        return self._acknowledged

    def annotate(self, label: str, start_ns: int, stop_ns: int | None = None) -> None:
        """Mark a span, or the moment `start_ns`, to be on the disk within 100 ms.

        Raises
        ------
        InputError
            The span stops before it starts, or the label is no text that can be written.
        WriteError
            The disk is full; the mark was not taken.
        """
        try:
            label.encode()
        except UnicodeEncodeError as error:
            raise InputError(f"label {label!r} cannot be written as UTF-8; want plain text") from error
        mark = Annotation(int(start_ns), int(start_ns if stop_ns is None else stop_ns), label)
        self.take(Batch(np.empty(0, np.int64), np.empty((0, len(self.channels))), (mark,)))

    def take(self, batch: Batch) -> None:
        """Take what is checked already and nobody writes to any more, to be on the disk within 100 ms; see `append`."""
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        with self._pending_lock:
            if self._stop.is_set():
                raise InputError(f"{self.path} is closed; open a new journal for more readings")
            self._pending.append(batch)
            self._n_missing += int(np.count_nonzero(np.isnan(batch.values)))

    def sync(self) -> int:
        """Write what has come so far to the disk, now, and return `acknowledged`.

        Raises
        ------
        WriteError
            The disk is full. What was acknowledged stays; the rest is kept and tried again.
        """
        with self._disk_lock:
            with self._pending_lock:
                batches = self._pending.copy()
            if batches:
                batch = joined(batches, len(self.channels))
                try:
                    self._file.append(encoded_batch(self._schema, batch))
                except WriteError as error:
                    self._failure = error
                    raise
                with self._pending_lock:
                    del self._pending[: len(batches)]
                self._failure = None
                self._acknowledged += batch.n_samples
        return self._acknowledged

    def _flush_regularly(self) -> None:
        while not self._stop.wait(_FLUSH_EVERY_S):
            with suppress(WriteError):  # raised to whoever appends next
                self.sync()

    def close(self) -> Path:
        """Write the Parquet file and remove the stream. May be called again, also after a failure.

        Raises
        ------
        WriteError
            The disk is full. The stream stands with all that was acknowledged: free some space and close again, or
            call `motif.recordings.finish` later.
        """
        self._refuse_more()
        if self._file.is_open:
            self.sync()
            settle(self.stream_path)
            self._file.close()
        return self.path

    def leave(self) -> None:
        """Write what the disk still takes and close the stream as a kill would leave it, for `interrupted` to find."""
        self._refuse_more()
        with suppress(WriteError):
            self.sync()
        self._file.close()

    def _refuse_more(self) -> None:
        with self._pending_lock:  # what was taken before is written by whoever closes, what comes after is refused
            self._stop.set()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _free_stream_path(path: Path) -> Path:
    if path.suffix != ".parquet":
        raise ConfigError(f"a journal becomes a Parquet file; want a name that ends in .parquet, not {path.name!r}")
    stream = path.with_name(path.stem + JOURNAL_SUFFIX)
    try:
        taken = [each for each in (path, stream) if each.exists()]
        remove_stale(stream)
    except OSError as error:
        raise WriteError(path, error) from error
    if taken:
        raise ConfigError(f"{taken[0]} is there already; choose another name or finish that journal")
    return stream
