"""Hailo-8: what its compiler takes, checked before the compiler sees it; a HEF where the compiler is installed.

The compiler (Hailo's Dataflow Compiler) is the vendor's and comes by registration only. Where it is missing, what it
needs is left instead: the checked ONNX of the device's part, a calibration set, the script to run, and the plain word
that no HEF was built. The host's part stands beside it.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.bundles._models import RUNTIME_ERRORS, session
from motif.bundles.targets._hailo_graph import LOGITS, OPSET, Divided, divide
from motif.errors import BundleError, MissingExtraError
from motif.optional import require

__all__ = ["DEVICE", "OPERATIONS", "HailoCheck", "check_for_hailo", "hailo_answers", "hailo_files"]

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
SCRIPT = """#!/usr/bin/env python3
# Build hailo.hef from the checked model in this folder, with the vendor's Dataflow Compiler (hailo_sdk_client).
from pathlib import Path

import numpy as np
from hailo_sdk_client import ClientRunner

here = Path(__file__).resolve().parent
runner = ClientRunner(hw_arch="hailo8")
runner.translate_onnx_model(str(here / "model.onnx"), "motif")
with np.load(here / "calibration.npz") as windows:  # the inputs, in the order in which the model takes them
    taken = {f"motif/input_layer{i}": windows[name] for i, name in enumerate(windows.files, 1)}
runner.optimize(taken if len(taken) > 1 else next(iter(taken.values())))
(here / "hailo.hef").write_bytes(runner.compile())
"""
DEVICE, HOST = "hailo/model.onnx", "hailo/host.onnx"
CALIBRATION, COMPILE = "hailo/calibration.npz", "hailo/compile.py"
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class HailoCheck:
    """What stands in the way of a graph on a Hailo-8."""

    problems: tuple[str, ...]
    operations: tuple[str, ...]
    opset: int

    @property
    def fits(self) -> bool:
        """Whether the compiler may be expected to take it."""
        return not self.problems


def check_for_hailo(onnx: bytes) -> HailoCheck:
    """List all that a Hailo-8 does not take of the graph it is to run, as it is.

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
        model = library.shape_inference.infer_shapes(library.load_from_string(onnx), data_prop=True)
    except Exception as error:  # protobuf, onnx and its checker each have errors of their own
        raise _unreadable(error) from error
    operations = tuple(sorted({node.op_type for node in model.graph.node}))
    return HailoCheck(tuple(_problems(model, operations)), operations, _opset(model))


def hailo_files(onnx: bytes, calibration: NDArray[np.float32]) -> tuple[dict[str, bytes], str]:
    """Return the files of the target, and a sentence that says what they are.

    `hailo/`: the checked ONNX of the device's part, the host's part, the device's share of the calibration windows
    (channels last, as the compiler reads it), the script that builds a HEF, `README.md`. With the vendor's compiler,
    and for a graph that fits, `hailo.hef`, too.

    Raises
    ------
    BundleError, MissingExtraError
    """
    try:
        divided = divide(onnx, OPERATIONS)
    except MissingExtraError:
        raise
    except Exception as error:  # protobuf, onnx and onnxruntime each have errors of their own
        raise _unreadable(error) from error
    checked = check_for_hailo(divided.device)
    files = {DEVICE: divided.device, COMPILE: SCRIPT.encode()}
    if divided.host is not None:
        files[HOST] = divided.host
    files[CALIBRATION] = _calibration(files, calibration)
    if not checked.fits:
        said = f"No HEF was built: a Hailo-8 does not take this graph ({'; '.join(checked.problems)})."
    elif (compiler := shutil.which("hailo")) is None:
        said = (
            "No HEF was built: the vendor's compiler (`hailo`) is not installed here. The graph was checked against "
            "what the vendor documents; run hailo/compile.py where the compiler is."
        )
    else:
        files["hailo.hef"] = _compiled(files, compiler)
        said = "hailo.hef was built by the vendor's compiler."
    files["hailo/README.md"] = _readme(said, checked, divided).encode()
    return files, said


def hailo_answers(files: Files, windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (n, n_classes) probabilities as host and device would give them together, in float.

    Raises
    ------
    BundleError
        A part cannot be loaded, or the two do not fit together.
    """
    device = session(files[DEVICE], DEVICE)
    output = device.get_outputs()[0].name
    try:
        logits = np.stack([device.run([output], taken)[0][0] for taken in _handed_over(files, device, windows)])
    except (*RUNTIME_ERRORS, KeyError, IndexError) as error:
        raise BundleError(f"{HOST} and {DEVICE} do not fit together ({error}); pack the bundle again") from error
    if logits.ndim < 2:
        raise BundleError(f"{DEVICE} gives one number for a window; want a row of numbers: pack the bundle again")
    if output != LOGITS:
        return logits
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def _handed_over(files: Files, device: Any, windows: NDArray[np.float32]) -> Iterator[dict[str, NDArray[np.float32]]]:
    """Yield, for each window, what the device takes by name."""
    host = session(files[HOST], HOST) if HOST in files else None
    wanted = [taken.name for taken in device.get_inputs()]
    for window in windows:
        if host is None:
            yield {wanted[0]: window[None]}
            continue
        known = {host.get_inputs()[0].name: window[None]}
        known |= dict(zip((given.name for given in host.get_outputs()), host.run(None, known), strict=True))
        yield {name: known[name] for name in wanted}


def _calibration(files: Files, windows: NDArray[np.float32]) -> bytes:
    device = session(files[DEVICE], DEVICE)
    handed = list(_handed_over(files, device, windows))
    buffer = io.BytesIO()
    taken = {each.name: np.concatenate([one[each.name] for one in handed]) for each in device.get_inputs()}
    np.savez(buffer, allow_pickle=False, **{name: _channels_last(values) for name, values in taken.items()})
    return buffer.getvalue()


def _channels_last(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(maps.transpose(0, 2, 3, 1)) if maps.ndim == 4 else maps


def _unreadable(error: Exception) -> BundleError:
    return BundleError(f"the ONNX graph cannot be read ({error}); save the bundle again")


def _opset(model: Any) -> int:
    return max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=0)


def _problems(model: Any, operations: tuple[str, ...]) -> list[str]:
    graph, problems = model.graph, []
    if foreign := sorted({node.domain for node in graph.node if node.domain not in ("", "ai.onnx")}):
        problems.append(f"operations of other domains: {', '.join(foreign)}")
    if unknown := [name for name in operations if name not in OPERATIONS]:
        problems.append(f"operations it does not know: {', '.join(unknown)}")
    if _opset(model) > OPSET:
        problems.append(f"opset {_opset(model)}, above {OPSET}")
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


def _compiled(files: Files, compiler: str) -> bytes:
    """Return the HEF, built by the Python that the compiler is installed in."""
    with TemporaryDirectory(prefix="motif-") as name:
        for file, content in files.items():
            (Path(name) / Path(file).name).write_bytes(content)
        command = [str(Path(compiler).with_name("python3")), str(Path(name) / Path(COMPILE).name)]
        try:
            done = subprocess.run(command, cwd=name, capture_output=True, text=True, timeout=3600, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BundleError(f"the Hailo compiler could not be run ({error})") from error
        built = Path(name) / "hailo.hef"
        if done.returncode or not built.is_file():
            raise BundleError(f"the Hailo compiler built no HEF (exit code {done.returncode}): {done.stderr[-300:]}")
        return built.read_bytes()


def _readme(said: str, checked: HailoCheck, divided: Divided) -> str:
    last = "`logits`; the host makes probabilities of them: a softmax" if divided.ends_in_softmax else "probabilities"
    parts = [
        f"- `model.onnx`: what the device runs, one window at a time: opset {checked.opset}, fixed shapes, operations "
        f"{', '.join(checked.operations)}. It gives {last}.",
        "- `calibration.npz`: what the device takes for some windows, channels last; the ranges of 8 bits are learnt "
        "from it.",
        "- `compile.py`: what to run where the vendor's compiler is installed. It follows the vendor's documentation; "
        "it was run here only if this pack holds `hailo.hef`.",
    ]
    if divided.host is not None:
        parts.insert(
            0,
            "- `host.onnx`: what runs before, on the host, in float: from a raw window to what the device takes. It "
            "holds what a Hailo-8 does not know, and all that leads to it.",
        )
    return "\n".join(["# Hailo-8", "", said, "", *parts, ""])
