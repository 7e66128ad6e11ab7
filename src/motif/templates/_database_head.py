"""The head: a small file beside the database that says how far it had come. A lost write-ahead log is noticed by it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

__all__ = ["Head", "read_head", "write_head"]


@dataclass(frozen=True, slots=True)
class Head:
    """How far a database had come. It may be behind, it is never ahead of what is safely on the disk."""

    lineage: str
    """Of which file: another one, such as a backup that was copied into place, is not judged by it."""
    revision: int
    """The last change that was acknowledged."""
    digest: str = ""
    """SHA-256 of all pages at that revision; empty where it was not worth the time."""


def read_head(path: Path) -> Head | None:
    """Return the head, or None where there is none or it is damaged itself."""
    try:
        content = json.loads(path.read_bytes())
        head = Head(str(content["lineage"]), int(content["revision"]), str(content["digest"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return head if content.get("check") == _check(head) else None


def write_head(path: Path, head: Head) -> None:
    """Write the head. Nothing waits for the disk, and where it cannot be written the database is good without it."""
    temporary = path.with_name(f"{path.name}.new")
    with suppress(OSError):
        temporary.write_text(json.dumps(asdict(head) | {"check": _check(head)}), encoding="utf-8")
        temporary.replace(path)


def _check(head: Head) -> str:
    return sha256(repr((head.lineage, head.revision, head.digest)).encode()).hexdigest()
