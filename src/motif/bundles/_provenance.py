"""Where a bundle comes from: motif's version, and the commit of the project it was made in."""

from __future__ import annotations

from pathlib import Path

from motif import __version__
from motif.telemetry import commit

__all__ = ["commit_sha", "version"]


def version() -> str:
    """Return the version of motif."""
    return __version__


def commit_sha(folder: Path | None = None) -> str:
    """Return the commit of the git work tree around `folder`, `-dirty` where it was changed since, or `unknown`."""
    found = commit(folder)
    if found is None:
        return "unknown"
    return found.sha + ("-dirty" if found.is_dirty else "")
