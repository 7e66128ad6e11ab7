"""A file that only grows, by pieces that are on the disk whole before they count."""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from motif.errors import SourceError, WriteError
from motif.files import CAN_CLAIM, claim, is_claimed, sync_folder, write_whole

__all__ = ["DurableFile", "claimed", "remove_stale"]


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
        self._size = len(beginning)
        try:
            self._descriptor = _begun(path, beginning)
        except FileExistsError as error:
            if not path.parent.is_dir():
                raise WriteError(path, error) from error
            raise SourceError(f"{path} was begun by somebody else at the same moment; choose another name") from error
        except OSError as error:
            raise WriteError(path, error) from error

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
            _write(self._descriptor, piece)
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


def _begun(path: Path, beginning: bytes) -> int:
    """Return a descriptor of a new file, claimed: whole at once, so no kill can leave one without its beginning.

    Raises
    ------
    FileExistsError
        There is such a file: it is never written over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        claim(descriptor)
        _write(descriptor, beginning)
        Path(name).chmod(0o644)
        try:
            path.hardlink_to(name)  # fails where a rename would replace
        except FileExistsError:
            raise
        except OSError:  # no links here, as on memory cards
            os.close(descriptor)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o644)
            claim(descriptor)
            _write(descriptor, beginning)
    except OSError:
        with suppress(OSError):
            os.close(descriptor)
        raise
    finally:
        with suppress(OSError):  # Windows removes no open file; `remove_stale` does it later
            Path(name).unlink()
    sync_folder(path.parent)
    return descriptor


def _write(descriptor: int, piece: bytes) -> None:
    write_whole(descriptor, piece)
    os.fsync(descriptor)


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Keep everybody else from finishing a file that nobody writes.

    Raises
    ------
    SourceError
        Somebody writes it, or finishes it right now.
    """
    try:
        file = path.open("rb")
    except OSError:  # whoever reads it says what is wrong
        yield
        return
    with file:
        if not claim(file.fileno()):
            raise SourceError(f"{path} is being written; close its journal, or stop the program that holds it")
        yield


def remove_stale(path: Path) -> None:
    """Remove what was to become `path` when its process was killed; what somebody still holds stays."""
    if CAN_CLAIM:
        for left in path.parent.glob(f".{glob.escape(path.name)}.*"):
            if not is_claimed(left):
                left.unlink(missing_ok=True)
