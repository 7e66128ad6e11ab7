"""Recordings and labels as `StreamClassifier` takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import as_numbers, is_number, require_count, require_finite, require_positive
from motif.errors import ConfigError, DtypeError, LabelError, ShapeError, TooFewSamplesError

__all__ = ["checked_labels", "checked_settings", "checked_stream"]


def checked_settings(settings: Mapping[str, Any]) -> None:
    """Raise ConfigError for a setting that cannot be."""
    for name in ("rate_hz", "frame_s"):
        require_positive(name, settings[name])
    require_count("epochs", settings["epochs"])
    smoothing = settings["label_smoothing"]
    if not (is_number(smoothing) and 0 <= smoothing < 1):
        raise ConfigError(f"label_smoothing={smoothing!r} cannot be; give 0 or more, below 1")


def checked_stream(recording: ArrayLike, frame: int) -> NDArray[np.float32]:
    """Return a recording as (channels, sensors, samples) float32."""
    values = as_numbers(recording, "a recording")
    if values.ndim != 3 or not values.shape[0] or values.shape[0] % 3 or not values.shape[1]:
        raise ShapeError("a recording", got=values.shape, want="(channels, sensors, samples), channels in threes")
    if values.shape[2] < frame:
        raise TooFewSamplesError(f"a recording has {values.shape[2]} samples; want at least a frame of {frame}")
    with np.errstate(over="ignore"):  # a number too large for float32 becomes infinite, and is named below
        stream = values.astype(np.float32)
    require_finite("a recording", stream)
    return stream


def checked_labels(labels: Sequence[ArrayLike], lengths: Sequence[int]) -> tuple[NDArray[Any], list[NDArray[np.int64]]]:
    """Return the classes, sorted, and the index of each sample's among them, −1 where nothing is known."""
    given = [np.asarray(each) for each in labels]
    for each, length in zip(given, lengths, strict=True):
        if each.shape != (length,):
            raise ShapeError("labels of a recording", got=each.shape, want=f"({length},), one for each sample")
        if each.dtype.kind not in "iuU":
            raise DtypeError("labels of a recording", got=each.dtype, want="whole numbers or texts")
    if len({each.dtype.kind == "U" for each in given}) > 1:
        raise LabelError("some recordings have texts for labels and some have numbers; want one of them throughout")
    every = np.concatenate(given) if given else np.zeros(0, np.int64)
    known = every != "" if every.dtype.kind == "U" else every >= 0
    classes, indices = np.unique(every[known], return_inverse=True)
    of_sample = np.full(len(every), -1, np.int64)
    of_sample[known] = indices
    return classes, np.split(of_sample, np.cumsum(lengths)[:-1])
