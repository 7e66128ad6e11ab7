"""A hand before a camera, as live motion: 21 landmarks a frame."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import SourceError
from motif.recordings import Readings
from motif.signals import HAND_LANDMARKS
from motif.sources._backoff import Backoff
from motif.sources._buffered import SilenceHints
from motif.sources._camera_frames import Frame, FrameReader, Frames, frames_from
from motif.sources._camera_hands import HandFinder, SeenHand, mediapipe_hands
from motif.sources._clock import Clock
from motif.sources._pump import PumpedSource
from motif.sources._source import SourceState

__all__ = ["HAND_CHANNELS", "CameraSource"]

HAND_CHANNELS = tuple(f"{landmark}_{value}" for landmark in HAND_LANDMARKS for value in ("x", "y", "z", "fourth"))
"""The 84 channels of a hand, as data sets of landmarks have them; the fourth value is always 0."""

_FORGOTTEN_NS = 1_000_000_000
"""After a hand was gone for so long the next one may be another."""


class CameraSource(PumpedSource):
    """The landmarks of one hand, a sample each frame: 84 values, all zero where no hand is seen.

    x and y run over the image from 0 to 1, z is relative to the wrist. A left hand is mirrored (x becomes 1 - x), so
    that what one hand was taught the other can do; which hand it is follows from all frames since it came into view.
    A camera that is not there is waited for.

    Parameters
    ----------
    camera : int, path, iterable of images or Frames
        A camera's number, a video file, or frames: (height, width, 3) uint8 in blue, green, red.
    finder : HandFinder, optional
        Finds the hand; MediaPipe where left out.
    model_path : str or Path, optional
        MediaPipe's hand model; see `mediapipe_hands`.
    mirror_left : bool
        Whether left hands become right ones.
    speed : float or None
        Of a video file, or of frames that carry their times: 1 as it was; None as fast as it is read.
    device, name : str
    backoff : Backoff, optional
        How long to wait for a camera that is not there.
    clock : Clock, optional
    capacity_samples : int
        How much waits for a slow reader of a camera.

    Raises
    ------
    ConfigError
        `camera` is nothing of these, or `speed` is not above 0.
    """

    hints = SilenceHints(never="does the camera's light shine?", stopped="is another program using the camera?")

    def __init__(
        self,
        camera: int | str | Path | Iterable[Any] | Frames = 0,
        *,
        finder: HandFinder | None = None,
        model_path: str | Path | None = None,
        mirror_left: bool = True,
        speed: float | None = 1.0,
        device: str = "camera",
        name: str = "camera",
        backoff: Backoff | None = None,
        clock: Clock | None = None,
        capacity_samples: int = 200_000,
    ) -> None:
        super().__init__(name, speed=speed, clock=clock, capacity_samples=capacity_samples)
        self._reader = FrameReader(frames_from(camera, self._clock))
        self._given_finder, self._model_path = finder, model_path
        self._finder: HandFinder | None = None
        self._side = _Side(mirror_left=mirror_left)
        self._device = device
        self._backoff = backoff or Backoff(first_s=1.0, cap_s=10.0)
        self._n_frames = self._n_hands = 0

    async def _open(self) -> None:
        if self._finder is None:
            self._finder = self._given_finder or await asyncio.to_thread(mediapipe_hands, self._model_path)
        if self._reader.frames.live:
            self._run(self._keep_connected(self._watch, (SourceError,), self._backoff))
        else:
            await self._reader.open()
            self._run(self._show())

    async def _close(self) -> None:
        await self._reader.close()
        finder, self._finder = self._finder, None
        if finder is not None and finder is not self._given_finder:
            await asyncio.to_thread(finder.close)

    async def _watch(self) -> None:
        try:
            await self._reader.open()
            self._backoff.reset()
            self._enter(SourceState.CONNECTING)
            while (frame := await self._reader.read()) is not None:
                await self._look(frame)
        finally:
            await self._reader.close()
        raise SourceError(f"{self._reader.frames.name} gives no more frames; was it unplugged?")

    async def _show(self) -> None:
        began_ns, first_ns = self._clock.time_ns(), None
        while (frame := await self._reader.read()) is not None:
            first_ns = frame.time_ns if first_ns is None else first_ns
            await self._pace((frame.time_ns - first_ns) / 1e9, began_ns)
            await self._look(frame)
        await self._reader.close()
        self._end()

    async def _look(self, frame: Frame) -> None:
        assert self._finder is not None  # set by _open
        hand = await asyncio.to_thread(self._finder.find, frame.image, frame.time_ns)
        self._n_frames, self._n_hands = self._n_frames + 1, self._n_hands + (hand is not None)
        self._put(
            Readings(
                device=self._device,
                channels=HAND_CHANNELS,
                time_ns=np.array([frame.time_ns]),
                values=self._side.values(hand, frame.time_ns)[None],
                quality=float(np.clip(hand.score, 0.0, 1.0)) if hand else 0.0,
            )
        )

    def _remarks(self) -> list[str]:
        unseen = ["no hand seen yet: is it in the picture, and lit?"] if self._n_frames and not self._n_hands else []
        return super()._remarks() + unseen


class _Side:
    """Remembers which hand is in view: one frame that takes it for the other does not turn it around."""

    def __init__(self, *, mirror_left: bool) -> None:
        self._mirror_left = mirror_left
        self._leftness = 0.0
        self._seen_ns = 0

    def values(self, hand: SeenHand | None, time_ns: int) -> NDArray[np.float64]:
        """Return (84,), mirrored where it is a left hand; zeros where there is none."""
        values = np.zeros((len(HAND_LANDMARKS), 4))
        if hand is None:
            return values.ravel()
        if abs(time_ns - self._seen_ns) > _FORGOTTEN_NS:
            self._leftness = 0.0
        self._seen_ns = time_ns
        self._leftness += hand.score if hand.side == "left" else -hand.score
        values[:, :3] = hand.points
        if self._mirror_left and self._leftness > 0:
            values[:, 0] = 1.0 - values[:, 0]
        return values.ravel()
