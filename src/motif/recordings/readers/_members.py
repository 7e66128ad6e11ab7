"""The files of an export, whether it is a folder or a zip: named, limited in size, never extracted to disk."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from motif.errors import FormatError, MissingFileError

__all__ = ["MAX_BYTES", "members", "read_limited"]

MAX_BYTES = 2 << 30
"""No file and no whole zip may unpack to more; a day of nine sensors at 100 Hz as text is about 1 GB."""
_MAX_FILES = 10_000
_HINT = "export it again from the app, or unpack it yourself and give the folder"


def members(path: Path, *, max_ratio: float = 200.0) -> Mapping[str, Callable[[], bytes]]:
    """Return what reads each file at `path`, by its name without folders.

    Raises
    ------
    FormatError
        The zip is broken, encrypted, or would unpack to more than `MAX_BYTES` or `max_ratio` times its size; sensor
        text packs 3–10 times, a bomb 1,000 times.
    """
    if path.is_dir():
        return {file.name: _file_reader(file) for file in sorted(path.iterdir()) if file.is_file()}
    return _zip_members(path, max_ratio)


def read_limited(path: Path) -> bytes:
    """Return the content of a file of at most `MAX_BYTES`.

    Raises
    ------
    FormatError, MissingFileError
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FormatError(path, f"holds {size:,} bytes, more than {MAX_BYTES:,}", hint="split it into parts")
        return path.read_bytes()
    except FormatError:
        raise
    except FileNotFoundError as error:
        raise MissingFileError(path, want="a readable file") from error
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror})", hint="check its permissions") from error


def _file_reader(file: Path) -> Callable[[], bytes]:
    return lambda: read_limited(file)


def _zip_members(path: Path, max_ratio: float) -> Mapping[str, Callable[[], bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FormatError(path, f"is not a whole zip ({error})", hint=_HINT) from error
    _check_sizes(path, entries, max_ratio)
    entries = [entry for entry in entries if "__MACOSX" not in PurePosixPath(entry.filename).parts]
    found = {PurePosixPath(entry.filename).name: entry for entry in entries}
    if len(found) < len(entries):
        folders = sorted({str(PurePosixPath(entry.filename).parent) for entry in entries})
        problem = f"holds several recordings ({', '.join(folders)})"
        raise FormatError(path, problem, hint="unpack it and read one folder at a time")
    return {name: _entry_reader(path, entry) for name, entry in found.items()}


def _check_sizes(path: Path, entries: list[zipfile.ZipInfo], max_ratio: float) -> None:
    total = sum(entry.file_size for entry in entries)
    if len(entries) > _MAX_FILES:
        raise FormatError(path, f"holds {len(entries):,} files, more than {_MAX_FILES:,}", hint=_HINT)
    if total > MAX_BYTES or total > max_ratio * path.stat().st_size:
        raise FormatError(path, f"would unpack to {total:,} bytes, which no export does", hint=_HINT)


def _entry_reader(path: Path, entry: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with zipfile.ZipFile(path) as archive, archive.open(entry) as file:
                return file.read(entry.file_size)  # a lying size ends here, or in a wrong checksum
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError, ValueError) as error:
            raise FormatError(path, f"{entry.filename} in it cannot be unpacked ({error})", hint=_HINT) from error

    return read
