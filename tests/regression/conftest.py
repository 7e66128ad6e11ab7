"""One small experiment on simulated animals, trained once for all groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from motif.experiments import Experiment, Judged, Trained, evaluate, open_data, train
from motif.recordings import Dataset

SMALL = """
name: small
model:
  architecture:
    clustering: {type: kmeans, min_clusters: 3, max_clusters: 5}
    temporal: {type: median_hysteresis, min_dwell: 5, window_size: 7}
data: {name: quadruped_imu, n_animals: 5, duration_s: 60, hop: 20}
training: {epochs: 1, hop: 40}
"""


@pytest.fixture(scope="session")
def experiment() -> Experiment:
    return Experiment.from_yaml(SMALL)


@pytest.fixture(scope="session")
def windows(experiment: Experiment) -> Dataset:
    return open_data(experiment)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def trained(experiment: Experiment, windows: Dataset, models: Path) -> Trained:
    return train(experiment, models, data=windows, weights=False)


@pytest.fixture(scope="session")
def judged(
    trained: Trained, experiment: Experiment, windows: Dataset, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Judged:
    reports = tmp_path_factory.mktemp("reports")
    return evaluate(experiment, models=models, reports=reports, data=windows, save_predictions=True)
