"""Which state of a project's code something was made with."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Commit", "commit"]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of a git work tree."""

    sha: str
    """40 hexadecimal digits."""
    branch: str | None
    """None where no branch is checked out."""
    is_dirty: bool
    """Whether files that git knows were changed since."""


def commit(folder: Path | None = None) -> Commit | None:
    """Return the commit of the git work tree around `folder`, or None where there is none, or no git."""
    try:
        sha = _git("rev-parse", "HEAD", folder=folder)
        branch = _git("rev-parse", "--abbrev-ref", "HEAD", folder=folder)
        changed = _git("status", "--porcelain", "--untracked-files=no", folder=folder)
    except (OSError, subprocess.SubprocessError):
        return None
    return Commit(sha, None if branch == "HEAD" else branch, bool(changed))


def _git(*arguments: str, folder: Path | None) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.strip()
