"""The `tracking:` section of a configuration file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, ValidationError

from motif.errors import ConfigError

__all__ = ["TensorBoardConfig", "TrackingConfig", "WandbConfig"]

_STRICT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class WandbConfig(BaseModel):
    """Weights & Biases: off unless asked for."""

    model_config = _STRICT

    enabled: bool = False
    project: str = "handflow-gestures"
    mode: Literal["auto", "online", "offline"] = "auto"
    """`auto` is online where a key is known, else offline; what was written offline goes up with `wandb sync`."""
    timeout_s: PositiveFloat = 20.0
    """How long to wait for the service when a run starts, and again when it ends; training goes on without it."""


class TensorBoardConfig(BaseModel):
    """Event files for TensorBoard: local."""

    model_config = _STRICT

    enabled: bool = True
    log_dir: Path = Path("logs/tensorboard")
    """Each run gets a folder of its name in it."""


class TrackingConfig(BaseModel):
    """What is kept of a training run, and where."""

    model_config = _STRICT

    enabled: bool = True
    """False keeps nothing; the same calls then do nothing."""
    runs_dir: Path | None = None
    """Our own record of each run; `runs` beside the folder of TensorBoard by default."""
    machine_every_s: PositiveFloat = 10.0
    """Time between two samples of processor, memory and GPU."""
    wandb: WandbConfig = Field(default_factory=WandbConfig)
    tensorboard: TensorBoardConfig = Field(default_factory=TensorBoardConfig)

    @property
    def folder(self) -> Path:
        """Where the runs are kept."""
        return self.tensorboard.log_dir.parent / "runs" if self.runs_dir is None else self.runs_dir

    @classmethod
    def of(cls, section: Mapping[str, Any]) -> Self:
        """Check the section of a configuration file.

        Raises
        ------
        ConfigError
            A name is not known or a value cannot be; the message names it.
        """
        try:
            return cls.model_validate(section)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(("tracking", *map(str, first["loc"])))
            raise ConfigError(f"{name}={first['input']!r} cannot be: {first['msg']}") from error
