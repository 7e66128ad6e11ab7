"""The settings of a calibration, checked once at the edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from motif.errors import ConfigError

__all__ = ["CalibrationConfig", "FreezeStrategy"]

FreezeStrategy = Literal["head_only", "last_block", "half"]
LEAST_SAMPLES = 2


@dataclass(frozen=True, kw_only=True)
class CalibrationConfig:
    """How a base model is adapted to one person.

    Raises
    ------
    ConfigError
        A value cannot be; the message names it and what would do.
    """

    min_samples_per_gesture: int = 5
    """As many samples of each gesture are asked for, two or more; the head moves only where some gesture has three."""
    freeze_strategy: FreezeStrategy = "last_block"
    """What stays as it is: "head_only" all but the last dense layer, "last_block" the first 60 % of the layers, "half"
    the first 50 %."""
    learning_rate: float = 1e-5
    """Of the fine-tuning that follows where more than the head may change; the head itself is solved."""
    epochs: int = 10
    """Of fine-tuning; 0 leaves it out."""
    batch_size: int = 4
    """Samples a step of fine-tuning."""

    def __post_init__(self) -> None:
        enough, strategies = _whole(self.min_samples_per_gesture, LEAST_SAMPLES), get_args(FreezeStrategy)
        wishes = {
            "min_samples_per_gesture": (enough, f"{LEAST_SAMPLES} or more"),
            "freeze_strategy": (self.freeze_strategy in strategies, " or ".join(strategies)),
            "learning_rate": (0 < self.learning_rate < 1, "a number above 0 and below 1"),
            "epochs": (_whole(self.epochs, 0), "0 or more"),
            "batch_size": (_whole(self.batch_size, 1), "1 or more"),
        }
        for name, (fits, wish) in wishes.items():
            if not fits:
                raise ConfigError(f"{name}={getattr(self, name)!r} cannot be; want {wish}")


def _whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
