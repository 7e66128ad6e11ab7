"""Where MIDI goes: a port of the machine, or one in memory."""

from __future__ import annotations

from typing import Any, Protocol

from motif.errors import ActionError
from motif.optional import require

__all__ = ["MemoryPort", "MidiPort", "open_port"]


class MidiPort(Protocol):
    """Takes mido messages."""

    def send(self, message: Any) -> None:
        """Send a message."""
        ...

    def close(self) -> None:
        """Close the port."""
        ...


class MemoryPort:
    """Keeps what is sent, for tests and for looking before plugging in."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        """What was sent, in order."""
        self.closed = False

    def send(self, message: Any) -> None:
        """Keep a message."""
        self.messages.append(message)

    def close(self) -> None:
        """Take note of it."""
        self.closed = True


def open_port(name: str | None, virtual: bool) -> MidiPort:
    """Open an output port by name, or the first there is, or a virtual one that other programs see as an input.

    Raises
    ------
    ActionError
        There is no such port, or no way to MIDI at all.
    """
    mido = require("mido", extra="control")
    try:
        names = list(mido.get_output_names())
        if not virtual and (not names or (name is not None and name not in names)):
            there = f"there are {', '.join(names)}" if names else "this machine has none"
            raise ActionError(f"no MIDI port {name or ''}; {there}: plug it in, or use `virtual: true`")
        port: MidiPort = mido.open_output(name or (None if virtual else names[0]), virtual=virtual)
        return port
    except ImportError as error:
        raise ActionError(
            f"MIDI needs a driver ({error}); run: pip install python-rtmidi, or set MIDO_BACKEND to one you have"
        ) from error
    except ActionError:
        raise
    except Exception as error:  # each backend raises kinds of its own, and they are not importable without it
        raise ActionError(
            f"MIDI port {name or 'by default'} cannot be opened ({error}); "
            "another program may hold it, or the system has no MIDI; Windows has no virtual ports"
        ) from error
