"""The parameters of a `NetworkClassifier`, checked once at the edge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field

from motif.errors import ConfigError
from motif.learning import TrainingSettings
from motif.networks._architectures import checked_architecture

__all__ = ["Settings"]


class Settings(TrainingSettings):
    """What `fit` was asked for."""

    architecture: str
    features: Literal["auto", "engineered", "raw"]
    landmarks: Literal["auto", "2x21x2"]
    balance: float = Field(ge=0, le=1)
    augment: bool | Callable[..., Any]
    refit: bool
    checkpoint_dir: Path | None

    @classmethod
    def of(cls, parameters: dict[str, object]) -> Self:
        """Check parameters by name; what is not a setting of training is left out.

        Raises
        ------
        ConfigError
            A value cannot be; the message names it and what would do.
        """
        settings = super().of(parameters)
        checked_architecture(settings.architecture)
        if settings.checkpoint_dir is not None and parameters["random_state"] is None:
            raise ConfigError("checkpoint_dir is set without random_state; pass a number, or no run can go on")
        return settings
