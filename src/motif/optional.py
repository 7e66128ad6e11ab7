"""The one door to heavy dependencies: they are imported inside the function that needs them."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from motif.errors import MissingExtraError

__all__ = ["require"]


def require(module: str, *, extra: str) -> ModuleType:
    """Import a heavy module where it is used: `onnx = require("onnx", extra="train")`.

    Raises
    ------
    MissingExtraError
        The module is not installed; the message says which extra brings it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise  # installed but broken: its own message is the useful one
        raise MissingExtraError(module, extra=extra) from error
