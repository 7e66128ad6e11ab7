"""What a take leaves on the disk while it is recorded, and how a take that was cut short is found again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from motif.errors import MotifError
from motif.recordings import Journal, Readings, Recording, finish, interrupted, recover
from motif.telemetry import logger

__all__ = ["InterruptedTake", "TakeJournal", "interrupted_takes", "readings_of_recording"]

_LOG = logger(__name__)
_STEMS = {"acc": "m/s²", "linear_acc": "m/s²", "gravity": "m/s²", "gyr": "rad/s", "mag": "µT"}
_MOTION = tuple(f"{stem}_{axis}" for stem in _STEMS for axis in "xyz")
_MOTION_UNITS = tuple(unit for unit in _STEMS.values() for _ in "xyz")
GESTURE_KEY = "gesture"


class TakeJournal:
    """Journals of one take: one for motion sensors, one for each other set of channels, such as a hand's landmarks.

    Parameters
    ----------
    folder : path
        Of the session.
    gesture : str
        What is being taught; it stands in the journals' metadata.
    number : int
        Which take of the session it is.
    """

    def __init__(self, folder: Path, gesture: str, number: int) -> None:
        self._folder, self._gesture, self._number = folder, gesture, number
        self._journals: dict[tuple[str, ...], Journal] = {}

    @property
    def acknowledged(self) -> int:
        """Samples that are on the disk."""
        return sum(journal.acknowledged for journal in self._journals.values())

    def append(self, readings: Readings) -> None:
        """Take readings, to be on the disk within 100 ms.

        Raises
        ------
        WriteError, SourceError
            The disk is full, or the folder cannot be written.
        """
        motion = set(readings.channels) <= set(_MOTION)
        channels = _MOTION if motion else readings.channels
        if channels not in self._journals:
            self._journals[channels] = self._begun(channels, _MOTION_UNITS if motion else ("",) * len(channels))
        values = readings.values
        if motion:
            values = np.full((readings.n_samples, len(_MOTION)), np.nan)
            values[:, [_MOTION.index(name) for name in readings.channels]] = readings.values
        self._journals[channels].append(readings.time_ns, values)

    def close(self) -> tuple[Path, ...]:
        """Make Parquet files of the journals.

        Raises
        ------
        WriteError
            The disk is full; what was acknowledged stands, for `interrupted_takes` to find.
        """
        try:
            return tuple(journal.close() for journal in self._journals.values())
        finally:
            self.leave()

    def leave(self) -> None:
        """Close the journals without making anything of them: `interrupted_takes` finds them."""
        for journal in self._journals.values():
            journal.leave()

    def _begun(self, channels: tuple[str, ...], units: tuple[str, ...]) -> Journal:
        stem = f"{self._number:04d}-{_plain(self._gesture)}" + ("" if channels == _MOTION else f"-{len(channels)}")
        return Journal(
            self._folder / f"{stem}.parquet",
            channels,
            units,
            session=self._folder.name,
            metadata={GESTURE_KEY: self._gesture},
        )


@dataclass(frozen=True, slots=True, eq=False)
class InterruptedTake:
    """A take that was cut short: the process was killed, the battery was empty, or the disk was full."""

    gesture: str
    session: str
    path: Path
    """The journal, still as it was found."""
    recording: Recording
    lost: str
    """What could not be read, in a sentence; empty where nothing was lost."""

    @property
    def n_samples(self) -> int:
        """Samples that stand."""
        return self.recording.n_samples

    def readings(self) -> tuple[Readings, ...]:
        """Return what its sensors said."""
        return readings_of_recording(self.recording)

    def finish(self) -> Path:
        """Make the Parquet file it was to become; then it is no longer found."""
        return finish(self.path)

    def discard(self) -> None:
        """Remove it for good."""
        self.path.unlink(missing_ok=True)


def interrupted_takes(session_dir: Path) -> list[InterruptedTake]:
    """Return the takes below `session_dir` that nobody writes any more, the oldest first; damaged ones are logged."""
    found = []
    for folder in sorted(path for path in [session_dir, *session_dir.glob("*")] if path.is_dir()):
        for path in interrupted(folder):
            try:
                held = recover(path)
            except MotifError as error:
                _LOG.warning("interrupted take cannot be read", path=str(path), error=str(error))
                continue
            gesture = held.recording.metadata.get(GESTURE_KEY, "")
            found.append(InterruptedTake(gesture, held.recording.session, path, held.recording, held.reason))
    return found


def readings_of_recording(recording: Recording) -> tuple[Readings, ...]:
    """Return one `Readings` for each sensor of a journal, rows without a value of it left out."""
    stems = dict.fromkeys(_stem(name) for name in recording.channels)
    found = []
    for stem in stems:
        columns = [i for i, name in enumerate(recording.channels) if _stem(name) == stem]
        values = recording.values[:, columns]
        present = ~np.isnan(values).all(axis=1)
        if present.any():
            channels = tuple(recording.channels[i] for i in columns)
            times = recording.time_ns[present]
            found.append(Readings(device="phone", channels=channels, time_ns=times, values=values[present]))
    return tuple(found)


def _stem(channel: str) -> str:
    stem = channel.rpartition("_")[0]
    return "hand" if stem.startswith("hand_") else stem


def _plain(name: str) -> str:
    return re.sub(r"[^\w-]+", "_", name).strip("_")[:40] or "gesture"
