"""A `.keras` file checked before Keras sees it: whole, and of Keras' own layers, so that it cannot run code."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from motif.errors import BundleError, FormatError

__all__ = ["check_keras_file"]

MEMBERS = ("config.json", "metadata.json", "model.weights.h5")
MOST_BYTES = 2**30
"""A file that would unpack to more is refused."""
MOST_CONFIG_BYTES = 16 * 2**20
CAN_RUN_CODE = frozenset({"Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"})
"""Keras' own, but made to hold somebody else's code."""
DAMAGED = (zipfile.BadZipFile, zlib.error, ValueError, TypeError, RuntimeError, EOFError)
"""What the standard library raises where bytes are not what they should be."""
HINT = "save it again with model.save, from Keras' own layers"


def check_keras_file(path: str | Path, content: bytes) -> None:
    """Look at what a `.keras` file holds, before Keras does; `path` is what messages call it.

    Raises
    ------
    FormatError
        It is no `.keras` file, damaged, or unpacks to too much.
    BundleError
        It holds a Lambda or an object that is not Keras' own.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if missing := set(MEMBERS) - set(archive.namelist()):
                raise FormatError(path, f"it lacks {', '.join(sorted(missing))}", hint=HINT)
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise FormatError(path, "it unpacks to more than 1 GB", hint="take a smaller model")
            if archive.getinfo("config.json").file_size > MOST_CONFIG_BYTES:
                raise FormatError(path, "its config.json is larger than 16 MB", hint="take a smaller model")
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
            of_keras = registered is None if module is None else str(module).partition(".")[0] == "keras"
            own = of_keras or (name, module) == ("function", "builtins")
            if name in CAN_RUN_CODE or not own or ">" in str(registered):
                yield f"{name} ({registered or module or 'keras'})"
        for value in config.values():
            yield from _strangers(value)
