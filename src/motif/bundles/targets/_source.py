"""What is converted: a network as a `.keras` file, an ONNX file, or a bundle that holds either."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.bundles._describe import BundleConfig, labels_from_json
from motif.bundles._manifest import read_files
from motif.bundles._models import OnnxModel
from motif.bundles._reference import read_reference
from motif.bundles.targets._keras_file import check_keras_file
from motif.errors import BundleError, FormatError, MissingFileError

__all__ = ["Source", "open_source"]

KERAS_FILE, ONNX_FILE = "model.keras", "model.onnx"
WANTED = "a bundle folder, a .keras file or an .onnx file"


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A network to convert, and what is known about it."""

    name: str
    window_shape: tuple[int, ...]
    keras: bytes | None = None
    """The `.keras` file, where there is one: every target but ONNX is made from it."""
    onnx: bytes | None = None
    class_names: tuple[str, ...] = ()
    reference: NDArray[np.float32] | None = None
    """Windows that travelled with the bundle, (n, *window)."""
    config: BundleConfig | None = None
    """What the bundle says of it; a file alone says nothing."""

    def sample_windows(self, n: int = 16) -> NDArray[np.float32]:
        """Return windows to compare answers by: those that travelled along, or drawn ones."""
        if self.reference is not None:
            return self.reference
        return np.random.default_rng(0).standard_normal((n, *self.window_shape)).astype(np.float32)


def open_source(path: str | Path) -> Source:
    """Read a network and check it; no code of it is run, no framework loaded.

    Raises
    ------
    MissingFileError
        Nothing is there.
    BundleError
        It is damaged, holds no network (a gesture database has none), or could run code: by its format (`.h5`, `.pt`,
        a SavedModel), or as it holds a Lambda or anything else that is not Keras' own.
    """
    path = Path(path)
    if path.is_dir():
        return _of_bundle(path)
    if not path.exists():
        raise MissingFileError(path, want=WANTED)
    content = path.read_bytes()
    if path.suffix == ".keras":
        return Source(path.stem, _keras_window(path, content), keras=content)
    if path.suffix == ".onnx":
        return Source(path.stem, OnnxModel(content).window_shape, onnx=content)
    raise BundleError(f"{path} is no network that motif reads; want {WANTED}")


def _of_bundle(path: Path) -> Source:
    _, files = read_files(path)
    if not {KERAS_FILE, ONNX_FILE} & set(files):
        raise BundleError(
            f"{path} holds a recognizer without a network: it answers from arrays; there is nothing to convert"
        )
    config = BundleConfig.from_yaml(files["config.yaml"])
    class_names = labels_from_json(files["label_map.json"])
    shape = config.window.shape
    if KERAS_FILE in files and _keras_window(path / KERAS_FILE, files[KERAS_FILE]) != shape:
        raise BundleError(f"{path}: {KERAS_FILE} takes other windows than config.yaml says; save the bundle again")
    reference = read_reference(files, window_shape=shape, n_classes=len(class_names))
    return Source(
        config.name,
        shape,
        keras=files.get(KERAS_FILE),
        onnx=files.get(ONNX_FILE),
        class_names=class_names,
        reference=None if reference is None else reference[0],
        config=config,
    )


def _keras_window(path: Path, content: bytes) -> tuple[int, ...]:
    """Return the shape of the input, read from the file's own description, which asks for Keras' own layers only."""
    try:
        check_keras_file(path, content)
    except FormatError as error:
        raise BundleError(str(error)) from error
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            layers = json.loads(archive.read("config.json"))["config"]["layers"]
        (shape,) = [layer["config"]["batch_shape"] for layer in layers if layer["class_name"] == "InputLayer"]
        return tuple(int(length) for length in shape[1:])
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(
            f"{path} is no .keras file of a network with one input of fixed length ({error}); save the model again"
        ) from error
