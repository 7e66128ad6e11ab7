"""What a reader is: the contract that built-in and third-party readers keep."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from motif.recordings._recording import Recording

__all__ = ["Reader", "StreamReader", "SubjectReader"]


@runtime_checkable
class Reader(Protocol):
    """Knows one format. Offer yours as an entry point in the group `motif.readers`: a class without arguments."""

    name: ClassVar[str]
    """What `read(path, reader=…)` takes."""
    description: ClassVar[str]
    """One line: which files, from where."""

    def sniff(self, path: Path) -> bool:
        """Say whether `path` looks like this format, from its name and first bytes. Never raises."""
        ...

    def read(self, path: Path, *none: Any, **options: Any) -> Recording:
        """Read the file. All options are keyword-only; each reader has its own, and every one takes `rate_hz`.

        Parameters
        ----------
        path : Path
            A file or a folder.
        rate_hz : Hz, optional
            For a format with a clock: the even grid to resample to. For one without: how fast the device ran.

        Raises
        ------
        MotifError
            Whatever is wrong with the file or the options; nothing else may come out.
        """
        ...


@runtime_checkable
class StreamReader(Reader, Protocol):
    """A format in which each sensor has its own clock."""

    def read_streams(self, path: Path, *none: Any, **options: Any) -> dict[str, Recording]:
        """Return one recording a sensor, on its raw time base."""
        ...


@runtime_checkable
class SubjectReader(Reader, Protocol):
    """A format in which one file may hold several people or animals."""

    def read_subjects(self, path: Path, *none: Any, **options: Any) -> tuple[Recording, ...]:
        """Return one recording for each."""
        ...
