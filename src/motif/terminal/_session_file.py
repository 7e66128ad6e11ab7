"""The session's file: written whole after every step, resumed, and kept aside where it cannot be read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from motif.errors import WriteError
from motif.files import write_bytes
from motif.telemetry import logger
from motif.terminal._counted import counted
from motif.terminal._session import TrainingSession

__all__ = ["SessionFile"]

_LOG = logger(__name__)
_LARGEST_BYTES = 16_000_000


class SessionFile:
    """Where a session lives between runs."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def load(self, now_ns: int) -> tuple[TrainingSession, str]:
        """Return the session, resumed or fresh, and a sentence for the person about it.

        A file that cannot be read as a session is renamed to `NAME.corrupt-TIME.json`; nothing of it is lost.
        """
        if not self.path.exists():
            return TrainingSession(started_ns=now_ns), "A new session."
        try:
            session = self._read()
        except (OSError, ValueError, RecursionError) as error:
            return TrainingSession(started_ns=now_ns), self._put_aside(error, now_ns)
        resumed = session.model_copy(update={"n_resumed": session.n_resumed + 1})
        n_takes = sum(progress.recorded for progress in session.gestures.values())
        began = datetime.fromtimestamp(session.started_ns / 1e9, UTC)
        done = f"{counted(n_takes, 'take')}, {counted(len(session.attempts), 'try', 'tries')}"
        return resumed, f"Resumed the session of {began:%d %B %Y}: {done}."

    def save(self, session: TrainingSession) -> None:
        """Write the session; a kill leaves this one or the one before.

        Raises
        ------
        WriteError
            The disk is full or the folder cannot be written.
        """
        write_bytes(self.path, session.model_dump_json(indent=1).encode())

    def _read(self) -> TrainingSession:
        if self.path.stat().st_size > _LARGEST_BYTES:
            raise ValueError(f"it has {self.path.stat().st_size:,} bytes, more than any session")
        try:
            return TrainingSession.model_validate(json.loads(self.path.read_bytes()))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the whole"
            raise ValueError(f"{place}: {first['msg']}") from error

    def _put_aside(self, error: Exception, now_ns: int) -> str:
        stamp = datetime.fromtimestamp(now_ns / 1e9, UTC).strftime("%Y%m%d-%H%M%S")
        aside = self.path.with_name(f"{self.path.stem}.corrupt-{stamp}{self.path.suffix}")
        number = 1
        while aside.exists():
            number += 1
            aside = self.path.with_name(f"{self.path.stem}.corrupt-{stamp}-{number}{self.path.suffix}")
        try:
            self.path.replace(aside)
        except OSError as failure:
            raise WriteError(self.path, failure) from failure
        _LOG.warning("session file is corrupt", path=str(self.path), kept=str(aside), error=str(error))
        return (
            f"The session file {self.path.name} could not be read ({error}). It is kept as {aside.name}; "
            "this is a fresh session. Your gestures are in the database, nothing of them is lost."
        )
