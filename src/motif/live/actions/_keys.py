"""Keystrokes, into one window and no other."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Annotated, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from motif.errors import ActionError
from motif.live._event import Event
from motif.live.actions._action import ActionModel
from motif.live.actions._keyboard import Keyboard, open_keyboard
from motif.sources import Clock

__all__ = ["KeysAction", "KeysMessage", "KeysSettings"]


class KeysSettings(ActionModel):
    """Which window gets the keys."""

    window: str | None = None
    """A regular expression that title or class of the window in front must match, whatever the case."""
    any_window: bool = False
    """Press keys whichever window is in front. Think twice: they may go into a chat or a terminal."""

    @field_validator("window")
    @classmethod
    def _is_a_pattern(cls, window: str | None) -> str | None:
        try:
            re.compile(window or "")
        except re.error as error:
            raise ValueError(f"{window!r} is no regular expression ({error})") from error
        return window

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if (self.window is None) != self.any_window:
            raise ValueError("want either `window`, a pattern for the window's title, or `any_window: true`")
        return self


class KeysMessage(ActionModel):
    """What is pressed."""

    keys: tuple[str, ...]
    """Such as `space` or `ctrl+shift+p`; a list is pressed one after the other."""
    hold_s: Annotated[float, Field(ge=0.0, le=5.0)] = 0.02
    """How long each stays down."""

    @field_validator("keys", mode="before")
    @classmethod
    def _one_or_many(cls, keys: object) -> object:
        return (keys,) if isinstance(keys, str) else keys

    @field_validator("keys")
    @classmethod
    def _are_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for chord in keys:
            if not all(_parts(chord)):
                raise ValueError(f"{chord!r} is no key; want such as `space`, `p` or `ctrl+shift+p`")
        return keys


class KeysAction:
    """Presses keys while the right window is in front.

    Parameters
    ----------
    settings : KeysSettings
    clock : Clock
        Times how long keys stay down.
    keyboard : callable
        Opens the keyboard; the machine's where left out.
    """

    Settings: ClassVar = KeysSettings
    Message: ClassVar = KeysMessage

    def __init__(
        self, settings: KeysSettings, *, clock: Clock, keyboard: Callable[[], Keyboard] = open_keyboard
    ) -> None:
        self._settings, self._clock, self._open_keyboard = settings, clock, keyboard
        self._keyboard: Keyboard | None = None
        self._down: list[str] = []

    @classmethod
    def make(cls, settings: KeysSettings, *, clock: Clock, gestures: tuple[str, ...] = ()) -> Self:
        """Return it, not opened."""
        return cls(settings, clock=clock)

    async def open(self) -> None:
        """Open the keyboard."""
        if self._keyboard is None:
            self._keyboard = await asyncio.to_thread(self._open_keyboard)

    async def perform(self, event: Event, message: KeysMessage) -> None:
        """Press and release, looking at the window before each."""
        for chord in message.keys:
            pressing = asyncio.ensure_future(asyncio.to_thread(self._press, chord))
            try:
                await asyncio.shield(pressing)
                await self._clock.sleep(message.hold_s)
            finally:
                await asyncio.wait({pressing})  # a thread goes on where its task is interrupted
                await asyncio.to_thread(self._let_go)

    def _press(self, chord: str) -> None:
        if self._keyboard is None:
            raise ActionError("the keyboard is not open; open it first")
        if self._settings.window is not None:
            focused = self._keyboard.focused()
            if not re.search(self._settings.window, focused, re.IGNORECASE):
                raise ActionError(
                    f"{chord} was not pressed: {focused or 'no window'!r} is in front, which is not "
                    f"{self._settings.window!r}; click the window that is meant"
                )
        for key in _parts(chord):
            self._down.append(key)
            self._keyboard.press(key)

    def _let_go(self) -> None:
        while self._down and self._keyboard is not None:
            key = self._down.pop()
            try:
                self._keyboard.release(key)
            except ActionError:  # a key that is not there was not pressed either
                continue

    def describe(self, message: KeysMessage) -> str:
        """Return the keys and the window."""
        where = "whatever window" if self._settings.any_window else f"a window like {self._settings.window!r}"
        return f"keys {' '.join(message.keys)} into {where}"

    async def release(self) -> None:
        """Let go of all keys we hold."""
        await asyncio.to_thread(self._let_go)

    async def close(self) -> None:
        """Let go and leave the keyboard."""
        await self.release()
        keyboard, self._keyboard = self._keyboard, None
        if keyboard is not None:
            keyboard.close()


def _parts(chord: str) -> list[str]:
    """Return the keys of a chord; a plus is itself where it stands alone or last."""
    if chord == "+":
        return ["+"]
    if chord.endswith("++"):
        return [*chord[:-2].split("+"), "+"]
    return chord.split("+")
