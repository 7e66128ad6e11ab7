"""What a video model is asked, and what its answer says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

__all__ = ["ANSWER_SCHEMA", "GestureGuess", "VideoState", "guesses_of", "question"]


class VideoState(StrEnum):
    """Where a video analyzer stands."""

    STOPPED = "stopped"
    """Not started, stopped, or at the end of its video. Nothing is sent."""
    STARTING = "starting"
    """The camera is being opened. Nothing is sent."""
    RUNNING = "running"
    """Frames are taken and sent."""
    RETRYING = "retrying"
    """A request failed, and is tried again after a while."""
    ERROR = "error"
    """It cannot go on by itself: `message` says why. Nothing is sent."""


@dataclass(frozen=True, slots=True)
class GestureGuess:
    """What the model thinks it saw."""

    gesture: str
    confidence: float
    """The model's own, 0 to 1: not calibrated."""
    start_ns: int
    """Time of the first frame of it, nanoseconds since the epoch."""
    end_ns: int
    """Time of the last frame of it."""


class _Seen(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=False)

    gesture: Annotated[str, Field(min_length=1, max_length=100)]
    confidence: Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
    first_frame: Annotated[int, Field(ge=0)]
    last_frame: Annotated[int, Field(ge=0)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    gestures: Annotated[list[_Seen], Field(max_length=100)]


ANSWER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "gestures": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "gesture": {"type": "string"},
                    "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                    "first_frame": {"type": "integer", "minimum": 0},
                    "last_frame": {"type": "integer", "minimum": 0},
                },
                "required": ["gesture", "confidence", "first_frame", "last_frame"],
            },
        }
    },
    "required": ["gestures"],
}
"""The answer's JSON schema."""


def question(times_ns: Sequence[int], gestures: Sequence[str]) -> str:
    """Return the prompt that goes with frames taken at these times."""
    shown = ", ".join(f"{index}: {(time - times_ns[0]) / 1e9:.2f} s" for index, time in enumerate(times_ns))
    known = (
        f"Name only these gestures, spelt exactly so: {', '.join(gestures)}."
        if gestures
        else "Name each gesture in two or three words, in lower case with underscores, such as swipe_left."
    )
    return (
        f"The images are {len(times_ns)} consecutive frames of one camera, taken at these times: {shown}. "
        "Which gestures does the person make with hands or arms, and in which frames? "
        f"{known} Leave out ordinary movement and rest; where there is no gesture, answer with an empty list. "
        "Confidence is the probability, 0 to 1, that the gesture was meant."
    )


def guesses_of(answer: str, times_ns: Sequence[int], gestures: Sequence[str]) -> list[GestureGuess] | None:
    """Return what an answer says; None where it is not what was asked for.

    Gestures that were not asked for are left out, and frames beyond the last one are the last one.
    """
    try:
        seen = _Answer.model_validate_json(answer).gestures
    except (ValidationError, RecursionError):
        return None
    last = len(times_ns) - 1
    found = []
    for each in seen:
        if gestures and each.gesture not in gestures:
            continue
        first, final = sorted((min(each.first_frame, last), min(each.last_frame, last)))
        found.append(GestureGuess(each.gesture, each.confidence, times_ns[first], times_ns[final]))
    return found
