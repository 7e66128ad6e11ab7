"""A batch of frames and what the model says to it: asked again where it is worth it, given up where it is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from motif.errors import SourceError
from motif.sources._backoff import Backoff
from motif.sources._clock import Clock
from motif.sources._gemini_answer import GestureGuess, VideoState, guesses_of, question
from motif.sources._gemini_client import GeminiClient, trouble_of
from motif.sources._gemini_frames import Batch
from motif.sources._video_rate import FrameRate
from motif.telemetry import Registry

__all__ = ["Conversation"]


class Conversation:
    """Asks about one batch after the other, tells the frame rate how long answers take, and counts.

    Parameters
    ----------
    rate : FrameRate
    counts : Registry
    gestures : sequence of str
        What to look for; anything where there is none.
    running : str
        What is said while it goes well.
    max_attempts : int
        Before a batch is given up.
    backoff : Backoff
        Waits between attempts; what the service asks for is the least.
    clock : Clock
    is_stale : callable
        Whether a batch that just failed is of no more use, because a newer one waits.
    """

    def __init__(
        self,
        rate: FrameRate,
        counts: Registry,
        *,
        gestures: Sequence[str],
        running: str,
        max_attempts: int,
        backoff: Backoff,
        clock: Clock,
        is_stale: Callable[[], bool],
    ) -> None:
        self._rate, self._counts, self._gestures, self._running = rate, counts, gestures, running
        self._max_attempts, self._backoff, self._clock, self._is_stale = max_attempts, backoff, clock, is_stale

    async def ask(
        self, client: GeminiClient, batch: Batch, enter: Callable[[VideoState, str], object]
    ) -> list[GestureGuess]:
        """Return what the model saw; nothing where the batch was given up, or the answer was of no use.

        Raises
        ------
        SourceError
            The service refuses this and every other batch.
        """
        answer = await self._answer(client, batch, enter)
        if answer is None:
            return []
        guesses = guesses_of(answer, batch.times_ns, self._gestures)
        if guesses is None:
            self._counts.count("unusable_answers")
            return []
        self._counts.count("guesses", len(guesses))
        return guesses

    async def _answer(
        self, client: GeminiClient, batch: Batch, enter: Callable[[VideoState, str], object]
    ) -> str | None:
        for attempt in range(1, self._max_attempts + 1):
            began_ns = self._clock.time_ns()
            self._counts.count("batches_sent")
            self._counts.count("bytes_sent", sum(map(len, batch.images)))
            try:
                answer = await client.ask(question(batch.times_ns, self._gestures), batch.images)
            except Exception as error:
                trouble = trouble_of(error)
            else:
                self._answered((self._clock.time_ns() - began_ns) / 1e9)
                enter(VideoState.RUNNING, self._running)
                return answer
            self._rate.failed()
            if trouble.refused:
                raise SourceError(f"{trouble.text}; nothing more is sent")
            if not trouble.again:
                self._counts.count("unusable_answers")
                return None
            wait_s = max(self._backoff.next_s(), trouble.wait_s)
            enter(VideoState.RETRYING, f"{trouble.text}; trying again in {wait_s:.1f} s")
            await self._clock.sleep(wait_s)
            if self._is_stale():
                break
            if attempt < self._max_attempts:
                self._counts.count("retries")
        self._counts.count("batches_lost")
        return None

    def _answered(self, latency_s: float) -> None:
        self._rate.answered(latency_s)
        self._backoff.reset()
        self._counts.count("batches_answered")
        self._counts.record("latency", latency_s)
