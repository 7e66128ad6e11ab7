"""A person's profile: one `.keras` file that any Keras loads, with `profile.json` inside that says what it is.

One file, because that can be replaced whole: a kill while saving leaves the profile before or the new one.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from motif.errors import ConfigError, FormatError, WriteError
from motif.files import write_bytes
from motif.learning import keras_bytes
from motif.networks.personal._keras_file import KERAS_FILE, BaseFile, read_base
from motif.networks.personal._result import PersonalizationResult

__all__ = ["Profile", "ProfileFacts", "load_profile", "profile_file", "save_profile"]

FACTS = "profile.json"
SCHEMA_VERSION = 1
MOST_FACTS_BYTES = 2**20


class ProfileFacts(BaseModel):
    """What a profile says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    schema_version: int = SCHEMA_VERSION
    base_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of the `.keras` content of the base model."""
    class_names: tuple[str, ...]
    window_shape: tuple[int | None, ...]
    """None is an axis of any length."""
    personal: bool
    """Whether the person's own model answers; else it is the base's."""
    method: str
    improvement: float
    """Accuracy after minus before, on samples not learnt from."""
    interval: tuple[float, float]
    """Where the improvement lies, with 95 % confidence."""
    judged: str
    samples: dict[str, int]
    """Samples of each gesture."""

    @classmethod
    def of(cls, base: BaseFile, model: Any, class_names: Sequence[str], result: PersonalizationResult) -> Self:
        """Describe an adapted model."""
        return cls(
            base_sha256=base.sha256,
            class_names=tuple(class_names),
            window_shape=tuple(model.input_shape[1:]),
            personal=result.success,
            method=result.method,
            improvement=result.improvement,
            interval=result.interval,
            judged=result.judged,
            samples=result.sample_counts,
        )


@dataclass(frozen=True)
class Profile:
    """A profile that was read and checked."""

    facts: ProfileFacts
    file: BaseFile

    def model(self) -> Any:
        """Return the Keras model, windows to probabilities in the order of `facts.class_names`."""
        return self.file.model()


def profile_file(path: str | Path) -> Path:
    """Return the file of the profile at `path`: itself, or `model.keras` in that folder."""
    path = Path(path)
    return path if path.suffix == ".keras" else path / KERAS_FILE


def save_profile(path: str | Path, model: Any, facts: ProfileFacts) -> Path:
    """Write a profile, whole or not at all.

    Raises
    ------
    WriteError
        The disk is full or the place cannot be written; what stood there still stands.
    """
    path = Path(path)
    try:
        packed = io.BytesIO(keras_bytes(model))
    except OSError as error:  # Keras writes to a temporary file first
        raise WriteError(path, error) from error
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(zipfile.ZipInfo(FACTS), facts.model_dump_json(indent=2))
    write_bytes(path, packed.getvalue())
    return path


def load_profile(path: str | Path, *, base_model_path: str | Path | None = None) -> Profile:
    """Read a profile and check every byte of it; with `base_model_path`, that it was made from this base.

    Raises
    ------
    MissingFileError, FormatError, BundleError
        There is no such file, it is damaged or no profile, or it asks for more than Keras' own layers.
    ConfigError
        It was made from another base.
    """
    path = profile_file(path)
    file = read_base(path)
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        if FACTS not in archive.namelist():
            raise FormatError(path, "it is a model, but no profile", hint="save one with UserCalibrator.save")
        text = archive.read(FACTS) if archive.getinfo(FACTS).file_size <= MOST_FACTS_BYTES else b""
    try:
        facts = ProfileFacts.model_validate_json(text)
    except ValidationError as error:
        problem = f"its {FACTS} cannot be read ({error.errors()[0]['msg']})"
        raise FormatError(path, problem, hint="save it again") from error
    if facts.schema_version != SCHEMA_VERSION:
        raise FormatError(path, f"it is a profile of schema {facts.schema_version}", hint="use the motif that wrote it")
    if base_model_path is not None and read_base(base_model_path).sha256 != facts.base_sha256:
        raise ConfigError(f"{path} was made from another base than {base_model_path}; calibrate again")
    return Profile(facts, file)
