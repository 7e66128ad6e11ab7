"""`config.yaml` and `label_map.json`: what goes into a recognizer, what comes out, how it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, ValidationError, model_validator

from motif.errors import BundleError, LabelError

__all__ = ["BundleConfig", "WindowSpec", "labels_from_json", "labels_to_json"]


class WindowSpec(BaseModel):
    """The raw window a recognizer takes."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    shape: tuple[int, ...] = Field(min_length=2, max_length=3)
    """(frames, features) or (channels, sensors, samples); (channels, samples) where `time_last`."""
    rate_hz: PositiveFloat | None = None
    """Samples a second, where known."""
    channels: tuple[str, ...] = ()
    """Names along the channel or feature axis."""
    units: tuple[str, ...] = ()
    """A unit for each channel."""
    sensors: tuple[str, ...] = ()
    """Names along the sensor axis."""
    time_last: bool = False
    """Whether a window of two axes is (channels, samples)."""

    @model_validator(mode="after")
    def _a_unit_for_each_channel(self) -> Self:
        if self.units and len(self.units) != len(self.channels):
            n_units, n_channels = len(self.units), len(self.channels)
            raise ValueError(f"units are {n_units} for {n_channels} channels; give one for each, '' where unknown")
        return self

    @property
    def n_samples(self) -> int:
        """Samples along the time axis."""
        return self.shape[-1] if self.time_last or len(self.shape) == 3 else self.shape[0]


class BundleConfig(BaseModel):
    """Everything about a recognizer that is not a weight. Unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str = Field(default="recognizer", max_length=100)
    """What people call it."""
    recognizer: str = "Recognizer"
    """The class that learnt it, such as `NetworkClassifier`."""
    window: WindowSpec
    outlier_confidence: float = Field(default=0.0, ge=0.0, le=1.0)
    """A window whose best probability is below this is called an outlier."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """The recognizer's own parameters, to make it again."""
    data: dict[str, Any] = Field(default_factory=dict)
    """What it was trained on: name, groups, counts, split."""

    def to_yaml(self) -> str:
        """Return the text of `config.yaml`; the same config gives the same bytes."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=True, allow_unicode=True)

    @classmethod
    def from_yaml(cls, text: str | bytes) -> BundleConfig:
        """Read the text of `config.yaml`, or its UTF-8 bytes.

        Raises
        ------
        BundleError
            Not UTF-8, not YAML, a key is missing, unknown or of the wrong type.
        """
        try:
            return cls.model_validate(yaml.safe_load(text))
        except (yaml.YAMLError, ValidationError, RecursionError) as error:
            raise BundleError(f"config.yaml cannot be read: {error}; save the bundle again") from error


def labels_to_json(class_names: Sequence[str]) -> str:
    """Return `label_map.json`: the index of each output and its name.

    Raises
    ------
    LabelError
        Fewer than two names, an empty one, or one that stands twice.
    """
    names = [str(name) for name in class_names]
    if len(names) < 2 or "" in names or len(set(names)) != len(names):
        raise LabelError(f"class names are {names}; want two or more, none empty and none twice")
    return json.dumps({str(i): name for i, name in enumerate(names)}, indent=2, ensure_ascii=False) + "\n"


def labels_from_json(content: bytes) -> tuple[str, ...]:
    """Return the class names of a `label_map.json`, in the order of the outputs."""
    try:
        labels = json.loads(content)
        if not isinstance(labels, Mapping):
            raise ValueError("it is not an object")
        names = tuple(labels[str(i)] for i in range(len(labels)))
        if not all(isinstance(name, str) for name in names):
            raise ValueError("a name is not text")
        labels_to_json(names)
    except (ValueError, KeyError, RecursionError) as error:
        raise BundleError(f"label_map.json is not a map from 0, 1, … to names ({error}); save again") from error
    return names
