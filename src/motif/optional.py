"""The one door to heavy dependencies: imported where they are used, or when a name is first asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

from motif.errors import MissingExtraError

__all__ = ["on_demand", "require"]


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


def on_demand(
    package: str, modules: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a package whose modules are imported when a name of theirs is asked for.

    Parameters
    ----------
    package : str
        `__name__` of the package.
    modules : mapping
        From each module's name to the public names that live in it.

    References
    ----------
    PEP 562, "Module __getattr__ and __dir__".
    """
    home = {name: module for module, names in modules.items() for name in names}

    def get(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{home[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return get, lambda: sorted(home)
