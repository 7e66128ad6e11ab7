"""Keys on macOS and Windows, through pynput."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from typing import Any

from motif.errors import ActionError
from motif.optional import require

__all__ = ["PynputKeyboard"]

_FRONT = (
    'tell application "System Events" to get {name, title of front window} of first process whose frontmost is true'
)


class PynputKeyboard:
    """The keyboard, as pynput presses it."""

    def __init__(self) -> None:
        self._module: Any = require("pynput.keyboard", extra="control")
        self._controller = self._module.Controller()

    def focused(self) -> str:
        """Return the title of the window in front, on macOS its application too."""
        if sys.platform == "darwin":
            done = subprocess.run(["osascript", "-e", _FRONT], capture_output=True, text=True, timeout=2, check=False)
            return done.stdout.strip()
        user32 = getattr(ctypes, "windll").user32  # noqa: B009 - only there on Windows, and the type checker knows
        title = ctypes.create_unicode_buffer(512)
        user32.GetWindowTextW(user32.GetForegroundWindow(), title, len(title))
        return title.value

    def press(self, key: str) -> None:
        """Press a key and hold it."""
        self._controller.press(self._key(key))

    def release(self, key: str) -> None:
        """Let a key go."""
        self._controller.release(self._key(key))

    def _key(self, key: str) -> Any:
        if len(key) == 1:
            return key
        try:
            return self._module.Key["cmd" if key == "super" else key.lower()]
        except KeyError as error:
            names = ", ".join(each.name for each in self._module.Key)
            raise ActionError(f"this keyboard has no key {key!r}; want a character or one of {names}") from error

    def close(self) -> None:
        """Nothing is held open."""
