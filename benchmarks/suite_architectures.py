"""The five architectures on hand landmarks: score, size and speed side by side, on the block that is hardest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks._tables import show
from motif.networks import Compared, compare_architectures
from motif.recordings import Split, leave_one_group_out, load_dataset

HELD_OUT = "3"


def run(shared: Path) -> dict[str, Any]:
    data = load_dataset(shared / "handflow")
    folds = tuple(fold for fold in leave_one_group_out(data) if fold.name == HELD_OUT)
    compared = compare_architectures(data, Split(f"block {HELD_OUT} held out", folds))
    title = f"Architectures (handflow), block {HELD_OUT} held out"
    return {title: show(title, [_row(one) for one in compared])}


def _row(one: Compared) -> dict[str, Any]:
    told = one.to_dict()
    return {
        "architecture": one.architecture,
        **{figure: told[figure]["mean"] for figure in ("macro_f1", "accuracy", "ece")},
        "parameters": one.parameters,
        "model.keras, MB": one.keras_bytes / 1e6,
        "model.onnx, MB": one.onnx_bytes / 1e6,
        "Keras, ms": one.keras_ms,
        "ONNX, ms": one.onnx_ms,
        "largest difference": one.difference,
        "fit s": told["fit_s"],
    }
