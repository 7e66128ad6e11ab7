"""The contract of tracking: names, defaults and the walk-through as it is documented."""

import json
from importlib import import_module

import numpy as np
import pytest
import yaml

import motif.learning
from motif.tracking import TrackingConfig, read_run


def test_both_paths_give_the_same_tracker():
    modules = [import_module(f"handflow.utils{suffix}") for suffix in ("", ".experiment_tracker")]
    assert len({module.create_tracker for module in modules} | {modules[0].create_tracker}) == 1
    assert all(module.ExperimentTracker.__module__.startswith("motif.") for module in modules)


def test_the_walk_through_runs_as_it_is_documented(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keras, rng = motif.learning.keras(), np.random.default_rng(0)
    X_train, y_train = rng.normal(size=(64, 12, 84)).astype(np.float32), rng.integers(0, 3, 64)
    model = keras.Sequential([keras.Input((12, 84)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    y_true, y_pred = [0, 1, 2, 2], [0, 1, 2, 1]

    from handflow.utils import create_tracker

    tracker = create_tracker(project="handflow-gestures", use_wandb=False, use_tensorboard=True)
    name = tracker.start_run(None, config={"architecture": "tcn", "learning_rate": 0.001, "batch_size": 32})
    model.fit(X_train, y_train, epochs=2, validation_split=0.2, callbacks=tracker.get_keras_callbacks(), verbose=0)
    tracker.log_metrics({"test_accuracy": 0.75})
    tracker.log_confusion_matrix(y_true, y_pred, ["fist", "open", "none"])
    tracker.finish()

    assert name.startswith("tcn_lr0.001_bs32_20")
    run = read_run(f"logs/runs/{name}")
    assert run.status == "finished"
    assert {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"} <= set(run.steps[2])
    assert run.record.evaluation.confusion == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
    assert run.record.evaluation.f1 == pytest.approx({"fist": 1, "open": 2 / 3, "none": 2 / 3})
    assert any((tmp_path / "logs/tensorboard" / name).glob("events.out.tfevents.*"))
    assert json.loads((tmp_path / f"logs/runs/{name}/run.json").read_text())["config"]["batch_size"] == 32


def test_the_section_of_the_configuration_is_read_as_documented():
    text = """
    tracking:
      enabled: true
      wandb: {enabled: false, project: handflow-gestures}
      tensorboard: {enabled: true, log_dir: logs/tensorboard}
    """
    assert TrackingConfig.of(yaml.safe_load(text)["tracking"]) == TrackingConfig()
