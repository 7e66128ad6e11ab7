"""A taught classifier as a bundle: arrays, no code, no training data but the templates it compares with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from motif.bundles import BundleConfig, WindowSpec, model_arrays, read_files, save
from motif.errors import BundleError
from motif.templates._model import TemplateModel

if TYPE_CHECKING:
    from motif.templates._classifier import TemplateClassifier

__all__ = ["load_classifier", "save_classifier"]

Classifier = TypeVar("Classifier", bound="TemplateClassifier")
N_REFERENCE = 8


def save_classifier(
    classifier: TemplateClassifier,
    path: str | Path,
    *,
    name: str,
    class_names: Sequence[str] | None,
    window: Mapping[str, Any] | None,
    data: Mapping[str, Any] | None,
    metrics: Mapping[str, Any] | None,
) -> Path:
    """Write the bundle; see `TemplateClassifier.save`."""
    settings: dict[str, Any] = classifier.get_params()
    if not isinstance(settings["random_state"], int | None):
        settings["random_state"] = None
    shape = classifier.window_shape_
    config = BundleConfig(
        name=name,
        recognizer=type(classifier).__name__,
        window=WindowSpec(shape=shape, time_last=True, **(window or {})),
        settings=settings | {"classes": classifier.classes_.tolist()},
        data=dict(data or {}),
    )
    moments = np.linspace(0.0, 2.0 * np.pi, shape[-1])
    turns = np.arange(1, N_REFERENCE + 1).reshape(-1, *[1] * len(shape))
    reference = np.broadcast_to(np.sin(turns * moments), (N_REFERENCE, *shape)).astype(np.float32)
    return save(
        path,
        arrays=classifier.model_.to_arrays(),
        config=config,
        class_names=[str(label) for label in (classifier.classes_ if class_names is None else class_names)],
        metrics=metrics,
        reference=(reference, classifier.predict_proba(reference)),
    )


def load_classifier(cls: type[Classifier], path: str | Path) -> Classifier:
    """Read the bundle; see `TemplateClassifier.load`."""
    _, files = read_files(path)
    config = BundleConfig.from_yaml(files["config.yaml"])
    if config.recognizer != cls.__name__:
        raise BundleError(
            f"{path} holds a {config.recognizer}, which {cls.__name__} cannot read; use motif.bundles.load"
        )
    settings = dict(config.settings)
    try:
        classes = np.array(settings.pop("classes"))
        classifier = cls(**settings)
        classifier.model_ = TemplateModel.from_arrays(model_arrays(files))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BundleError(f"{path} was not saved by {cls.__name__} ({error}); use motif.bundles.load") from error
    if len(classes) != classifier.model_.n_classes:
        raise BundleError(f"{path} names {len(classes)} classes for {classifier.model_.n_classes}; save it again")
    classifier.classes_, classifier.window_shape_ = classes, classifier.model_.window_shape
    return classifier
