"""A `.keras` file as input: read once, checked before Keras sees it, never able to run code."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motif.bundles import read_files
from motif.bundles._describe import labels_from_json
from motif.bundles.targets._keras_file import check_keras_file
from motif.errors import BundleError, FormatError, MissingFileError
from motif.learning import from_keras_bytes

__all__ = ["KERAS_FILE", "BaseFile", "read_base"]

KERAS_FILE = "model.keras"


@dataclass(frozen=True)
class BaseFile:
    """The content of a base model's file, and who it is."""

    path: Path
    content: bytes
    class_names: tuple[str, ...] = ()
    """Of its outputs, in their order, where it is a bundle; a `.keras` file has none."""

    @property
    def sha256(self) -> str:
        """Of the `.keras` content: the same model has the same, as a file or within a bundle."""
        return hashlib.sha256(self.content).hexdigest()

    def model(self) -> Any:
        """Return a new Keras model; each call gives one of its own.

        Raises
        ------
        BundleError
            It asks for more than Keras' own layers, or its parts do not fit together.
        """
        return from_keras_bytes(self.content)


def read_base(path: str | Path) -> BaseFile:
    """Read a `.keras` file, or the one within a bundle, and check that it holds Keras' own layers only.

    Raises
    ------
    MissingFileError
        There is no such file.
    FormatError
        It is no `.keras` file, or damaged.
    BundleError
        It holds a Lambda or an object that is not Keras' own, or the bundle is damaged or has no `model.keras`.
    """
    path = Path(path)
    class_names: tuple[str, ...] = ()
    if path.is_dir():
        _, files = read_files(path)
        if KERAS_FILE not in files:
            raise BundleError(f"{path} holds no {KERAS_FILE}; personalize a bundle that NetworkClassifier saved")
        content, class_names = files[KERAS_FILE], labels_from_json(files["label_map.json"])
    else:
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise MissingFileError(path, want="a model saved as .keras, or the folder of a bundle") from error
        except OSError as error:
            raise FormatError(path, f"it cannot be read ({error.strerror})", hint="check its permissions") from error
    check_keras_file(path, content)
    return BaseFile(path, content, class_names)
