"""Raw readings of a live run on disk, so that it can be replayed."""

from __future__ import annotations

import errno
import itertools
import re
from pathlib import Path

import numpy as np

from motif.errors import WriteError
from motif.recordings import Journal, Readings

__all__ = ["RawJournals"]

_UNITS = {"acc": "m/s²", "linear_acc": "m/s²", "gravity": "m/s²", "gyr": "rad/s", "mag": "µT"}
_MOTION = tuple(f"{stem}_{axis}" for stem in _UNITS for axis in "xyz")
_MOST_JOURNALS = 256
"""Each takes a file and a thread."""
_MOTION_UNITS = tuple(unit for unit in _UNITS.values() for _ in "xyz")


class RawJournals:
    """A crash-safe journal for each device: its motion sensors in one file, any other set of channels in one each.

    `ReplaySource` gives back what was recorded, with the device's own times. Recordings that are there already stay.

    Parameters
    ----------
    folder : path
        Made where it is not there.
    """

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        self._journals: dict[tuple[str, tuple[str, ...]], Journal] = {}

    def append(self, readings: Readings) -> None:
        """Take readings, to be on the disk within 100 ms.

        Raises
        ------
        WriteError
            The disk is full, the folder cannot be written, or there are 256 devices and sensors already.
        """
        is_motion = set(readings.channels) <= set(_MOTION)
        channels = _MOTION if is_motion else readings.channels
        key = (readings.device, channels)
        if key not in self._journals:
            self._journals[key] = self._begun(readings.device, channels, is_motion)
        values = readings.values
        if is_motion:
            values = np.full((readings.n_samples, len(_MOTION)), np.nan)
            values[:, [_MOTION.index(name) for name in readings.channels]] = readings.values
        self._journals[key].append(readings.time_ns, values)
        for mark in readings.annotations:
            self._journals[key].annotate(mark.label, mark.start_ns, mark.stop_ns)

    def close(self) -> tuple[Path, ...]:
        """Make a Parquet file of each journal.

        Raises
        ------
        WriteError
            The disk is full; what was acknowledged stands.
        """
        return tuple(journal.close() for journal in self._journals.values())

    def _begun(self, device: str, channels: tuple[str, ...], is_motion: bool) -> Journal:
        if len(self._journals) >= _MOST_JOURNALS:
            raise WriteError(self._folder, OSError(errno.EMFILE, f"{_MOST_JOURNALS} devices and sensors are recorded"))
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
