"""A LiteRT network in the interpreter of TensorFlow Lite Micro: it lacks operators, and answers some networks wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.bundles.targets._process import job_folder, litert_python, run_worker
from motif.errors import MissingExtraError

__all__ = ["answers_in_micro"]


def answers_in_micro(content: bytes, windows: NDArray[np.float32]) -> tuple[NDArray[np.float32], dict[str, Any]]:
    """Return what it says of windows, and what the model takes, gives, computes with and needs.

    Raises
    ------
    BundleError
        TensorFlow Lite Micro lacks what the model computes with; the message is its own.
    MissingExtraError
        The environment with LiteRT's converter lacks tflite-micro.
    """
    python = litert_python()
    with job_folder({"model.tflite": content}) as folder:
        np.save(folder / "windows.npy", windows)
        try:
            described = run_worker("micro_answers", folder, python=python)
        except MissingExtraError as error:
            raise MissingExtraError("tflite_micro", install=f"{python} -m pip install tflite-micro") from error
        return np.load(folder / "answers.npy", allow_pickle=False), described
