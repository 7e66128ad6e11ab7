"""A state finder on disk: settings as JSON, numbers as arrays, nothing that can run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from motif.behavior.discover._frames import FrameMaker
from motif.behavior.semi_markov._hsmm import HDPHSMM
from motif.bundles._arrays import array_bytes, read_arrays
from motif.errors import BundleError, MissingFileError
from motif.files import atomic_folder, write_bytes

__all__ = ["read_folder", "unreadable", "write_folder"]

_ABOUT = "states.json"
_FORMAT = 2
_MOST_MODELS = 100


def write_folder(path: Path, settings: Mapping[str, Any], maker: FrameMaker, models: Sequence[HDPHSMM]) -> None:
    """Write `states.json`, `frames.safetensors` and a file for each model, whole or not at all."""
    about = {"format": _FORMAT, "kind": "state finder", "models": len(models), **settings}
    with atomic_folder(path, known_by=_ABOUT) as folder:
        write_bytes(folder / _ABOUT, json.dumps(about, ensure_ascii=False, indent=1).encode())
        write_bytes(folder / "frames.safetensors", array_bytes(maker.to_arrays()))
        for k, model in enumerate(models):
            model.save(folder / f"model{k}.safetensors")


def read_folder(path: Path) -> tuple[dict[str, Any], FrameMaker, list[HDPHSMM]]:
    """Return settings, frame maker and models.

    Raises
    ------
    MissingFileError, BundleError, FormatError
    """
    if not (path / _ABOUT).is_file():
        raise MissingFileError(path / _ABOUT, want="a folder that motif discover wrote")
    try:
        settings = json.loads((path / _ABOUT).read_text(encoding="utf-8"))
        if settings["format"] != _FORMAT or settings["kind"] != "state finder":
            raise ValueError(f"format {settings['format']} of a {settings['kind']}")
        n_models = int(settings["models"])
        if not 1 <= n_models <= _MOST_MODELS:
            raise ValueError(f"{n_models} models")
        maker = FrameMaker.from_arrays(read_arrays("frames.safetensors", (path / "frames.safetensors").read_bytes()))
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise unreadable(path, error) from error
    return settings, maker, [HDPHSMM.load(path / f"model{k}.safetensors") for k in range(n_models)]


def unreadable(path: Path, error: Exception) -> BundleError:
    """Return what to raise where a folder holds something else."""
    return BundleError(f"{path} is no state finder that this motif can read: {error}; discover again")
