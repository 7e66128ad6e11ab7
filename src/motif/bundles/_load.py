"""Give back a recognizer from a bundle: onnxruntime and NumPy, nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import ArrayLike, NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

from motif.bundles._describe import BundleConfig, labels_from_json
from motif.bundles._manifest import Manifest, read_files
from motif.errors import BundleError
from motif.recognizer import RecognizeMixin, checked_windows

__all__ = ["BundleRecognizer", "from_files", "load"]

_RUNTIME_ERRORS = (
    runtime.Fail,
    runtime.InvalidArgument,
    runtime.InvalidGraph,
    runtime.InvalidProtobuf,
    runtime.NoSuchFile,
    runtime.NotImplemented,
    runtime.RuntimeException,
    RuntimeError,
    ValueError,
)


class BundleRecognizer(RecognizeMixin):
    """A recognizer that was learnt elsewhere. It takes raw windows and cannot be fitted.

    `classes_` are the class names; `config`, `metrics` and `manifest` say what it is.
    """

    def __init__(
        self,
        session: Any,
        *,
        config: BundleConfig,
        class_names: tuple[str, ...],
        metrics: Mapping[str, Any],
        manifest: Manifest,
    ) -> None:
        self._session = session
        self._input: str = session.get_inputs()[0].name
        self._output: str = session.get_outputs()[0].name
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
        for i in range(len(windows)):  # one by one: in a batch a matrix product may round otherwise
            probabilities[i] = self._session.run([self._output], {self._input: windows[i : i + 1]})[0][0]
        return probabilities


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
    config = BundleConfig.from_yaml(_text(files, "config.yaml"))
    class_names = labels_from_json(_text(files, "label_map.json"))
    session = _session(files["model.onnx"])
    _check_fit(session, config, class_names)
    return BundleRecognizer(session, config=config, class_names=class_names, metrics=_metrics(files), manifest=manifest)


def _text(files: Mapping[str, bytes], name: str) -> str:
    try:
        return files[name].decode()
    except UnicodeDecodeError as error:
        raise BundleError(f"{name} is not UTF-8 text; save the bundle again") from error


def _metrics(files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        metrics = json.loads(_text(files, "metrics.json"))
    except (ValueError, RecursionError) as error:
        raise BundleError(f"metrics.json cannot be read ({error}); save the bundle again") from error
    if not isinstance(metrics, dict):
        raise BundleError("metrics.json is not an object; save the bundle again")
    return metrics


def _session(model: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong comes back as an exception
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except _RUNTIME_ERRORS as error:
        raise BundleError(f"model.onnx cannot be loaded ({error}); save the bundle again") from error


def _check_fit(session: Any, config: BundleConfig, class_names: tuple[str, ...]) -> None:
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(outputs) != 1:
        raise BundleError(f"model.onnx has {len(inputs)} inputs and {len(outputs)} outputs; want one of each")
    window, classes = tuple(inputs[0].shape[1:]), outputs[0].shape[-1]
    if window != config.window.shape:
        raise BundleError(f"model.onnx takes windows of {window}, config.yaml says {config.window.shape}; save again")
    if classes != len(class_names):
        raise BundleError(f"model.onnx tells {classes} classes apart, label_map.json names {len(class_names)}")
