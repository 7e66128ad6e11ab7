"""What every training can be told, checked once at the edge."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from motif.errors import ConfigError

__all__ = ["TrainingSettings"]


class TrainingSettings(BaseModel):
    """What `fit` was asked for; each classifier adds settings of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: PositiveInt
    batch_size: PositiveInt
    learning_rate: PositiveFloat
    weight_decay: float = Field(ge=0)
    dropout: float = Field(ge=0, lt=1)
    label_smoothing: float = Field(ge=0, lt=1)
    validation_fraction: float = Field(ge=0, lt=1)
    patience: PositiveInt | None

    @classmethod
    def of(cls, parameters: dict[str, object]) -> Self:
        """Check parameters by name; what is not a setting of training is left out.

        Raises
        ------
        ConfigError
            A value cannot be; the message names it and what would do.
        """
        try:
            return cls.model_validate({name: parameters[name] for name in cls.model_fields})
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(map(str, first["loc"])) or "settings"
            raise ConfigError(f"{name}={first['input']!r} cannot be: {first['msg']}") from error
