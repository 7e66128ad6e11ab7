"""Make a pack of a trained recognizer: its bundle, further targets, a bill of materials, a card."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.bundles._describe import BundleConfig, labels_from_json
from motif.bundles._manifest import MANIFEST, make_manifest, read_files
from motif.bundles._model_card import model_card
from motif.bundles._models import OnnxModel
from motif.bundles._reference import REFERENCE, read_reference, reference_bytes
from motif.bundles._save import metrics_json, write_files
from motif.bundles.pack._bill import bill_of_materials
from motif.bundles.pack._shelf import ARTIFACTS, HASH_DIGITS, Pack, read_pack, whole
from motif.bundles.pack._signature import check_key, sign
from motif.bundles.targets import convert, from_torch, hailo_files
from motif.bundles.targets._checks import TFLITE
from motif.bundles.targets._formats import files_below
from motif.bundles.targets._source import KERAS_FILE, open_source
from motif.errors import BundleError, ConfigError, MissingExtraError, MissingFileError
from motif.files import atomic_folder
from motif.recognizer import checked_windows

__all__ = ["TARGETS", "create"]

TARGETS = ("tflite", "coreml", "hailo")
"""What is made beside the model itself."""
N_CALIBRATION = 64


def create(
    model: str | Path,
    artifacts: str | Path = ARTIFACTS,
    *,
    like: str | Path | None = None,
    name: str | None = None,
    experiment: str | None = None,
    metrics: Mapping[str, Any] | None = None,
    calibration: ArrayLike | None = None,
    targets: Sequence[str] = TARGETS,
    key: str | Path | None = None,
) -> Pack:
    """Write a pack to `artifacts/HASH/`, whole or not at all. The same content gives the same bytes and name.

    Parameters
    ----------
    model : path
        A bundle folder; or other weights for the bundle `like`: a `.keras` file, or a `.pth` or `.safetensors` state
        dict, of the same architecture.
    artifacts : folder
        The shelf of packs.
    like : path, optional
        The bundle folder that says what a file of weights takes and tells apart.
    name : str, optional
        What people call it; else as the bundle is called.
    experiment : str, optional
        The text of the experiment file; it travels along.
    metrics : optional
        JSON-ready figures from data it was not trained on; added to those of the bundle.
    calibration : (n, *window), raw, optional
        Windows for compilers to learn ranges from; else the reference windows of the bundle. They travel along.
    targets : names of "tflite", "coreml", "hailo"
        What cannot be made is left out, and `targets.json` says why.
    key : path, optional
        A private key to sign the pack with.

    Raises
    ------
    ConfigError
        A target that there is not; weights without `like`; metrics that JSON cannot hold.
    MissingFileError, BundleError, WriteError
        Something is not there, damaged, of another architecture; or the shelf cannot be written.
    """
    if unknown := sorted(set(targets) - set(TARGETS)):
        raise ConfigError(f"targets are {', '.join(unknown)}; choose from {', '.join(TARGETS)}")
    if key is not None:
        check_key(key)  # now: a pack that should be signed must not stand there unsigned
    files = dict(_bundle_files(Path(model), like))
    config = BundleConfig.from_yaml(files["config.yaml"])
    config = config.model_copy(update={"name": name or config.name})
    class_names = labels_from_json(files["label_map.json"])
    figures = json.loads(files["metrics.json"]) | dict(metrics or {})
    files["config.yaml"] = config.to_yaml().encode()
    files["metrics.json"] = metrics_json(figures).encode()
    if experiment is not None:
        files["experiment.yaml"] = experiment.encode()
    windows = _calibration(files, config.window.shape, calibration)
    made, said = _made(files, windows, targets)
    files |= made
    files["targets.json"] = (json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
    files["model_card.md"] = (model_card(config, class_names, figures) + _targets_section(said)).encode()
    files["sbom.cdx.json"] = bill_of_materials(files, config, class_names)
    path = _written(Path(artifacts), files)
    if key is not None:
        sign(path, key)
    return read_pack(path)


def _bundle_files(model: Path, like: str | Path | None) -> dict[str, bytes]:
    if model.is_dir():
        return {name: content for name, content in read_files(model)[1].items() if not _is_made(name)}
    if not model.is_file():
        raise MissingFileError(model, want="a bundle folder, or a .keras, .pth or .safetensors file")
    if like is None:
        raise ConfigError(f"{model} holds weights only; pass like= a bundle folder that says what they are for")
    files = _bundle_files(Path(like), None) if Path(like).is_dir() else {}
    if KERAS_FILE not in files:
        raise BundleError(f"{like} is no bundle of a network; want the folder of one of the same architecture")
    return files | _with_weights(model, Path(like), files)


def _is_made(name: str) -> bool:
    return "/" in name or name in ("targets.json", "sbom.cdx.json", "hailo.hef", TFLITE, "experiment.yaml")


def _with_weights(model: Path, like: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the model's files with the weights of `model`, and its own answers to the reference windows."""
    with TemporaryDirectory(prefix="motif-") as folder:
        keras_file = model if model.suffix == ".keras" else from_torch(model, like, Path(folder) / KERAS_FILE)
        network, before = open_source(keras_file), open_source(like)
        if network.window_shape != before.window_shape:
            raise BundleError(f"{model} takes windows of {network.window_shape}, {like} of {before.window_shape}")
        onnx_file = Path(folder) / "model.onnx"
        windows = before.sample_windows()
        convert(keras_file, "onnx", onnx_file, windows=windows)
        content = onnx_file.read_bytes()
        answers = _answers(content, windows)
        if answers.shape[1] != len(labels_from_json(files["label_map.json"])):
            raise BundleError(
                f"{model} tells {answers.shape[1]} classes apart, {like} names others; give its own bundle"
            )
        made = {"model.onnx": content, KERAS_FILE: keras_file.read_bytes()}
        return made | {REFERENCE: reference_bytes(windows, answers), "metrics.json": b"{}\n"}


def _answers(onnx: bytes, windows: NDArray[np.float32]) -> NDArray[np.float32]:
    model = OnnxModel(onnx)
    return np.stack([model.answer(window)[0] for window in windows])


def _calibration(
    files: Mapping[str, bytes], shape: tuple[int, ...], calibration: ArrayLike | None
) -> NDArray[np.float32] | None:
    if calibration is not None:
        windows = checked_windows(calibration, window_shape=shape)
        rows = np.unique(np.linspace(0, len(windows) - 1, N_CALIBRATION).astype(int))
        return np.ascontiguousarray(windows[rows])
    n_classes = len(labels_from_json(files["label_map.json"]))
    reference = read_reference(files, window_shape=shape, n_classes=n_classes)
    return None if reference is None else reference[0]


def _made(
    files: Mapping[str, bytes], windows: NDArray[np.float32] | None, targets: Sequence[str]
) -> tuple[dict[str, bytes], dict[str, str]]:
    """Return the files of the targets, and a sentence on each."""
    made: dict[str, bytes] = {}
    said = {"onnx": "model.onnx is the model." if "model.onnx" in files else "No ONNX: it answers from arrays."}
    for target in targets:
        try:
            more, sentence = MAKERS[target](files, windows)
        except (BundleError, MissingExtraError) as error:
            more, sentence = {}, f"Not made: {error}"
        made |= more
        said[target] = sentence
    return made, said


def _coreml(files: Mapping[str, bytes], _: NDArray[np.float32] | None) -> tuple[dict[str, bytes], str]:
    if KERAS_FILE not in files:
        return {}, "Not made: Core ML is made from model.keras, and this bundle has none."
    with TemporaryDirectory(prefix="motif-") as folder:
        keras_file, package = Path(folder) / KERAS_FILE, Path(folder) / "coreml.mlpackage"
        keras_file.write_bytes(files[KERAS_FILE])
        made = convert(keras_file, "coreml", package)
        more = {f"{package.name}/{name}": content for name, content in files_below(package).items()}
    return more, f"coreml.mlpackage answers as the network does: checked by {made.asked}, not on a device."


def _hailo(files: Mapping[str, bytes], windows: NDArray[np.float32] | None) -> tuple[dict[str, bytes], str]:
    if "model.onnx" not in files:
        return {}, "No HEF was built: it answers from arrays, and there is no graph to compile."
    if windows is None:
        return {}, "No HEF was built: there are no windows to calibrate with; pass some."
    return hailo_files(files["model.onnx"], windows)


def _tflite(files: Mapping[str, bytes], _: NDArray[np.float32] | None) -> tuple[dict[str, bytes], str]:
    if KERAS_FILE not in files:
        return {}, "Not made: LiteRT is made from model.keras, and this bundle has none."
    with TemporaryDirectory(prefix="motif-") as folder:
        keras_file, made = Path(folder) / KERAS_FILE, Path(folder) / TFLITE
        keras_file.write_bytes(files[KERAS_FILE])
        convert(keras_file, "tflite", made)
        return {TFLITE: made.read_bytes()}, f"{TFLITE} (float32) answers as the network does."


MAKERS = {"tflite": _tflite, "coreml": _coreml, "hailo": _hailo}


def _targets_section(said: Mapping[str, str]) -> str:
    return "\n".join(["", "## Targets", *(f"- {name}: {sentence}" for name, sentence in sorted(said.items())), ""])


def _written(artifacts: Path, files: Mapping[str, bytes]) -> Path:
    """Write the folder under the name of its content. A whole pack that is there already is the same, and stays."""
    path = artifacts / make_manifest(files).content_hash[:HASH_DIGITS]
    if whole(path) is not None:
        return path
    with atomic_folder(path, known_by=MANIFEST) as folder:
        write_files(folder, files)
    return path
