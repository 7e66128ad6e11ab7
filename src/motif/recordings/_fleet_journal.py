"""Motion of many devices at once, crash-safe: one journal for each kind of sensor, shared by all devices.

A journal for each of a thousand phones would sync the disk a thousand times a second. Shared, it syncs once for all.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from motif.errors import InputError, WriteError
from motif.recordings._fleet_apart import DEVICE
from motif.recordings._journal import Journal
from motif.recordings._journal_batch import Batch
from motif.recordings._readings import Readings, unit_of

__all__ = ["FleetJournal"]

_NICE = 10
"""Of the thread that finishes: about a tenth of what others get where a core is wanted by both."""


@dataclass(slots=True)
class _Part:
    """A journal that grows, and the number of each device and session in it."""

    journal: Journal
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    n_samples: int = 0


class FleetJournal:
    """Readings of any number of devices, on the disk within 100 ms: `FOLDER/gyr.parquet`, `FOLDER/linear_acc.parquet`.

    Rows stand as they came, in the devices' own times, with the device's number in the channel `device`; `by_device`
    and `by_session` take them apart. After a kill `motif.recordings.finish` keeps what was acknowledged.

    Parameters
    ----------
    folder : path
        Made where it is not there. Recordings that are there already stay.
    samples_per_part : int
        After so many samples a recording is finished and the next begun, `gyr-2.parquet`: finishing takes memory.
    journals_at_once : int
        Each takes a thread and a file. Where devices send more kinds of sensors, the one begun first is finished.

    Examples
    --------
    >>> import tempfile
    >>> from motif.recordings import by_device, read
    >>> with FleetJournal(tempfile.mkdtemp()) as journal:
    ...     for device in ("phone 1", "phone 2"):
    ...         journal.append(Readings(device=device, channels=("gyr_x",), time_ns=[1_000], values=[[0.1]]))
    >>> by_device(read(journal.close()[0]))["phone 2"]
    <Recording 1 samples × 1 channels, 0 s: gyr_x>
    """

    def __init__(self, folder: str | Path, *, samples_per_part: int = 2_000_000, journals_at_once: int = 64) -> None:
        import_module("pyarrow.parquet")  # a second on a busy machine: not while the first readings wait
        self._folder = Path(folder)
        self._samples_per_part, self._journals_at_once = samples_per_part, journals_at_once
        self._parts: dict[tuple[str, ...], _Part] = {}
        self._finishing: dict[Journal, Future[Path]] = {}
        self._finisher = ThreadPoolExecutor(1, "motif-fleet-journal", _yield_to_others)
        self._n_finished = 0
        self._is_closed = False

    @property
    def acknowledged(self) -> int:
        """How many samples are on the disk: these survive anything."""
        return self._n_finished + sum(part.journal.acknowledged for part in self._parts.values())

    def append(self, readings: Readings) -> None:
        """Take readings, to be on the disk within 100 ms.

        Raises
        ------
        InputError
            It is closed, or the device's name is no text that can be written.
        WriteError
            The disk is full, or the folder cannot be written.
        """
        if self._is_closed:
            raise InputError(f"what was written to {self._folder} is closed; begin anew for more readings")
        part = self._part(readings.channels)
        number = part.numbers.get((readings.device, readings.session))
        if number is None:
            number = _introduced(part, readings)
        if readings.n_samples:
            rows = np.empty((readings.n_samples, len(readings.channels) + 1))
            rows[:, :-1], rows[:, -1] = readings.values, number
            part.journal.take(Batch(readings.time_ns, rows))
            part.n_samples += readings.n_samples
        for mark in readings.annotations:
            part.journal.annotate(f"device {number} marks {mark.label}", mark.start_ns, mark.stop_ns)

    def close(self) -> tuple[Path, ...]:
        """Finish all recordings and return them. May be called again, also after a failure.

        Raises
        ------
        WriteError
            The disk is full; what was acknowledged stands.
        """
        self._is_closed = True
        for channels in list(self._parts):
            self._finish(channels)
        wait(self._finishing.values())
        paths = tuple(journal.close() for journal in self._finishing)  # only what could not be finished is tried again
        self._finisher.shutdown()
        return paths

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _part(self, channels: tuple[str, ...]) -> _Part:
        part = self._parts.get(channels)
        if part is not None and part.n_samples >= self._samples_per_part:
            self._finish(channels)
            part = None
        if part is None:
            if len(self._parts) >= self._journals_at_once:
                self._finish(next(iter(self._parts)))
            part = self._parts[channels] = _Part(self._begun(channels))
        return part

    def _finish(self, channels: tuple[str, ...]) -> None:
        journal = self._parts[channels].journal
        self._n_finished += journal.sync()
        del self._parts[channels]
        self._finishing[journal] = self._finisher.submit(journal.close)

    def _begun(self, channels: tuple[str, ...]) -> Journal:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            taken = {path.name.partition(".")[0] for path in self._folder.iterdir()}
        except OSError as error:
            raise WriteError(self._folder, error) from error
        stem = channels[0].rpartition("_")[0] or channels[0]
        name = re.sub(r"[^\w-]+", "_", stem)[:60] or "sensor"
        free = next(each for n in range(1, len(taken) + 2) if (each := f"{name}-{n}" if n > 1 else name) not in taken)
        units = (*map(unit_of, channels), "")
        return Journal(self._folder / f"{free}.parquet", (*channels, DEVICE), units)


def _introduced(part: _Part, readings: Readings) -> int:
    """Write down who sends and in which session, and return the number that its rows are to have."""
    number = len(part.numbers)
    first_ns = int(readings.time_ns[0]) if readings.n_samples else 0
    if readings.session:
        part.journal.annotate(f"device {number} records {readings.session}", first_ns)
    part.journal.annotate(f"device {number} is {readings.device}", first_ns)
    part.numbers[readings.device, readings.session] = number  # not before its name was taken: rows without are lost
    return number


def _yield_to_others() -> None:
    """Let readings that come be taken first: finishing two million samples takes a second of a core."""
    if sys.platform == "linux":  # where a thread has a priority of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
