"""Hailo-8: what its compiler takes, checked before the compiler sees it; a HEF where the compiler is installed.

The compiler (Hailo's Dataflow Compiler) is the vendor's and comes by registration only. Where it is missing, what it
needs is left instead: the checked ONNX, a calibration set, the script to run, and the plain word that no HEF was built.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import BundleError
from motif.optional import require

__all__ = ["OPERATIONS", "HailoCheck", "check_for_hailo", "hailo_files"]

MAX_OPSET = 17
"""Of ONNX, that the compiler's parser reads."""
# fmt: off
OPERATIONS = frozenset({
    "Add", "AveragePool", "BatchNormalization", "Clip", "Concat", "Constant", "Conv", "ConvTranspose",
    "DepthToSpace", "Div", "Dropout", "Elu", "Flatten", "Gemm", "GlobalAveragePool", "GlobalMaxPool", "HardSigmoid",
    "HardSwish", "Identity", "LeakyRelu", "MatMul", "Max", "MaxPool", "Min", "Mul", "Neg", "PRelu", "Pad",
    "ReduceMax", "ReduceMean", "ReduceSum", "Relu", "Reshape", "Resize", "Sigmoid", "Slice", "Softmax", "Softplus",
    "SpaceToDepth", "Split", "Sqrt", "Squeeze", "Sub", "Tanh", "Transpose", "Unsqueeze"
})
# fmt: on
"""That a Hailo-8 takes, as far as the vendor documents it; loops, gathers and recurrent layers are not among them."""
SCRIPT = """#!/bin/sh
# Build hailo.hef from the checked model in this folder, with the vendor's Dataflow Compiler (`hailo`).
set -eu
cd "$(dirname "$0")"
hailo parser onnx model.onnx --hw-arch hailo8 --har-path model.har -y
hailo optimize model.har --hw-arch hailo8 --calib-set-path calibration.npy --output-har-path optimized.har
hailo compiler optimized.har --hw-arch hailo8 --output-dir .
"""


@dataclass(frozen=True, slots=True)
class HailoCheck:
    """What stands in the way of a graph on a Hailo-8."""

    problems: tuple[str, ...]
    operations: tuple[str, ...]
    opset: int
    onnx: bytes
    """The graph with one window as its batch, every shape inferred."""

    @property
    def fits(self) -> bool:
        """Whether the compiler may be expected to take it."""
        return not self.problems


def check_for_hailo(onnx: bytes) -> HailoCheck:
    """Fix the batch to one window, infer all shapes, and list all that a Hailo-8 does not take.

    Raises
    ------
    BundleError
        The graph cannot be read.
    MissingExtraError
        `onnx` is not installed.
    """
    library = require("onnx", extra="train")
    require("onnx.shape_inference", extra="train")
    try:
        model = library.load_from_string(onnx)
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
        for value in model.graph.output:
            value.type.tensor_type.shape.dim[0].dim_value = 1
        model = library.shape_inference.infer_shapes(_at_opset(library, model), data_prop=True)
        content = model.SerializeToString(deterministic=True)
    except Exception as error:  # protobuf, onnx and its checker each have errors of their own
        raise BundleError(f"the ONNX graph cannot be read ({error}); save the bundle again") from error
    operations = tuple(sorted({node.op_type for node in model.graph.node}))
    return HailoCheck(tuple(_problems(library, model, operations)), operations, _opset(model), content)


def hailo_files(onnx: bytes, calibration: NDArray[np.float32]) -> tuple[dict[str, bytes], str]:
    """Return the files of the target, and a sentence that says what they are.

    With the vendor's compiler, `hailo.hef`; without it, or for a graph that does not fit, `hailo/`: the checked ONNX,
    `calibration.npy` (channels last, as the compiler reads it), `compile.sh` and `README.md`.

    Raises
    ------
    BundleError, MissingExtraError
    """
    checked = check_for_hailo(onnx)
    files = {
        "hailo/model.onnx": checked.onnx,
        "hailo/calibration.npy": _npy(calibration),
        "hailo/compile.sh": SCRIPT.encode(),
    }
    if not checked.fits:
        said = f"No HEF was built: a Hailo-8 does not take this graph ({'; '.join(checked.problems)})."
    elif shutil.which("hailo") is None:
        said = (
            "No HEF was built: the vendor's compiler (`hailo`) is not installed here. Run hailo/compile.sh where it is."
        )
    else:
        return {"hailo.hef": _compiled(files)}, "hailo.hef was built by the vendor's compiler."
    files["hailo/README.md"] = _readme(said, checked).encode()
    return files, said


def _at_opset(library: Any, model: Any) -> Any:
    if _opset(model) <= MAX_OPSET:
        return model
    require("onnx.version_converter", extra="train")
    try:
        return library.version_converter.convert_version(model, MAX_OPSET)
    except Exception:  # the converter knows no way back for some operations: the check says so
        return model


def _opset(model: Any) -> int:
    return max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=0)


def _problems(library: Any, model: Any, operations: tuple[str, ...]) -> list[str]:
    graph, problems = model.graph, []
    if foreign := sorted({node.domain for node in graph.node if node.domain not in ("", "ai.onnx")}):
        problems.append(f"operations of other domains: {', '.join(foreign)}")
    if unknown := [name for name in operations if name not in OPERATIONS]:
        problems.append(f"operations it does not know: {', '.join(unknown)}")
    if _opset(model) > MAX_OPSET:
        problems.append(f"opset {_opset(model)}, above {MAX_OPSET}")
    ranks = {tensor.name: len(tensor.dims) for tensor in graph.initializer}
    ranks |= {value.name: len(value.type.tensor_type.shape.dim) for value in (*graph.input, *graph.value_info)}
    if flat := [node.name or node.output[0] for node in graph.node if _is_flat(node, ranks)]:
        problems.append(f"{len(flat)} convolutions that are not of rank 4")
    if open_shapes := [value.name for value in (*graph.value_info, *graph.output) if not _is_static(value)]:
        problems.append(f"{len(open_shapes)} tensors without a fixed shape, the first {open_shapes[0]}")
    return problems


def _is_flat(node: Any, ranks: dict[str, int]) -> bool:
    """Whether a convolution is over one axis, or over nobody knows how many."""
    return node.op_type in ("Conv", "ConvTranspose") and ranks.get(node.input[1]) != 4


def _is_static(value: Any) -> bool:
    return all(dim.HasField("dim_value") for dim in value.type.tensor_type.shape.dim)


def _npy(windows: NDArray[np.float32]) -> bytes:
    ordered = windows.transpose(0, 2, 3, 1) if windows.ndim == 4 else windows
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(ordered, np.float32), allow_pickle=False)
    return buffer.getvalue()


def _compiled(files: dict[str, bytes]) -> bytes:
    with TemporaryDirectory(prefix="motif-") as name:
        for file, content in files.items():
            (Path(name) / Path(file).name).write_bytes(content)
        done = subprocess.run(
            ["/bin/sh", str(Path(name) / "compile.sh")], capture_output=True, text=True, timeout=3600, check=False
        )
        built = sorted(Path(name).glob("*.hef"))
        if done.returncode or len(built) != 1:
            raise BundleError(f"the Hailo compiler built no HEF (exit code {done.returncode}): {done.stderr[-300:]}")
        return built[0].read_bytes()


def _readme(said: str, checked: HailoCheck) -> str:
    return "\n".join(
        [
            "# Hailo-8",
            "",
            said,
            "",
            f"- `model.onnx`: opset {checked.opset}, one window at a time, operations {', '.join(checked.operations)}",
            "- `calibration.npy`: windows to learn the ranges of 8 bits from, channels last",
            "- `compile.sh`: what to run where the vendor's compiler is installed",
            "",
        ]
    )
