"""A person's labels: each one of the base model's classes, and enough of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import LabelError, TooFewSamplesError

__all__ = ["class_indices", "missing_samples", "require_samples", "told"]


def missing_samples(y: NDArray[np.int64], class_names: Sequence[str], wanted: int) -> dict[str, int]:
    """Return how many samples each class still needs, those that need none left out."""
    counts = np.bincount(y, minlength=len(class_names))
    return {name: int(wanted - n) for name, n in zip(class_names, counts, strict=True) if n < wanted}


def require_samples(y: NDArray[np.int64], class_names: Sequence[str], wanted: int) -> None:
    """Raise TooFewSamplesError where a class has fewer than `wanted`, and say how many more of which."""
    if missing := missing_samples(y, class_names, wanted):
        raise TooFewSamplesError(f"too few samples: {told(missing)}; want {wanted} of each gesture")


def told(missing: dict[str, int]) -> str:
    """Say how many more samples of which class, as a person reads it."""
    return ", ".join(f"{n} more of {name}" for name, n in missing.items())


def class_indices(labels: Sequence[Any], class_names: Sequence[str]) -> NDArray[np.int64]:
    """Return each label's index; labels are names, or indices already.

    Raises
    ------
    LabelError
        A label is none of the classes.
    """
    known = {name: i for i, name in enumerate(class_names)}
    indices = []
    for label in labels:
        index = known.get(str(label)) if isinstance(label, str) else _as_index(label, len(class_names))
        if index is None:
            have = ", ".join(class_names)
            raise LabelError(f"{label!r} is none of the base model's classes: {have}; rename or drop it")
        indices.append(index)
    return np.array(indices, np.int64)


def _as_index(label: Any, n_classes: int) -> int | None:
    known = isinstance(label, int | float) and float(label).is_integer() and 0 <= label < n_classes
    return int(label) if known else None
