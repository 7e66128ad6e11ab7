"""`GestureRecognizer`: what was just done, by all that a database was taught."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from motif.errors import ConfigError
from motif.telemetry import logger
from motif.templates._recognizer_cache import CacheCounts, RevisionCache
from motif.templates._recognizer_features import default_weights
from motif.templates._recognizer_history import History, Verdict
from motif.templates._recognizer_metrics import RecognizerMetrics
from motif.templates._recognizer_query import query_of
from motif.templates._recognizer_result import RecognitionResult
from motif.templates._recognizer_taught import Opinion, Taught

if TYPE_CHECKING:
    from motif.templates._database import GestureDatabase

__all__ = ["GestureRecognizer"]

_LOG = logger(__name__)


class GestureRecognizer:
    """Recognize one movement at a time. What the database is taught meanwhile counts at once. Safe from threads.

    Parameters
    ----------
    database : GestureDatabase
        May be empty: then nothing is recognized.
    confidence_threshold : float, 0…1
        Less confidence is no gesture; `feedback` moves it by up to 0.15 for each gesture.
    enable_caching : bool
        Keep what was taught between recognitions, for up to `CACHE_TTL_S` and while the database has not changed.
    enable_calibration : bool
        Learn from `feedback` how far a confidence can be believed.

    Examples
    --------
    >>> import tempfile
    >>> from motif.templates import GestureDatabase
    >>> recognizer = GestureRecognizer(GestureDatabase(tempfile.mkdtemp()))
    >>> recognizer.recognize(np.zeros((50, 6))).gesture is None
    True
    """

    CACHE_TTL_S = 300.0
    """Time to live of what was read from the database."""

    def __init__(
        self,
        database: GestureDatabase,
        confidence_threshold: float = 0.7,
        enable_caching: bool = True,
        enable_calibration: bool = True,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        if not 0.0 <= confidence_threshold <= 1.0:
            raise ConfigError(f"confidence_threshold={confidence_threshold} cannot be; want 0 to 1")
        self.database = database
        self.confidence_threshold = confidence_threshold
        self.enable_calibration = enable_calibration
        self.feature_weights: dict[str, float] = default_weights()
        """How much each named feature counts: 1 as it does by itself, 0 not at all, 2 twice. Edit it at any time.

        They act here alone: the windows of a `TemplateClassifier` carry no names of channels and no units to make named
        features of.
        """
        self._clock = clock
        self._cache: RevisionCache[Taught] = RevisionCache(self.CACHE_TTL_S, clock, enabled=enable_caching)
        self._history = History()
        self._metrics = RecognizerMetrics()
        self._lock = threading.Lock()
        self._last: tuple[str, float, RecognitionResult] | None = None

    @property
    def cache(self) -> CacheCounts:
        """Hits and misses of what is kept between recognitions."""
        return self._cache.counts

    def recognize(
        self, window: Any, *, channels: Sequence[str] | None = None, rate_hz: float | None = None
    ) -> RecognitionResult:
        """Return what one movement was.

        Parameters
        ----------
        window : GestureSample, Recording, readings, SensorFeatures, mapping of features, or array
            The movement, with or without rest around it. An array is (n_samples, n_channels), in m/s² and rad/s.
        channels, rate_hz : optional
            Of an array; by default the channels that were taught, and 100 Hz.

        Raises
        ------
        InputError and its kinds
            `window` is no movement, or lacks a channel that was taught.
        """
        start_s = self._clock()
        taught, from_cache = self._cache.get(self.database.revision, self._read)
        query = query_of(window, channels=channels, rate_hz=rate_hz, taught=taught.channels)
        opinion = taught.judge(query, self.feature_weights)
        result = self._decided(opinion, from_cache, start_s)
        self._metrics.saw(result)
        return result

    async def recognize_async(
        self, window: Any, *, channels: Sequence[str] | None = None, rate_hz: float | None = None
    ) -> RecognitionResult:
        """`recognize` in a thread: an event loop goes on meanwhile."""
        return await asyncio.to_thread(self.recognize, window, channels=channels, rate_hz=rate_hz)

    def feedback(self, correct: bool, *, truth: str | None = None) -> None:
        """Say whether the last answer was right; `truth` is what was meant, where it is known.

        Confidence is calibrated by it, and the threshold of the gesture that seemed most probable adapts.
        """
        with self._lock:
            if self._last is None:
                return
            best, raw_confidence, result = self._last
            if truth is not None:
                was_right = best == truth
            elif result.gesture is None and not correct:
                return  # a gesture was missed; whether it was the most probable one is not known
            else:
                was_right = correct and result.gesture is not None
            self._history.add(Verdict(best, raw_confidence, was_right))

    def get_metrics(self) -> dict[str, Any]:
        """Return what was done so far, ready for JSON."""
        figures, cache = self._metrics.figures(), self._cache.counts
        return figures | {
            "cache_hits": cache.hits,
            "cache_misses": cache.misses,
            "cache_hit_rate": round(cache.hit_rate, 4),
            "feedback": len(self._history),
            "feedback_accuracy": self._history.accuracy,
            "confidence_threshold": self.confidence_threshold,
        }

    def print_metrics(self) -> None:
        """Print what was done so far as a table."""
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table(title="Gesture recognizer", title_justify="left", show_header=False)
        for name, value in self.get_metrics().items():
            if isinstance(value, dict):
                value = ", ".join(f"{gesture} {count}" for gesture, count in value.items())
            shown = (
                "–" if value in (None, "") else f"{value:.1%}" if name.endswith(("rate", "accuracy")) else str(value)
            )
            table.add_row(name.replace("_", " "), escape(shown))
        Console().print(table)

    def _read(self) -> Taught:
        database = self.database
        samples = {name: database.samples(name) for name in database.list_templates()}
        taught = Taught(samples, database.background())
        _LOG.info("templates read", gestures=len(taught.gestures), samples=sum(map(len, samples.values())))
        if taught.n_left_out:
            _LOG.warning("samples without a sensor that the others have are left out", samples=taught.n_left_out)
        return taught

    def _decided(self, opinion: Opinion, from_cache: bool, start_s: float) -> RecognitionResult:
        if not opinion.gestures:
            return RecognitionResult(
                gesture=None,
                confidence=0.0,
                processing_time_ms=1000 * (self._clock() - start_s),
                is_outlier=False,
                threshold=self.confidence_threshold,
                from_cache=from_cache,
            )
        raw = opinion.probabilities
        with self._lock:
            sure = [self._history.calibrated(p) if self.enable_calibration else p for p in raw.tolist()]
            ranked = sorted(zip(opinion.gestures, sure, strict=True), key=lambda each: -each[1])
            best, confidence = ranked[0]
            threshold = self.confidence_threshold
            if self.enable_calibration:
                threshold = self._history.threshold(best, threshold)
            result = RecognitionResult(
                gesture=best if confidence >= threshold and not opinion.is_outlier else None,
                confidence=float(confidence),
                processing_time_ms=1000 * (self._clock() - start_s),
                is_outlier=opinion.is_outlier,
                alternatives=tuple(ranked),
                outlier_score=opinion.outlier_score,
                threshold=threshold,
                from_cache=from_cache,
            )
            self._last = (best, float(np.max(raw)), result)
        return result
