"""A video model's opinion of what happens before a camera: frames out, guesses back, and only when asked."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from motif.checks import is_number, require_count, require_positive
from motif.errors import ConfigError, MotifError, SourceError
from motif.optional import require
from motif.sources._backoff import Backoff
from motif.sources._camera_frames import FrameReader, Frames, frames_from
from motif.sources._clock import Clock, SystemClock
from motif.sources._ending import end_tasks
from motif.sources._gemini_answer import GestureGuess, VideoState
from motif.sources._gemini_client import DEFAULT_ADDRESS, GeminiClient
from motif.sources._gemini_conversation import Conversation
from motif.sources._gemini_frames import Batch, FrameGate
from motif.sources._video_rate import FrameRate
from motif.telemetry import Registry, logger

__all__ = ["GeminiVideoAnalyzer"]

_LOG = logger(__name__)
_KEYS = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
_NO_KEY = f"no key: pass api_key, or set {_KEYS[0]}; nothing is sent without one"


class GeminiVideoAnalyzer:
    """Shows a camera's frames to a Gemini model and keeps what it thinks it saw.

    Constructing it opens, reads and sends nothing. `start` opens the camera and begins to send: `disclosure` says what
    and where, and is logged. No key, no camera and no network are states with a `message`, never an exception. The
    frame rate follows the latency of the answers between 1 and 10 a second; blurred, dark and glaring frames stay here.
    The key is in no message, log line or error.

    Parameters
    ----------
    api_key : str, optional
        `GEMINI_API_KEY` or `GOOGLE_API_KEY` of the environment where left out, read by `start`.
    camera : int, path, iterable of images or Frames
        A camera's number, a video file, or frames: (height, width, 3) uint8 in blue, green, red.
    gestures : sequence of str
        What to look for; anything where left out.
    model : str
    batch_size : int
        Frames of one request.
    lowest_hz, highest_hz : float
        Limits of the frame rate.
    least_quality : float
        Frames below are not sent, 0 to 1; see `frame_quality`.
    width_px, jpeg_quality : int
        What is sent is no wider, and no better, than this.
    max_attempts : int
        Before a batch is given up.
    timeout_s : s
        For one answer.
    base_url : str, optional
        Another address than Google's.
    on_guess : callable, optional
        Called with each `GestureGuess`, in the event loop.
    backoff : Backoff, optional
        Waits between attempts; what the service asks for is the least.
    clock : Clock, optional

    Raises
    ------
    ConfigError
        A setting is out of its range.

    Examples
    --------
    >>> analyzer = GeminiVideoAnalyzer()
    >>> analyzer.state.value, analyzer.message
    ('stopped', 'not started; nothing is sent')
    """

    def __init__(
        self,
        api_key: str | None = None,
        camera: int | str | Path | Iterable[Any] | Frames = 0,
        *,
        gestures: Sequence[str] = (),
        model: str = "gemini-flash-latest",
        batch_size: int = 4,
        lowest_hz: float = 1.0,
        highest_hz: float = 10.0,
        least_quality: float = 0.4,
        width_px: int = 512,
        jpeg_quality: int = 80,
        max_attempts: int = 5,
        timeout_s: float = 20.0,
        base_url: str | None = None,
        on_guess: Callable[[GestureGuess], object] | None = None,
        backoff: Backoff | None = None,
        clock: Clock | None = None,
    ) -> None:
        require_count("width_px", width_px, 16)
        require_count("max_attempts", max_attempts)
        require_positive("timeout_s", timeout_s)
        if not (is_number(least_quality) and 0 <= least_quality <= 1 and 1 <= jpeg_quality <= 100):
            raise ConfigError(f"least_quality={least_quality} must be 0 to 1, jpeg_quality={jpeg_quality} 1 to 100")
        self._clock: Clock = clock or SystemClock()
        self._reader = FrameReader(frames_from(camera, self._clock))
        self._key, self._base_url, self._model, self._timeout_s = api_key, base_url, model, timeout_s
        self._rate = FrameRate(batch_size, lowest_hz=lowest_hz, highest_hz=highest_hz)
        self._counts = Registry()
        self._gate = FrameGate(
            self._rate,
            self._counts,
            batch_size=batch_size,
            least_quality=least_quality,
            width_px=width_px,
            jpeg=jpeg_quality,
        )
        self.gestures = tuple(gestures)
        """What is looked for; empty for anything."""
        self.guesses: deque[GestureGuess] = deque(maxlen=1000)
        """The newest guesses, the oldest first."""
        self._highest_hz, self._width_px, self._on_guess = highest_hz, width_px, on_guess
        self._conversation = Conversation(
            self._rate,
            self._counts,
            gestures=self.gestures,
            running=self.disclosure,
            max_attempts=max_attempts,
            backoff=backoff or Backoff(first_s=1.0, cap_s=60.0),
            clock=self._clock,
            is_stale=lambda: self._reader.frames.live and not self._waiting.empty(),
        )
        self._client: GeminiClient | None = None
        self._waiting: asyncio.Queue[Batch] = asyncio.Queue(maxsize=1)
        self._work_task: asyncio.Task[None] | None = None
        self._state, self._message = VideoState.STOPPED, "not started; nothing is sent"

    def __repr__(self) -> str:
        return f"<GeminiVideoAnalyzer of {self._reader.frames.name}: {self.state.value}>"

    @property
    def state(self) -> VideoState:
        """Where it stands."""
        return self._state

    @property
    def message(self) -> str:
        """One line for a person: what it does, or why it does not."""
        return self._message

    @property
    def disclosure(self) -> str:
        """What leaves this machine once it is started, and where it goes."""
        return (
            f"up to {self._highest_hz:g} images a second of {self._reader.frames.name}, at most {self._width_px} px "
            f"wide, go to {self._base_url or DEFAULT_ADDRESS} (model {self._model}); nothing else is sent"
        )

    def metrics(self) -> dict[str, float]:
        """Return counts of frames, batches, retries and guesses, the frame rate, the latency and the last quality."""
        named = {"rate_hz": self._rate.hz, "latency_s": self._rate.latency_s, "last_quality": self._gate.last_quality}
        return self._counts.counters | {name: value for name, value in named.items() if value is not None}

    async def start(self) -> VideoState:
        """Open the camera and begin to send frames, as `disclosure` says; a running one stays as it is.

        Returns
        -------
        VideoState
            RUNNING, or ERROR with the reason in `message`. It never raises what the person can mend.
        """
        if self._work_task is not None and not self._work_task.done():
            return self._state
        key = self._key or next(filter(None, map(os.environ.get, _KEYS)), None)
        if not key:
            return self._enter(VideoState.ERROR, _NO_KEY)
        self._enter(VideoState.STARTING, f"opening {self._reader.frames.name}")
        try:
            require("cv2", extra="video")
            self._client = GeminiClient(key, model=self._model, base_url=self._base_url, timeout_s=self._timeout_s)
            await self._reader.open()
        except MotifError as error:
            return self._enter(VideoState.ERROR, str(error))
        _LOG.info("video analysis starts", sends=self.disclosure)
        self._waiting = asyncio.Queue(maxsize=1)
        self._work_task = asyncio.create_task(self._work(self._client), name="motif video")
        return self._enter(VideoState.RUNNING, self.disclosure)

    async def stop(self) -> None:
        """Stop at once: a request that is under way is cancelled, the camera is freed."""
        task, self._work_task = self._work_task, None
        if task is not None:
            await end_tasks(task)
        self._enter(VideoState.STOPPED, "stopped; nothing is sent")

    async def wait(self) -> VideoState:
        """Return when there is nothing left to do: the video ended, or it cannot go on."""
        if self._work_task is not None:
            await asyncio.wait([self._work_task])
        return self._state

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _enter(self, state: VideoState, message: str) -> VideoState:
        if state is not self._state:
            _LOG.info("video state", state=state.value, was=self._state.value, why=message)
        self._state, self._message = state, message
        return state

    async def _work(self, client: GeminiClient) -> None:
        sending = asyncio.create_task(self._send(client))
        taking = asyncio.create_task(self._take())
        try:
            await asyncio.wait([sending, taking], return_when=asyncio.FIRST_COMPLETED)
            for task in (sending, taking):
                if task.done():
                    task.result()
            self._ended()
        except SourceError as error:
            self._enter(VideoState.ERROR, str(error))
        except MotifError as error:
            self._enter(VideoState.ERROR, f"{self._reader.frames.name}: {error}")
        except Exception as error:
            self._enter(VideoState.ERROR, f"video analysis failed ({type(error).__name__})")
        finally:
            await end_tasks(sending, taking)
            await self._reader.close()
            await client.close()

    def _ended(self) -> None:
        name = self._reader.frames.name
        if self._reader.frames.live:
            raise SourceError(f"{name} gives no more frames; was it unplugged?")
        self._enter(VideoState.STOPPED, f"{name} ended; nothing is sent")

    async def _take(self) -> None:
        while (frame := await self._reader.read()) is not None:
            batch = await asyncio.to_thread(self._gate.take, frame)
            if batch is not None:
                await self._hand_over(batch)
        if (rest := self._gate.rest()) is not None:
            await self._hand_over(rest)
        await self._waiting.join()

    async def _hand_over(self, batch: Batch) -> None:
        if self._reader.frames.live and self._waiting.full():  # what is older than the newest is of no use
            self._counts.count("frames_dropped", len(self._waiting.get_nowait().images))
            self._waiting.task_done()
        await self._waiting.put(batch)

    async def _send(self, client: GeminiClient) -> None:
        while True:
            batch = await self._waiting.get()
            try:
                guesses = await self._conversation.ask(client, batch, self._enter)
            finally:
                self._waiting.task_done()
            self.guesses.extend(guesses)
            if self._on_guess is not None:
                for guess in guesses:
                    self._on_guess(guess)
