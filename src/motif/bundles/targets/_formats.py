"""The targets a network can be converted to, and what is made and asked to check each."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.bundles._models import OnnxModel
from motif.bundles.targets._c_source import MICRO_MODEL, c_source
from motif.bundles.targets._micro import answers_in_micro
from motif.bundles.targets._process import here_with, job_folder, litert_python, run_module, run_worker
from motif.bundles.targets._source import Source
from motif.errors import BundleError, ConfigError

__all__ = ["TARGETS", "Answers", "Target", "answers_of_source", "coreml_answers", "filled", "target_named"]

N_TIMED = 100
Files = dict[str, bytes]
"""What a conversion made, by path below the place asked for; one file is called `""`."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a model says of windows."""

    probabilities: NDArray[np.float32]
    median_ms: float | None = None
    """Time of one window on one thread of this machine, where it can be asked here."""
    asked: str = ""
    """What gave the answers, where it is not the file itself."""


@dataclass(frozen=True, slots=True)
class Target:
    """One format."""

    name: str
    suffix: str
    make: Callable[[Source, NDArray[np.float32] | None], Files]
    ask: Callable[[Files, Source, NDArray[np.float32]], Answers]
    tolerance: float
    """Largest mean distance of the probabilities from the source's that passes."""
    calibrated: bool = False
    """Whether it is made with windows to learn ranges from."""
    known_by: str = ""
    """A file that every folder of it holds, where it is a folder."""


def answers_of_source(source: Source, windows: NDArray[np.float32]) -> Answers:
    """Return what the network itself says: Keras on JAX, or onnxruntime where there is ONNX only."""
    if source.keras is None:
        return _ask_onnx({"": _onnx_of(source)}, source, windows)
    here_with("keras", extra="train")
    here_with("jax", extra="train")
    with job_folder({"model.keras": source.keras}, n_timed=0) as folder:
        np.save(folder / "windows.npy", windows)
        run_worker("keras_answers", folder, backend="jax")
        return Answers(np.load(folder / "answers.npy", allow_pickle=False))


def _keras_of(source: Source) -> bytes:
    if source.keras is None:
        raise BundleError(f"{source.name} holds no model.keras, and this target is made from one; give the .keras file")
    return source.keras


def _onnx_of(source: Source) -> bytes:
    return _exported_onnx(_keras_of(source)) if source.onnx is None else source.onnx


@lru_cache(maxsize=1)
def _exported_onnx(keras_file: bytes) -> bytes:
    here_with("jax2onnx", extra="train")
    with job_folder({"model.keras": keras_file}) as folder:
        run_module("motif.learning", str(folder / "model.keras"), str(folder / "model.onnx"))
        return (folder / "model.onnx").read_bytes()


def _onnx(source: Source, _: NDArray[np.float32] | None) -> Files:
    return {"": _onnx_of(source)}


def _onnx_int8(source: Source, calibration: NDArray[np.float32] | None) -> Files:
    here_with("onnx", extra="train")
    ranges = _calibration(calibration)
    with job_folder({"model.onnx": _onnx_of(source)}) as folder:
        np.save(folder / "calibration.npy", ranges)
        run_worker("onnx_quantize", folder)
        return {"": (folder / "quantized.onnx").read_bytes()}


def _ask_onnx(files: Files, source: Source, windows: NDArray[np.float32]) -> Answers:
    model = OnnxModel(files[""])
    times, probabilities = [], []
    for i in range(max(N_TIMED, len(windows))):
        start = time.perf_counter_ns()
        answer, _ = model.answer(windows[i % len(windows)])
        times.append((time.perf_counter_ns() - start) / 1e6)
        probabilities.append(answer)
    return Answers(np.stack(probabilities[: len(windows)]), statistics.median(times))


@lru_cache(maxsize=1)  # four targets are made from it, one after the other
def _stablehlo(keras_file: bytes) -> bytes:
    here_with("jax", extra="train")
    with job_folder({"model.keras": keras_file}) as folder:
        run_worker("keras_stablehlo", folder, backend="jax")
        return (folder / "model.stablehlo").read_bytes()


def _tflite(precision: str) -> Callable[[Source, NDArray[np.float32] | None], Files]:
    def make(source: Source, calibration: NDArray[np.float32] | None) -> Files:
        python = litert_python()
        ranges = _calibration(calibration) if precision in ("int8", "micro") else None
        with job_folder({"model.stablehlo": _stablehlo(_keras_of(source))}, precision=precision) as folder:
            if ranges is not None:
                np.save(folder / "calibration.npy", ranges)
            run_worker("litert_convert", folder, python=python)
            return {"": (folder / "model.tflite").read_bytes()}

    return make


def _tflite_micro(source: Source, calibration: NDArray[np.float32] | None) -> Files:
    if source.config is None:
        raise BundleError(f"{source.name} is a file without labels, channels and rate; give the folder of a bundle")
    content = _tflite("micro")(source, calibration)[""]
    _, described = answers_in_micro(content, source.sample_windows(1)[:1])
    return c_source(content, described, source.config, source.class_names)


def _ask_tflite_micro(files: Files, _: Source, windows: NDArray[np.float32]) -> Answers:
    return Answers(answers_in_micro(files[MICRO_MODEL], windows)[0], asked="TensorFlow Lite Micro on this machine")


def _ask_tflite(files: Files, source: Source, windows: NDArray[np.float32]) -> Answers:
    python = here_with("ai_edge_litert", extra="edge")
    with job_folder({"model.tflite": files[""]}, n_timed=N_TIMED) as folder:
        np.save(folder / "windows.npy", windows)
        result = run_worker("litert_answers", folder, python=python)
        return Answers(np.load(folder / "answers.npy", allow_pickle=False), result["median_ms"])


def _weights(kind: str) -> Callable[[Source, NDArray[np.float32] | None], Files]:
    def make(source: Source, _: NDArray[np.float32] | None) -> Files:
        here_with("torch", extra="edge")
        with job_folder({"model.keras": _keras_of(source)}, direction="out", format=kind) as folder:
            run_worker("torch_weights", folder, backend="torch")
            return {"": (folder / f"model.{kind}").read_bytes()}

    return make


def _ask_weights(kind: str) -> Callable[[Files, Source, NDArray[np.float32]], Answers]:
    def ask(files: Files, source: Source, windows: NDArray[np.float32]) -> Answers:
        here_with("torch", extra="edge")
        content = {"model.keras": _keras_of(source), f"model.{kind}": files[""]}
        with job_folder(content, direction="ask", format=kind) as folder:
            np.save(folder / "windows.npy", windows)
            run_worker("torch_weights", folder, backend="torch")
            return Answers(np.load(folder / "answers.npy", allow_pickle=False))

    return ask


def filled(keras_file: bytes, weights: bytes, kind: str) -> bytes:
    """Return the `.keras` file with other weights, read from a `.pth` or `.safetensors` file.

    Raises
    ------
    BundleError
        The weights are of another architecture, or the file holds more than tensors by name.
    """
    here_with("torch", extra="edge")
    files = {"model.keras": keras_file, f"model.{kind}": weights}
    with job_folder(files, direction="in", format=kind) as folder:
        run_worker("torch_weights", folder, backend="torch")
        return (folder / "filled.keras").read_bytes()


def _coreml(source: Source, _: NDArray[np.float32] | None) -> Files:
    here_with("coremltools", extra="edge")
    with _exported(source, source.sample_windows(1), write=True) as folder:
        return files_below(folder / "model.mlpackage")


def _ask_exported(_: Files, source: Source, windows: NDArray[np.float32]) -> Answers:
    return coreml_answers(source, windows)


def coreml_answers(source: Source, windows: NDArray[np.float32]) -> Answers:
    """Ask the program that a Core ML package is made from: the package itself answers on Apple's systems only."""
    with _exported(source, windows, write=False) as folder:
        return Answers(np.load(folder / "answers.npy", allow_pickle=False), asked="the exported PyTorch program")


@contextmanager
def _exported(source: Source, windows: NDArray[np.float32], *, write: bool) -> Iterator[Path]:
    here_with("torch", extra="edge")
    with job_folder({"model.keras": _keras_of(source)}, write=write) as folder:
        np.save(folder / "windows.npy", windows)
        run_worker("torch_coreml", folder, backend="torch")
        yield folder


def files_below(folder: Path) -> Files:
    """Return the content of every file below a folder, by its path in it."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }


def _calibration(windows: NDArray[np.float32] | None) -> NDArray[np.float32]:
    if windows is None or not len(windows):
        raise BundleError("int8 learns its ranges from windows like those it will see; give calibration windows")
    return windows


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target("onnx", ".onnx", _onnx, _ask_onnx, 1e-4),
        Target("onnx-int8", ".onnx", _onnx_int8, _ask_onnx, 0.1, calibrated=True),
        Target("tflite", ".tflite", _tflite("float32"), _ask_tflite, 1e-4),
        Target("tflite-float16", ".tflite", _tflite("float16"), _ask_tflite, 1e-2),
        Target("tflite-dynamic", ".tflite", _tflite("dynamic"), _ask_tflite, 0.1),
        Target("tflite-int8", ".tflite", _tflite("int8"), _ask_tflite, 0.1, calibrated=True),
        Target("tflite-micro", "", _tflite_micro, _ask_tflite_micro, 0.1, calibrated=True, known_by=MICRO_MODEL),
        Target("pth", ".pth", _weights("pth"), _ask_weights("pth"), 1e-4),
        Target("safetensors", ".safetensors", _weights("safetensors"), _ask_weights("safetensors"), 1e-4),
        Target("coreml", ".mlpackage", _coreml, _ask_exported, 1e-3, known_by="Manifest.json"),
    )
}
"""Name → target."""


def target_named(name: str) -> Target:
    """Return the target of that name.

    Raises
    ------
    ConfigError
    """
    if name not in TARGETS:
        raise ConfigError(f"target is {name!r}; choose one of {', '.join(TARGETS)}")
    return TARGETS[name]
