"""Group 5: the documented thresholds of speed and size, with room to spare; `make bench` has the figures."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from motif import bundles
from motif.behavior import encode_fsq
from motif.behavior.cluster import KMeansClusterer
from motif.experiments import Trained
from motif.recordings import Dataset
from motif.smoothing import MedianHysteresisPolicy

pytestmark = pytest.mark.slow  # the clock is looked at here, and nowhere else among the tests


def least_ms(work: Callable[[], object], n: int = 20) -> float:
    """Return the shortest of n runs: whatever else the machine does only ever adds."""
    work()
    found = []
    for _ in range(n):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found) * 1e3


def test_a_window_is_encoded_in_less_than_10_ms(windows: Dataset) -> None:
    assert least_ms(lambda: encode_fsq(windows.X[:1])) < 10


def test_a_hundred_windows_are_clustered_in_less_than_20_ms_each(windows: Dataset) -> None:
    features = encode_fsq(windows.X[:100]).embeddings
    assert least_ms(lambda: KMeansClusterer().fit_predict(features, k=4), 5) / 100 < 20


def test_a_window_goes_through_the_whole_pipeline_in_less_than_100_ms(windows: Dataset, trained: Trained) -> None:
    recognizer = bundles.load(trained.folder / "recognizer")
    live = MedianHysteresisPolicy().live()

    def whole() -> int:
        window = windows.X[:1]
        encode_fsq(window)
        return live.step(int(recognizer.predict_proba(window).argmax()))

    assert least_ms(whole) < 100


def test_a_bundle_is_smaller_than_10_mb(trained: Trained) -> None:
    size = sum(file.stat().st_size for file in (trained.folder / "recognizer").rglob("*"))
    assert size < 10e6


def test_smoothing_an_hour_takes_less_than_a_second() -> None:
    labels = np.random.default_rng(0).integers(0, 10, (1, 36_000))
    assert least_ms(lambda: MedianHysteresisPolicy().smooth(labels), 3) < 1000
