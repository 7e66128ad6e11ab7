"""Verify one target of a bundle: what it computes and takes, how fast, how good; for people and for scripts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.bundles._load import BundleRecognizer, from_files
from motif.bundles._manifest import read_files
from motif.bundles._models import OnnxModel
from motif.bundles._reference import read_reference
from motif.bundles._verify import TOLERANCE, median_ms
from motif.bundles.targets._formats import answers_of_source, coreml_answers
from motif.bundles.targets._gates import EXPERIMENT, Gates
from motif.bundles.targets._hailo import DEVICE, check_for_hailo, hailo_answers
from motif.bundles.targets._hailo_graph import OPSET
from motif.bundles.targets._process import here_with, job_folder, run_worker
from motif.bundles.targets._source import open_source
from motif.errors import BundleError, ConfigError, MissingExtraError
from motif.optional import require
from motif.recognizer import checked_windows

__all__ = ["VERIFIED", "Check", "Verdict", "verify"]

VERIFIED = ("onnx", "coreml", "hailo")
PASSED, FAILED = 0, 1
COREML_TOLERANCE = 1e-3
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    passed: bool | None
    """None where it cannot be told on this machine; the note says why."""
    note: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was looked at."""

    bundle: str
    content_hash: str
    target: str
    checks: tuple[Check, ...]
    gates: Gates
    """What had to be reached."""
    gates_of: str
    """Whose gates these are."""

    @property
    def passed(self) -> bool:
        """Whether nothing that could be told failed."""
        return all(check.passed is not False for check in self.checks)

    @property
    def exit_code(self) -> int:
        """0 where it passed, 1 where not."""
        return PASSED if self.passed else FAILED

    def to_dict(self) -> dict[str, Any]:
        """Return everything by name, JSON-ready."""
        return {
            "bundle": self.bundle,
            "content_hash": self.content_hash,
            "target": self.target,
            "passed": self.passed,
            "checks": [asdict(check) for check in self.checks],
            "gates": self.gates.model_dump(),
            "gates_of": self.gates_of,
        }


def verify(
    bundle: str | Path, target: str = "onnx", *, gates: Gates | None = None, windows: ArrayLike | None = None
) -> Verdict:
    """Check one target of a bundle or pack.

    Parameters
    ----------
    bundle : folder
    target : {"onnx", "coreml", "hailo"}
    gates : Gates, optional
        What it must reach; else as the experiment says that the bundle carries, else the usual ones. The verdict says
        which counted.
    windows : (n, *window), raw, optional
        Real windows to compare the answers on, too.

    Returns
    -------
    Verdict
        What was looked at, each with a note; a gate that cannot be told here is neither passed nor failed.

    Raises
    ------
    ConfigError
        There is no such target.
    MissingFileError, BundleError
        There is no bundle, or it is damaged, altered, or cannot be loaded at all.
    """
    if target not in VERIFIED:
        raise ConfigError(f"target is {target!r}; choose one of {', '.join(VERIFIED)}")
    manifest, files = read_files(bundle)
    gates, whose = (gates, "the caller's") if gates is not None else _gates_of(files)
    recognizer = from_files(manifest, files)
    shape = recognizer.config.window.shape
    reference = read_reference(files, window_shape=shape, n_classes=len(recognizer.classes_))
    compared = [] if reference is None else [reference[0]]
    if windows is not None:
        compared.append(checked_windows(windows, window_shape=shape))
    asked = np.concatenate(compared) if compared else np.zeros((1, *shape), np.float32)
    checks = [Check("integrity", True, f"{len(files)} files are as the manifest says")]
    checks += CHECKS[target](Path(bundle), files, recognizer, asked, gates)
    checks += _quality(recognizer, gates)
    return Verdict(str(bundle), manifest.content_hash, target, tuple(checks), gates, whose)


def _gates_of(files: Files) -> tuple[Gates, str]:
    """Return the gates of the experiment that travels along, and a word on where they are from."""
    if EXPERIMENT not in files:
        return Gates(), "the usual ones"
    try:
        return Gates.of_experiment(files[EXPERIMENT].decode()), EXPERIMENT
    except (ConfigError, UnicodeDecodeError) as error:
        raise BundleError(f"{EXPERIMENT} in the bundle cannot be read ({error}); pack it again") from error


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
        *_agreement(bundle, files, windows, answers, TOLERANCE),
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
        *(_agreement(bundle, files, windows, answers, TOLERANCE) if shapes.passed else []),
        Check("latency", None, f"{where}; time it on the device"),
    ]


CHECKS: Mapping[str, Callable[[Path, Files, BundleRecognizer, NDArray[np.float32], Gates], list[Check]]] = {
    "onnx": _onnx,
    "coreml": _coreml,
    "hailo": _hailo,
}


def _quality(recognizer: BundleRecognizer, gates: Gates) -> list[Check]:
    accuracy, ece = (recognizer.metrics.get(name) for name in ("accuracy", "ece"))
    return [
        _gate("accuracy", accuracy, lambda value: value > gates.min_accuracy, f"above {gates.min_accuracy:g}"),
        _gate("ece", ece, lambda value: value < gates.max_ece, f"below {gates.max_ece:g}"),
    ]


def _gate(name: str, value: object, passes: Callable[[float], bool], want: str) -> Check:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Check(name, False, f"not in metrics.json; want {want}: evaluate on held-out data first")
    return Check(name, passes(float(value)), f"{value:.4g}, want {want}")


def _size(n_bytes: int, gates: Gates) -> Check:
    return Check("size", n_bytes < gates.max_size_mb * 1e6, f"{n_bytes / 1e6:.3g} MB, below {gates.max_size_mb:g}")


def _latency(ms: float, gates: Gates) -> Check:
    return Check("latency", ms < gates.max_latency_ms, f"median {ms:.3g} ms, below {gates.max_latency_ms:g}")


def _agreement(
    bundle: Path, files: Files, windows: NDArray[np.float32], answers: NDArray[np.float32], tolerance: float
) -> list[Check]:
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
    return [Check("agreement", difference <= tolerance, f"{difference:.2g} from {asked}, {len(want)} windows")]


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
