"""Keystrokes: into the window they are meant for, and let go whatever happens."""

import asyncio
import shutil
import sys
import threading

import pytest
from pydantic import ValidationError
from tests.live import action_samples as samples
from tests.live.action_samples import EVENT

from motif.errors import ActionError
from motif.live.actions import KeysAction, KeysMessage, KeysSettings
from motif.live.actions._keyboard import open_keyboard
from motif.live.actions._keyboard_x11 import X11Keyboard
from motif.sources import ManualClock, SystemClock

needs_x = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb to press keys on")


@needs_x
def test_keys_go_to_the_window_they_are_meant_for_and_no_other():
    async def run():
        async with samples.x_server() as display:
            player, chat = samples.XWindow(display, "Player"), samples.XWindow(display, "Chat")
            keyboard = X11Keyboard(display)
            action = KeysAction(KeysSettings(window="^player"), clock=SystemClock(), keyboard=lambda: keyboard)
            await action.open()
            message = KeysMessage(keys=["ctrl+shift+p", "A", ".", "f5"], hold_s=0)
            with pytest.raises(ActionError, match="'Chat chat Chat' is in front"):
                await action.perform(EVENT, message)
            player.focus()
            await action.perform(EVENT, message)
            pressed = [*await asyncio.to_thread(player.keys, 7)]
            assert chat.n_waiting() == player.n_waiting() == 0
            with pytest.raises(ActionError, match="no key 'nokey'"):
                await action.perform(EVENT, KeysMessage(keys="ctrl+nokey"))
            await action.close()
            player.close()
            chat.close()
            return pressed

    control, shift, f5 = 0xFFE3, 0xFFE1, 0xFFC2
    assert asyncio.run(run()) == [control, shift, ord("p"), shift, ord("a"), ord("."), f5]


def test_keys_that_are_held_are_let_go_before_the_keyboard_is_left():
    noted = []

    class Noting:
        def press(self, key):
            noted.append(("press", key))

        def release(self, key):
            noted.append(("release", key))

        def close(self):
            noted.append(("close",))

    async def run():
        clock = ManualClock()
        action = KeysAction(KeysSettings(any_window=True), clock=clock, keyboard=Noting)
        await action.open()
        holding = asyncio.create_task(action.perform(EVENT, KeysMessage(keys="ctrl+a", hold_s=5)))
        await clock.until_asleep()
        await action.close()
        await clock.advance(5)
        await holding

    asyncio.run(run())
    assert noted == [("press", "ctrl"), ("press", "a"), ("release", "a"), ("release", "ctrl"), ("close",)]


@needs_x
def test_keys_that_are_held_are_let_go_by_panic():
    async def run():
        async with samples.x_server() as display:
            window, clock = samples.XWindow(display, "Player"), ManualClock()
            action = KeysAction(KeysSettings(any_window=True), clock=clock, keyboard=lambda: X11Keyboard(display))
            await action.open()
            holding = asyncio.create_task(action.perform(EVENT, KeysMessage(keys="space", hold_s=5)))
            await clock.until_asleep()
            assert window.released == []
            await action.release()
            await asyncio.to_thread(window.keys, 1)
            assert window.released == [ord(" ")]
            holding.cancel()
            await asyncio.gather(holding, return_exceptions=True)
            await action.close()
            window.close()

    asyncio.run(run())


class SlowKeyboard:
    """A keyboard whose system takes its time to say which window is in front."""

    def __init__(self):
        self.asked, self.answer, self.down = threading.Event(), threading.Event(), set()

    def focused(self):
        self.asked.set()
        self.answer.wait(20)
        return "Player"

    def press(self, key):
        self.down.add(key)

    def release(self, key):
        self.down.discard(key)

    def close(self):
        pass


def test_a_key_that_goes_down_while_it_is_interrupted_is_let_go():
    async def run():
        keyboard = SlowKeyboard()
        action = KeysAction(KeysSettings(window="player"), clock=SystemClock(), keyboard=lambda: keyboard)
        await action.open()
        pressing = asyncio.create_task(action.perform(EVENT, KeysMessage(keys="ctrl+space")))
        await asyncio.to_thread(keyboard.asked.wait, 20)
        pressing.cancel()
        await asyncio.wait({pressing}, timeout=0.2)
        keyboard.answer.set()
        await asyncio.gather(pressing, return_exceptions=True)
        await asyncio.get_running_loop().shutdown_default_executor()
        assert keyboard.down == set()

    asyncio.run(run())


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # python-xlib forgets those it could not use
def test_wayland_and_machines_without_a_display_are_told_apart(monkeypatch):
    if sys.platform != "linux":
        pytest.skip("other systems have one keyboard")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ActionError, match="DISPLAY is not set"):
        open_keyboard()
    monkeypatch.setenv("DISPLAY", ":9999")
    with pytest.raises(ActionError, match="cannot be opened"):
        open_keyboard()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    with pytest.raises(ActionError, match="Wayland session"):
        open_keyboard()


@pytest.mark.parametrize(
    "settings", [{}, {"window": "a", "any_window": True}, {"window": "("}, {"window": "a", "keys": "b"}]
)
def test_keys_want_a_window_or_the_word_that_any_will_do(settings):
    with pytest.raises(ValidationError):
        KeysSettings(**settings)


@pytest.mark.parametrize(
    ("keys", "parts"), [("+", ["+"]), ("ctrl++", ["ctrl", "+"]), ("ctrl+a", ["ctrl", "a"]), ("a+", None), ("", None)]
)
def test_a_plus_can_be_a_key(keys, parts):
    from motif.live.actions._keys import _parts

    if parts is None:
        with pytest.raises(ValidationError):
            KeysMessage(keys=keys)
    else:
        assert _parts(KeysMessage(keys=keys).keys[0]) == parts
