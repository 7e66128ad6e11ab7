"""MIDI: notes that end, controllers, and ports that are there or not."""

import asyncio
import contextlib
import gc
import sys

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.live.action_samples import EVENT

from motif.errors import ActionError
from motif.live.actions import MemoryPort, MidiAction, MidiMessage, MidiSettings
from motif.live.actions._midi_port import open_port
from motif.sources import ManualClock


def sent(port):
    return [(m.type, *(getattr(m, part) for part in ("note", "control", "program") if hasattr(m, part))) for m in port]


async def midi(clock, **settings):
    port = MemoryPort()
    action = MidiAction(MidiSettings(**settings), clock=clock, port=lambda name, virtual: port)
    await action.open()
    return action, port


def test_a_note_ends_when_its_time_is_over():
    async def run():
        clock = ManualClock()
        action, port = await midi(clock, channel=3)
        await action.perform(EVENT, MidiMessage(note="C4", velocity=90, duration_s=0.5))
        await clock.until_asleep()
        await clock.advance(0.4)
        assert sent(port.messages) == [("note_on", 60)]
        await clock.advance(0.2)
        assert sent(port.messages) == [("note_on", 60), ("note_off", 60)]
        assert {message.channel for message in port.messages} == {2}
        assert port.messages[0].velocity == 90

    asyncio.run(run())


def test_a_note_that_is_struck_again_ends_first_and_then_once():
    async def run():
        clock = ManualClock()
        action, port = await midi(clock)
        for _ in range(2):
            await action.perform(EVENT, MidiMessage(note=60, duration_s=1.0))
            await clock.until_asleep()
            await clock.advance(0.6)
        assert sent(port.messages) == [("note_on", 60), ("note_off", 60), ("note_on", 60)]
        await clock.advance(0.6)
        assert sent(port.messages)[3:] == [("note_off", 60)]

    asyncio.run(run())


def test_a_note_without_an_end_sounds_until_the_gesture_comes_again_or_panic():
    async def run():
        action, port = await midi(ManualClock())
        held = MidiMessage(note=60, duration_s=None)
        for _ in range(3):
            await action.perform(EVENT, held)
        assert sent(port.messages) == [("note_on", 60), ("note_off", 60), ("note_on", 60)]
        await action.release()
        assert sent(port.messages)[3] == ("note_off", 60)
        silenced = [(m.channel, m.control) for m in port.messages[4:]]
        assert silenced == [(channel, control) for channel in range(16) for control in (123, 120)]
        await action.close()
        assert port.closed

    asyncio.run(run())


def test_controllers_and_programs_go_to_their_channel():
    async def run():
        action, port = await midi(ManualClock())
        await action.perform(EVENT, MidiMessage(control=7, value=99, channel=16))
        await action.perform(EVENT, MidiMessage(program=5))
        assert [bytes(m.bytes()).hex() for m in port.messages] == ["bf0763", "c005"]
        assert "controller 7 to 99" in action.describe(MidiMessage(control=7, value=99))
        assert "program 5" in action.describe(MidiMessage(program=5))
        assert "note 66" in action.describe(MidiMessage(note="F#4"))

    asyncio.run(run())


@pytest.mark.parametrize(("name", "number"), [("C-1", 0), ("C4", 60), ("a4", 69), ("Bb3", 58), ("G9", 127)])
def test_notes_have_the_numbers_of_the_standard(name, number):
    assert MidiMessage(note=name).note == number


@pytest.mark.parametrize("parts", [{}, {"note": 1, "control": 2}, {"note": "H4"}, {"note": "G#9"}, {"program": 128}])
def test_a_midi_message_is_one_thing_within_its_range(parts):
    with pytest.raises(ValidationError):
        MidiMessage(**parts)


def test_a_device_that_is_pulled_out_is_said():
    class Pulled(MemoryPort):
        def send(self, message):
            raise OSError("no such device")

    async def run():
        action = MidiAction(MidiSettings(), clock=ManualClock(), port=lambda name, virtual: Pulled())
        await action.open()
        with pytest.raises(ActionError, match="still plugged in"):
            await action.perform(EVENT, MidiMessage(note=1))
        await action.release()
        await action.close()

    asyncio.run(run())


class Loose(MemoryPort):
    """A port on a loose cable."""

    is_loose = False

    def send(self, message):
        if self.is_loose:
            raise OSError("no such device")
        super().send(message)


def sounding(messages):
    """Return the notes that a synthesizer hears after these messages."""
    notes = set()
    for message in messages:
        if message.type == "note_on":
            notes.add((message.channel, message.note))
        elif message.type == "note_off":
            notes.discard((message.channel, message.note))
        else:
            notes = {(channel, note) for channel, note in notes if channel != message.channel}
    return notes


@settings(deadline=None, max_examples=50)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.integers(60, 61), st.sampled_from([None, 0.5, 2.0])),
            st.floats(0, 3),
            st.sampled_from(["panic", "out", "in"]),
        ),
        max_size=20,
    )
)
def test_no_note_sounds_longer_than_it_should_nor_after_the_end_whatever_the_cable_did(steps):
    async def run():
        clock, port, troubles = ManualClock(), Loose(), []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: troubles.append(context))
        action = MidiAction(MidiSettings(), clock=clock, port=lambda name, virtual: port)
        await action.open()
        for step in steps:
            if isinstance(step, tuple):
                with contextlib.suppress(ActionError):
                    await action.perform(EVENT, MidiMessage(note=step[0], duration_s=step[1]))
            elif isinstance(step, float):
                await asyncio.sleep(0)
                await clock.advance(step)
            elif step == "panic":
                await action.release()
                assert port.is_loose or not sounding(port.messages)
            else:
                port.is_loose = step == "out"
        port.is_loose = False
        await action.close()
        assert sounding(port.messages) == set()
        gc.collect(1)  # what this run made is young
        await asyncio.sleep(0)
        assert troubles == []

    asyncio.run(run())


class Backend:
    """A driver for mido, as its documents describe one: `MIDO_BACKEND` names the module."""

    @staticmethod
    def Output(name=None, virtual=False, **settings):
        if name == "taken":
            raise RuntimeError("device is busy")
        return mido.ports.BaseOutput(name)

    @staticmethod
    def get_devices(**settings):
        return [{"name": "synth", "is_input": False, "is_output": True}]


def test_ports_are_opened_by_name_and_a_wrong_name_lists_what_there_is(monkeypatch):
    monkeypatch.setitem(sys.modules, "a_driver_of_ours", Backend)
    before = mido.backend
    mido.set_backend("a_driver_of_ours", load=True)
    try:
        assert open_port(None, False).name == "synth"
        assert open_port("mine", True).name == "mine"
        with pytest.raises(ActionError, match="no MIDI port drum; there are synth"):
            open_port("drum", False)
        with pytest.raises(ActionError, match="busy"):
            open_port("taken", True)
    finally:
        mido.set_backend(before)


def test_without_a_driver_midi_says_what_to_install(monkeypatch):
    before = mido.backend
    mido.set_backend("mido.backends.a_driver_nobody_has")
    try:
        with pytest.raises(ActionError, match="pip install python-rtmidi"):
            open_port(None, False)
    finally:
        mido.set_backend(before)
