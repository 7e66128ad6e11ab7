"""Events as JSON lines, in a file or on standard output."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, TextIO

from pydantic import Field

from motif.errors import ActionError
from motif.live._event import Event
from motif.live.actions._action import ActionModel, Filled, filled
from motif.sources import Clock

__all__ = ["LogAction", "LogMessage", "LogSettings"]


class LogSettings(ActionModel):
    """Where the lines go."""

    path: Path | None = None
    """A file to add to; standard output where left out."""


class LogMessage(ActionModel):
    """What a line holds beside the event."""

    fields: Annotated[dict[str, Any], Filled] = Field(default_factory=dict)
    """Put on the line as they are; a text such as `$confidence` becomes the event's."""


class LogAction:
    """Writes one JSON object a line."""

    Settings: ClassVar = LogSettings
    Message: ClassVar = LogMessage

    def __init__(self, settings: LogSettings) -> None:
        self._settings = settings
        self._stream: TextIO | None = None

    @classmethod
    def make(cls, settings: LogSettings, *, clock: Clock, gestures: tuple[str, ...] = ()) -> Self:
        """Return it, not opened."""
        return cls(settings)

    async def open(self) -> None:
        """Open the file."""
        path = self._settings.path
        try:
            self._stream = sys.stdout if path is None else path.open("a", encoding="utf-8")
        except OSError as error:
            raise ActionError(f"{path} cannot be written ({error.strerror}); choose another path") from error

    async def perform(self, event: Event, message: LogMessage) -> None:
        """Write a line, at once."""
        if self._stream is None:
            raise ActionError("the log is not open; open it first")
        line = json.dumps(event.to_dict() | filled(message.fields, event), ensure_ascii=False, default=str)
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except OSError as error:
            raise ActionError(f"the line was not written ({error.strerror or error})") from error

    def describe(self, message: LogMessage) -> str:
        """Return where the line would go."""
        return f"a line to {self._settings.path or 'standard output'}"

    async def release(self) -> None:
        """Nothing is held."""

    async def close(self) -> None:
        """Close the file."""
        stream, self._stream = self._stream, None
        if stream is not None and stream is not sys.stdout:
            stream.close()
