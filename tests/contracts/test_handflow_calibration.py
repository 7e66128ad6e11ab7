"""The contract of `handflow.models.calibration`: names, defaults, and the walk-through as it is documented."""

import inspect
from dataclasses import fields
from importlib import import_module

import numpy as np
import pytest

import handflow.models as door
from motif.learning import keras, keras_bytes
from motif.recordings import simulate_hand

GESTURES = ("none", "swipe_left", "pinch_index", "close_fist")


@pytest.fixture(scope="module")
def hands():
    """Two people; the model learns from the first, the second calibrates it."""
    return simulate_hand(2, 12, gestures=GESTURES, random_state=3)


@pytest.fixture(scope="module")
def base_model_path(hands, tmp_path_factory):
    from handflow.models.architectures import tcn
    from motif.networks._model import standardize

    keras().utils.set_random_seed(0)
    model = tcn(n_classes=4, features="raw")
    first = hands.groups == "person01"
    X, y = hands.X[first], hands.y[first]
    standardize(model, X)
    model.compile("adam", "sparse_categorical_crossentropy")
    for _ in range(25):
        model.train_on_batch(X, y)
    path = tmp_path_factory.mktemp("models") / "hand_action.keras"
    path.write_bytes(keras_bytes(model))
    return path


@pytest.fixture(scope="module")
def user(hands):
    second = hands.groups == "person02"
    X, y = hands.X[second], hands.y[second]
    rows = np.concatenate([np.flatnonzero(y == label)[:5] for label in range(4)])
    return X[rows], y[rows]


@pytest.mark.parametrize("name", ["quick_calibrate", "UserCalibrator", "CalibrationConfig"])
def test_both_paths_give_the_same(name):
    module = import_module("handflow.models.calibration")
    assert getattr(door, name) is getattr(module, name)
    assert getattr(door, name).__module__.startswith("motif.")


def test_parameters_have_the_documented_names_and_defaults():
    def parameters(function):
        return {name: each.default for name, each in inspect.signature(function).parameters.items()}

    settings = {field.name: field.default for field in fields(door.CalibrationConfig)}
    documented = {"min_samples_per_gesture": 5, "freeze_strategy": "last_block", "learning_rate": 1e-5, "batch_size": 4}
    assert settings.items() >= documented.items()
    assert set(settings) == {*documented, "epochs"}
    quick = parameters(door.quick_calibrate)
    assert list(quick)[:5] == ["base_model_path", "user_samples", "user_labels", "class_names", "freeze_strategy"]
    assert quick["freeze_strategy"] == "last_block"
    assert list(parameters(door.UserCalibrator)) == ["base_model_path", "class_names", "config"]
    assert list(parameters(door.UserCalibrator.add_sample))[1:] == ["sequence", "gesture_name"]
    assert list(parameters(door.UserCalibrator.save))[1:] == ["path"]


def test_quick_calibrate_as_documented(base_model_path, user, hands):
    user_samples, user_labels = user
    assert user_samples.shape[1:] == (12, 84)
    from handflow.models import quick_calibrate

    model, result = quick_calibrate(
        base_model_path=base_model_path,
        user_samples=user_samples,
        user_labels=user_labels,
        class_names=list(hands.class_names),
        freeze_strategy="last_block",
    )
    print(f"Improvement: {result.improvement:+.2%}")
    assert model.predict_on_batch(user_samples).shape == (20, 4)
    assert result.success in (True, False)
    assert result.accuracy_after >= result.accuracy_before or not result.success


def test_user_calibrator_as_documented(base_model_path, user, hands, tmp_path):
    from handflow.models import CalibrationConfig, UserCalibrator

    config = CalibrationConfig(
        min_samples_per_gesture=5, freeze_strategy="head_only", learning_rate=1e-5, epochs=20, batch_size=4
    )
    calibrator = UserCalibrator(base_model_path=base_model_path, class_names=list(hands.class_names), config=config)
    for sequence, label in zip(*user, strict=True):
        calibrator.add_sample(sequence, gesture_name=hands.class_names[label])
    assert calibrator.get_sample_counts() == dict.fromkeys(hands.class_names, 5)
    ready, message = calibrator.is_ready()
    assert ready, message
    before = base_model_path.read_bytes()
    result = calibrator.calibrate()
    if result.success:
        calibrator.save(tmp_path / "user.keras")
        print(f"Calibrated: {result.improvement:+.2%}")
    assert base_model_path.read_bytes() == before
    assert (tmp_path / "user.keras").exists() == result.success
    assert result.success, result.message
