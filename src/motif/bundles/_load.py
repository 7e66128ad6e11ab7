"""Give back a recognizer from a bundle: onnxruntime and NumPy, nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.bundles._describe import BundleConfig, labels_from_json
from motif.bundles._manifest import Manifest, read_files
from motif.bundles._models import Model, OnnxModel, model_from
from motif.errors import BundleError
from motif.recognizer import Prediction, RecognizeMixin, checked_windows

__all__ = ["BundleRecognizer", "from_files", "load"]


class BundleRecognizer(RecognizeMixin):
    """A recognizer that was learnt elsewhere. It takes raw windows and cannot be fitted.

    `classes_` are the class names; `config`, `metrics` and `manifest` say what it is.
    """

    def __init__(
        self,
        model: Model,
        *,
        config: BundleConfig,
        class_names: tuple[str, ...],
        metrics: Mapping[str, Any],
        manifest: Manifest,
    ) -> None:
        self._model = model
        self.config = config
        self.metrics = metrics
        self.manifest = manifest
        self.classes_ = np.array(class_names)
        self.outlier_confidence_ = config.outlier_confidence

    def __repr__(self) -> str:
        """Say what it takes and what it tells apart."""
        shape = " × ".join(map(str, self.config.window.shape))
        return f"BundleRecognizer({self.config.name!r}, window {shape}, {len(self.classes_)} classes)"

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the probability of each class.

        Parameters
        ----------
        X : (n, *window), raw, in the units of `config.window`

        Returns
        -------
        (n, n_classes), each row sums to 1

        Raises
        ------
        DtypeError, ShapeError, NotFiniteError
        """
        windows = checked_windows(X, window_shape=self.config.window.shape)
        probabilities = np.empty((len(windows), len(self.classes_)), np.float32)
        for i, window in enumerate(windows):  # one by one: in a batch a matrix product may round otherwise
            probabilities[i] = self._model.answer(window)[0]
        return probabilities

    @property
    def is_graph(self) -> bool:
        """Whether onnxruntime answers; other threads go on meanwhile."""
        return isinstance(self._model, OnnxModel)

    def recognize(self, window: ArrayLike) -> Prediction:
        """Return what is said of one window; the model's own word on outliers counts, where it has one."""
        whole = checked_windows(np.asarray(window)[None], window_shape=self.config.window.shape)[0]
        probabilities, is_outlier = self._model.answer(whole)
        return self._prediction(probabilities, is_outlier)


def load(path: str | Path) -> BundleRecognizer:
    """Read a bundle; every byte is checked against its manifest first.

    Raises
    ------
    MissingFileError
        There is no such folder.
    BundleError
        The bundle is damaged, altered, of another schema, or its parts do not fit together.
    """
    manifest, files = read_files(path)
    return from_files(manifest, files)


def from_files(manifest: Manifest, files: Mapping[str, bytes]) -> BundleRecognizer:
    """Make the recognizer from files that were read and checked."""
    config = BundleConfig.from_yaml(files["config.yaml"])
    class_names = labels_from_json(files["label_map.json"])
    model = model_from(files, config.recognizer)
    if model.window_shape != config.window.shape:
        raise BundleError(
            f"the model takes windows of {model.window_shape}, config.yaml says {config.window.shape}; save again"
        )
    if model.n_classes != len(class_names):
        raise BundleError(f"the model tells {model.n_classes} classes apart, label_map.json names {len(class_names)}")
    return BundleRecognizer(model, config=config, class_names=class_names, metrics=_metrics(files), manifest=manifest)


def _metrics(files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        metrics = json.loads(files["metrics.json"])
    except (ValueError, RecursionError) as error:
        raise BundleError(f"metrics.json cannot be read ({error}); save the bundle again") from error
    if not isinstance(metrics, dict):
        raise BundleError("metrics.json is not an object; save the bundle again")
    return metrics
