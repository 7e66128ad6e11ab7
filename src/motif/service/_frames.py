"""Frames of readings as they come over the wire: read, and cut or gathered into pieces of work."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from motif.errors import InputError, MotifError
from motif.recordings import Readings
from motif.service._json import are_numbers, from_json

__all__ = ["batches", "read_frame"]


def read_frame(text: str | bytes, device: str) -> tuple[Readings | None, int | None]:
    """Return the readings of one frame, and its number where it has one; no readings for `{"end": true}`.

    A frame is a JSON object of `channels` (names), `time_ns` (whole numbers) and `values` (a row for each time), in
    m/s², rad/s and µT as `Recording` has them.

    Raises
    ------
    InputError
        It is none.
    """
    try:
        found = from_json(text)
    except ValueError as error:
        raise InputError(f"a frame is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise InputError("a frame is no JSON object; want channels, time_ns and values")
    number = found.get("seq")
    if number is not None and type(number) is not int:
        raise InputError(f"seq is {number!r}; want a whole number")
    if found.get("end") is True:
        return None, number
    if not are_numbers(found.get("time_ns", 0)):
        raise InputError("time_ns holds what is no number; want nanoseconds since 1970")
    try:
        readings = Readings(
            device=device,
            channels=tuple(found["channels"]),
            time_ns=found["time_ns"],
            values=np.array(found["values"], np.float64),  # null becomes NaN
        )
    except KeyError as error:
        raise InputError(f"a frame lacks {error}; want channels, time_ns and values") from error
    except MotifError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"a frame cannot be used: {error}") from error
    return readings, number


def batches(frames: Iterable[Readings | None], most_samples: int) -> Iterator[list[Readings | None]]:
    """Cut frames where they are long, gather them where they are short: up to so many samples together."""
    batch: list[Readings | None] = []
    n_samples = 0
    for piece in itertools.chain.from_iterable(_pieces(frame, most_samples) for frame in frames):
        n_more = 0 if piece is None else piece.n_samples
        if batch and n_samples + n_more > most_samples:
            yield batch
            batch, n_samples = [], 0
        batch.append(piece)
        n_samples += n_more
    if batch:
        yield batch


def _pieces(frame: Readings | None, most_samples: int) -> Iterator[Readings | None]:
    if frame is None or frame.n_samples <= most_samples:
        yield frame
        return
    for first in range(0, frame.n_samples, most_samples):
        span = slice(first, first + most_samples)
        yield replace(frame, time_ns=frame.time_ns[span], values=frame.values[span])
