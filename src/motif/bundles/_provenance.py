"""Where a bundle comes from: motif's version, and the commit of the project it was made in."""

from __future__ import annotations

import subprocess
from pathlib import Path

from motif import __version__

__all__ = ["commit_sha", "version"]


def version() -> str:
    """Return the version of motif."""
    return __version__


def commit_sha(folder: Path | None = None) -> str:
    """Return the commit of the git work tree around `folder`, `-dirty` where it was changed since, or `unknown`."""
    try:
        head = _git("rev-parse", "HEAD", folder=folder)
        return head + ("-dirty" if _git("status", "--porcelain", "--untracked-files=no", folder=folder) else "")
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def _git(*arguments: str, folder: Path | None) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.strip()
