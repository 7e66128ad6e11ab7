"""Raw readings of a live run on disk, so that it can be replayed."""

from __future__ import annotations

import errno
import itertools
import re
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from motif.errors import WriteError
from motif.recordings import Journal, Readings
from motif.sources import Clock, SystemClock

__all__ = ["RawJournals"]

_UNITS = {"acc": "m/s²", "linear_acc": "m/s²", "gravity": "m/s²", "gyr": "rad/s", "mag": "µT"}
_MOTION = tuple(f"{stem}_{axis}" for stem in _UNITS for axis in "xyz")
_MOST_JOURNALS = 256
"""Each takes a file and a thread."""
_SILENT_NS = 60_000_000_000
"""Who was silent for so long gives way to somebody new."""
_MOTION_UNITS = tuple(unit for unit in _UNITS.values() for _ in "xyz")


class RawJournals:
    """A crash-safe journal for each device: its motion sensors in one file, any other set of channels in one each.

    `ReplaySource` gives back what was recorded, with the device's own times. Recordings that are there already stay.

    Parameters
    ----------
    folder : path
        Made where it is not there.
    clock : Clock, optional
        Says who was silent for long.
    """

    def __init__(self, folder: str | Path, *, clock: Clock | None = None) -> None:
        self._folder = Path(folder)
        self._clock = clock or SystemClock()
        self._journals: dict[tuple[str, tuple[str, ...]], tuple[Journal, int]] = {}
        self._finished: list[Future[Path]] = []
        self._finisher = ThreadPoolExecutor(1, "motif-raw-journals")

    def append(self, readings: Readings) -> None:
        """Take readings, to be on the disk within 100 ms.

        Raises
        ------
        WriteError
            The disk is full, the folder cannot be written, or 256 devices and sensors were heard in the last minute.
        """
        is_motion = set(readings.channels) <= set(_MOTION)
        channels = _MOTION if is_motion else readings.channels
        key = (readings.device, channels)
        journal, _ = self._journals.pop(key, (None, 0))  # so that the first is the one silent longest
        journal = journal or self._begun(readings.device, channels, is_motion)
        self._journals[key] = (journal, self._clock.time_ns())
        values = readings.values
        if is_motion:
            values = np.full((readings.n_samples, len(_MOTION)), np.nan)
            values[:, [_MOTION.index(name) for name in readings.channels]] = readings.values
        journal.append(readings.time_ns, values)
        for mark in readings.annotations:
            journal.annotate(mark.label, mark.start_ns, mark.stop_ns)

    def close(self) -> tuple[Path, ...]:
        """Make a Parquet file of each journal.

        Raises
        ------
        WriteError
            The disk is full; what was acknowledged stands.
        """
        last = [journal.close() for journal, _ in self._journals.values()]
        self._finisher.shutdown()
        return (*(done.result() for done in self._finished), *last)

    def _begun(self, device: str, channels: tuple[str, ...], is_motion: bool) -> Journal:
        if len(self._journals) >= _MOST_JOURNALS:
            self._make_room()
        stem = re.sub(r"[^\w-]+", "_", device)[:60] or "device"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            taken = {path.name.partition(".")[0] for path in self._folder.iterdir()}
        except OSError as error:
            raise WriteError(self._folder, error) from error
        name = next(
            each for each in itertools.chain([stem], (f"{stem}-{i}" for i in itertools.count(2))) if each not in taken
        )
        units = _MOTION_UNITS if is_motion else ("",) * len(channels)
        return Journal(self._folder / f"{name}.parquet", channels, units, subject=device)

    def _make_room(self) -> None:
        """Finish the recording of who is silent longest, in a thread: a long one takes its time."""
        key, (journal, heard_ns) = next(iter(self._journals.items()))
        if self._clock.time_ns() - heard_ns < _SILENT_NS:
            raise WriteError(self._folder, OSError(errno.EMFILE, f"{_MOST_JOURNALS} devices and sensors are recorded"))
        del self._journals[key]
        self._finished.append(self._finisher.submit(journal.close))
