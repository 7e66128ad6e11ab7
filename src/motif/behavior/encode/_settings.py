"""The parameters of a `BehaviorClassifier`, checked once at the edge."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt

from motif.learning import TrainingSettings

__all__ = ["Settings"]


class Settings(TrainingSettings):
    """What `fit` was asked for."""

    quantizer: Literal["fsq", "vq"]
    levels: tuple[Annotated[int, Field(ge=2)], ...] = Field(min_length=1)
    embedding_dim: PositiveInt
    pretraining: Literal["auto", "none", "masked", "contrastive"]

    def pretrained(self, how: Literal["none", "masked", "contrastive"]) -> Self:
        """Return the same settings with another pretraining."""
        return self.model_copy(update={"pretraining": how})

    @property
    def latent_shape(self) -> tuple[int, int]:
        """Positions × dimensions of a code."""
        return self.embedding_dim, len(self.levels)
