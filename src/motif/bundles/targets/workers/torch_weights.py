"""Weights between `model.keras` and PyTorch: `model.pth` (a state dict) or `model.safetensors`, by layer and name.

`job.json`: `direction` "out" writes the weights, "in" reads them into `filled.keras`, "ask" answers `windows.npy` with
them in `answers.npy`; `format` "pth" or "safetensors".
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

BATCH = 256


def main(folder: Path) -> None:
    """Carry the weights over in the direction asked for."""
    import keras

    job = json.loads((folder / "job.json").read_text())
    model = keras.saving.load_model(folder / "model.keras", compile=False, safe_mode=True)
    file = folder / f"model.{job['format']}"
    if job["direction"] == "out":
        write(file, {name: tensor(weight) for name, weight in named(model).items()})
    else:
        fill(model, read(file))
        if job["direction"] == "in":
            model.save(folder / "filled.keras")
        else:
            answer(model, folder)


def answer(model: Any, folder: Path) -> None:
    """Answer the windows of the folder."""
    windows = np.load(folder / "windows.npy", allow_pickle=False)
    parts = [model(windows[i : i + BATCH], training=False) for i in range(0, len(windows), BATCH)]
    np.save(folder / "answers.npy", np.concatenate([part.detach().cpu().numpy() for part in parts]))


def named(model: Any) -> dict[str, Any]:
    """Return the network's weights by path, such as `conv1d/kernel`."""
    weights = {weight.path: weight for weight in model.weights}
    if len(weights) != len(model.weights):
        raise ValueError("two layers of the network have one name; give each layer its own")
    return weights


def tensor(weight: Any) -> Any:
    """Return a copy of a weight's value that shares its memory with nothing."""
    return weight.value.detach().cpu().clone().contiguous()


def write(file: Path, tensors: dict[str, Any]) -> None:
    """Write tensors by name."""
    if file.suffix == ".pth":
        import torch

        torch.save(tensors, file)
    else:
        from safetensors.torch import save_file

        save_file(tensors, file)


def read(file: Path) -> dict[str, Any]:
    """Return tensors by name; nothing else is read from the file, and no code in it is run."""
    import torch
    from safetensors.torch import load_file

    try:
        tensors = torch.load(file, map_location="cpu", weights_only=True) if file.suffix == ".pth" else load_file(file)
    except Exception:  # what PyTorch says of it is how to switch its protection off
        raise ValueError(
            f"the {file.suffix} file holds no state dict of plain tensors, or is damaged; write the tensors alone again"
        ) from None
    if not isinstance(tensors, dict) or not all(isinstance(value, torch.Tensor) for value in tensors.values()):
        raise ValueError("the file holds more than a state dict; want tensors by name")
    return tensors


def fill(model: Any, tensors: dict[str, Any]) -> None:
    """Give the network the weights that are named as its own."""
    weights = named(model)
    if missing := sorted(set(weights) ^ set(tensors)):
        raise ValueError(f"weights of one and not of the other: {', '.join(missing[:5])}; it is another architecture")
    for name, weight in weights.items():
        if tuple(weight.shape) != tuple(tensors[name].shape):
            raise ValueError(f"{name} has shape {tuple(tensors[name].shape)}; want {tuple(weight.shape)}")
        weight.assign(tensors[name])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
