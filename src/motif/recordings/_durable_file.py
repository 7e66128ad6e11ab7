"""A file that only grows, by pieces that are on the disk whole before they count."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from motif.errors import SourceError, WriteError
from motif.files import write_bytes

try:
    import fcntl
except ImportError:  # Windows has no such lock: there no file counts as being written
    fcntl = None  # type: ignore[assignment]

__all__ = ["DurableFile", "is_written"]


class DurableFile:
    """A new file that is claimed, until it is closed or its process dies, by the one who writes it.

    Raises
    ------
    WriteError
        The folder cannot be written.
    SourceError
        Somebody else began the same file at the same moment.
    """

    def __init__(self, path: Path, beginning: bytes) -> None:
        self.path = path
        write_bytes(path, beginning)  # whole at once: no kill can leave a file without its beginning
        self._size = len(beginning)
        try:
            self._descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise WriteError(path, error) from error
        if not _claim(self._descriptor):
            self.close()
            raise SourceError(f"{path} is being written by somebody else; choose another name")

    @property
    def is_open(self) -> bool:
        """Whether `close` was not called yet."""
        return self._descriptor >= 0

    def append(self, piece: bytes) -> None:
        """Put a piece behind the others and wait until the disk has it.

        Raises
        ------
        WriteError
            The disk is full; the earlier pieces stand, and the next one takes the place of this.
        """
        try:
            os.lseek(self._descriptor, self._size, os.SEEK_SET)
            remaining = memoryview(piece)
            while remaining:
                remaining = remaining[os.write(self._descriptor, remaining) :]
            os.fsync(self._descriptor)
        except OSError as error:
            with suppress(OSError):  # where even this fails, the next piece goes over what stands there
                os.ftruncate(self._descriptor, self._size)
            raise WriteError(self.path, error) from error
        self._size += len(piece)

    def close(self) -> None:
        """Give up the claim."""
        if self.is_open:
            os.close(self._descriptor)
            self._descriptor = -1


def is_written(path: Path) -> bool:
    """Return whether somebody has a `DurableFile` open on `path`."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        return not _claim(file.fileno())
    return False


def _claim(descriptor: int) -> bool:
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
