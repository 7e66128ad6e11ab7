"""A `.keras` file as input: read once, checked before Keras sees it, never able to run code."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motif.bundles import read_files
from motif.errors import BundleError, FormatError, MissingFileError
from motif.learning import from_keras_bytes

__all__ = ["KERAS_FILE", "BaseFile", "read_base"]

KERAS_FILE = "model.keras"
MEMBERS = ("config.json", "metadata.json", "model.weights.h5")
MOST_BYTES = 2**30
"""A file that would unpack to more is refused."""
CAN_RUN_CODE = frozenset({"Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"})
"""Keras' own, but made to hold somebody else's code."""
DAMAGED = (zipfile.BadZipFile, zlib.error, ValueError, TypeError, RecursionError, EOFError, NotImplementedError)
"""What the standard library raises where bytes are not what they should be."""
HINT = "save it again with model.save, from Keras' own layers"


@dataclass(frozen=True)
class BaseFile:
    """The content of a base model's file, and who it is."""

    path: Path
    content: bytes

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
    if path.is_dir():
        _, files = read_files(path)
        if KERAS_FILE not in files:
            raise BundleError(f"{path} holds no {KERAS_FILE}; personalize a bundle that NetworkClassifier saved")
        content = files[KERAS_FILE]
    else:
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise MissingFileError(path, want="a model saved as .keras, or the folder of a bundle") from error
        except OSError as error:
            raise FormatError(path, f"it cannot be read ({error.strerror})", hint="check its permissions") from error
    _check(path, content)
    return BaseFile(path, content)


def _check(path: Path, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if missing := set(MEMBERS) - set(archive.namelist()):
                raise FormatError(path, f"it lacks {', '.join(sorted(missing))}", hint=HINT)
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise FormatError(path, "it unpacks to more than 1 GB", hint="personalize a smaller model")
            if damaged := archive.testzip():
                raise FormatError(path, f"{damaged} in it is damaged", hint="copy it again")
            config = dict(json.loads(archive.read("config.json")))
        config.pop("compile_config", None)  # a loss of their own is never read: the model is not compiled
        strangers = sorted(set(_strangers(config)))
    except DAMAGED as error:
        raise FormatError(path, "it is no .keras file, or damaged", hint="copy or save it again") from error
    if strangers:
        raise BundleError(
            f"{path} holds {', '.join(strangers)}, which could run code of whoever made it, so it is refused; {HINT}"
        )


def _strangers(config: Any) -> Iterator[str]:
    """Yield the name of every object in a model's configuration that is not plainly Keras' own."""
    if isinstance(config, list):
        for value in config:
            yield from _strangers(value)
    elif isinstance(config, dict):
        if "class_name" in config:
            name, module, registered = str(config["class_name"]), config.get("module"), config.get("registered_name")
            of_keras = module is None or str(module).partition(".")[0] == "keras"
            own = of_keras or (name, module) == ("function", "builtins")
            if name in CAN_RUN_CODE or not own or ">" in str(registered):
                yield f"{name} ({registered or module or 'keras'})"
        for value in config.values():
            yield from _strangers(value)
