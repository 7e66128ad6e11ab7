"""Interrupted recordings: found, opened, and told what they lost."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from motif.errors import FormatError, InputError, MissingFileError, WriteError
from motif.files import is_claimed, sync_folder
from motif.recordings._durable_file import claimed, remove_stale
from motif.recordings._header import channels_of, recording_of
from motif.recordings._journal_batch import joined
from motif.recordings._journal_format import scan
from motif.recordings._recording import Recording
from motif.recordings._writers import store_parquet

__all__ = ["JOURNAL_SUFFIX", "Recovery", "finish", "interrupted", "recover", "settle"]

JOURNAL_SUFFIX = ".journal.arrows"


@dataclass(frozen=True, slots=True, eq=False)
class Recovery:
    """What an interrupted recording still holds, and what it lost."""

    recording: Recording
    n_samples: int
    """Samples that stand: every one that was acknowledged, and perhaps some that were not yet."""
    n_batches: int
    """Batches that stand."""
    n_bytes_dropped: int
    """Bytes behind the last whole batch, and of batches whose checksum is wrong."""
    n_missing: int
    """Values that are NaN, as they were given."""
    reason: str
    """Why bytes were dropped, in a sentence; empty where none were."""


def interrupted(folder: str | Path) -> tuple[Path, ...]:
    """Return the journals in a folder that nobody writes any more, by name.

    Raises
    ------
    MissingFileError
        There is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise MissingFileError(folder, want="a folder of recordings")
    return tuple(path for path in sorted(folder.glob(f"*{JOURNAL_SUFFIX}")) if not is_claimed(path))


def recover(path: str | Path) -> Recovery:
    """Open a journal, torn or whole, and keep every whole batch. The file is left as it is; see `finish`.

    Raises
    ------
    MissingFileError
        There is no such file.
    FormatError
        It is not a journal.
    """
    path = Path(path)
    try:
        found = scan(_content(path))
        whole = joined(found.batches, len(channels_of(found.header)))
        recording = replace(recording_of(whole.values, whole.time_ns, found.header), annotations=whole.annotations)
    except InputError as error:
        raise FormatError(path, str(error), hint=f"give a journal (*{JOURNAL_SUFFIX})") from error
    return Recovery(
        recording=recording,
        n_samples=recording.n_samples,
        n_batches=len(found.batches),
        n_bytes_dropped=found.n_bytes_dropped,
        n_missing=int(np.isnan(whole.values).sum()),
        reason=found.reason,
    )


def finish(path: str | Path) -> Path:
    """Turn an interrupted journal into the Parquet file it was to become; the journal goes when that stands.

    Raises
    ------
    MissingFileError, FormatError, WriteError
    SourceError
        Somebody still writes the journal.
    """
    path = Path(path)
    with claimed(path):
        return settle(path)


def settle(path: Path) -> Path:
    """Write the Parquet file, then remove the journal: a kill at any moment leaves at least one of them.

    The caller holds the claim on the journal, so the file beside it that becomes the Parquet file is its own: it has
    one name, and the next try takes the place of one that was killed.
    """
    if not path.name.endswith(JOURNAL_SUFFIX):
        raise FormatError(path, "this is no journal", hint=f"want a file that ends in {JOURNAL_SUFFIX}")
    recording = recover(path).recording
    parquet = path.with_name(path.name.removesuffix(JOURNAL_SUFFIX) + ".parquet")
    beside = path.with_name(f".{parquet.name}.part")
    try:
        with beside.open("wb") as file:
            store_parquet(recording, file, dictionaries=False)  # readings may be coming in meanwhile
            file.flush()
            os.fsync(file.fileno())
        beside.replace(parquet)
        sync_folder(path.parent)
        path.unlink()
    except OSError as error:
        raise WriteError(parquet, error) from error
    finally:
        beside.unlink(missing_ok=True)
    remove_stale(path)
    sync_folder(path.parent)
    return parquet


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MissingFileError(path, want=f"a journal (*{JOURNAL_SUFFIX})") from error
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror or error})", hint="give a journal file") from error
