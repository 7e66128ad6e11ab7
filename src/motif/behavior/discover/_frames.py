"""From motion to frames: what is seen in each moment, in few numbers of one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from motif.errors import TooFewSamplesError
from motif.signals import windows

__all__ = ["FrameMaker"]

Array = NDArray[np.float64]

_SMALLEST_SPREAD = 0.01
"""Relative to the spread of all motion: below it a channel stands still, however little its noise is."""


_OWN_SCALE_S = 20.0
"""From here on a recording's own scale counts more than that of training."""
_AT_ONCE = 1000
"""Frames: a deviation is computed from a copy of the window, and windows overlap."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameMaker:
    """Mean and spread of each channel in a short window, scaled, and of these the directions that hold most.

    No two animals wear a sensor the same way or move with the same force, and a state should be the same in both. So
    each recording is scaled by its own mean and deviation, as far as it is long enough to have one: after 20 s as much
    by its own as by those of training, after minutes by its own.
    """

    window: int
    """Samples that a frame looks at."""
    hop: int
    """Samples between two frames."""
    patience: float
    """Frames after which a recording's own scale counts half."""
    floor: Array
    """(channels,), added to the spread before its logarithm."""
    mean: Array
    """(2 × channels,)."""
    deviation: Array
    """(2 × channels,)."""
    directions: Array
    """(2 × channels, features)."""

    @classmethod
    def fit(cls, motions: Sequence[Array], *, window: int, hop: int, rate_hz: float, n_features: int) -> Self:
        """Learn scales and directions of motions (n, channels); moments with a NaN are left out.

        Raises
        ------
        TooFewSamplesError
            There are fewer whole windows than features asked for.
        """
        spread = np.nanstd(np.concatenate(motions), axis=0)
        floor = np.maximum(_SMALLEST_SPREAD * spread, 1e-9)
        described = [_described(values, window, hop, floor) for values in motions]
        whole = [part[np.isfinite(part).all(axis=1)] for part in described]
        n_whole = sum(map(len, whole))
        if n_whole < 10 * n_features:
            raise TooFewSamplesError(
                f"{n_whole} whole moments for {n_features} features; want ten for each: record longer, or look for "
                "gaps with motif info"
            )
        seen = [part for part in whole if len(part)]
        mean = np.concatenate(seen).mean(axis=0)
        variance = sum(len(part) * part.var(axis=0) for part in seen) / n_whole
        maker = cls(
            window=window,
            hop=hop,
            patience=_OWN_SCALE_S * rate_hz / hop,
            floor=floor,
            mean=mean,
            deviation=np.maximum(np.sqrt(variance), 1e-9),
            directions=np.empty((0, 0)),
        )
        _, _, rows = np.linalg.svd(np.concatenate([maker._scaled(part) for part in seen]), full_matrices=False)
        kept = rows[:n_features]
        signs = np.sign(kept[np.arange(len(kept)), np.abs(kept).argmax(axis=1)])  # the same whatever the solver
        return replace(maker, directions=(kept * signs[:, None]).T)

    def frames(self, motion: Array) -> Array:
        """Return (frames, features) of motion (n, channels); NaN where the window holds one."""
        described = _described(motion, self.window, self.hop, self.floor)
        found = np.full((len(described), self.directions.shape[1]), np.nan)
        whole = np.isfinite(described).all(axis=1)
        if whole.any():
            found[whole] = self._scaled(described[whole]) @ self.directions
        return found

    def _scaled(self, whole: Array) -> Array:
        """Return the whole moments (n, 2 × channels) of one recording on the common scale."""
        own = len(whole) / (len(whole) + self.patience)
        mean = own * whole.mean(axis=0) + (1.0 - own) * self.mean
        deviation = np.sqrt(own * whole.var(axis=0) + (1.0 - own) * self.deviation**2)
        return np.asarray((whole - mean) / np.maximum(deviation, 1e-9))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as named arrays."""
        return {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Undo `to_arrays`."""
        return cls(
            window=int(arrays["window"]),
            hop=int(arrays["hop"]),
            patience=float(arrays["patience"]),
            **{name: arrays[name] for name in ("floor", "mean", "deviation", "directions")},
        )


def _described(values: Array, window: int, hop: int, floor: Array) -> Array:
    if len(values) < window:
        return np.empty((0, 2 * values.shape[1]))
    pieces = windows(values, length=window, hop=hop)
    parts = np.array_split(pieces, -(-len(pieces) // _AT_ONCE))
    return np.concatenate([np.hstack([part.mean(axis=1), np.log(part.std(axis=1) + floor)]) for part in parts])
