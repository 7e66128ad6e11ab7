"""`config/config.yaml`: what is trained on what, how, judged and kept where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt

from motif.tracking import TrackingConfig

__all__ = ["DataSection", "EvaluationSection", "ModelSection", "TrainingFile", "TrainingSection"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class DataSection(_Section):
    """Which windows there are, and which of them are kept apart."""

    path: Path | None = None
    """Labelled windows in any layout `motif import` knows; without one, hands are simulated."""
    groups: tuple[str, ...] = ()
    """Only these subjects, sessions or blocks."""
    held_out: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    """Share of the subjects, sessions or blocks, or of each stretch's time, that training never sees."""
    people: Annotated[int, Field(ge=2)] = 8
    """Of the simulation."""
    repetitions: PositiveInt = 10
    """Of each gesture by each of them."""


class ModelSection(_Section):
    """The network, as `motif.networks.NetworkClassifier` takes it."""

    architecture: Literal["tcn", "cnn1d", "gru", "lstm", "transformer"] = "tcn"
    features: Literal["auto", "engineered", "raw"] = "auto"
    landmarks: Literal["auto", "2x21x2"] = "auto"
    dropout: float = 0.1


class TrainingSection(_Section):
    """How it is trained, as `motif.networks.NetworkClassifier` takes it."""

    epochs: PositiveInt = 16
    batch_size: PositiveInt = 64
    learning_rate: PositiveFloat = 2e-3
    """The highest; it rises over the first tenth of the epochs and falls along half a cosine."""
    weight_decay: float = 1e-2
    label_smoothing: float = 0.05
    balance: float = 0.0
    augment: bool = False
    validation_fraction: float = 0.15
    """Held out inside training, to stop early and to calibrate."""
    patience: PositiveInt | None = 6
    refit: bool = True
    random_state: int = 0
    checkpoints: Path | None = None
    """Where a killed training goes on from; what it kept is removed once the bundle is written."""


class EvaluationSection(_Section):
    """How it is judged."""

    folds: Annotated[int, Field(ge=0)] | None = None
    """Folds to judge on before training: none at 0, all there are where left out."""
    report: Path = Path("reports/evaluation")
    """The folder of `motif evaluate --save-report`."""


class TrainingFile(_Section):
    """One training, from data to bundle."""

    data: DataSection = DataSection()
    model: ModelSection = ModelSection()
    training: TrainingSection = TrainingSection()
    evaluation: EvaluationSection = EvaluationSection()
    tracking: TrackingConfig = TrackingConfig()
    output: Path = Path("models/handflow")
    """The folder of the bundle."""

    @property
    def settings(self) -> dict[str, Any]:
        """What `NetworkClassifier` is made with; where checkpoints lie is decided by the run."""
        return self.model.model_dump() | self.training.model_dump(exclude={"checkpoints"})
