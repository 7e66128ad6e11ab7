"""The windows of an experiment, and which of them are learnt from, tuned on, judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from motif.errors import ConfigError, ShapeError
from motif.experiments._experiment import DataSettings, Experiment
from motif.recordings import (
    Dataset,
    dataset_options,
    holdout,
    load_dataset,
    simulate_quadruped_recordings,
    windows_from_recordings,
)

__all__ = ["SPLITS", "SplitName", "aligned", "in_words", "open_data", "parts", "thinned"]

SplitName: TypeAlias = Literal["train", "val", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "val", "test")


def open_data(experiment: Experiment) -> Dataset:
    """Return all labelled windows of the experiment, (n, channels, sensors, samples).

    Raises
    ------
    ConfigError, ShapeError
        The data are neither simulated nor given, or have other rates, channels, sensors or lengths than the
        experiment says.
    MissingFileError, FormatError
        Nothing is at `data.path`, or it cannot be read.
    """
    settings = experiment.data
    experiment.require_simulated_or_path()
    data = _simulated(settings, experiment.training.seed) if settings.path is None else _read(settings)
    return _as_described(data, settings)


def parts(experiment: Experiment, data: Dataset) -> dict[SplitName, Dataset]:
    """Divide by subject, session or block: nobody stands in two parts. The same experiment divides the same way.

    Raises
    ------
    LabelError, TooFewSamplesError
        There are too few classes, groups or windows.
    """
    seed = experiment.training.seed
    outer = holdout(data, experiment.data.test_share, random_state=seed).folds[0]
    learnt = data.subset(outer.train)
    inner = holdout(learnt, experiment.data.test_share, random_state=seed).folds[0]
    return {"train": learnt.subset(inner.train), "val": learnt.subset(inner.test), "test": data.subset(outer.test)}


def in_words(part: str, data: Dataset) -> str:
    """Return what figures are of; the same words mean the same windows."""
    return f"{part}: {data.group_kind}s {', '.join(data.group_names)}, {data.n_windows} windows"


def thinned(data: Dataset, hop: int) -> Dataset:
    """Return the windows of each stretch that start `hop` samples or more after the last one kept."""
    kept: list[int] = []
    last: dict[int, int] = {}
    for row in np.lexsort((data.start, data.stretch)):
        stretch, start = int(data.stretch[row]), int(data.start[row])
        if stretch not in last or start - last[stretch] >= hop:
            kept.append(int(row))
            last[stretch] = start
    return data.subset(np.sort(kept))


def aligned(
    probabilities: NDArray[np.float32], classes: NDArray[Any], class_names: Sequence[str]
) -> NDArray[np.float32]:
    """Return (n, n_classes) probabilities with a column for each of `class_names`, 0 for a class never learnt."""
    columns = np.zeros((len(probabilities), len(class_names)), np.float32)
    columns[:, [class_names.index(str(name)) for name in classes]] = probabilities
    return columns


def _simulated(settings: DataSettings, seed: int) -> Dataset:
    recordings = simulate_quadruped_recordings(
        settings.n_animals, settings.duration_s, rate_hz=settings.sampling_rate, random_state=seed
    )
    window_s, hop_s = _lengths(settings)
    return windows_from_recordings(recordings, window_s, hop_s, rate_hz=settings.sampling_rate, name=settings.name)


def _read(settings: DataSettings) -> Dataset:
    assert settings.path is not None
    window_s, hop_s = _lengths(settings)
    options: dict[str, Any] = {"window_s": window_s, "hop_s": hop_s, "rate_hz": settings.sampling_rate}
    known = dataset_options(settings.path)
    return load_dataset(settings.path, **{name: value for name, value in options.items() if name in known})


def _lengths(settings: DataSettings) -> tuple[float, float]:
    hop = settings.hop or max(1, settings.window_size // 10)
    return settings.window_size / settings.sampling_rate, hop / settings.sampling_rate


def _as_described(data: Dataset, settings: DataSettings) -> Dataset:
    if data.X.ndim != 4:
        raise ShapeError("the windows", got=data.X.shape, want="(n, channels, sensors, samples) of body-worn sensors")
    if data.rate_hz is not None and not np.isclose(data.rate_hz, settings.sampling_rate, rtol=0.02):
        raise ConfigError(
            f"{data.name} was recorded at {data.rate_hz:g} Hz and the experiment says {settings.sampling_rate:g}; "
            "set data.sampling_rate and data.window_size to what it is"
        )
    if len(data.sensors) < settings.sensors or len(data.channels) < settings.channels:
        raise ConfigError(
            f"{data.name} has {len(data.sensors)} sensors ({', '.join(data.sensors)}) of {len(data.channels)} "
            f"channels; the experiment wants {settings.sensors} of {settings.channels}: change data.sensors or "
            "data.channels"
        )
    data = data.select_sensors(settings.sensor_names or data.sensors[: settings.sensors])
    data = data.select_channels(data.channels[: settings.channels])
    if data.X.shape[1:] != settings.window_shape:
        raise ShapeError("a window", got=data.X.shape[1:], want=f"{settings.window_shape}; change data.window_size")
    return data
