"""What every simulator checks about its arguments, and the types of their settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from motif.errors import ConfigError, LabelError

__all__ = ["Probability", "check_known", "check_variation"]

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


def check_variation(value: float) -> None:
    """Raise where the amount of variation is negative or too large to stay physical."""
    if not 0.0 <= value <= 2.0:
        raise ConfigError(f"variation is {value}; give 0 (everybody alike) to 2, 1 is ordinary people")


def check_known(asked: Sequence[str], known: Sequence[str]) -> None:
    """Raise where a class is unknown, named twice, or none is named."""
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise LabelError(f"no movement {', '.join(map(repr, unknown))}; there are {', '.join(known)}")
    if not asked or len(set(asked)) < len(asked):
        raise LabelError(f"the movements are {tuple(asked)}; name at least one, each once")
