"""What is looked at in each target: operations, shapes, types, size, agreement with the network, latency."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.bundles._load import BundleRecognizer
from motif.bundles._models import OnnxModel
from motif.bundles._reference import read_reference
from motif.bundles._verify import TOLERANCE, median_ms
from motif.bundles.targets._formats import N_TIMED, answers_of_source, coreml_answers
from motif.bundles.targets._gates import Gates
from motif.bundles.targets._hailo import DEVICE, check_for_hailo, hailo_answers
from motif.bundles.targets._hailo_graph import OPSET
from motif.bundles.targets._process import here_with, job_folder, run_worker
from motif.bundles.targets._source import open_source
from motif.bundles.targets._verdict import Check
from motif.errors import BundleError, MissingExtraError
from motif.optional import require

__all__ = ["CHECKS", "TFLITE"]

TFLITE = "model.tflite"
COREML_TOLERANCE = 1e-3
Files = Mapping[str, bytes]


def _onnx(
    bundle: Path, files: Files, recognizer: BundleRecognizer, windows: NDArray[np.float32], gates: Gates
) -> list[Check]:
    if "model.onnx" not in files:
        return [Check("model", False, "this recognizer answers from arrays; there is no model.onnx")]
    model = OnnxModel(files["model.onnx"])
    answers = np.concatenate([model.answer(window)[0][None] for window in windows])
    sums = bool(np.allclose(answers.sum(axis=1), 1, atol=1e-3))
    return [
        _onnx_operations(files["model.onnx"]),
        Check("shapes", True, f"{model.window_shape} to {model.n_classes} classes, as config.yaml says"),
        Check("dtypes", answers.dtype == np.float32 and sums, f"{answers.dtype} probabilities that sum to 1"),
        _size(len(files["model.onnx"]), gates),
        *_agreement(bundle, files, windows, answers),
        _latency(median_ms(recognizer, windows[0], 200), gates),
    ]


def _coreml(
    bundle: Path, files: Files, recognizer: BundleRecognizer, windows: NDArray[np.float32], gates: Gates
) -> list[Check]:
    package = {name.removeprefix("coreml.mlpackage/"): content for name, content in files.items() if "coreml" in name}
    if not package:
        return [Check("model", False, _why_not(files, "coreml"))]
    here_with("coremltools", extra="edge")
    with job_folder({f"model.mlpackage/{name}": content for name, content in package.items()}) as folder:
        found = run_worker("coreml_describe", folder)
    shape, n_classes = recognizer.config.window.shape, len(recognizer.classes_)
    (taken,), (given,) = found["inputs"], found["outputs"]
    checks = [
        Check("operations", True, ", ".join(found["operations"])),
        Check("shapes", tuple(taken[0]) == (1, *shape), f"takes {taken[0]}, tells {n_classes} classes apart"),
        Check("dtypes", {taken[1], given[1]} == {"float32"}, f"{taken[1]} in, {given[1]} out"),
        _size(sum(map(len, package.values())), gates),
    ]
    source = open_source(bundle)
    if source.keras is not None:
        answers = coreml_answers(source, windows)
        difference = float(np.abs(answers.probabilities - answers_of_source(source, windows).probabilities).max())
        note = f"{difference:.2g} on {len(windows)} windows, asked of {answers.asked}"
        checks.append(Check("agreement", difference <= COREML_TOLERANCE, note))
    return [*checks, Check("latency", None, "Core ML answers on Apple's systems only; time it on the device")]


def _tflite(
    bundle: Path, files: Files, recognizer: BundleRecognizer, windows: NDArray[np.float32], gates: Gates
) -> list[Check]:
    if TFLITE not in files:
        return [Check("model", False, _why_not(files, "tflite"))]
    python = here_with("ai_edge_litert", extra="edge")
    with job_folder({TFLITE: files[TFLITE]}, n_timed=N_TIMED) as folder:
        np.save(folder / "windows.npy", windows)
        found = run_worker("litert_answers", folder, python=python)
        answers = np.load(folder / "answers.npy", allow_pickle=False)
    (taken, taken_type), (given, given_type) = found["input"], found["output"]
    shape, n_classes = recognizer.config.window.shape, len(recognizer.classes_)
    shapes = Check(
        "shapes",
        tuple(taken) == (1, *shape) and tuple(given) == (1, n_classes),
        f"takes {taken}, gives {given}; want {[1, *shape]} and {[1, n_classes]}",
    )
    return [
        Check("operations", True, ", ".join(found["operations"])),
        shapes,
        Check("dtypes", {taken_type, given_type} == {"float32"}, f"{taken_type} in, {given_type} out"),
        _size(len(files[TFLITE]), gates),
        *(_agreement(bundle, files, windows, answers) if shapes.passed else []),
        _latency(found["median_ms"], gates),
    ]


def _hailo(
    bundle: Path, files: Files, recognizer: BundleRecognizer, windows: NDArray[np.float32], gates: Gates
) -> list[Check]:
    if DEVICE not in files:
        return [Check("model", False, _why_not(files, "hailo"))]
    built = "hailo.hef" in files
    graph = check_for_hailo(files[DEVICE])
    answers, n_classes = hailo_answers(files, windows), len(recognizer.classes_)
    shapes = Check("shapes", answers.shape[1] == n_classes, f"{answers.shape[1]} numbers out, {n_classes} classes")
    where = "a HEF answers on a Hailo-8 only" if built else "no HEF is here"
    return [
        Check("model", True if built else None, _why_not(files, "hailo")),
        Check("operations", graph.fits, "; ".join(graph.problems) or f"{', '.join(graph.operations)}: all known"),
        Check("opset", graph.opset <= OPSET, f"{graph.opset}, at most {OPSET}"),
        shapes,
        _size(len(files["hailo.hef" if built else DEVICE]), gates),
        *(_agreement(bundle, files, windows, answers) if shapes.passed else []),
        Check("latency", None, f"{where}; time it on the device"),
    ]


def _size(n_bytes: int, gates: Gates) -> Check:
    return Check("size", n_bytes < gates.max_size_mb * 1e6, f"{n_bytes / 1e6:.3g} MB, below {gates.max_size_mb:g}")


def _latency(ms: float, gates: Gates) -> Check:
    return Check("latency", ms < gates.max_latency_ms, f"median {ms:.3g} ms, below {gates.max_latency_ms:g}")


def _agreement(bundle: Path, files: Files, windows: NDArray[np.float32], answers: NDArray[np.float32]) -> list[Check]:
    """Compare with the network itself where Keras is installed, else with the answers it left on reference windows."""
    source = open_source(bundle)
    if source.keras is not None and find_spec("keras") and find_spec("jax"):
        want, asked = answers_of_source(source, windows).probabilities, "Keras"
    else:
        reference = read_reference(files, window_shape=windows.shape[1:], n_classes=answers.shape[1])
        if reference is None:
            return [Check("agreement", None, "it holds neither the network nor reference windows to compare with")]
        want, asked = reference[1], "the answers it left when saved"
    difference = float(np.abs(answers[: len(want)] - want).max())
    return [Check("agreement", difference <= TOLERANCE, f"{difference:.2g} from {asked}, {len(want)} windows")]


def _onnx_operations(content: bytes) -> Check:
    try:
        graph = require("onnx", extra="train").load_from_string(content).graph
    except MissingExtraError as error:  # a device has no need of it: onnxruntime took the graph
        return Check("operations", None, str(error))
    foreign = sorted({f"{node.domain}.{node.op_type}" for node in graph.node if node.domain not in ("", "ai.onnx")})
    kinds = len({node.op_type for node in graph.node})
    return Check("operations", not foreign, f"{kinds} kinds, {', '.join(foreign) or 'all of ONNX itself'}")


def _why_not(files: Files, target: str) -> str:
    try:
        said = json.loads(files["targets.json"])[target]
    except (KeyError, ValueError, TypeError):
        return f"this bundle holds no {target} model; pack it with `motif pack create`"
    if not isinstance(said, str):
        raise BundleError("targets.json holds no sentence for each target; pack the bundle again")
    return said


CHECKS: Mapping[str, Callable[[Path, Files, BundleRecognizer, NDArray[np.float32], Gates], list[Check]]] = {
    "onnx": _onnx,
    "tflite": _tflite,
    "coreml": _coreml,
    "hailo": _hailo,
}
"""Target → what is looked at."""
