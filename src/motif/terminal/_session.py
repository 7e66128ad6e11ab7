"""A training session: what was recorded and practised, gesture by gesture. Only data, and how it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["GOAL_SAMPLES", "Attempt", "GestureProgress", "TrainingSession"]

GOAL_SAMPLES = 5
"""Samples after which a gesture usually is known well."""
_MOST_ATTEMPTS = 2000

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")


class GestureProgress(_Frozen):
    """How far one gesture is."""

    recorded: Count = 0
    refused: Count = 0
    practised: Count = 0
    correct: Count = 0
    best_quality: Share = 0.0

    @property
    def accuracy(self) -> float | None:
        """Share of practice that was understood; None before any."""
        return self.correct / self.practised if self.practised else None


class Attempt(_Frozen):
    """One movement made in practice, and what was understood."""

    time_ns: int
    asked: str
    heard: str | None
    """The gesture that was recognized; None where it was taken for none."""
    confidence: Share
    processing_time_ms: Amount

    @property
    def correct(self) -> bool:
        """Whether what was asked for was understood."""
        return self.heard == self.asked


class TrainingSession(_Frozen):
    """All of a session; every step returns a new one."""

    version: Literal[1] = 1
    started_ns: int = 0
    n_resumed: Count = 0
    gestures: Mapping[str, GestureProgress] = {}
    attempts: tuple[Attempt, ...] = ()
    ids: Mapping[str, str] = {}
    """What the database knows each gesture by, whatever it is called."""
    background_s: Amount = 0.0
    """How much ordinary movement was recorded."""

    def of(self, gesture: str) -> GestureProgress:
        """Return how far a gesture is."""
        return self.gestures.get(gesture, GestureProgress())

    def recorded(self, gesture: str, quality: float) -> TrainingSession:
        """A take was kept."""
        now = self.of(gesture)
        return self._changed(gesture, recorded=now.recorded + 1, best_quality=max(now.best_quality, quality))

    def refused(self, gesture: str) -> TrainingSession:
        """A take was not good enough."""
        return self._changed(gesture, refused=self.of(gesture).refused + 1)

    def undone(self, gesture: str) -> TrainingSession:
        """The last take was given up again."""
        return self._changed(gesture, recorded=max(0, self.of(gesture).recorded - 1))

    def practised(self, attempt: Attempt) -> TrainingSession:
        """A movement was practised."""
        now = self.of(attempt.asked)
        after = self._changed(attempt.asked, practised=now.practised + 1, correct=now.correct + attempt.correct)
        return after.model_copy(update={"attempts": (*self.attempts, attempt)[-_MOST_ATTEMPTS:]})

    def following(self, ids: Mapping[str, str]) -> tuple[TrainingSession, dict[str, str]]:
        """Take the ids of the gestures there are, by name; return also which gestures got another name, and which."""
        now = {found: name for name, found in ids.items()}
        names = {old: now[known] for old, known in self.ids.items() if now.get(known, old) != old}
        gone = {name for name in names.values() if name not in names}  # another gesture had this name before
        gestures = {names.get(name, name): each for name, each in self.gestures.items() if name not in gone}
        attempts = tuple(
            attempt.model_copy(
                update={
                    "asked": names.get(attempt.asked, attempt.asked),
                    "heard": names.get(attempt.heard or "", attempt.heard),
                }
            )
            for attempt in self.attempts
        )
        return self.model_copy(update={"gestures": gestures, "attempts": attempts, "ids": dict(ids)}), names

    def deleted(self, gesture: str) -> TrainingSession:
        """A gesture was deleted."""
        gestures = {name: progress for name, progress in self.gestures.items() if name != gesture}
        return self.model_copy(update={"gestures": gestures})

    def lived(self, seconds: float) -> TrainingSession:
        """Ordinary movement was recorded."""
        return self.model_copy(update={"background_s": self.background_s + seconds})

    def _changed(self, gesture: str, **values: float) -> TrainingSession:
        progress = self.of(gesture).model_copy(update=values)
        return self.model_copy(update={"gestures": {**self.gestures, gesture: progress}})
