"""The experiment file: what is learnt from which data, how it is smoothed, judged and gated."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

from motif.bundles.targets import EXPERIMENT, Gates
from motif.errors import ConfigError
from motif.settings import read_settings, validated

__all__ = [
    "EXPERIMENT",
    "METRICS",
    "Architecture",
    "ClusteringSettings",
    "DataSettings",
    "EvaluationSettings",
    "Experiment",
    "ModelSettings",
    "QuantizationSettings",
    "TemporalSettings",
    "TrainingSettings",
]

METRICS = ("accuracy", "macro_f1", "ece", "mce", "coverage", "motif_count", "transition_rate", "entropy")
"""Figures that an experiment may put first."""

_Share = Annotated[float, Field(ge=0.0, le=1.0)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class QuantizationSettings(_Settings):
    """How embeddings become codes."""

    type: Literal["fsq", "vq"] = "fsq"
    """Fixed levels for each dimension, or a codebook that is learnt."""
    levels: tuple[Annotated[int, Field(ge=2, le=64)], ...] = Field(default=(8, 6, 5), min_length=1, max_length=8)
    """Levels of each quantized dimension; their product is the number of codes, for `vq` too."""
    embedding_dim: PositiveInt = 64
    """Numbers that describe a window before they are quantized."""


class ClusteringSettings(_Settings):
    """How motifs are found among embeddings, without labels."""

    type: Literal["gmm", "kmeans", "hdp"] = "gmm"
    """`hdp` finds the number of motifs by itself."""
    min_clusters: PositiveInt = 3
    max_clusters: PositiveInt = 10

    @model_validator(mode="after")
    def _in_order(self) -> ClusteringSettings:
        if self.min_clusters > self.max_clusters:
            raise ValueError(f"min_clusters is {self.min_clusters}; want at most max_clusters={self.max_clusters}")
        return self


class TemporalSettings(_Settings):
    """How labels of windows that follow each other are smoothed."""

    type: Literal["median_hysteresis", "hsmm", "none"] = "median_hysteresis"
    """`none` where windows do not follow each other, or all of a stretch are of one class."""
    min_dwell: PositiveInt = 5
    """Windows that a label lasts at least."""
    window_size: PositiveInt = 7
    """Windows that vote, for `median_hysteresis`."""


class Architecture(_Settings):
    """From windows to states."""

    encoder: Literal["conv2d"] = "conv2d"
    quantization: QuantizationSettings = QuantizationSettings()
    clustering: ClusteringSettings = ClusteringSettings()
    temporal: TemporalSettings = TemporalSettings()


class ModelSettings(_Settings):
    """The model by name, and what it is made of."""

    name: str = "conv2d_fsq"
    architecture: Architecture = Architecture()


class DataSettings(_Settings):
    """Which windows there are."""

    name: str = "quadruped_imu"
    """What the data are called; `quadruped_imu` without a `path` is simulated."""
    path: Path | None = None
    """A file or folder of labelled windows or annotated recordings, relative to the working folder."""
    sampling_rate: PositiveFloat = 100.0
    """In Hz."""
    window_size: PositiveInt = 100
    """In samples."""
    hop: PositiveInt | None = None
    """Samples between two windows of a recording; a tenth of a window where left out."""
    sensors: PositiveInt = 2
    channels: PositiveInt = 9
    sensor_names: tuple[str, ...] = ()
    """Which sensors of the data, in this order; the first ones where left out."""
    test_share: Annotated[float, Field(gt=0.0, le=0.5)] = 0.25
    """Share of the subjects, sessions or blocks that only `--split test` sees."""
    n_animals: PositiveInt = 16
    """Of the simulation."""
    duration_s: PositiveFloat = 90.0
    """Of each simulated recording."""

    @property
    def window_shape(self) -> tuple[int, int, int]:
        """(channels, sensors, samples)"""
        return self.channels, self.sensors, self.window_size

    @model_validator(mode="after")
    def _as_many_names(self) -> DataSettings:
        if self.sensor_names and len(self.sensor_names) != self.sensors:
            raise ValueError(f"sensor_names are {list(self.sensor_names)}; want {self.sensors}, as `sensors` says")
        return self


class TrainingSettings(_Settings):
    """How the encoder and its head learn."""

    seed: int = 0
    epochs: PositiveInt = 10
    """At most, in each stage; training stops when held-out groups gain no more."""
    pretraining: Literal["none", "masked", "contrastive"] = "none"
    """What the encoder learns before it sees labels; see `motif.behavior.BehaviorClassifier`."""
    hop: PositiveInt | None = None
    """Samples between two windows that are learnt from; half a window where left out. Neighbours say little new."""


class EvaluationSettings(_Settings):
    """What is printed first."""

    metrics: tuple[str, ...] = ("accuracy", "macro_f1", "ece", "coverage", "motif_count")

    @model_validator(mode="after")
    def _known(self) -> EvaluationSettings:
        if unknown := [name for name in self.metrics if name not in METRICS]:
            raise ValueError(f"{', '.join(unknown)} is not known; want some of {', '.join(METRICS)}")
        return self


class Experiment(_Settings):
    """One experiment, as a YAML file describes it. Unknown keys are refused, with their line."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^\w[\w.-]*$")
    """Names the folder of the trained model."""
    model: ModelSettings = ModelSettings()
    data: DataSettings = DataSettings()
    training: TrainingSettings = TrainingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    gates: Gates = Gates()
    """What a pack of it must reach before it is shipped."""

    @classmethod
    def load(cls, path: str | Path) -> Experiment:
        """Read an experiment file.

        Raises
        ------
        MissingFileError, ConfigError
            Nothing is there; a key is not known or a value cannot be.
        """
        return read_settings(cls, path)

    @classmethod
    def from_yaml(cls, text: str, name: str = "the experiment") -> Experiment:
        """Read the text of an experiment file; see `load`."""
        return validated(cls, text, name)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, all defaults spelt out."""
        return self.model_dump(mode="json")

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits of a hash of all settings: the same experiment has the same."""
        canonical = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]

    def with_data(self, path: Path | None) -> Experiment:
        """Return the experiment on other data, as a command line asks for it; itself for None."""
        if path is None:
            return self
        return self.model_copy(update={"data": self.data.model_copy(update={"path": path})})

    def require_simulated_or_path(self) -> None:
        """Raise ConfigError where neither a path nor a simulation stands behind the data."""
        if self.data.path is None and self.data.name != "quadruped_imu":
            raise ConfigError(
                f"data {self.data.name!r} has no path; set data.path in the experiment file or pass --data "
                "(only quadruped_imu can be simulated)"
            )
