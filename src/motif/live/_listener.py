"""`Listener`: what hears gestures in the rows of one device; and how to come by one for each device."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError
from motif.live._config import EngineConfig
from motif.live._windows import WindowListener, layout_of

__all__ = ["Hearing", "Listener", "Told", "hearing"]

IMU_CHANNELS = ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")


class Told(Protocol):
    """A gesture that a listener told, as `motif.templates.Spotted`."""

    @property
    def label(self) -> Any: ...
    @property
    def start_ns(self) -> int: ...
    @property
    def end_ns(self) -> int: ...
    @property
    def decided_ns(self) -> int: ...
    @property
    def confidence(self) -> float: ...
    @property
    def outlier_score(self) -> float | None: ...


class Listener(Protocol):
    """Rows of one device in, gestures out, whatever the chunk; `motif.templates.Spotter` is one."""

    def step(self, time_ns: NDArray[np.int64], values: NDArray[np.float64]) -> Sequence[Told]:
        """Take the next rows of the grid; NaN marks a gap."""
        ...

    def flush(self) -> Sequence[Told]:
        """End the stream as a gap would."""
        ...


@dataclass(frozen=True, slots=True)
class Hearing:
    """Rows a recognizer wants, and a fresh listener for each device."""

    channels: tuple[str, ...]
    rate_hz: float
    listener: Callable[[], Listener]


def hearing(recognizer: Any, config: EngineConfig) -> Hearing:
    """Return how to listen with a spotter (it has `step`), or a recognizer of windows (it has `recognize`).

    Raises
    ------
    ConfigError
        It is neither, or its windows do not fit the channels.
    """
    if hasattr(recognizer, "step") and hasattr(recognizer, "flush"):
        rate_hz = config.rate_hz or getattr(recognizer, "rate_hz", None) or 100.0
        channels = config.channels or getattr(recognizer, "channels", None) or IMU_CHANNELS
        return Hearing(tuple(channels), float(rate_hz), lambda: _fresh(recognizer))
    if not hasattr(recognizer, "recognize"):
        raise ConfigError(
            f"a {type(recognizer).__name__} tells no gestures; want a motif.templates.Spotter, a recognizer or a bundle"
        )
    layout = layout_of(recognizer, config, IMU_CHANNELS)
    return Hearing(layout.channels, layout.rate_hz, lambda: WindowListener(recognizer, layout, config.agreement))


def _fresh(spotter: Any) -> Any:
    """Return a spotter with a stream of its own; the classifier, which has none, is shared."""
    shared = getattr(spotter, "classifier", None)
    own = copy.deepcopy(spotter, {} if shared is None else {id(shared): shared})
    if hasattr(own, "reset"):
        own.reset()
    return own
