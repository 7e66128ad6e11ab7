"""Many examples: network architectures, training, the recognizer made of them.

Nothing heavy is loaded before a name is used; Keras (`pip install 'motif[train]'`) not before a network is built.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from motif.networks._architectures import ARCHITECTURES
    from motif.networks._backend import keras
    from motif.networks._classifier import NetworkClassifier
    from motif.networks._model import build
    from motif.networks._training import Epoch

_HOME = {
    "ARCHITECTURES": "_architectures",
    "Epoch": "_training",
    "NetworkClassifier": "_classifier",
    "build": "_model",
    "keras": "_backend",
}

__all__ = ["ARCHITECTURES", "Epoch", "NetworkClassifier", "build", "keras"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
