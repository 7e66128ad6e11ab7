"""A recording session: readings into the present take and its journal, whatever becomes of the take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motif.errors import ConfigError, InputError, MotifError
from motif.recordings import Readings
from motif.templates._recorder_journal import TakeJournal
from motif.templates._recorder_reading import readings_of
from motif.templates._recorder_states import RecorderCounts, RecorderMetrics, SessionState
from motif.templates._recorder_take import Take

if TYPE_CHECKING:
    from motif.templates._database import GestureDatabase

__all__ = ["RecorderSession"]


class RecorderSession:
    """What a `GestureRecorder` is while it records. Safe from threads."""

    MAX_BUFFERED_SAMPLES = 20_000
    """Of all sensors together, half a minute of a fast phone; beyond it the oldest go."""

    def __init__(
        self,
        sensor_bridge: Any = None,
        video_analyzer: Any = None,
        database: GestureDatabase | None = None,
        auto_save: bool = True,
        session_dir: str | Path = "./recording_sessions",
        *,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.sensor_bridge = sensor_bridge
        self.video_analyzer = video_analyzer
        self.database = database
        self.auto_save = auto_save
        self.session_dir = Path(session_dir)
        self.session = ""
        """Name of the present session's folder."""
        self.gesture = ""
        """What is being recorded, or was last."""
        self.device = ""
        """Whose motion the present take is of, or the last: the device that was heard first; empty before any."""
        self.problem = ""
        """Why the last reading or take was refused, or could not be undone, in a sentence; empty where all is well."""
        self._now_ns = now_ns
        self._state = SessionState.IDLE
        self._counts = RecorderCounts()
        self._lock = threading.RLock()
        self._take: Take | None = None
        self._journal: TakeJournal | None = None
        self._keep = True
        self._stop_hearing: Callable[[], object] = _nothing
        self._kept: list[tuple[str, str]] = []

    @property
    def state(self) -> SessionState:
        """Where the session stands."""
        return self._state

    @property
    def is_recording(self) -> bool:
        """Whether readings are taken."""
        return self._state is SessionState.RECORDING

    @property
    def n_readings(self) -> int:
        """Samples the present take holds."""
        return self._take.n_samples if self._take else 0

    @property
    def acknowledged(self) -> int:
        """Samples of the present take that are on the disk: these survive anything."""
        return self._journal.acknowledged if self._journal else 0

    @property
    def quality(self) -> float:
        """Of the last two seconds of the present take, 0…1; below `SENSOR_QUALITY_THRESHOLD` it would be refused."""
        with self._lock:
            return self._take.quality(recent=True) if self._take else 0.0

    @property
    def metrics(self) -> RecorderMetrics:
        """What was counted so far."""
        return self._counts.metrics

    def get_metrics(self) -> dict[str, Any]:
        """Return `metrics` as a dict, ready for JSON."""
        return {"state": self._state.value, "session": self.session} | asdict(self.metrics)

    def start_session(self, name: str = "") -> str:
        """Open a session, a folder of takes, and return its name; one that is open is ended first.

        Without a name it is called after the time, and no other recorder's is called so.
        """
        with self._lock:
            self.end_session()
            if Path(name).name != name:
                raise ConfigError(f"a session is a folder's name; {name!r} is a path")
            self.session, self._state = name or self._free_name(), SessionState.READY
            return self.session

    def end_session(self) -> None:
        """Close the session; a take that is still recorded is discarded, its journal kept."""
        with self._lock:
            if self._state is SessionState.RECORDING:
                self._close_journal()
                self._take = None
            if self.session:
                with suppress(OSError):  # a folder that holds something stays
                    (self.session_dir / self.session).rmdir()
            self._state, self.session = SessionState.IDLE, ""

    def add_sensor_reading(self, reading: object) -> bool:
        """Take a reading, and return whether it was usable. Never raises; `problem` says why not.

        Parameters
        ----------
        reading : Readings, mapping or object
            With `accelerometer`, `gyroscope`, `gravity` or `magnetometer` in m/s², rad/s, µT.
        """
        with self._lock:
            if self._take is None or self._state is not SessionState.RECORDING:
                return self._rejected("nothing is being recorded; call start_recording first")
            try:
                readings = readings_of(reading, now_ns=self._now_ns)
            except MotifError as error:
                return self._rejected(str(error))
            except Exception as error:  # a caller's object may raise anything when it is looked at
                return self._rejected(f"a reading cannot be looked at ({type(error).__name__}: {error})")
            return self._taken(self._take, readings)

    def discard(self) -> None:
        """Give up the take that is being recorded, and remove what it left on the disk."""
        with self._lock:
            if self._state is not SessionState.RECORDING:
                return
            self._take, self._state = None, SessionState.READY
            for path in self._close_journal():
                path.unlink(missing_ok=True)
            self._counts.count("takes_discarded")

    def _begin(self, gesture: str, capacity_samples: int, *, keep: bool) -> None:
        if self._state is SessionState.RECORDING:
            raise InputError(f"{self.gesture!r} is being recorded; stop or discard it first")
        if not self.session:
            self.start_session()
        self.gesture, self.device, self.problem, self._keep = gesture, "", "", keep
        self._take = Take(capacity_samples)
        if self.auto_save and keep:
            folder = self.session_dir / self.session
            self._journal = TakeJournal(folder, gesture, _last_number(folder) + 1)
        self._state = SessionState.RECORDING
        if hasattr(self.sensor_bridge, "on_reading"):
            self._stop_hearing = self.sensor_bridge.on_reading(self.add_sensor_reading)

    @contextmanager
    def _ending(self) -> Iterator[Take]:
        if self._take is None or self._state is not SessionState.RECORDING:
            raise InputError("nothing is being recorded; call start_recording first")
        self._state = SessionState.CHECKING
        try:
            yield self._take
        except BaseException:
            self._leave_journal()
            raise
        else:
            self._close_journal()
        finally:
            self._state, self._take = SessionState.READY, None

    def _taken(self, take: Take, readings: Readings) -> bool:
        dropped_before = take.n_dropped
        if not take.add(readings):
            return self._rejected(f"{readings.device!r} moves too; this take is of {take.device!r}")
        self.device, self.problem = readings.device, ""
        self._counts.count("readings_accepted", readings.n_samples)
        self._counts.count("readings_dropped", take.n_dropped - dropped_before)
        if self._journal is not None:
            try:
                self._journal.append(readings)
            except MotifError as error:
                self.problem = str(error)
                self._counts.count("readings_unsaved", readings.n_samples)
        return True

    def _free_name(self) -> str:
        """Return a name of the present second, its folder made where takes will have journals."""
        base = time.strftime("%Y%m%d-%H%M%S", time.gmtime(self._now_ns() / 1e9))
        if not self.auto_save:
            return base
        names = chain([base], (f"{base}-{number}" for number in count(2)))
        return next(name for name in names if _is_ours(self.session_dir / name))

    def _close_journal(self) -> tuple[Path, ...]:
        journal = self._released()
        return journal.close() if journal else ()

    def _leave_journal(self) -> None:
        if journal := self._released():
            journal.leave()

    def _released(self) -> TakeJournal | None:
        self._stop_hearing()
        journal, self._journal = self._journal, None
        return journal

    def _rejected(self, problem: str) -> bool:
        self.problem = problem
        self._counts.count("readings_rejected")
        return False


def _nothing() -> None:
    return None


def _is_ours(folder: Path) -> bool:
    """Make a folder and return whether nobody else had; where none can be made, a journal will say so."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        return False
    except OSError:
        pass
    return True


def _last_number(folder: Path) -> int:
    numbers = [path.name[:4] for path in folder.glob("[0-9][0-9][0-9][0-9]-*")]
    return max(map(int, numbers), default=0)
