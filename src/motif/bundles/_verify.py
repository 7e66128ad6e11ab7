"""Check a bundle: every byte, every part, and the answer it gives on this machine."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.bundles._load import BundleRecognizer, from_files
from motif.bundles._manifest import read_files
from motif.bundles._reference import read_reference
from motif.errors import BundleError

__all__ = ["TOLERANCE", "Verification", "median_ms", "verify"]

TOLERANCE = 1e-4
"""Largest difference of a probability from the trainer's own answer."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found in a bundle that is as it should be."""

    content_hash: str
    n_files: int
    size_bytes: int
    n_reference_windows: int
    max_difference: float | None
    """Largest difference from the trainer's answer on the reference windows; None where the bundle holds none."""
    median_ms: float
    """Median time of one window on one thread of this machine."""


def verify(path: str | Path, *, n_timed: int = 200) -> Verification:
    """Check hashes and parts, replay the reference windows, and time one window.

    Raises
    ------
    MissingFileError
        There is no such folder.
    BundleError
        Something is missing, altered, or answers otherwise than when it was saved; the message says what.
    """
    manifest, files = read_files(path)
    recognizer = from_files(manifest, files)
    shape = recognizer.config.window.shape
    reference = read_reference(files, window_shape=shape, n_classes=len(recognizer.classes_))
    difference = None
    if reference is not None:
        difference = float(np.abs(recognizer.predict_proba(reference[0]) - reference[1]).max())
        if difference > TOLERANCE:
            raise BundleError(
                f"{path} answers {difference:.2g} away from what it answered when saved (at most {TOLERANCE:g}); "
                "do not use it on this machine: try another onnxruntime, or save it again here"
            )
    return Verification(
        content_hash=manifest.content_hash,
        n_files=len(files) + 1,
        size_bytes=sum(map(len, files.values())),
        n_reference_windows=0 if reference is None else len(reference[0]),
        max_difference=difference,
        median_ms=median_ms(recognizer, np.zeros(shape, np.float32) if reference is None else reference[0][0], n_timed),
    )


def median_ms(recognizer: BundleRecognizer, window: NDArray[np.float32], n_timed: int) -> float:
    """Return the median time of one window on one thread of this machine."""
    times = []
    for _ in range(n_timed):
        start = time.perf_counter_ns()
        recognizer.predict_proba(window[None])
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) / 1e6
