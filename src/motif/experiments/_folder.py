"""The folder of a trained experiment: the recognizer's bundle, its motifs, and what was decided while training."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, PositiveFloat, ValidationError

from motif.bundles import BundleRecognizer
from motif.errors import BundleError, MissingFileError
from motif.experiments._experiment import Experiment

__all__ = ["RECOGNIZER", "RECORD", "WEIGHTS", "TrainingRecord", "model_folder", "model_sha256"]

RECORD = "experiment.json"
RECOGNIZER = "recognizer"
WEIGHTS = "best.pth"


class TrainingRecord(BaseModel):
    """What was decided while training, and on whom."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    experiment: Experiment
    groups: dict[str, tuple[str, ...]]
    """Subjects, sessions or blocks of `train`, `val` and `test`."""
    class_names: tuple[str, ...]
    temperature: PositiveFloat
    """Of the smoothed probabilities, learnt on `val`."""
    mean_dwell: PositiveFloat
    """Windows that a label lasts on average, in `train`."""
    evidence_weight: PositiveFloat
    """What a window counts beside those that overlap it, learnt on `val`; 1 where no semi-Markov policy asks for it."""
    label_accuracy: NonNegativeFloat
    """How often a window's label was right on `val`."""
    model_sha256: str
    """Of the recognizer's `model.onnx`: the same training gives the same."""
    weights_sha256: str | None = None
    """Of `best.pth` beside the folder, where it was asked for and PyTorch was there to write it."""

    def to_json(self) -> str:
        """Return the text of `experiment.json`; the same record gives the same bytes."""
        return json.dumps(self.model_dump(mode="json"), indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def read(cls, folder: Path) -> TrainingRecord:
        """Read the record of a trained experiment.

        Raises
        ------
        MissingFileError
            Nothing was trained there.
        BundleError
            The record cannot be read.
        """
        path = folder / RECORD
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError as error:
            raise MissingFileError(path, want="a trained experiment; run `conv2d train --config …` first") from error
        except ValidationError as error:
            raise BundleError(f"{path} cannot be read: {error}; train again") from error


def model_folder(experiment: Experiment, models: Path) -> Path:
    """Return where the trained experiment lies below `models`."""
    return models / experiment.name


def model_sha256(recognizer: BundleRecognizer) -> str:
    """Return the hash of what answers in a bundle, whenever and from whichever commit it was saved."""
    return recognizer.manifest.files["model.onnx"].sha256
