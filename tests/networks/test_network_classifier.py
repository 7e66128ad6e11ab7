from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.errors import (
    ConfigError,
    DtypeError,
    InputError,
    LabelError,
    NotFiniteError,
    ShapeError,
    TooFewSamplesError,
)
from motif.learning import output_of, predict
from motif.learning._backend import arrays
from motif.networks import NetworkClassifier
from motif.networks._model import build, standardize
from motif.networks._training import Epoch, best_epoch
from motif.recognizer import Recognizer


def test_a_fitted_network_is_a_recognizer_that_has_learnt(fitted, windows):
    X, y = windows
    assert isinstance(fitted, Recognizer)
    assert fitted.score(X, y) > 0.9
    probabilities = fitted.predict_proba(X)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert fitted.classes_.tolist() == ["circle", "rest", "wave"]


@settings(deadline=None, max_examples=20)
@given(data=st.data())
def test_a_window_gets_the_same_bits_whatever_came_along(fitted, windows, data):
    X, _ = windows
    rows = data.draw(st.lists(st.integers(0, len(X) - 1), min_size=1, max_size=len(X)))
    np.testing.assert_array_equal(fitted.predict_proba(X[rows]), fitted.predict_proba(X)[rows])


def test_threads_get_the_answers_they_get_one_after_the_other(fitted, windows):
    X, _ = windows
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: fitted.predict_proba(X[:3]), range(64)))
    np.testing.assert_array_equal(found, [fitted.predict_proba(X[:3])] * 64)


def test_no_windows_give_no_predictions(fitted, windows):
    assert fitted.predict_proba(windows[0][:0]).shape == (0, 3)


def test_one_window_is_recognized_as_in_a_batch(fitted, windows):
    prediction = fitted.recognize(windows[0][0])
    assert prediction.label == fitted.predict(windows[0][:1])[0]
    np.testing.assert_array_equal(prediction.probabilities, fitted.predict_proba(windows[0])[0])


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(windows, quick):
    def trained(seed):
        return NetworkClassifier(**quick | {"random_state": seed, "epochs": 1}).fit(*windows).model_

    first, again, other = (arrays(trained(seed).weights) for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_fitting_leaves_the_input_and_the_global_random_state_alone(windows, quick):
    import random

    X, y = (array.copy() for array in windows)
    before = random.getstate()
    NetworkClassifier(**quick | {"epochs": 1}).fit(X, y)
    assert random.getstate() == before
    np.testing.assert_array_equal(X, windows[0])
    np.testing.assert_array_equal(y, windows[1])


@pytest.mark.parametrize("labels", [[7, 3, 5], [True, False, True], ["a", "b", "c"]])
def test_labels_of_any_kind_come_back_as_they_were(windows, quick, labels):
    y = np.array(labels)[np.arange(len(windows[0])) % 3]
    classifier = NetworkClassifier(**quick | {"epochs": 1}).fit(windows[0], y)
    assert classifier.predict(windows[0][:3]).dtype == y.dtype
    assert set(classifier.classes_.tolist()) == set(labels)


def test_groups_are_held_out_whole_and_the_refit_takes_as_many_epochs_as_were_best(windows, quick):
    X, y = windows
    groups = np.repeat(["ann", "bo", "cy"], len(X) // 3)
    classifier = NetworkClassifier(**quick | {"refit": True}).fit(X, y, groups=groups)
    search = [epoch for epoch in classifier.history_ if epoch.stage == "search"]
    refit = [epoch for epoch in classifier.history_ if epoch.stage == "refit"]
    best = min(search, key=lambda epoch: epoch.held_out_loss)
    assert len(refit) == best.epoch
    assert all(epoch.held_out_loss is None for epoch in refit)


def test_training_stops_when_the_held_out_loss_no_longer_falls(windows, quick):
    rng = np.random.default_rng(0)
    noise = rng.permutation(windows[1])
    classifier = NetworkClassifier(**quick | {"epochs": 60, "patience": 2, "learning_rate": 0.02})
    classifier.fit(windows[0], noise)
    losses = [epoch.held_out_loss for epoch in classifier.history_]
    assert len(losses) < 60
    assert len(losses) - (int(np.argmin(losses)) + 1) == 2


def test_without_a_part_held_out_it_trains_on_all_and_calls_nothing_an_outlier(windows, quick):
    classifier = NetworkClassifier(**quick | {"validation_fraction": 0.0, "epochs": 2}).fit(*windows)
    assert (len(classifier.history_), classifier.temperature_, classifier.outlier_confidence_) == (2, 1.0, 0.0)


def test_far_from_all_that_was_taught_it_is_sure_of_nothing(fitted, windows):
    X, _ = windows
    stuck = np.repeat(X[:, :1], X.shape[1], axis=1)
    assert fitted.predict_proba(X).max(axis=1).mean() > 0.9
    for odd in (1000 * X, X / 1000, np.zeros_like(X), stuck):
        assert fitted.predict_proba(odd).max() < 1 / len(fitted.classes_) + 0.1


@pytest.mark.parametrize("fraction", [0.0, 0.15])
def test_training_that_diverges_says_so_and_when(windows, quick, fraction):
    far_too_fast = NetworkClassifier(**quick | {"learning_rate": 1e30, "validation_fraction": fraction})
    with pytest.raises(
        ConfigError, match=r"diverged in epoch \d of 3: .* smaller learning_rate than 1e\+30, or leave out"
    ):
        far_too_fast.fit(*windows)


def test_progress_is_told_of_every_epoch_and_the_bar_writes_to_standard_error_only(windows, quick, capsys):
    told = []
    NetworkClassifier(**quick | {"progress": told.append}).fit(*windows)
    assert [epoch.epoch for epoch in told] == [1, 2, 3]
    assert capsys.readouterr() == ("", "")
    NetworkClassifier(**quick | {"progress": True, "epochs": 1, "validation_fraction": 0.0}).fit(*windows)
    NetworkClassifier(**quick | {"progress": True, "epochs": 1}).fit(*windows)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("architecture", "rnn"),
        ("features", "magic"),
        ("epochs", 0),
        ("batch_size", -1),
        ("learning_rate", float("nan")),
        ("dropout", 1.0),
        ("validation_fraction", 1.5),
        ("patience", 0),
    ],
)
def test_a_parameter_that_cannot_be_is_named(windows, quick, parameter, value):
    with pytest.raises(ConfigError, match=parameter):
        NetworkClassifier(**quick | {parameter: value}).fit(*windows)


def test_an_unknown_architecture_is_told_the_names_there_are(windows):
    with pytest.raises(ConfigError, match="tcn, cnn1d, gru, lstm, transformer"):
        NetworkClassifier("rnn").fit(*windows)


def test_engineered_features_are_refused_where_there_are_none(windows, quick):
    with pytest.raises(ConfigError, match="features='raw'"):
        NetworkClassifier(**quick | {"features": "engineered"}).fit(*windows)


def bad(X, **changes):
    X = X.copy()
    for index, value in changes.get("values", {}).items():
        X[index] = value
    return X


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda X, y: (X[:, 0], y), ShapeError),
        (lambda X, y: (X, y[:-1]), ShapeError),
        (lambda X, y: (X, y[:, None]), ShapeError),
        (lambda X, y: (X.astype(str), y), DtypeError),
        (lambda X, y: (X, np.full(len(y), 1j)), DtypeError),
        (lambda X, y: (bad(X, values={(0, 0, 0): np.nan}), y), NotFiniteError),
        (lambda X, y: (X, np.full(len(y), np.nan)), NotFiniteError),
        (lambda X, y: (X, np.full(len(y), "circle")), LabelError),
        (lambda X, y: (X[:0], y[:0]), LabelError),
        (lambda X, y: (X, np.array(["a", 1] * (len(y) // 2), dtype=object)), LabelError),
        (lambda X, y: (X[:4], y[:4]), TooFewSamplesError),
    ],
)
def test_bad_input_is_named(windows, quick, make, error):
    with pytest.raises(error):
        NetworkClassifier(**quick).fit(*make(*windows))


def test_windows_of_another_shape_or_before_fit_are_refused(fitted, windows, quick):
    with pytest.raises(ShapeError, match=r"\(n, 8, 3\)"):
        fitted.predict(windows[0][:, :4])
    with pytest.raises(ValueError, match="not fitted"):
        NetworkClassifier(**quick).predict(windows[0])
    assert issubclass(ShapeError, InputError)


def test_a_callable_varies_the_windows_while_training(windows, quick):
    seen = []

    def watch(X, generator):
        seen.append(len(X))
        return X

    NetworkClassifier(**quick | {"epochs": 1, "augment": watch, "validation_fraction": 0.0}).fit(*windows)
    assert seen == [16, 16, 16]


@pytest.mark.parametrize("unit", [1e-9, 1e-6, 1e-3, 1e6])
def test_raw_values_reach_the_network_alike_in_any_unit(unit):
    X = np.random.default_rng(0).normal(2.0, 1.0, (40, 16, 3)).astype(np.float32)
    model = build("cnn1d", (16, 3), 2, features="raw")
    seen = []
    for values in (X, X * np.float32(unit)):
        standardize(model, values)
        seen.append(predict(output_of(model, "standardize_sequence"), values))
    np.testing.assert_allclose(seen[1], seen[0], atol=1e-4)


def test_a_raw_channel_that_never_changed_is_not_blown_up_where_it_does():
    X = np.random.default_rng(0).normal(size=(40, 16, 3)).astype(np.float32)
    X[..., 1] = 1013.3
    model = build("cnn1d", (16, 3), 2, features="raw")
    standardize(model, X)
    X[..., 1] += 2
    np.testing.assert_allclose(predict(output_of(model, "standardize_sequence"), X)[..., 1], 2, atol=0.01)


def test_an_epoch_that_could_not_be_judged_is_not_the_best():
    def history(*losses):
        return [replace(epoch, held_out_loss=loss) for loss in losses]

    epoch = Epoch(
        stage="search",
        epoch=1,
        epochs=4,
        loss=0.0,
        accuracy=0.0,
        held_out_loss=0.0,
        held_out_accuracy=0.0,
        learning_rate=0.1,
        seconds=1.0,
    )
    assert best_epoch(history(0.7, 0.5, np.nan, 0.6)) == 2
    assert best_epoch(history(np.nan, 0.9)) == 2
