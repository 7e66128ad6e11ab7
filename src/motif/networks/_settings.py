"""The parameters of a `NetworkClassifier`, checked once at the edge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from motif.errors import ConfigError
from motif.networks._architectures import checked_architecture

__all__ = ["Settings"]


class Settings(BaseModel):
    """What `fit` was asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    architecture: str
    features: Literal["auto", "engineered", "raw"]
    landmarks: Literal["auto", "2x21x2"]
    epochs: PositiveInt
    batch_size: PositiveInt
    learning_rate: PositiveFloat
    weight_decay: float = Field(ge=0)
    dropout: float = Field(ge=0, lt=1)
    label_smoothing: float = Field(ge=0, lt=1)
    balance: float = Field(ge=0, le=1)
    augment: bool | Callable[..., Any]
    validation_fraction: float = Field(ge=0, lt=1)
    patience: PositiveInt | None
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
        try:
            settings = cls.model_validate({name: parameters[name] for name in cls.model_fields})
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(map(str, first["loc"])) or "settings"
            raise ConfigError(f"{name}={first['input']!r} cannot be: {first['msg']}") from error
        checked_architecture(settings.architecture)
        if settings.checkpoint_dir is not None and parameters["random_state"] is None:
            raise ConfigError("checkpoint_dir is set without random_state; pass a number, or no run can go on")
        return settings
