"""The contract of `handflow`: its paths, names and defaults."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import handflow.models as door
from handflow.models import architectures
from handflow.models.trainer import Trainer
from motif.errors import ConfigError

ROOT = Path(__file__).parents[2]
FIVE = ("tcn", "cnn1d", "gru", "lstm", "transformer")


def test_the_door_promises_what_it_has():
    for module in (door, architectures):
        for name in module.__all__:
            assert getattr(module, name).__doc__, name
    assert set(door.__all__) == set(dir(door))


def test_opening_the_door_loads_nothing_heavy():
    code = "import sys, handflow.models; print([m for m in ('numpy', 'keras', 'sklearn') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", FIVE)
def test_each_architecture_is_a_keras_model_from_landmarks_to_probabilities(name):
    from motif.learning import keras

    for model in (architectures.build_model(name), getattr(architectures, name)()):
        assert isinstance(model, keras().Model)
        assert model.input_shape == (None, 12, 84)
        probabilities = model.predict_on_batch(np.random.default_rng(0).random((3, 12, 84), np.float32))
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
        assert probabilities.shape == (3, 11)


def test_there_are_five_architectures_and_no_other():
    assert tuple(architectures.ARCHITECTURES) == FIVE
    with pytest.raises(ConfigError, match="perceptron"):
        architectures.build_model("perceptron")


def test_the_tcn_is_the_one_of_the_contract():
    model = architectures.tcn(features="raw", dropout=0.5)
    layers = {type(layer).__name__: [] for layer in model.layers}
    for layer in model.layers:
        layers[type(layer).__name__].append(layer)
    convolutions = [(c.filters, c.kernel_size[0], c.dilation_rate[0]) for c in layers["Conv1D"]]
    assert convolutions == [(128, 1, 1), (128, 3, 1), (128, 3, 2), (128, 3, 4)]
    assert len(layers["Add"]) == 3  # the residuals
    assert 1 + 2 * (1 + 2 + 4) == 15 >= 12  # frames that the last one sees
    (pooled,) = layers["Concatenate"]
    assert pooled.output.shape == (None, 256)
    assert len(layers["GlobalAveragePooling1D"]) == len(layers["GlobalMaxPooling1D"]) == 1
    assert [dense.units for dense in layers["Dense"]] == [64, 11]
    assert layers["Dropout"][-1].rate == 0.5


def test_the_trainer_is_found_on_both_paths():
    assert Trainer is door.Trainer
    assert Trainer("gru").architecture == "gru"
    assert import_module("handflow.models.trainer").__all__ == ["Trainer"]


@pytest.mark.slow
def test_the_scripts_run_as_documented_and_leave_a_report(tmp_path):
    for command in (["train.py", "--architecture", "tcn", "--epochs", "2"], ["evaluate.py", "--save-report"]):
        done = subprocess.run(
            [sys.executable, ROOT / "scripts" / command[0], *command[1:]], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert "people who never were" in done.stderr
    assert "macro_f1" in done.stdout
    for place in ("models/handflow/model.keras", "reports/evaluation/report.html", "reports/evaluation/confusion.csv"):
        assert (tmp_path / place).exists()
    (run,) = (tmp_path / "logs" / "tensorboard").iterdir()
    assert run.name.startswith("tcn_lr0.002_bs64_")
