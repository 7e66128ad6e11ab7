"""Run a peer in its own environment, on the same windows and folds, and bring its answers back."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv-peers" / "bin" / "python"


def run_peer(script: str, arrays: dict[str, NDArray[Any]]) -> dict[str, Any] | None:
    """Return what `benchmarks/peers/<script>.py` printed as JSON, or None where the peers are not installed."""
    if not PYTHON.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "windows.npz"
        np.savez(file, **arrays)
        done = subprocess.run(
            [PYTHON, ROOT / "benchmarks" / "peers" / f"{script}.py", file], capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise RuntimeError(f"peer {script} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def fold_masks(split: Any, n: int) -> NDArray[np.bool_]:
    """Return (n_folds, n): True where a window is tested, False where it is trained on."""
    masks = np.zeros((len(split.folds), n), bool)
    for mask, fold in zip(masks, split.folds, strict=True):
        mask[fold.test] = True
    return masks
