"""Check a bundle: every byte, every part, and the answer it gives on this machine."""

from __future__ import annotations

import io
import statistics
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.bundles._load import BundleRecognizer, from_files
from motif.bundles._manifest import read_files
from motif.bundles._save import REFERENCE
from motif.errors import BundleError

__all__ = ["TOLERANCE", "Verification", "verify"]

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
    windows, expected = _reference(files, recognizer)
    difference = None
    if expected is not None:
        difference = float(np.abs(recognizer.predict_proba(windows) - expected).max())
        if difference > TOLERANCE:
            raise BundleError(
                f"{path} answers {difference:.2g} away from what it answered when saved (at most {TOLERANCE:g}); "
                "do not use it on this machine: try another onnxruntime, or save it again here"
            )
    return Verification(
        content_hash=manifest.content_hash,
        n_files=len(files) + 1,
        size_bytes=sum(map(len, files.values())),
        n_reference_windows=0 if expected is None else len(windows),
        max_difference=difference,
        median_ms=_median_ms(recognizer, windows[0], n_timed),
    )


def _reference(
    files: dict[str, bytes], recognizer: BundleRecognizer
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    shape = recognizer.config.window.shape
    if REFERENCE not in files:
        return np.random.default_rng(0).standard_normal((1, *shape), dtype=np.float32), None
    try:
        with np.load(io.BytesIO(files[REFERENCE]), allow_pickle=False) as arrays:
            windows, expected = arrays["windows"], arrays["probabilities"]
    except (ValueError, OSError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BundleError(f"{REFERENCE} cannot be read ({error}); save the bundle again") from error
    if windows.shape[1:] != shape or expected.shape != (len(windows), len(recognizer.classes_)) or not len(windows):
        raise BundleError(f"{REFERENCE} holds windows {windows.shape} and answers {expected.shape}; save again")
    return windows, expected


def _median_ms(recognizer: BundleRecognizer, window: NDArray[np.float32], n_timed: int) -> float:
    times = []
    for _ in range(n_timed):
        start = time.perf_counter_ns()
        recognizer.predict_proba(window[None])
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) / 1e6
