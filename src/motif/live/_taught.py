"""From a gesture database to a spotter that finds its gestures in a stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from motif.errors import TooFewSamplesError
from motif.live._config import EngineConfig
from motif.live._listener import IMU_CHANNELS

if TYPE_CHECKING:
    from motif.templates import GestureDatabase, GestureSample, Spotter

__all__ = ["Taught", "taught"]


@dataclass(frozen=True, slots=True)
class Taught:
    """A spotter, how to listen for it, and what it was taught."""

    spotter: Spotter
    config: EngineConfig
    """Channels and rate of the spotter."""
    gestures: tuple[str, ...]
    left_out: tuple[str, ...]
    """Gestures without a sample of motion in these channels: features alone cannot be found in a stream."""


def taught(database: GestureDatabase, config: EngineConfig | None = None) -> Taught:
    """Teach a spotter the gestures of a database, and the ordinary movement that was recorded for it.

    Parameters
    ----------
    database : GestureDatabase
        Samples that training found to be unlike the others are left out.
    config : EngineConfig, optional
        Channels and rate; where it names none, the channels that most samples have, and 100 Hz.

    Raises
    ------
    TooFewSamplesError
        Fewer than two gestures have motion.
    """
    from motif.templates import Spotter, TemplateClassifier

    wish = config or EngineConfig()
    names = database.list_templates()
    samples = {name: database.samples(name, outlying=False) for name in names}
    channels = wish.channels or _most_common([each for several in samples.values() for each in several])
    rate_hz = wish.rate_hz or 100.0
    usable = {
        name: [each for each in several if set(channels) <= set(each.channels)] for name, several in samples.items()
    }
    gestures = tuple(name for name in names if usable[name])
    if len(gestures) < 2:
        found = f"only {gestures[0]!r}" if gestures else "no gesture"
        raise TooFewSamplesError(
            f"{found} of this database has motion in {' '.join(channels)}; want at least two: run motif teach"
        )
    flat = [(name, each) for name in gestures for each in usable[name]]
    groups = [each.group or f"alone {i}" for i, (_, each) in enumerate(flat)]
    spotter = Spotter(TemplateClassifier(random_state=0), rate_hz=rate_hz)
    spotter.fit(
        [_motion(each, channels, rate_hz) for _, each in flat],
        [name for name, _ in flat],
        groups if len(set(groups)) < len(groups) and len(set(groups)) > 1 else None,
    )
    ordinary = [
        _motion(each, channels, rate_hz) for each in database.background() if set(channels) <= set(each.channels)
    ]
    if ordinary:
        gap = np.full((1, len(channels)), np.nan)
        spotter.fit_background(np.vstack([piece for each in ordinary for piece in (each, gap)]))
    own = replace(wish, channels=channels, rate_hz=rate_hz)
    return Taught(spotter, own, gestures, tuple(name for name in names if name not in gestures))


def _most_common(samples: Sequence[GestureSample]) -> tuple[str, ...]:
    """Return the channels of most samples, the six of a phone where they are among them."""
    sets = [each.channels for each in samples if each.n_samples]
    if not sets:
        return IMU_CHANNELS
    most = max(dict.fromkeys(sets), key=sets.count)
    return IMU_CHANNELS if set(IMU_CHANNELS) <= set(most) else most


def _motion(sample: GestureSample, channels: tuple[str, ...], rate_hz: float) -> NDArray[np.float64]:
    from motif.signals import resample

    assert sample.values is not None
    values = sample.values[:, [sample.channels.index(name) for name in channels]].astype(np.float64)
    if sample.rate_hz == rate_hz or len(values) < 2:
        return values
    times = np.round(np.arange(len(values)) * (1e9 / sample.rate_hz)).astype(np.int64)
    return resample(times, values, rate_hz).values
