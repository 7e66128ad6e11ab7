"""What every smoothing policy can do, and what it may not."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import require_finite
from motif.errors import ConfigError, DtypeError, LabelError, ShapeError

__all__ = [
    "LiveSmoother",
    "SmoothingPolicy",
    "checked_probabilities",
    "checked_streams",
    "require_frames",
    "to_codes",
]


class LiveSmoother(Protocol):
    """The causal form: one label in, one label out, and no look ahead."""

    def step(self, label: int) -> int:
        """Take the next raw label; return the label that holds now."""
        ...


class SmoothingPolicy(Protocol):
    """Label streams in, label streams out.

    Whatever the policy: no segment is shorter than `min_dwell` (but for a stream that is shorter itself, and the last
    segment while it is live), there are never more transitions than before, and no label appears that was not there.
    """

    @property
    def min_dwell(self) -> int:
        """Frames that a segment lasts at least."""
        ...

    def smooth(self, labels: ArrayLike) -> NDArray[np.int64]:
        """Return (n, time) labels for (n, time) labels; each row by itself."""
        ...

    def live(self) -> LiveSmoother:
        """Return a fresh causal smoother for one stream."""
        ...


def checked_streams(labels: ArrayLike) -> NDArray[np.int64]:
    """Return (n, time) int64 labels.

    Raises
    ------
    ShapeError, DtypeError
    """
    streams = np.asarray(labels)
    if streams.ndim != 2:
        raise ShapeError("labels", got=streams.shape, want="(n, time), a row a stream; use labels[None] for one")
    if streams.dtype.kind not in "iu" and streams.size:
        raise DtypeError("labels", got=streams.dtype, want="integers, one for each class")
    return streams.astype(np.int64)


def checked_probabilities(probabilities: ArrayLike, n_classes: int | None = None) -> NDArray[np.float64]:
    """Return (time, n_classes) float64.

    Raises
    ------
    ShapeError, NotFiniteError
    LabelError
        One is below 0.
    """
    given = np.asarray(probabilities, np.float64)
    if given.ndim != 2 or not given.shape[1] or n_classes not in (None, given.shape[1]):
        raise ShapeError("probabilities", got=given.shape, want=f"(time, {n_classes or 'n_classes'})")
    require_finite("probabilities", given)
    if (below := np.argwhere(given < 0.0)).size:
        frame, k = below[0]
        raise LabelError(
            f"the probability of class {k} of frame {frame} is {given[frame, k]:g}; want none below 0: pass logits "
            "through softmax first"
        )
    return given


def to_codes(stream: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the labels that occur, sorted, and the stream as indices into them."""
    present, codes = np.unique(stream, return_inverse=True)
    return present, codes.astype(np.int64)


def require_frames(**settings: Any) -> None:
    """Refuse a setting that is no number of frames.

    Raises
    ------
    ConfigError
    """
    for name, value in settings.items():
        if not isinstance(value, int | np.integer) or value < 1:
            raise ConfigError(f"{name} is {value!r}; want a whole number of frames, 1 or more")
