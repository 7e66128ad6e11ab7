"""`GestureRecorder`: takes of a gesture, checked while they come, safe on the disk, then in the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from motif.errors import ConfigError, InputError
from motif.telemetry import logger
from motif.templates._database_rows import checked_name
from motif.templates._recorder_journal import InterruptedTake, interrupted_takes
from motif.templates._recorder_sample import sample_of
from motif.templates._recorder_session import RecorderSession
from motif.templates._recorder_take import Take

if TYPE_CHECKING:
    from motif.templates._database import GestureDatabase
    from motif.templates._sample import GestureSample

__all__ = ["GestureRecorder"]

_LOG = logger(__name__)
_BACKGROUND = "ordinary movement"
_BACKGROUND_SAMPLES = 400_000  # ten minutes of three fast sensors


class GestureRecorder(RecorderSession):
    """Record takes of gestures. Safe from threads; nothing that a sensor says raises into the caller's loop.

    Parameters
    ----------
    sensor_bridge : SensorLoggerBridge, optional
        Whose readings are taken while a take is recorded; without it they come through `add_sensor_reading`.
    video_analyzer : GeminiVideoAnalyzer, optional
        What it has guessed for the time of a take so far goes into the sample's metadata, as `video`.
    database : GestureDatabase, optional
        Where takes go.
    auto_save : bool
        Keep a journal while recording, so that a killed process loses at most the last 100 ms, and put a take that is
        good enough into the database as soon as it ends. Otherwise the caller does, with `save`.
    session_dir : path
        Where journals and raw takes are, a folder a session.
    now_ns : callable
        The time of readings that have none.

    Examples
    --------
    >>> import math, tempfile
    >>> from motif.templates import GestureDatabase
    >>> folder = tempfile.mkdtemp()
    >>> recorder = GestureRecorder(database=GestureDatabase(f"{folder}/gestures"), session_dir=f"{folder}/sessions")
    >>> recorder.start_recording("wave")
    >>> for i in range(60):
    ...     turn, shake = 3 * math.sin(i / 5), 2 * math.cos(i / 3)
    ...     reading = {"accelerometer": (turn, shake, 9.8 + shake), "gyroscope": (shake, turn, -turn)}
    ...     taken = recorder.add_sensor_reading(reading | {"time_ns": i * 10_000_000})
    >>> recorder.stop_recording().n_samples
    60
    """

    MIN_SENSOR_READINGS = 10
    """Fewer of them are no gesture."""
    SENSOR_QUALITY_THRESHOLD = 0.7
    """A take below it is refused."""

    def start_recording(self, gesture_name: str, *, keep: bool = True) -> None:
        """Begin a take of a gesture; without `keep` it leaves no trace, as for a try at practice.

        Raises
        ------
        InputError
            No gesture can have that name, or a take is being recorded.
        """
        with self._lock:
            self._begin(checked_name(gesture_name), self.MAX_BUFFERED_SAMPLES, keep=keep)

    def start_background(self) -> None:
        """Begin to record ordinary movement: what is not a gesture."""
        with self._lock:
            self._begin(_BACKGROUND, _BACKGROUND_SAMPLES, keep=False)

    def stop_recording(self) -> GestureSample | None:
        """End the take. What passes every check is returned, and saved with `auto_save`; else None, see `problem`.

        Raises
        ------
        InputError
            Nothing is being recorded.
        WriteError
            The disk is full: what was acknowledged stands, `recover` finds it.
        """
        with self._lock, self._ending() as take:
            sample = self._judged(take)
            if sample is not None and self.auto_save and self._keep and self.database is not None:
                self.save(sample)
            return sample

    def stop_background(self) -> float:
        """End recording ordinary movement, add it to the database's, and return its seconds; 0 where it is unusable.

        Raises
        ------
        InputError
            Nothing is being recorded.
        ConfigError
            There is no database.
        """
        with self._lock, self._ending() as take:
            try:
                channels, rate_hz, _, values = take.rows()
            except InputError as error:
                self.problem = str(error)
                return 0.0
            if self.database is None:
                raise ConfigError("there is no database to save to; give GestureRecorder one")
            self.database.add_background(values, channels=channels, rate_hz=rate_hz)
            return len(values) / rate_hz

    def save(self, sample: GestureSample, gesture_name: str = "") -> None:
        """Put a sample into the database.

        Raises
        ------
        ConfigError
            There is no database.
        """
        name = gesture_name or self.gesture
        if self.database is None:
            raise ConfigError("there is no database to save to; give GestureRecorder one")
        with self._lock:
            self._kept.append((name, self.database.add_sample(name, sample)))
            self._counts.kept(sample.quality)
            _LOG.info("take kept", gesture=name, quality=round(sample.quality, 3), session=self.session)

    def undo(self) -> str | None:
        """Take the last kept sample out of the database again; return its gesture, or None where there is none.

        The gesture may have another name by now. A sample that somebody removed is passed over, see `problem`.
        """
        with self._lock:
            while self._kept and self.database is not None:
                name, sample_id = self._kept[-1]
                present = _gesture_of(sample_id, self.database)
                removed = present is not None and self.database.remove_sample(present, sample_id)
                self._kept.pop()
                if removed:
                    self._counts.count("takes_undone")
                    return present
                self.problem = f"the last take of {name!r} is no longer in the database"
            return None

    def recover(self) -> list[InterruptedTake]:
        """Return the takes that a kill or an empty battery cut short, or that could not be saved, the oldest first.

        `restore` puts one into the database, its own `discard` removes it.
        """
        return interrupted_takes(self.session_dir)

    def restore(self, interrupted: InterruptedTake) -> GestureSample | None:
        """Judge an interrupted take as if it had been stopped; save it and return it, or None, see `problem`."""
        with self._lock:
            take = Take(self.MAX_BUFFERED_SAMPLES)
            for readings in interrupted.readings():
                take.add(readings)
            self.gesture = interrupted.gesture
            sample = self._judged(take, interrupted.session)
            if sample is None:
                return None
            if self.database is not None and sample.hash not in _hashes(self.database.samples(interrupted.gesture)):
                self.save(sample, interrupted.gesture)
            interrupted.finish()
            self._counts.count("takes_recovered")
            return sample

    def _judged(self, take: Take, group: str = "") -> GestureSample | None:
        try:
            return sample_of(
                take,
                min_samples=self.MIN_SENSOR_READINGS,
                min_quality=self.SENSOR_QUALITY_THRESHOLD,
                group=group or self.session,
                guesses=getattr(self.video_analyzer, "guesses", ()),
            )
        except InputError as error:
            self.problem = str(error)
            self._counts.count("takes_refused")
            _LOG.info("take refused", gesture=self.gesture, reason=self.problem)
            return None


def _gesture_of(sample_id: str, database: GestureDatabase) -> str | None:
    names = database.list_templates()
    return next((name for name in names if sample_id in (each.sample_id for each in database.samples(name))), None)


def _hashes(samples: Iterable[GestureSample]) -> set[str]:
    return {sample.hash for sample in samples}
