"""Where a database's files lie in its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Files"]


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a database's folder."""

    folder: Path

    @property
    def database(self) -> Path:
        """What was taught."""
        return self.folder / "gestures.db"

    @property
    def beside(self) -> tuple[Path, ...]:
        """What SQLite keeps beside it while it is open, or after a kill."""
        return tuple(self.folder / f"gestures.db{end}" for end in ("-wal", "-shm", "-journal"))

    @property
    def head(self) -> Path:
        """How far the database had come."""
        return self.folder / "gestures.head"

    @property
    def lock(self) -> Path:
        """Locked by whoever writes."""
        return self.folder / "gestures.lock"

    @property
    def backups(self) -> Path:
        """Timestamped backups."""
        return self.folder / "backups"

    def exist(self) -> bool:
        """Say whether this is the folder of a database, or of what one is made from."""
        return any(path.exists() for path in (self.database, self.head, self.backups, self.prototype))

    def unfinished(self) -> list[Path]:
        """Return what is being made and would be renamed when it is whole."""
        kinds = (".starting-*", ".recovering-*", ".restoring-*", "backups/.new-*", f"{self.head.name}.new")
        return [path for kind in kinds for path in self.folder.glob(kind)]

    @property
    def prototype(self) -> Path:
        """What the prototype kept, and what brings its state back."""
        return self.folder / "templates.json"
