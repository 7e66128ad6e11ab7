"""The record a fit leaves: what it was given, how, and what came out; enough to repeat it."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from motif.errors import InputError

__all__ = ["AuditRecord", "fingerprint", "versions"]


class AuditRecord(BaseModel):
    """What a fit was given and what came out; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    schema_version: Literal[1] = 1
    algorithm: str
    """Name in `motif.behavior.cluster.clusterers()`."""
    settings: dict[str, Any]
    """Arguments of the constructor."""
    k: int
    prior_labels: list[int] | None
    groups: list[int] | None
    features_shape: tuple[int, int]
    features_sha256: str
    """Of shape and values as float64: the features themselves stay where they are."""
    labels_sha256: str
    n_clusters: int
    support: dict[str, int]
    """From each label to the number of its points."""
    dissolved: list[int]
    """Sizes of the clusters that were too small, in the order they went."""
    iterations: int
    converged: bool
    versions: dict[str, str]
    """Of the libraries that computed it."""

    @property
    def hash(self) -> str:
        """A sha256 over the record."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """Return the record as text; the same fit gives the same bytes."""
        return self.model_dump_json(indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what `to_json` wrote.

        Raises
        ------
        InputError
            It is no such record.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise InputError(f"this is no record of a clustering: {error.errors()[0]['msg']}") from error


def fingerprint(array: NDArray[Any]) -> str:
    """Return a sha256 of an array's type, shape and values."""
    digest = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions on which labels depend."""
    return {name: version(name) for name in ("motif", "numpy", "scikit-learn", "scipy")}
