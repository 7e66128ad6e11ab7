"""What a recognizer did, counted and timed."""

from __future__ import annotations

import threading
from collections import Counter, deque
from typing import Any

import numpy as np

from motif.telemetry import REGISTRY
from motif.templates._recognizer_result import RecognitionResult

__all__ = ["RecognizerMetrics"]

_LATEST = 1000


class RecognizerMetrics:
    """Counts of answers, and how long the latest thousand took. Safe from threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gestures: Counter[str] = Counter()
        self._n = self._outliers = self._unsure = 0
        self._times_ms: deque[float] = deque(maxlen=_LATEST)

    def saw(self, result: RecognitionResult) -> None:
        """Count an answer."""
        with self._lock:
            self._n += 1
            self._times_ms.append(result.processing_time_ms)
            if result.gesture is not None:
                self._gestures[result.gesture] += 1
            elif result.is_outlier:
                self._outliers += 1
            else:
                self._unsure += 1
        REGISTRY.record("recognizer.recognize", result.processing_time_ms / 1000)

    def figures(self) -> dict[str, Any]:
        """Return them by name, ready for JSON."""
        with self._lock:
            times = np.array(self._times_ms) if self._times_ms else np.zeros(1)
            return {
                "total_recognitions": self._n,
                "recognized": sum(self._gestures.values()),
                "outliers": self._outliers,
                "not_sure_enough": self._unsure,
                "median_ms": round(float(np.median(times)), 3),
                "p99_ms": round(float(np.quantile(times, 0.99)), 3),
                "by_gesture": dict(self._gestures),
            }
