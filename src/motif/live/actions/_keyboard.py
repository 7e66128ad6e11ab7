"""The keyboard of the machine, and which window has the focus."""

from __future__ import annotations

import os
import sys
from typing import Protocol

from motif.errors import ActionError

__all__ = ["Keyboard", "open_keyboard"]


class Keyboard(Protocol):
    """Presses keys, which the window in front gets, whichever that is."""

    def focused(self) -> str:
        """Return title and class of the window in front; empty where there is none."""
        ...

    def press(self, key: str) -> None:
        """Press a key and hold it."""
        ...

    def release(self, key: str) -> None:
        """Let a key go."""
        ...

    def close(self) -> None:
        """Leave the keyboard alone."""
        ...


def open_keyboard() -> Keyboard:
    """Return the machine's keyboard.

    Raises
    ------
    ActionError
        There is no way to press keys here.
    MissingExtraError
        The extra `control` is not installed.
    """
    if not sys.platform.startswith("linux"):
        from motif.live.actions._keyboard_pynput import PynputKeyboard

        return PynputKeyboard()
    if os.environ.get("XDG_SESSION_TYPE") == "wayland" or os.environ.get("WAYLAND_DISPLAY"):
        raise ActionError(
            "this is a Wayland session, which lets no program press keys in another's window; "
            "log in with an X11 session, or use OSC, MIDI or a webhook instead"
        )
    if not os.environ.get("DISPLAY"):
        raise ActionError("there is no display to press keys on (DISPLAY is not set); start this in a desktop session")
    from motif.live.actions._keyboard_x11 import X11Keyboard

    return X11Keyboard()
