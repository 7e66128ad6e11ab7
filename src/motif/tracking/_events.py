"""The modules of tensorboardX, without the PyTorch that it imports where there is one."""

from __future__ import annotations

import sys
from types import ModuleType

from motif.optional import require

__all__ = ["events"]


def events(module: str) -> ModuleType:
    """Import a module of tensorboardX; its package would import PyTorch, which takes seconds and is not needed here.

    Raises
    ------
    MissingExtraError
        tensorboardX is not installed.
    """
    if "tensorboardX" not in sys.modules and "torch" not in sys.modules:
        sys.modules["torch"] = None  # type: ignore[assignment]
        try:
            require("tensorboardX", extra="train")
        finally:
            del sys.modules["torch"]
    require("tensorboardX", extra="train")
    return require(f"tensorboardX.{module}", extra="train")
