"""Two recordings as two streams at the same times: one rate, the span both have, no gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from motif.behavior._moving import intensities
from motif.errors import ColumnError, ConfigError, InputError, TooFewSamplesError
from motif.recordings import Recording
from motif.signals import resample, stretches

__all__ = ["Pair", "pair_recordings"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two streams, ready for `synchrony`."""

    a: Array
    """(n, channels)."""
    b: Array
    rate_hz: float
    channels: tuple[str, ...]
    start_ns: int
    """Of the first sample, by a's clock."""
    left_out_s: float
    """How much of the span that both have was left out: beyond a gap that is too long to bridge."""


def pair_recordings(
    a: Recording,
    b: Recording,
    *,
    rate_hz: float | None = None,
    channels: Sequence[str] | None = None,
    motion: Literal["intensity", "channels"] = "intensity",
    max_gap_s: float = 0.5,
    start: Literal["clock", "together"] = "clock",
) -> Pair:
    """Bring two recordings to the same times.

    Rates that differ meet at the slower one, gaps up to `max_gap_s` are bridged along a straight line, and of what lies
    between longer gaps the longest piece is kept.

    Parameters
    ----------
    a, b : Recording
        Of two movers, or of two devices on one.
    rate_hz : float, optional
        Common rate; the slower one's where not given.
    channels : sequence of str, optional
        Which channels; by default all that both have.
    motion : intensity or channels
        The length of each triad of axes, which does not depend on how a sensor sits, or each channel for itself.
        Lengths that do not move, of a magnetometer or of gravity, are left out.
    max_gap_s : float
        The longest gap to bridge.
    start : clock or together
        Samples of one time by their clocks belong together, or those that are as long after each recording's start.

    Raises
    ------
    ColumnError, InputError, TooFewSamplesError, ConfigError

    Examples
    --------
    >>> from motif.recordings import simulate_pair
    >>> pair = pair_recordings(*simulate_pair(20.0, 50.0))
    >>> pair.channels, pair.a.shape == pair.b.shape, pair.rate_hz
    (('acc', 'gyr'), True, 50.0)
    """
    if motion not in ("intensity", "channels") or start not in ("clock", "together"):
        raise ConfigError(f"motion={motion!r}, start={start!r}; want intensity or channels, clock or together")
    if not (a.n_samples and b.n_samples):
        raise TooFewSamplesError(f"a has {a.n_samples} samples, b {b.n_samples}; want two recordings of motion")
    names = _shared_channels(a, b, channels)
    rate = float(rate_hz or round(min(a.rate_hz, b.rate_hz), 3))
    shift = int(a.time_ns.min() - b.time_ns.min()) if start == "together" else 0
    times = (a.time_ns, b.time_ns + shift)
    first, last = max(int(t.min()) for t in times), min(int(t.max()) for t in times)
    if first >= last:
        raise InputError(
            f"a ends {(first - last) / 1e9:.3g} s before b begins, or the other way round, by their clocks; if they "
            "were recorded together, lay their starts on each other: start='together' (--start together)"
        )
    grids = [
        resample(t, one.select(names).values, rate, max_gap_s=max_gap_s, start_ns=first, stop_ns=last)
        for t, one in zip(times, (a, b), strict=True)
    ]
    n = min(len(grid.values) for grid in grids)
    whole = stretches(np.asarray(~(grids[0].gaps[:n] | grids[1].gaps[:n])))
    if not len(whole):
        raise TooFewSamplesError(f"no moment at which both have {', '.join(names)}; look for gaps with motif info")
    begin, stop = whole[np.diff(whole, axis=1).ravel().argmax()]
    values = [grid.values[begin:stop] for grid in grids]
    streams = [intensities(names, each) if motion == "intensity" else (names, each) for each in values]
    if not streams[0][0]:
        raise InputError(f"{', '.join(names)} hold no motion; a magnetometer needs motion='channels'")
    return Pair(
        a=streams[0][1],
        b=streams[1][1],
        rate_hz=rate,
        channels=streams[0][0],
        start_ns=int(grids[0].time_ns[begin]),
        left_out_s=float((n - (stop - begin)) / rate),
    )


def _shared_channels(a: Recording, b: Recording, wanted: Sequence[str] | None) -> tuple[str, ...]:
    for name in wanted or ():
        for recording in (a, b):
            if name not in recording.channels:
                raise ColumnError(name, have=recording.channels)
    names = tuple(wanted) if wanted else tuple(name for name in a.channels if name in b.channels)
    if not names:
        raise InputError(
            f"a has {', '.join(a.channels)}, b has {', '.join(b.channels)}: no channel in common; rename or select them"
        )
    return names
