"""Keys on X11, through its XTEST extension."""

from __future__ import annotations

import threading
from typing import Any

from motif.errors import ActionError
from motif.optional import require

__all__ = ["X11Keyboard"]

_NAMES = {
    "ctrl": "Control_L",
    "shift": "Shift_L",
    "alt": "Alt_L",
    "super": "Super_L",
    "cmd": "Super_L",
    "enter": "Return",
    "esc": "Escape",
    "space": "space",
    "tab": "Tab",
    "backspace": "BackSpace",
    "delete": "Delete",
    "insert": "Insert",
    "home": "Home",
    "end": "End",
    "page_up": "Prior",
    "page_down": "Next",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "media_play_pause": "XF86_AudioPlay",
    "media_next": "XF86_AudioNext",
    "media_previous": "XF86_AudioPrev",
}


class X11Keyboard:
    """The keyboard of an X server."""

    def __init__(self, display: str | None = None) -> None:
        errors = require("Xlib.error", extra="control")
        try:
            self._display: Any = require("Xlib.display", extra="control").Display(display)
        except (errors.DisplayError, errors.XError, OSError) as error:
            raise ActionError(f"the display cannot be opened ({error}); is this a desktop session?") from error
        if not self._display.has_extension("XTEST"):
            raise ActionError("this X server has no XTEST extension, so no key can be pressed; switch it on")
        self._x: Any = require("Xlib.X", extra="control")
        self._keys: Any = require("Xlib.XK", extra="control")
        self._keys.load_keysym_group("xf86")
        self._lock = threading.Lock()

    def focused(self) -> str:
        """Return title and class of the window with the focus, or of the nearest window around it that has them."""
        with self._lock:
            window = self._display.get_input_focus().focus
            while not isinstance(window, int) and window is not None:
                title, kind = window.get_wm_name() or self._title(window), window.get_wm_class() or ()
                if title or kind:
                    return " ".join([_text(title), *map(_text, kind)]).strip()
                window = window.query_tree().parent
        return ""

    def _title(self, window: Any) -> Any:
        found = window.get_full_property(self._display.intern_atom("_NET_WM_NAME"), 0)
        return found.value if found else ""

    def press(self, key: str) -> None:
        """Press a key, with shift where its character needs it."""
        self._send(self._x.KeyPress, key)

    def release(self, key: str) -> None:
        """Let a key go."""
        self._send(self._x.KeyRelease, key)

    def _send(self, kind: int, key: str) -> None:
        xtest = require("Xlib.ext.xtest", extra="control")
        with self._lock:
            code, is_shifted = self._code(key)
            codes = [self._code("shift")[0], code] if is_shifted else [code]
            for each in codes if kind == self._x.KeyPress else reversed(codes):
                xtest.fake_input(self._display, kind, each)
            self._display.sync()

    def _code(self, key: str) -> tuple[int, bool]:
        name = _NAMES.get(key.lower(), key.upper() if key[:1] in "fF" and key[1:].isdigit() else key)
        keysym = ord(name) if len(name) == 1 else self._keys.string_to_keysym(name)
        code = self._display.keysym_to_keycode(keysym) if keysym else 0
        if not code:
            raise ActionError(f"this keyboard has no key {key!r}; want a character, f1 to f12, {', '.join(_NAMES)}")
        return code, self._display.keycode_to_keysym(code, 0) != keysym

    def close(self) -> None:
        """Close the connection."""
        self._display.close()


def _text(name: Any) -> str:
    return name.decode("utf-8", errors="replace") if isinstance(name, bytes) else str(name)
