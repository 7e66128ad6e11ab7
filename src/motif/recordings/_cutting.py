"""Streams of samples with a label each, cut into windows that remember where they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motif.checks import is_number
from motif.errors import ConfigError, TooFewSamplesError
from motif.signals import window_labels, window_starts, windows

__all__ = ["CutWindows", "Stream", "cut_streams", "in_samples"]


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """One stretch of recording on an even grid."""

    values: NDArray[np.float64]
    """(n_samples, n_columns); NaN marks a gap."""
    labels: NDArray[np.int64]
    """(n_samples,), index of a class, -1 where there is none."""
    group: str


@dataclass(frozen=True, slots=True, eq=False)
class CutWindows:
    """Windows of several streams, as a `Dataset` wants them."""

    X: NDArray[np.float32]
    """(n, n_columns, samples)"""
    y: NDArray[np.int64]
    groups: NDArray[np.str_]
    stretch: NDArray[np.int64]
    start: NDArray[np.int64]
    notes: tuple[str, ...]


def in_samples(window_s: float, hop_s: float | None, rate_hz: float) -> tuple[int, int]:
    """Return length and hop in whole samples; half a window where there is no hop.

    Raises
    ------
    ConfigError
        One of them is less than a sample, or not finite.
    """
    for name, setting in (("window_s", window_s), ("hop_s", hop_s), ("rate_hz", rate_hz)):
        if not (is_number(setting) or (setting is None and name == "hop_s")):
            raise ConfigError(f"{name} is {setting!r}; want a number")
    hop_s = window_s / 2 if hop_s is None else hop_s
    for name, value in (("window_s", window_s * rate_hz), ("hop_s", hop_s * rate_hz)):
        if not 0.5 <= value <= 1e9:
            raise ConfigError(
                f"{name} is {value:g} samples at {rate_hz} Hz; want at least one sample, and a rate above 0"
            )
    return max(1, round(window_s * rate_hz)), max(1, round(hop_s * rate_hz))


def cut_streams(streams: Sequence[Stream], length: int, hop: int, *, min_share: float) -> CutWindows:
    """Cut each stream into windows; leave out those with a gap, and those in which no class holds `min_share`.

    Parameters
    ----------
    streams : sequence of Stream
        A stretch each.
    length, hop : int
        In samples.
    min_share : float in (0, 1]
        Share of a window that its class must hold.

    Returns
    -------
    CutWindows
        `notes` counts what was left out.

    Raises
    ------
    TooFewSamplesError
        Not one window is left.
    ConfigError
        `length`, `hop` or `min_share` cannot be.
    """
    kept = []
    n_short = n_gap = n_mixed = 0
    for stretch, stream in enumerate(streams):
        if len(stream.values) < length:
            n_short += 1
            continue
        with np.errstate(over="ignore"):
            cut = windows(stream.values.astype(np.float32), length, hop)
        y = window_labels(stream.labels, length, hop, min_share=min_share)
        whole = np.isfinite(cut).all(axis=(1, 2))
        good = whole & (y >= 0)
        n_gap += int(np.sum(~whole))
        n_mixed += int(np.sum(whole & (y < 0)))
        start = window_starts(len(stream.values), length, hop)[good]
        X = cut[good].transpose(0, 2, 1)
        kept.append((X, y[good], np.full(start.size, stream.group), np.full(start.size, stretch), start))
    notes = tuple(
        f"{count} {what}"
        for count, what in (
            (n_short, f"recordings are shorter than a window of {length} samples and were left out"),
            (n_gap, "windows reach into a gap and were left out"),
            (n_mixed, f"windows have no class for at least {min_share:.0%} of their time and were left out"),
        )
        if count
    )
    if not any(len(part[0]) for part in kept):
        raise TooFewSamplesError(
            f"no window of {length} samples is left of {len(streams)} recordings: {'; '.join(notes) or 'none given'}; "
            "take shorter windows, a lower min_share, or label more"
        )
    X, y, groups, stretches, starts = (np.concatenate(column) for column in zip(*kept, strict=True))
    return CutWindows(X, y, groups, stretches, starts, notes)
