"""Frames of a camera, of a video file, or of whoever has some."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError, FormatError, MissingFileError, SourceError
from motif.optional import require
from motif.sources._clock import Clock
from motif.sources._video_quality import checked_image

__all__ = ["Frame", "FrameReader", "Frames", "frames_from"]

_PATIENCE_S = 2.0
"""A camera gives a frame well within this time, or hangs."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """An image and when it was taken."""

    time_ns: int
    """Nanoseconds since the epoch."""
    image: NDArray[np.uint8]
    """(height, width, 3), blue, green, red."""


@runtime_checkable
class Frames(Protocol):
    """Where frames come from. Its methods may block: they are called in a thread, one after the other."""

    name: str
    """What a person calls it: `camera 0`, `dance.mp4`."""
    live: bool
    """Whether frames are lost when nobody reads them."""

    def open(self) -> None:
        """Begin; raises a SourceError where there is nothing."""
        ...

    def read(self) -> Frame | None:
        """Return the next frame; None at the end."""
        ...

    def close(self) -> None:
        """Free the device; closing twice is fine."""
        ...


def frames_from(what: int | str | Path | Iterable[Any] | Frames, clock: Clock) -> Frames:
    """Return frames of a camera by its number, of a file by its path, or those of an iterable.

    Raises
    ------
    ConfigError
        It is nothing of these.
    """
    if isinstance(what, Frames):
        return what
    if isinstance(what, int) and not isinstance(what, bool) and what >= 0:
        return _Camera(what, clock)
    if isinstance(what, str | Path):
        return _File(Path(what), clock)
    if isinstance(what, Iterable):
        return _Given(what, clock)
    raise ConfigError(f"camera={what!r} cannot be; give its number from 0, a video file, or frames")


class _Camera:
    live = True

    def __init__(self, index: int, clock: Clock) -> None:
        self.name = f"camera {index}"
        self._index, self._clock = index, clock
        self._capture: Any = None

    def open(self) -> None:
        cv2 = require("cv2", extra="video")
        before = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        try:  # it warns on stderr, through any screen that is shown there; we say it ourselves
            self._capture = cv2.VideoCapture(self._index)
        finally:
            cv2.utils.logging.setLogLevel(before)
        if not self._capture.isOpened():
            self.close()
            raise SourceError(f"no {self.name}: is it plugged in, allowed, and not used by another program?")
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # or what is read is as old as the buffer is long

    def read(self) -> Frame | None:
        there, image = self._capture.read()
        return Frame(self._clock.time_ns(), image) if there else None

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
        self._capture = None


class _File:
    live = False

    def __init__(self, path: Path, clock: Clock) -> None:
        self.name = path.name
        self._path, self._clock = path, clock
        self._capture: Any = None
        self._start_ns, self._step_ns, self._n_read = 0, 0, 0

    def open(self) -> None:
        cv2 = require("cv2", extra="video")
        if not self._path.is_file():
            raise MissingFileError(self._path, want="a video file")
        self._capture = cv2.VideoCapture(str(self._path))
        rate_hz = float(self._capture.get(cv2.CAP_PROP_FPS))
        if not (self._capture.isOpened() and 0 < rate_hz <= 1000):
            self.close()
            raise FormatError(self._path, "it is no video that OpenCV can read", hint="convert it to MP4 or AVI")
        self._start_ns, self._step_ns, self._n_read = self._clock.time_ns(), round(1e9 / rate_hz), 0

    def read(self) -> Frame | None:
        there, image = self._capture.read()
        if not there:
            return None
        self._n_read += 1
        return Frame(self._start_ns + (self._n_read - 1) * self._step_ns, image)

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
        self._capture = None


class _Given:
    live = False
    name = "frames of the program"

    def __init__(self, frames: Iterable[Any], clock: Clock) -> None:
        self._frames, self._clock = frames, clock
        self._left: Iterator[Any] = iter(())

    def open(self) -> None:
        self._left = iter(self._frames)

    def read(self) -> Frame | None:
        for given in self._left:
            if isinstance(given, Frame):
                return Frame(given.time_ns, checked_image(given.image))
            return Frame(self._clock.time_ns(), checked_image(given))
        return None

    def close(self) -> None:
        self._left = iter(())


class FrameReader:
    """Reads frames in a thread of its own, so that a camera which blocks never holds up anything else."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self._thread: ThreadPoolExecutor | None = None

    async def open(self) -> None:
        """Open; an error of the frames is raised here."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="motif-frames")
        try:
            await self._call(self.frames.open)
        except BaseException:
            await self.close()
            raise

    async def read(self) -> Frame | None:
        """Return the next frame; None at the end."""
        frame: Frame | None = await self._call(self.frames.read)
        return frame

    async def close(self) -> None:
        """Close, after a read that is under way; one that takes too long is left to end by itself."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        closing = asyncio.get_running_loop().run_in_executor(thread, self._close_frames)
        thread.shutdown(wait=False)
        await asyncio.wait([closing], timeout=_PATIENCE_S)

    def _close_frames(self) -> None:
        with suppress(Exception):  # a device that is gone need not close well
            self.frames.close()

    async def _call(self, function: Any) -> Any:
        if self._thread is None:
            raise SourceError(f"{self.frames.name} is not open")
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)
