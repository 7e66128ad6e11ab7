"""A file that a run made, told from every other by its hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

from motif.errors import MissingFileError, SourceError
from motif.tracking._record import Artifact

__all__ = ["described"]


def described(path: Path, role: str) -> Artifact:
    """Return size and sha256 of a file, or of all files in a folder.

    A folder's hash is that of the lines `<sha256>  <name>` of its files, sorted by name, as `sha256sum` prints them.

    Raises
    ------
    MissingFileError
        There is nothing.
    SourceError
        It cannot be read.
    """
    try:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.is_file())
            lines = [f"{_sha256(file)}  {file.relative_to(path).as_posix()}\n" for file in files]
            size = sum(file.stat().st_size for file in files)
            sha256 = hashlib.sha256("".join(lines).encode()).hexdigest()
        else:
            size, sha256 = path.stat().st_size, _sha256(path)
    except FileNotFoundError as error:
        raise MissingFileError(path, want="the file or folder that the run made") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror or error}); let this user read it") from error
    return Artifact(path=path.as_posix(), role=role, bytes=size, sha256=sha256)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
