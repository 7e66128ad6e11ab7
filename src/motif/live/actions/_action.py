"""`Action`: something outside that is told of gestures, and what an event may say to it."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from pydantic import AfterValidator, BaseModel, ConfigDict

from motif.errors import ActionError
from motif.live._event import Event
from motif.sources import Clock

__all__ = ["Action", "ActionModel", "Filled", "filled"]


class ActionModel(BaseModel):
    """Settings and messages of actions: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


@runtime_checkable
class Action(Protocol):
    """Something that is told of gestures: a synthesizer, a window, a server.

    It is opened once and then performs one message after the other. What cannot be sent raises `ActionError`; the next
    message is tried all the same.
    """

    Settings: ClassVar[type[ActionModel]]
    """What it is: a port, an address."""
    Message: ClassVar[type[ActionModel]]
    """What is sent for a gesture."""

    @classmethod
    def make(cls, settings: Any, *, clock: Clock, gestures: tuple[str, ...] = ()) -> Self:
        """Return the action these settings describe, not opened; `gestures` are those it may be told of."""
        ...

    async def open(self) -> None:
        """Get ready.

        Raises
        ------
        ActionError, MissingExtraError
            It is not there; the message says what to do.
        """
        ...

    async def perform(self, event: Event, message: Any) -> None:
        """Send `message`, whose parts such as `$confidence` are taken from the event.

        Raises
        ------
        ActionError
            It was not taken.
        """
        ...

    def describe(self, message: Any) -> str:
        """Return in a few words what `perform` would do."""
        ...

    async def release(self) -> None:
        """Let go of all that sounds or is held down. Never raises."""
        ...

    async def close(self) -> None:
        """Release, and free ports and connections. Closing twice is fine."""
        ...


def filled(value: Any, event: Event) -> Any:
    """Return `value` with texts such as `$confidence` replaced by what the event has; in lists and maps too.

    Raises
    ------
    ActionError
        The event has no such field.
    """
    if isinstance(value, dict):
        return {key: filled(each, event) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [filled(each, event) for each in value]
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    fields = event.to_dict()
    if value[1:] not in fields:
        raise ActionError(f"{value!r} is no field of an event; want ${', $'.join(fields)}")
    return fields[value[1:]]


def _can_be_filled(value: Any) -> Any:
    try:
        filled(value, _SOME_EVENT)
    except ActionError as error:
        raise ValueError(str(error)) from error
    return value


_SOME_EVENT = Event(gesture="", device="", start_ns=0, end_ns=0, decided_ns=0, confidence=0.0)
Filled = AfterValidator(_can_be_filled)
"""Of a field whose texts such as `$confidence` become the event's: one that no event has is refused before the show."""
