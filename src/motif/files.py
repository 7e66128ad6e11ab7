"""Files that are there whole or not at all.

A file is written beside its place, flushed to the disk, then renamed: a reader sees the old one or the new one, and a
kill or a full disk leaves the old one. A folder that replaces another is exchanged with it in one step where the system
can (Linux); elsewhere a kill at the wrong moment leaves the old one under the name that `replaced` finds.
"""

from __future__ import annotations

import errno
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from motif.errors import ConfigError, WriteError

try:
    import fcntl
except ImportError:  # Windows has no such lock: there no file counts as being written
    fcntl = None  # type: ignore[assignment]

__all__ = [
    "CAN_CLAIM",
    "atomic_file",
    "atomic_folder",
    "check_place",
    "claim",
    "is_claimed",
    "replaced",
    "sync_folder",
    "write_bytes",
    "write_whole",
]

CAN_CLAIM = fcntl is not None
"""Whether this system can tell that a file is claimed."""
_AT_CWD, _EXCHANGE = -100, 2
"""Of Linux: paths are relative to the working folder; both names are kept."""


@contextmanager
def atomic_file(path: str | Path) -> Iterator[BinaryIO]:
    """Open a binary file that appears at `path` when the block ends well, and not before.

    Raises
    ------
    WriteError
        The disk is full, the folder cannot be written; `path` is untouched.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise WriteError(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: str | Path, *, known_by: str) -> Iterator[Path]:
    """Give an empty folder to fill; it appears at `path` when the block ends well, replacing one of its kind.

    Parameters
    ----------
    path : path
    known_by : str
        A file that every folder of its kind holds: one without it is not replaced, unless it is empty.

    Raises
    ------
    ConfigError
        A folder of something else stands there.
    WriteError
        The disk is full, the parent cannot be written, or a file or a link stands there; `path` is untouched.
    """
    path = Path(path)
    check_place(path, known_by=known_by)
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        temporary.chmod(0o755)
        yield temporary
        for file in temporary.rglob("*"):
            if file.is_file():
                with file.open("rb") as opened:
                    os.fsync(opened.fileno())
        check_place(path, known_by=known_by)  # again: something may have come there meanwhile
        _swap(temporary, path)
        sync_folder(path.parent)
    except WriteError:
        raise
    except OSError as error:
        raise WriteError(path, error) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def check_place(path: Path, *, known_by: str) -> None:
    """Refuse a place for a folder where something else stands or nothing can be written, before long work.

    Raises
    ------
    ConfigError, WriteError
        As for `atomic_folder`.
    """
    try:
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise NotADirectoryError(errno.ENOTDIR, "a file or a link stands there, and a folder would take its place")
        other = next(path.iterdir(), None) if path.is_dir() else None
        there = next(folder for folder in path.absolute().parents if folder.exists())
        tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=there).cleanup()
    except OSError as error:
        raise WriteError(path, error) from error
    if other is not None and not (path / known_by).is_file():
        raise ConfigError(f"{path} holds something else ({other.name}); choose a place of its own, or empty it")


def replaced(path: Path) -> Path | None:
    """Return what stood at `path` when a kill interrupted its replacement between two renames, where that is left."""
    if path.exists() or not path.parent.is_dir():
        return None
    left = [folder for folder in path.parent.glob(f".{glob.escape(path.name)}.old.*") if any(folder.iterdir())]
    return max(left, key=lambda folder: folder.stat().st_mtime_ns, default=None)


def _swap(new: Path, path: Path) -> None:
    if not path.exists():
        new.replace(path)
        return
    if _exchanged(new, path):
        return
    old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
    path.replace(old)  # a folder may be renamed onto an empty folder, not onto a full one
    try:
        new.replace(path)
    except OSError:
        old.replace(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system or the file system cannot."""
    import ctypes

    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):  # not Linux, or one without the call
        return False
    return cast(int, rename(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _EXCHANGE)) == 0


def write_bytes(path: str | Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all."""
    with atomic_file(path) as file:
        file.write(content)


def sync_folder(path: Path) -> None:
    """Make a rename in this folder survive a power cut, where the system can."""
    with suppress(OSError):  # Windows cannot open a folder
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def claim(descriptor: int) -> bool:
    """Claim an open file until it is closed or its process dies; False where somebody else has it."""
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a network folder without locks
            return True
    return True


def is_claimed(path: Path) -> bool:
    """Return whether somebody has claimed the file at `path`; one that cannot be opened is not."""
    with suppress(OSError), path.open("rb") as file:
        return not claim(file.fileno())
    return False


def write_whole(descriptor: int, piece: bytes) -> None:
    """Write all of a piece to an open file, however little the system takes at once."""
    remaining = memoryview(piece)
    while remaining:
        remaining = remaining[os.write(descriptor, remaining) :]
