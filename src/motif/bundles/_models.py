"""What answers in a bundle: an ONNX graph, or arrays that an installed recognizer of ours reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, Protocol, cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

from motif.bundles._arrays import ARRAYS, model_arrays
from motif.errors import BundleError
from motif.recognizer import finite_probabilities

__all__ = ["GROUP", "RUNTIME_ERRORS", "Model", "model_from", "session"]

GROUP = "motif.array_models"
"""Entry points: from a recognizer's name to what makes a `Model` of its arrays. Only what is installed is looked up."""

RUNTIME_ERRORS = (
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


class Model(Protocol):
    """Answers for one window at a time: in a batch a matrix product may round otherwise."""

    window_shape: tuple[int, ...]
    n_classes: int

    def answer(self, window: NDArray[np.float32]) -> tuple[NDArray[np.float32], bool | None]:
        """Return (n_classes,) probabilities of a window, and whether it is an outlier where the model knows."""
        ...


class OnnxModel:
    """A graph that onnxruntime runs on one thread."""

    def __init__(self, content: bytes) -> None:
        self._session = session(content, "model.onnx")
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(outputs) != 1:
            raise BundleError(f"model.onnx has {len(inputs)} inputs and {len(outputs)} outputs; want one of each")
        self._input: str = inputs[0].name
        self._output: str = outputs[0].name
        self.window_shape = tuple(inputs[0].shape[1:])
        self.n_classes = outputs[0].shape[-1]

    def answer(self, window: NDArray[np.float32]) -> tuple[NDArray[np.float32], bool | None]:
        """Return (n_classes,) probabilities; a graph says nothing of outliers."""
        return finite_probabilities(self._session.run([self._output], {self._input: window[None]})[0])[0], None


def model_from(files: Mapping[str, bytes], recognizer: str) -> Model:
    """Return what answers, from files that were checked.

    Raises
    ------
    BundleError
        The model cannot be loaded, or no installed recognizer reads it.
    """
    if "model.onnx" in files:
        return OnnxModel(files["model.onnx"])
    make = _installed(recognizer)
    try:
        return make(model_arrays(files))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BundleError(f"{ARRAYS} is not what {recognizer} saves ({error}); save the bundle again") from error


def _installed(recognizer: str) -> Callable[[Mapping[str, NDArray[Any]]], Model]:
    for point in entry_points(group=GROUP, name=recognizer):
        return cast(Callable[[Mapping[str, NDArray[Any]]], Model], point.load())
    raise BundleError(f"nothing installed here reads the arrays of a {recognizer}; install the package it comes from")


def session(model: bytes, name: str) -> Any:
    """Return an onnxruntime session on one thread; `name` is the file's, for messages.

    Raises
    ------
    BundleError
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong comes back as an exception
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except RUNTIME_ERRORS as error:
        raise BundleError(f"{name} cannot be loaded ({error}); save the bundle again") from error
