"""`UserCalibrator` and `quick_calibrate`: samples in, a model out that is never worse."""

import numpy as np
import pytest
from tests.networks.people import NAMES, SHAPE, save_base, somebody

from motif.errors import ConfigError, LabelError, NotFiniteError, ShapeError, TooFewSamplesError
from motif.learning import arrays, from_keras_bytes, keras, keras_bytes
from motif.networks import CalibrationConfig, UserCalibrator, load_profile, quick_calibrate


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return save_base(tmp_path_factory.mktemp("base") / "base.keras")


def accuracy(model, X, y):
    return float((model.predict(X, verbose=0).argmax(axis=1) == y).mean())


@pytest.mark.parametrize("strategy", ["head_only", "last_block", "half"])
def test_somebody_who_differs_is_recognized_better_and_frozen_layers_stay(base, strategy):
    X, y = somebody(5)
    tested = somebody(40, seed=5)
    content = base.read_bytes()
    config = CalibrationConfig(freeze_strategy=strategy, learning_rate=1e-3)
    model, result = quick_calibrate(base, X, y, NAMES, config=config)
    start = from_keras_bytes(base.read_bytes())
    assert result.success
    assert result.improvement > 0
    assert f"{result.improvement:+.2%}".startswith("+")
    assert accuracy(model, *tested) > accuracy(start, *tested) + 0.1
    assert result.accuracy_after == pytest.approx(accuracy(model, *tested), abs=0.15)
    assert base.read_bytes() == content
    same = [
        all(np.array_equal(a, b) for a, b in zip(arrays(old.weights), arrays(new.weights), strict=True))
        for old, new in zip(start.layers, model.layers, strict=True)
    ]
    frozen = {"head_only": len(same) - 1, "last_block": int(0.6 * len(same)), "half": int(0.5 * len(same))}[strategy]
    assert all(same[:frozen])
    assert not same[-1]
    if "fine-tuned" in result.method:
        assert not all(same[frozen:-1])


def test_labels_may_be_names(base):
    X, y = somebody(5)
    by_name = quick_calibrate(base, X, np.array(NAMES)[y], NAMES, "head_only")[1]
    assert by_name.accuracy_after == quick_calibrate(base, X, y, NAMES, "head_only")[1].accuracy_after


def test_a_person_is_calibrated_sample_by_sample(base):
    calibrator = UserCalibrator(base_model_path=base, class_names=NAMES, config=CalibrationConfig(epochs=0))
    X, y = somebody(5)
    assert calibrator.get_sample_counts() == dict.fromkeys(NAMES, 0)
    for window, label in zip(X[1:], y[1:], strict=True):
        calibrator.add_sample(window, gesture_name=NAMES[label])
    ready, message = calibrator.is_ready()
    assert not ready
    assert message == "still needed: 1 more of swipe"
    with pytest.raises(TooFewSamplesError, match="1 more of swipe"):
        calibrator.calibrate()
    calibrator.add_sample(X[0], gesture_name="swipe")
    assert calibrator.is_ready() == (True, "ready: 20 samples of 4 gestures")
    steps = []
    result = calibrator.calibrate(progress=lambda *step: steps.append(step))
    assert result.success
    assert result.sample_counts == calibrator.get_sample_counts() == dict.fromkeys(NAMES, 5)
    assert steps[-1] == ("head", 5, 5)
    assert [gesture.name for gesture in result.gestures] == list(NAMES)
    assert result.improvement == pytest.approx(np.mean([g.after - g.before for g in result.gestures]))
    assert result.to_dict()["success"] is True


def test_the_sample_that_was_given_may_be_changed_afterwards(base):
    calibrator = UserCalibrator(base, NAMES)
    window = np.ones(SHAPE, np.float32)
    calibrator.add_sample(window, "swipe")
    window[:] = np.nan
    assert np.isfinite(calibrator._samples[0]).all()


def some(counts):
    """So many samples of each class of one person."""
    X, y = somebody(8)
    rows = np.concatenate([np.flatnonzero(y == label)[:n] for label, n in enumerate(counts)])
    return X[rows], y[rows]


@pytest.mark.parametrize("counts", [(2, 8, 8, 8), (2, 2, 2, 8), (3, 3, 3, 3)], ids=str)
def test_a_gesture_with_few_samples_keeps_nobody_from_being_adapted_to(base, counts):
    config = CalibrationConfig(freeze_strategy="head_only", min_samples_per_gesture=2)
    model, result = quick_calibrate(base, *some(counts), NAMES, config=config)
    assert result.success
    assert result.accuracy_after > result.accuracy_before
    tested = somebody(40, seed=5)
    assert accuracy(model, *tested) > accuracy(from_keras_bytes(base.read_bytes()), *tested) + 0.1


def test_two_samples_of_each_gesture_are_too_few_and_the_message_says_how_many_more(base):
    config = CalibrationConfig(freeze_strategy="head_only", min_samples_per_gesture=2)
    _, result = quick_calibrate(base, *some((2, 2, 2, 2)), NAMES, config=config)
    assert not result.success
    assert "the base stays; record 1 more of swipe, 1 more of pinch, 1 more of wave, 1 more of none" in result.message


@pytest.fixture
def noise():
    """Labels that have nothing to do with the windows."""
    X, y = somebody(5, shift=0.0)
    return X, np.random.default_rng(0).permutation(y)


def test_where_adapting_does_not_help_the_base_answers(base, noise):
    model, result = quick_calibrate(base, *noise, NAMES, "head_only")
    assert not result.success
    assert result.method == "base"
    assert "the base stays" in result.message
    start = from_keras_bytes(base.read_bytes())
    np.testing.assert_array_equal(model.predict(noise[0], verbose=0), start.predict(noise[0], verbose=0))


def test_fine_tuning_that_does_not_help_is_taken_back(base, noise):
    model, result = quick_calibrate(base, *noise, NAMES, config=CalibrationConfig(learning_rate=0.1, epochs=2))
    assert not result.success
    start = from_keras_bytes(base.read_bytes())
    np.testing.assert_array_equal(model.predict(noise[0], verbose=0), start.predict(noise[0], verbose=0))


def test_a_profile_is_never_replaced_by_a_model_that_is_no_better_than_the_base(base, noise, tmp_path):
    def calibrated(X, y):
        calibrator = UserCalibrator(base, NAMES, CalibrationConfig(freeze_strategy="head_only"))
        for window, label in zip(X, y, strict=True):
            calibrator.add_sample(window, NAMES[label])
        calibrator.calibrate()
        return calibrator

    good, bad = calibrated(*somebody(5)), calibrated(*noise)
    fallback = load_profile(bad.save(tmp_path / "first.keras"))
    assert not fallback.facts.personal
    X = noise[0]
    start = from_keras_bytes(base.read_bytes())
    np.testing.assert_array_equal(fallback.model().predict(X, verbose=0), start.predict(X, verbose=0))
    path = good.save(tmp_path / "first.keras")
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"stays as it is.*the base stays"):
        bad.save(path)
    assert path.read_bytes() == before


def test_saving_before_calibrating_says_what_to_do(base, tmp_path):
    with pytest.raises(ConfigError, match=r"calibrate\(\) before save\(\)"):
        UserCalibrator(base, NAMES).save(tmp_path / "p.keras")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"user_samples": np.zeros((20, 6, 5))}, ShapeError, r"\(20, 6, 5\); want \(n, 6, 4\)"),
        ({"user_samples": np.full((20, *SHAPE), np.nan)}, NotFiniteError, "NaN"),
        ({"user_labels": np.full(20, 4)}, LabelError, "4 is none of the base model's classes: swipe, pinch"),
        ({"user_labels": np.full(20, -1)}, LabelError, "-1 is none"),
        ({"user_labels": np.full(20, 0.5)}, LabelError, "0.5 is none"),
        ({"user_labels": [None] * 20}, LabelError, "None is none"),
        ({"user_labels": np.full(20, "clap")}, LabelError, "'clap' is none"),
        ({"user_labels": np.zeros(19, int)}, ShapeError, r"\(19,\); want \(20,\)"),
        ({"user_labels": np.repeat([0, 1, 2, 3], [5, 5, 8, 2])}, TooFewSamplesError, "3 more of none; want 5"),
        ({"user_labels": np.repeat([0, 1], 10)}, TooFewSamplesError, "5 more of wave, 5 more of none"),
        ({"class_names": NAMES[:3]}, LabelError, "4 classes"),
        ({"class_names": ("a", "a", "b", "c")}, LabelError, "a name of its own"),
        ({"freeze_strategy": "all"}, ConfigError, "freeze_strategy='all' cannot be; want head_only or last_block"),
    ],
)
def test_what_cannot_be_used_is_named(base, change, error, message):
    X, y = somebody(5)
    with pytest.raises(error, match=message):
        quick_calibrate(**{"base_model_path": base, "user_samples": X, "user_labels": y, "class_names": NAMES} | change)


@pytest.mark.parametrize(
    "setting",
    [
        {"min_samples_per_gesture": 1},
        {"min_samples_per_gesture": 2.5},
        {"learning_rate": 0},
        {"epochs": -1},
        {"batch_size": True},
    ],
    ids=str,
)
def test_a_setting_that_cannot_be_is_named(setting):
    with pytest.raises(ConfigError, match=f"{next(iter(setting))}=.* cannot be; want"):
        CalibrationConfig(**setting)


def test_a_model_whose_answer_is_no_row_of_probabilities_is_refused(tmp_path):
    k = keras()
    windows = k.Input(SHAPE)
    (tmp_path / "sequence.keras").write_bytes(keras_bytes(k.Model(windows, k.layers.Dense(4)(windows))))
    with pytest.raises(ConfigError, match=r"maps .* want one batch of windows to \(n, n_classes\) probabilities"):
        quick_calibrate(tmp_path / "sequence.keras", *somebody(5), NAMES)


def test_a_model_for_windows_of_any_length_is_adapted_to_those_it_gets(tmp_path):
    k = keras()
    windows = k.Input((None, 4))
    hidden = k.layers.GlobalAveragePooling1D()(k.layers.Conv1D(8, 3, padding="same", activation="tanh")(windows))
    model = k.Model(windows, k.layers.Dense(4, activation="softmax")(hidden))
    (tmp_path / "any.keras").write_bytes(keras_bytes(model))
    X, y = somebody(5)
    assert quick_calibrate(tmp_path / "any.keras", X, y, NAMES, "head_only")[1].success
    with pytest.raises(ShapeError):
        quick_calibrate(tmp_path / "any.keras", X[:, 0], y, NAMES)
