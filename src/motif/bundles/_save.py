"""Write a bundle, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from motif import __version__
from motif.bundles._arrays import ARRAYS, array_bytes
from motif.bundles._describe import BundleConfig, labels_to_json
from motif.bundles._manifest import MANIFEST, MODELS, REQUIRED, Manifest, make_manifest, manifest_bytes
from motif.bundles._model_card import model_card
from motif.bundles._reference import REFERENCE, REFERENCE_FILES, Reference, reference_bytes
from motif.errors import ConfigError
from motif.files import atomic_folder
from motif.telemetry import commit

__all__ = ["metrics_json", "save", "write_files"]


def save(
    path: str | Path,
    *,
    onnx: bytes | None = None,
    arrays: Mapping[str, ArrayLike] | None = None,
    config: BundleConfig,
    class_names: Sequence[str],
    metrics: Mapping[str, Any] | None = None,
    reference: Reference | None = None,
    extra_files: Mapping[str, bytes] | None = None,
    card: str | None = None,
) -> Path:
    """Write a recognizer to the folder `path`; a bundle that stood there is replaced.

    Parameters
    ----------
    path : folder to make
    onnx : bytes
        One self-contained ONNX model: raw windows (n, *window) float32 in, (n, n_classes) probabilities out.
    arrays : instead of `onnx`
        Plain arrays from which the recognizer that `config.recognizer` names answers, where it is installed (entry
        point group `motif.array_models`).
    config : BundleConfig
    class_names : (n_classes,)
        In the order of the outputs.
    metrics : optional
        JSON-ready figures, from data the recognizer was not trained on.
    reference : optional, (windows, probabilities)
        A few windows and the trainer's own answer to them, so that `verify` can compare on any device. Make them up:
        they travel with the bundle.
    extra_files : optional
        More files by name, such as `model.keras` to go on training from.
    card : optional
        Markdown, instead of the model card written from the above.

    Raises
    ------
    ConfigError
        An extra file has the name of one of the bundle's own; metrics hold what JSON cannot; `onnx` and `arrays` are
        both given, or neither.
    LabelError
        Class names are empty or stand twice.
    WriteError
        The disk is full or the place cannot be written; nothing was changed.
    """
    extra_files = dict(extra_files or {})
    if taken := set(extra_files) & {*REQUIRED, *MODELS, *REFERENCE_FILES}:
        raise ConfigError(f"extra files {sorted(taken)} have names of the bundle's own; rename them")
    files = {
        **_model_file(onnx, arrays),
        "config.yaml": config.to_yaml().encode(),
        "label_map.json": labels_to_json(class_names).encode(),
        "metrics.json": metrics_json(metrics or {}).encode(),
        "model_card.md": (card or model_card(config, class_names, metrics or {})).encode(),
        "VERSION": f"{__version__}\n".encode(),
        "COMMIT_SHA": f"{_commit_sha()}\n".encode(),
        **extra_files,
    }
    if reference is not None:
        files[REFERENCE] = reference_bytes(*reference)
    path = Path(path)
    with atomic_folder(path, known_by=MANIFEST) as folder:
        write_files(folder, files)
    return path


def write_files(folder: Path, files: Mapping[str, bytes]) -> Manifest:
    """Write files and the manifest that vouches for them into an empty folder; return the manifest."""
    manifest = make_manifest(files)
    for name, content in {**files, MANIFEST: manifest_bytes(manifest)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return manifest


def _model_file(onnx: bytes | None, arrays: Mapping[str, ArrayLike] | None) -> dict[str, bytes]:
    if onnx is not None and arrays is None:
        return {"model.onnx": onnx}
    if arrays is not None and onnx is None:
        return {ARRAYS: array_bytes(arrays)}
    raise ConfigError("a bundle holds one model; pass either onnx or arrays")


def _commit_sha() -> str:
    """Return the commit of the project it was made in, `-dirty` where it was changed since, or `unknown`."""
    found = commit()
    if found is None:
        return "unknown"
    return found.sha + ("-dirty" if found.is_dirty else "")


def metrics_json(metrics: Mapping[str, Any]) -> str:
    """Return the text of `metrics.json`; raise ConfigError where JSON cannot hold a figure."""
    try:
        return json.dumps(dict(metrics), indent=2, sort_keys=True, allow_nan=False) + "\n"
    except (TypeError, ValueError) as error:
        raise ConfigError(f"metrics cannot be written as JSON ({error}); pass numbers, texts, lists, None") from error
