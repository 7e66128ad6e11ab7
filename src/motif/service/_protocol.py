"""Open Inference Protocol v2: a request's tensors in, a reply's tensors out; JSON, or JSON with binary tensors behind.

References
----------
KServe, "Open Inference Protocol (V2)", REST; Triton Inference Server, "Binary Tensor Data Extension".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import InputError, ShapeError
from motif.recognizer import Prediction
from motif.service._json import are_numbers, from_json, to_json
from motif.service._shelf import Model

__all__ = ["INPUT", "Reply", "Request", "metadata", "read_request", "write_reply"]

INPUT = "windows"
_FLOATS: dict[str, np.dtype[Any]] = {"FP32": np.dtype("<f4"), "FP64": np.dtype("<f8"), "FP16": np.dtype("<f2")}
_WHOLES: dict[str, np.dtype[Any]] = {
    f"{kind}{8 * size}": np.dtype(f"<{kind[0].lower()}{size}") for kind in ("INT", "UINT") for size in (1, 2, 4, 8)
}
_DTYPES = _FLOATS | _WHOLES
_OUTPUTS = {
    "probabilities": "FP32",
    "label": "BYTES",
    "confidence": "FP32",
    "uncertainty": "FP32",
    "is_outlier": "BOOL",
}


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What was asked: windows, which outputs are wanted, and which of them as bytes behind the JSON."""

    id: str | None
    windows: NDArray[np.float32]
    """(n, *window)"""
    outputs: tuple[str, ...]
    binary: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reply:
    """A body, and how many bytes of it are JSON where tensors follow."""

    body: bytes
    json_bytes: int | None


def metadata(model: Model, versions: list[str]) -> dict[str, Any]:
    """Return what the protocol tells of a model."""
    n_classes = len(model.class_names)
    shapes = {name: [-1, n_classes] if name == "probabilities" else [-1] for name in _OUTPUTS}
    return {
        "name": model.name,
        "versions": versions,
        "platform": "motif",
        "inputs": [{"name": INPUT, "datatype": "FP32", "shape": [-1, *model.window_shape]}],
        "outputs": [{"name": name, "datatype": kind, "shape": shapes[name]} for name, kind in _OUTPUTS.items()],
    }


def read_request(body: bytes, model: Model, *, json_bytes: int | None, most_windows: int) -> Request:
    """Read the body of an inference request.

    Parameters
    ----------
    body : bytes
    model : Model
        Whose windows they should be.
    json_bytes : int or None
        `Inference-Header-Content-Length`: so many bytes are JSON, tensors follow.
    most_windows : int
        More are refused.

    Raises
    ------
    InputError
        It is no such request; the message says what is wrong with it.
    """
    header = body if json_bytes is None else body[:json_bytes]
    tensors = b"" if json_bytes is None else body[json_bytes:]
    try:
        found = from_json(header)
    except ValueError as error:
        raise InputError(f"the request is no JSON: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("inputs"), list) or len(found["inputs"]) != 1:
        raise InputError(f"want a JSON object with one tensor in `inputs`, called {INPUT!r}")
    windows = _tensor(found["inputs"][0], tensors, model.window_shape, most_windows)
    outputs, binary = _wanted(found)
    identifier = found.get("id")
    return Request(None if identifier is None else str(identifier)[:200], windows, outputs, binary)


def write_reply(request: Request, model: Model, predictions: Sequence[Prediction]) -> Reply:
    """Write the reply to a request from a prediction for each of its windows."""
    outputs, behind = [], b""
    for name in request.outputs:
        value, kind = _value(name, predictions), _OUTPUTS[name]
        told: dict[str, Any] = {"name": name, "datatype": kind, "shape": list(value.shape)}
        if name in request.binary:
            content = _packed(value, kind)
            told["parameters"] = {"binary_data_size": len(content)}
            behind += content
        else:
            told["data"] = value.ravel().tolist()
        outputs.append(told)
    reply = {"model_name": model.name, "model_version": model.version, "outputs": outputs}
    header = to_json(reply | ({"id": request.id} if request.id is not None else {}))
    return Reply(header + behind, len(header) if behind else None)


def _value(name: str, predictions: Sequence[Prediction]) -> NDArray[Any]:
    told = [getattr(each, name) for each in predictions]
    if name == "label":
        return np.array([str(label) for label in told], dtype=object)
    return np.array(told, bool if name == "is_outlier" else np.float32)


def _packed(value: NDArray[Any], kind: str) -> bytes:
    if kind != "BYTES":
        return value.tobytes()
    texts = [str(text).encode() for text in value]
    return b"".join(len(text).to_bytes(4, "little") + text for text in texts)


def _tensor(tensor: Any, behind: bytes, window: tuple[int, ...], most: int) -> NDArray[np.float32]:
    if not isinstance(tensor, dict):
        raise InputError("the tensor in `inputs` is no JSON object")
    shape, kind = tensor.get("shape"), tensor.get("datatype")
    if not isinstance(shape, list) or not all(type(size) is int and size > 0 for size in shape):
        raise InputError(f"`shape` is {shape!r}; want a list of whole numbers above 0")
    if tuple(shape[1:]) != window or not 0 < shape[0] <= most:
        raise ShapeError(INPUT, got=tuple(shape), want=f"(1 to {most}, {', '.join(map(str, window))})")
    if not isinstance(kind, str) or kind not in _DTYPES:
        raise InputError(f"`datatype` is {kind!r}; want one of {', '.join(_DTYPES)}")
    values = _binary_values(tensor, behind, kind) if behind else _json_values(tensor.get("data"))
    if values.size != (size := math.prod(shape)):
        raise InputError(f"`data` holds {values.size} numbers; shape {shape} wants {size}")
    with np.errstate(over="ignore"):  # becomes infinite, and is refused as such by the recognizer
        return values.astype(np.float32).reshape(shape)


def _binary_values(tensor: dict[str, Any], behind: bytes, kind: str) -> NDArray[Any]:
    size = _parameters(tensor).get("binary_data_size")
    dtype = _DTYPES[kind]
    if size != len(behind) or len(behind) % dtype.itemsize:
        raise InputError(f"{len(behind)} bytes follow the JSON; binary_data_size says {size!r}")
    return np.frombuffer(behind, dtype)


def _json_values(data: Any) -> NDArray[Any]:
    if not isinstance(data, list):
        raise InputError("`data` is missing; want the window's numbers as a list")
    if not are_numbers(data):
        raise InputError("`data` holds what is no number")
    try:
        return np.asarray(data, np.float64).ravel()
    except ValueError as error:
        raise InputError("the lists of `data` differ in length") from error


def _wanted(found: dict[str, Any]) -> tuple[tuple[str, ...], frozenset[str]]:
    all_binary = bool(_parameters(found).get("binary_data_output"))
    outputs = found.get("outputs") or [{"name": name} for name in _OUTPUTS]
    if not isinstance(outputs, list) or not all(isinstance(each, dict) for each in outputs):
        raise InputError("`outputs` is no list of objects with a name")
    names: list[str] = []
    binary: set[str] = set()
    for each in outputs:
        name = each.get("name")
        if not isinstance(name, str) or name not in _OUTPUTS:
            raise InputError(f"there is no output {name!r}; there are {', '.join(_OUTPUTS)}")
        if _parameters(each).get("binary_data", all_binary):
            binary.add(name)
        names.append(name)
    return tuple(dict.fromkeys(names)), frozenset(binary)


def _parameters(found: dict[str, Any]) -> dict[str, Any]:
    parameters = found.get("parameters")
    return parameters if isinstance(parameters, dict) else {}
