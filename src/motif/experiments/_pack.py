"""A trained experiment, packed for devices."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.bundles import BundleConfig, read_files
from motif.bundles.pack import Pack, create
from motif.errors import InputError, MissingFileError
from motif.experiments._data import open_data
from motif.experiments._experiment import EXPERIMENT, Experiment
from motif.experiments._folder import RECOGNIZER, TrainingRecord, model_folder

__all__ = ["comparison_windows", "pack"]

N_COMPARED = 64
N_ANIMALS, MOST_S, MOST_SAMPLES = 2, 30.0, 3000
"""Of a simulation that is drawn to compare answers on: a pack may ask for no more."""


def pack(
    experiment: Experiment,
    model: str | Path,
    *,
    text: str | None = None,
    models: str | Path = "models",
    artifacts: str | Path = "artifacts",
    name: str | None = None,
    calibration: NDArray[np.float32] | None = None,
    key: str | Path | None = None,
) -> Pack:
    """Write the pack of a trained experiment to `artifacts/HASH/`; see `motif.bundles.pack.create`.

    Parameters
    ----------
    experiment : Experiment
    model : path
        The folder of the trained experiment, the bundle in it, or its weights: the `best.pth` that training wrote
        stands for the whole; other `.pth`, `.keras` and `.safetensors` files must be of the same architecture, and
        bring no figures along.
    text : str, optional
        Of the experiment file, to travel along.
    models : folder
        Where the trained experiment lies.
    artifacts, name, calibration, key
        As `create` has them.

    Raises
    ------
    MissingFileError, BundleError, ConfigError, WriteError
        As `create`; nothing was trained.
    """
    path, trained = Path(model), model_folder(experiment, Path(models))
    like = None
    if (path / RECOGNIZER).is_dir():
        path = path / RECOGNIZER
    elif path.is_file():
        is_the_trained_one = _sha256(path) == TrainingRecord.read(trained).weights_sha256
        path, like = (trained / RECOGNIZER, None) if is_the_trained_one else (path, trained / RECOGNIZER)
    elif not path.exists():
        raise MissingFileError(path, want="the folder or the weights of a trained experiment; run `conv2d train` first")
    return create(
        path,
        artifacts,
        like=like,
        name=name or experiment.name,
        experiment=text,
        calibration=calibration,
        key=key,
    )


def comparison_windows(path: str | Path) -> NDArray[np.float32] | None:
    """Return windows to compare a pack's answers on: simulated as the experiment that it carries has them.

    None where it carries no experiment, one on recordings (what a pack calls its data is not opened unasked), or one
    whose windows are longer than what is simulated.

    Raises
    ------
    MissingFileError, BundleError
        There is no pack, or it is damaged.
    """
    _, files = read_files(path)
    try:
        experiment = Experiment.from_yaml(files[EXPERIMENT].decode())
        shape = BundleConfig.from_yaml(files["config.yaml"]).window.shape
        if experiment.data.path is not None or experiment.data.window_shape != shape:
            return None
        data = experiment.data.model_copy(update=_short(experiment.data.sampling_rate))
        windows: NDArray[np.float32] = open_data(experiment.model_copy(update={"data": data})).X
    except (KeyError, UnicodeDecodeError, InputError):
        return None
    spread = np.unique(np.linspace(0, len(windows) - 1, N_COMPARED).astype(int))
    return np.ascontiguousarray(windows[spread])


def _short(rate_hz: float) -> dict[str, float | None]:
    return {"n_animals": N_ANIMALS, "duration_s": min(MOST_S, MOST_SAMPLES / rate_hz), "hop": None}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
