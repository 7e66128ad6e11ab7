"""The stream of a journal that was not closed: a recording in progress, or what a kill left of one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from motif.recordings._align import on_grid
from motif.recordings._recording import Recording
from motif.recordings._recover import JOURNAL_SUFFIX, Recovery, recover
from motif.recordings.readers._binary import begins_with

__all__ = ["JournalReader"]

_ARROW_MESSAGE = b"\xff\xff\xff\xff"


class JournalReader:
    """Every whole batch of a journal; `metadata["journal"]` says what was lost. The file is left as it is."""

    name: ClassVar[str] = "journal"
    description: ClassVar[str] = f"journal that was not closed (*{JOURNAL_SUFFIX})"

    def sniff(self, path: Path) -> bool:
        """Look at the name and the first four bytes."""
        return path.name.endswith(JOURNAL_SUFFIX) and begins_with(path, _ARROW_MESSAGE)

    def read(self, path: Path, *, rate_hz: float | None = None) -> Recording:
        """Read what stands; on an even grid where `rate_hz` is given.

        Raises
        ------
        FormatError
            The file is not a journal, or its beginning is damaged.
        """
        found = recover(path)
        metadata = {**found.recording.metadata, "journal": _in_words(found)}
        return on_grid(replace(found.recording, metadata=metadata), rate_hz)


def _in_words(found: Recovery) -> str:
    if not found.n_bytes_dropped:
        return "not closed; no bytes lost"
    return f"not closed; {found.n_bytes_dropped} bytes lost: {found.reason}"
