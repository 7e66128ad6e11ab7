"""A `BehaviorClassifier` as a bundle, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from motif.behavior.encode._fsq import FSQ
from motif.behavior.encode._onnx_encoder import OnnxEncoder
from motif.behavior.encode._quantizer import Quantizer
from motif.behavior.encode._vq import VQ
from motif.bundles import BundleConfig, WindowSpec, array_bytes, read_arrays, read_files, read_reference, save
from motif.errors import BundleError
from motif.learning import from_keras_bytes, keras_bytes, onnx_bytes

if TYPE_CHECKING:
    from motif.behavior.encode._classifier import BehaviorClassifier

__all__ = ["load_classifier", "save_classifier"]

Classifier = TypeVar("Classifier", bound="BehaviorClassifier")
KERAS_FILE, ENCODER_FILE, CODEBOOK_FILE = "model.keras", "encoder.onnx", "codebook.safetensors"


def save_classifier(
    classifier: BehaviorClassifier,
    path: str | Path,
    *,
    name: str,
    class_names: Sequence[str] | None,
    window: Mapping[str, Any] | None,
    data: Mapping[str, Any] | None,
    metrics: Mapping[str, Any] | None,
) -> Path:
    """Write the bundle; see `BehaviorClassifier.save`."""
    settings = classifier.get_params() | {"levels": list(classifier.levels)}
    if not isinstance(settings["random_state"], int | None):
        settings["random_state"] = None
    config = BundleConfig(
        name=name,
        recognizer=type(classifier).__name__,
        window=WindowSpec(shape=classifier.window_shape_, **(window or {})),
        outlier_confidence=classifier.outlier_confidence_,
        settings=settings | {"classes": classifier.classes_.tolist()},
        data=dict(data or {}),
    )
    extra = {KERAS_FILE: keras_bytes(classifier.model_), ENCODER_FILE: classifier.encoder_.content}
    if isinstance(classifier.quantizer_, VQ):
        extra[CODEBOOK_FILE] = array_bytes({"codebook": classifier.quantizer_.codebook_})
    return save(
        path,
        onnx=onnx_bytes(classifier.model_),
        config=config,
        class_names=[str(label) for label in (classifier.classes_ if class_names is None else class_names)],
        metrics=metrics,
        reference=(classifier.typical_, classifier.predict_proba(classifier.typical_)),
        extra_files=extra,
    )


def load_classifier(cls: type[Classifier], path: str | Path) -> Classifier:
    """Read the bundle; see `BehaviorClassifier.load`."""
    _, files = read_files(path)
    config = BundleConfig.from_yaml(files["config.yaml"])
    if not {KERAS_FILE, ENCODER_FILE} <= set(files) or config.recognizer != cls.__name__:
        raise BundleError(f"{path} holds a {config.recognizer}, not a {cls.__name__}; use motif.bundles.load")
    settings = dict(config.settings)
    try:
        classes = settings.pop("classes")
        classifier = cls(**settings | {"levels": tuple(settings["levels"])})
        quantizer = _quantizer(classifier.levels, files)
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{path} was not saved by {cls.__name__} ({error}); use motif.bundles.load") from error
    reference = read_reference(files, window_shape=config.window.shape, n_classes=len(classes))
    if reference is None:
        raise BundleError(f"{path} holds no reference windows; save the bundle again")
    classifier.model_, classifier.losses_ = from_keras_bytes(files[KERAS_FILE]), []
    classifier.encoder_, classifier.quantizer_ = OnnxEncoder(files[ENCODER_FILE]), quantizer
    classifier.classes_, classifier.window_shape_ = np.array(classes), config.window.shape
    classifier.typical_, classifier.outlier_confidence_ = reference[0], config.outlier_confidence
    return classifier


def _quantizer(levels: Sequence[int], files: Mapping[str, bytes]) -> Quantizer:
    for name in (CODEBOOK_FILE, "codebook.npz"):  # as earlier versions called it
        if name in files:
            return VQ.of(read_arrays(name, files[name])["codebook"])
    return FSQ(levels)
