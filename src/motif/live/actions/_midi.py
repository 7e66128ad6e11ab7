"""MIDI: notes, controllers and programs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, PositiveFloat, field_validator, model_validator

from motif.errors import ActionError
from motif.live._event import Event
from motif.live.actions._action import ActionModel
from motif.live.actions._midi_port import MidiPort, open_port
from motif.optional import require
from motif.sources import Clock
from motif.telemetry import logger

__all__ = ["MidiAction", "MidiMessage", "MidiSettings"]

_LOG = logger(__name__)
_Byte = Annotated[int, Field(ge=0, le=127)]
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ALL_SOUND_OFF, _ALL_NOTES_OFF = 120, 123


class MidiSettings(ActionModel):
    """Which port."""

    port: str | None = None
    """Its name; the first there is where left out."""
    virtual: bool = False
    """Make a port that other programs see. Not on Windows."""
    channel: Annotated[int, Field(ge=1, le=16)] = 1
    """For messages that name none."""


class MidiMessage(ActionModel):
    """One of a note, a controller or a program."""

    note: _Byte | None = None
    """A number, or a name such as `C4` (which is 60) or `F#3`."""
    velocity: _Byte = 100
    """How hard the note is struck."""
    duration_s: PositiveFloat | None = 0.2
    """How long the note sounds; `null` until the same gesture comes again, or panic."""
    control: _Byte | None = None
    """A controller's number."""
    value: _Byte = 127
    """What the controller is set to."""
    program: _Byte | None = None
    """A program's number, from 0."""
    channel: Annotated[int, Field(ge=1, le=16)] | None = None
    """Another channel than the port's."""

    @field_validator("note", mode="before")
    @classmethod
    def _note_by_name(cls, note: Any) -> Any:
        if not isinstance(note, str):
            return note
        found = re.fullmatch(r"([A-Ga-g])([#b]?)(-?\d)", note)
        if found is None:
            raise ValueError(f"{note!r} is no note; want a number from 0 to 127 or a name such as C4 or F#3")
        letter, sign, octave = found.groups()
        return _STEPS[letter.upper()] + {"": 0, "#": 1, "b": -1}[sign] + 12 * (int(octave) + 1)

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if sum(part is not None for part in (self.note, self.control, self.program)) != 1:
            raise ValueError("want exactly one of note, control and program")
        return self


class MidiAction:
    """Plays notes, moves controllers, changes programs.

    Parameters
    ----------
    settings : MidiSettings
    clock : Clock
        Ends notes.
    port : callable
        From name and whether it is virtual to an open port; the machine's where left out.
    """

    Settings: ClassVar = MidiSettings
    Message: ClassVar = MidiMessage

    def __init__(
        self, settings: MidiSettings, *, clock: Clock, port: Callable[[str | None, bool], MidiPort] = open_port
    ) -> None:
        self._settings, self._clock, self._open_port = settings, clock, port
        self._port: MidiPort | None = None
        self._sounding: dict[tuple[int, int], asyncio.Task[None] | None] = {}

    @classmethod
    def make(cls, settings: MidiSettings, *, clock: Clock, gestures: tuple[str, ...] = ()) -> Self:
        """Return it, not opened."""
        return cls(settings, clock=clock)

    async def open(self) -> None:
        """Open the port."""
        if self._port is None:
            self._port = await asyncio.to_thread(self._open_port, self._settings.port, self._settings.virtual)

    async def perform(self, event: Event, message: MidiMessage) -> None:
        """Send it; a note ends by itself later."""
        channel = (message.channel or self._settings.channel) - 1
        if message.control is not None:
            self._send("control_change", channel=channel, control=message.control, value=message.value)
        elif message.program is not None:
            self._send("program_change", channel=channel, program=message.program)
        else:
            assert message.note is not None
            self._play(channel, message.note, message)

    def _play(self, channel: int, note: int, message: MidiMessage) -> None:
        was_sounding = (channel, note) in self._sounding
        self._end(channel, note)
        if was_sounding and message.duration_s is None:
            return
        self._send("note_on", channel=channel, note=note, velocity=message.velocity)
        ending = None
        if message.duration_s is not None:
            ending = asyncio.create_task(self._end_later(channel, note, message.duration_s))
        self._sounding[channel, note] = ending

    async def _end_later(self, channel: int, note: int, duration_s: float) -> None:
        await self._clock.sleep(duration_s)
        self._sounding[channel, note] = None
        try:
            self._end(channel, note)
        except ActionError as error:
            _LOG.warning("note not ended", channel=channel + 1, note=note, error=str(error))

    def _end(self, channel: int, note: int) -> None:
        if (channel, note) in self._sounding:
            self._send("note_off", channel=channel, note=note, velocity=0)
            ending = self._sounding.pop((channel, note))  # not before: what could not be sent is tried again
            if ending is not None:
                ending.cancel()

    def _send(self, kind: str, **parts: int) -> None:
        if self._port is None:
            raise ActionError("the MIDI port is not open; open it first")
        try:
            self._port.send(require("mido", extra="control").Message(kind, **parts))
        except Exception as error:  # backends raise kinds of their own when a device is pulled out
            raise ActionError(f"MIDI {kind} was not sent ({error}); is the device still plugged in?") from error

    def describe(self, message: MidiMessage) -> str:
        """Return what would be sent, and where."""
        channel = message.channel or self._settings.channel
        what = f"program {message.program}"
        if message.control is not None:
            what = f"controller {message.control} to {message.value}"
        elif message.note is not None:
            what = f"note {message.note} at {message.velocity}"
        return f"MIDI to {self._settings.port or 'the first port'}, channel {channel}: {what}"

    async def release(self) -> None:
        """End all notes, ours and any other, on all channels."""
        for channel, note in list(self._sounding):
            try:
                self._end(channel, note)
            except ActionError:
                continue
        for channel in range(16):
            for control in (_ALL_NOTES_OFF, _ALL_SOUND_OFF):
                try:
                    self._send("control_change", channel=channel, control=control, value=0)
                except ActionError:
                    return

    async def close(self) -> None:
        """End our notes and close the port."""
        if self._port is not None:
            for channel, note in list(self._sounding):
                try:
                    self._end(channel, note)
                except ActionError:
                    break
            port, self._port = self._port, None
            port.close()
