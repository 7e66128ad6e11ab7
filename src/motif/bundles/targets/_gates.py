"""What a bundle must reach before it is shipped: of the experiment it comes from, or of a file of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat

from motif.settings import read_text, validated

__all__ = ["EXPERIMENT", "Gates"]

EXPERIMENT = "experiment.yaml"
"""The experiment file that travels in a pack."""
_Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Gates(BaseModel):
    """What a bundle must reach before it is shipped."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    max_ece: _Share = 0.05
    """Expected calibration error, on data it was not trained on."""
    min_accuracy: _Share = 0.80
    max_size_mb: PositiveFloat = 10.0
    max_latency_ms: PositiveFloat = 10.0
    """Median of one window on one thread."""

    @classmethod
    def load(cls, path: str | Path) -> Gates:
        """Read a YAML file of gates, or an experiment file with a section `gates`.

        Raises
        ------
        MissingFileError, ConfigError
            Nothing is there; a key is not known or a value cannot be.
        """
        text = read_text(path, want="a YAML file of gates, or an experiment file with gates")
        return validated(_Experiment, text, str(path)).gates or validated(cls, text, str(path))

    @classmethod
    def of_experiment(cls, text: str) -> Gates:
        """Return the gates of an experiment file's text; the usual ones where it names none.

        Raises
        ------
        ConfigError
        """
        return validated(_Experiment, text, EXPERIMENT).gates or cls()


class _Experiment(BaseModel):
    """The one section of an experiment file that is read here."""

    gates: Gates | None = None
