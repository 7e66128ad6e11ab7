"""A `StreamClassifier` as one file of arrays, and back; nothing in it can run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from motif.behavior.streams._checks import checked_settings
from motif.behavior.streams._moments import FEWEST_AROUND, moments
from motif.behavior.streams._network import build_network
from motif.bundles import array_bytes, read_arrays
from motif.errors import BundleError, MissingFileError
from motif.files import write_bytes
from motif.learning import arrays
from motif.smoothing import SegmentDecoder

if TYPE_CHECKING:
    from motif.behavior.streams._classifier import StreamClassifier

__all__ = ["read_classifier", "write_classifier"]

Classifier = TypeVar("Classifier", bound="StreamClassifier")
FORMAT = 2
"""Of the first, how lively a frame is was told by its own samples alone."""
DECODER = ("first", "following", "location", "spread", "evidence_weight")


def write_classifier(classifier: StreamClassifier, path: Path) -> None:
    """Write the file; see `StreamClassifier.save`."""
    given = classifier.get_params()
    settings = {name: value.item() if isinstance(value, np.generic) else value for name, value in given.items()}
    if not isinstance(settings["random_state"], int | None):
        settings["random_state"] = None
    facts = json.dumps({"settings": settings, "classes": classifier.classes_.tolist()})
    content = {
        "format": FORMAT,
        "facts": np.frombuffer(facts.encode(), np.uint8),
        "around": classifier._around,
        "stream_shape": classifier.stream_shape_,
        "sizes": classifier._sizes,
        "center": classifier._center,
        "scale": classifier._scale,
        **{f"decoder_{name}": getattr(classifier.decoder_, name) for name in DECODER},
        **{f"network_{i:03d}": values for i, values in enumerate(arrays(classifier.model_.variables))},
    }
    write_bytes(path, array_bytes(content))


def read_classifier(kind: type[Classifier], path: Path) -> Classifier:
    """Read the file; see `StreamClassifier.load`."""
    if not path.is_file():
        raise MissingFileError(path, want="a file that StreamClassifier.save wrote")
    found = read_arrays(path.name, path.read_bytes())
    try:
        if (written := int(found["format"])) not in (1, FORMAT):
            raise ValueError(f"format {written}; this version reads up to {FORMAT}")
        if odd := [name for name, values in found.items() if not np.isfinite(values).all()]:
            raise ValueError(f"{odd[0]} holds what is no number")
        facts = json.loads(found["facts"].tobytes())
        classifier = kind(**facts["settings"])
        classifier.classes_, classifier._sizes = np.array(facts["classes"]), found["sizes"]
        classifier._center, classifier._scale = found["center"], found["scale"]
        classifier._around = classifier._frame if written == 1 else int(found["around"])
        channels, sensors = found["stream_shape"].tolist()
        classifier.stream_shape_ = (channels, sensors)
        decoder = {name: found[f"decoder_{name}"] for name in DECODER[:-1]}
        classifier.decoder_ = SegmentDecoder(**decoder, evidence_weight=float(found["decoder_evidence_weight"]))
        _check_fit(classifier)
        classifier.model_ = build_network(len(classifier._center), len(classifier.classes_), 0)
        for i, variable in enumerate(classifier.model_.variables):
            variable.assign(found[f"network_{i:03d}"])
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{path} holds no StreamClassifier of ours ({error}); save it again") from error
    return classifier


def _check_fit(classifier: StreamClassifier) -> None:
    """Raise ValueError where what was read is not made for each other."""
    checked_settings(classifier.get_params())
    (channels, sensors), sizes = classifier.stream_shape_, classifier._sizes
    if channels < 3 or sensors < 1 or sizes.shape != (channels / 3,):
        raise ValueError(f"{sizes.shape} sizes for {channels} channels of {sensors} sensors")
    n_features = sensors * moments(np.zeros((channels, 1, 1), np.float32), sizes, 1.0, 1, 1).shape[1]
    center, scale = classifier._center, classifier._scale
    if center.shape != (n_features,) or scale.shape != (n_features,) or min(scale.min(), sizes.min()) <= 0:
        raise ValueError(f"center {center.shape} and scale {scale.shape} for {n_features} features")
    if not classifier._frame <= classifier._around <= max(classifier._frame, FEWEST_AROUND):
        raise ValueError(f"frames of {classifier._frame} samples for {classifier._around} around them")
    if classifier.classes_.shape != classifier.decoder_.first.shape:
        raise ValueError(f"{classifier.classes_.shape} classes for {classifier.decoder_.first.shape} to decode")
