"""What all actions keep: each type there is works in its own world, or the test of a new one fails for want of one."""

import asyncio
import inspect
import shutil
from contextlib import asynccontextmanager

import pytest
from pydantic import ValidationError
from tests.live import action_samples as samples

from motif.errors import ActionError
from motif.live.actions import Action, KeysAction, action_type, known_actions
from motif.live.actions._keyboard_x11 import X11Keyboard
from motif.sources import SystemClock

MESSAGES = {
    "keys": {"keys": "a", "hold_s": 0},
    "log": {"fields": {"sure": "$confidence"}},
    "midi": {"control": 7},
    "mqtt": {},
    "osc": {"address": "/swipe", "arguments": [1, "$confidence"]},
    "webhook": {"fields": {"room": "stage"}},
}


@asynccontextmanager
async def opened(kind, tmp_path):
    """Yield an action that is open, a message for it, and what hears of it."""
    if kind == "keys" and shutil.which("Xvfb") is None:
        pytest.skip("no Xvfb to press keys on")
    cls = action_type(kind)
    async with world(kind, tmp_path) as (settings, heard, make):
        action = make(cls.Settings(**settings), SystemClock())
        await action.open()
        try:
            yield action, cls.Message(**MESSAGES[kind]), heard
        finally:
            await action.close()


@asynccontextmanager
async def world(kind, tmp_path):
    def make(settings, clock):
        return action_type(kind).make(settings, clock=clock, gestures=("swipe",))

    if kind == "keys":
        async with samples.x_server() as display:
            window = samples.XWindow(display, "Player")
            try:
                yield (
                    {"window": "player"},
                    window,
                    lambda settings, clock: KeysAction(settings, clock=clock, keyboard=lambda: X11Keyboard(display)),
                )
            finally:
                window.close()
    elif kind == "midi":
        async with samples.midi_world() as (settings, heard, own):
            yield settings, heard, own
    else:
        worlds = {
            "log": lambda: samples.log_world(tmp_path),
            "mqtt": samples.mqtt_world,
            "osc": samples.osc_world,
            "webhook": samples.web_world,
        }
        async with worlds[kind]() as (settings, heard):
            yield settings, heard, make


@pytest.mark.parametrize("kind", known_actions())
def test_an_action_performs_one_message_after_the_other(kind, tmp_path):
    async def run():
        async with opened(kind, tmp_path) as (action, message, heard):
            assert isinstance(action, Action)
            for n in (1, 2):
                await action.perform(samples.EVENT, message)
                assert len(await heard.until(n)) >= 1

    asyncio.run(run())


@pytest.mark.parametrize("kind", known_actions())
def test_releasing_and_closing_never_raise_and_may_come_twice(kind, tmp_path):
    async def run():
        async with opened(kind, tmp_path) as (action, message, _):
            await action.release()
            await action.perform(samples.EVENT, message)
            await action.release()
            await action.close()
            await action.release()
            await action.close()
            with pytest.raises(ActionError):
                await action.perform(samples.EVENT, message)

    asyncio.run(run())


@pytest.mark.parametrize("kind", known_actions())
def test_an_action_says_what_it_would_do_without_doing_it(kind, tmp_path):
    async def run():
        async with world(kind, tmp_path) as (settings, _, make):
            cls = action_type(kind)
            text = make(cls.Settings(**settings), SystemClock()).describe(cls.Message(**MESSAGES[kind]))
            assert 5 < len(text) < 200
            assert "\n" not in text

    if kind == "keys" and shutil.which("Xvfb") is None:
        pytest.skip("no Xvfb")
    asyncio.run(run())


@pytest.mark.parametrize("kind", known_actions())
def test_every_key_is_described_and_no_other_is_taken(kind):
    cls = action_type(kind)
    for model in (cls.Settings, cls.Message):
        undescribed = [name for name, field in model.model_fields.items() if not field.description]
        assert undescribed == []
        with pytest.raises(ValidationError, match="Extra inputs"):
            model(surely_not_a_key=1)
    assert inspect.getdoc(cls)
