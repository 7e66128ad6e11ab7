"""The contract in `motif.recognizer`, on every recognizer that is installed."""

from importlib.metadata import entry_points

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from motif import bundles
from motif.errors import DtypeError, InputError, LabelError, NotFiniteError, ShapeError, TooFewSamplesError
from motif.recognizer import Recognizer

QUICK = {"network": {"epochs": 4, "batch_size": 8}, "behavior": {"epochs": 3, "batch_size": 8}}
"""Settings that make a recognizer quick to fit, batches of a size that is compiled once; else its defaults are used."""

FOUND = {point.name: point.load() for point in entry_points(group="motif.recognizers")}
N_PER_CLASS = 12


def waves(window_shape, seed=0, n_classes=2):
    """Windows whose frequency tells the class, from three people."""
    rng = np.random.default_rng(seed)
    y = np.tile(np.arange(n_classes), N_PER_CLASS)
    length = window_shape[0] if len(window_shape) == 2 else window_shape[-1]
    phase = rng.uniform(0, 2 * np.pi, (len(y), 1))
    wave = np.sin(2 * np.pi * (y[:, None] * 3 + 1) * np.arange(length) / length + phase)
    wave = wave[:, :, None] if len(window_shape) == 2 else wave[:, None, None, :]
    X = np.broadcast_to(wave, (len(y), *window_shape)) + rng.normal(0, 0.1, (len(y), *window_shape))
    return X.astype(np.float32), y, np.repeat(["p1", "p2", "p3"], len(y) // 3)


@pytest.fixture(params=FOUND, scope="module")
def make(request):
    def make(**settings):
        return FOUND[request.param](**{"random_state": 0} | QUICK.get(request.param, {}) | settings)

    return make


@pytest.fixture(params=[(16, 6), (3, 1, 32)], ids=["frames", "sensors"], scope="module")
def window_shape(request):
    return request.param


@pytest.fixture(scope="module")
def fitted(make, window_shape):
    X, y, groups = waves(window_shape)
    names = np.array(["slow", "fast"])[y]
    recognizer = make()
    assert recognizer.fit(X, names, groups=groups) is recognizer
    return recognizer, X, names


def test_it_keeps_the_protocol(fitted):
    recognizer, X, _ = fitted
    assert isinstance(recognizer, Recognizer)
    assert recognizer.classes_.tolist() == ["fast", "slow"]
    probabilities = recognizer.predict_proba(X)
    assert probabilities.dtype == np.float32
    assert probabilities.shape == (len(X), 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(recognizer.predict(X), recognizer.classes_[probabilities.argmax(axis=1)])


def test_the_batch_is_invisible_and_inputs_stay_untouched(fitted):
    recognizer, X, _ = fitted
    before = X.copy()
    whole = recognizer.predict_proba(X)
    np.testing.assert_array_equal(X, before)
    for size in (1, 5):
        parts = [recognizer.predict_proba(X[i : i + size]) for i in range(0, len(X), size)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_one_window_gets_the_answer_it_gets_among_others(fitted):
    recognizer, X, _ = fitted
    prediction = recognizer.recognize(X[3])
    np.testing.assert_array_equal(prediction.probabilities, recognizer.predict_proba(X)[3])
    assert prediction.label == recognizer.predict(X)[3]
    assert prediction.confidence == prediction.probabilities.max()
    assert 0 <= prediction.uncertainty <= 1


def test_a_window_with_a_number_no_sensor_gives_is_not_learnt_from(make, window_shape):
    X, names, groups = waves(window_shape)
    X = X.copy()
    X[3].flat[0] = 1e20
    with pytest.raises(InputError, match=r"window 3 holds a value of size 1e\+20.*leave that window out"):
        make().fit(X, names, groups=groups)


def test_a_number_no_sensor_gives_is_answered_with_probabilities_here_and_in_a_bundle(fitted, tmp_path):
    recognizer, X, _ = fitted
    huge = X[:2] * np.float32([1, 1e30]).reshape(2, *[1] * (X.ndim - 1))
    for each in (recognizer, bundles.load(recognizer.save(tmp_path / "bundle"))):
        probabilities = each.predict_proba(huge)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
        np.testing.assert_array_equal(probabilities[0], each.predict_proba(X[:1])[0])
        assert each.recognize(huge[1]).confidence == probabilities[1].max()


def test_the_same_seed_gives_the_same_recognizer(make, fitted, window_shape):
    recognizer, X, names = fitted
    again = clone(recognizer).fit(X, names, groups=waves(window_shape)[2])
    np.testing.assert_array_equal(again.predict_proba(X), recognizer.predict_proba(X))


def test_it_travels_through_a_bundle(fitted, tmp_path):
    recognizer, X, _ = fitted
    path = recognizer.save(tmp_path / "bundle")
    found = bundles.verify(path, n_timed=3)
    assert found.max_difference <= bundles.TOLERANCE
    packed = bundles.load(path)
    assert packed.classes_.tolist() == recognizer.classes_.tolist()
    np.testing.assert_allclose(packed.predict_proba(X), recognizer.predict_proba(X), atol=1e-4)
    back = type(recognizer).load(path)
    assert back.get_params() == recognizer.get_params()
    np.testing.assert_allclose(back.predict_proba(X), recognizer.predict_proba(X), atol=1e-6)


def test_scikit_learn_takes_it_for_its_own(make):
    X, y, groups = waves((16, 6))
    scores = cross_val_score(make(), X, y, groups=groups, cv=GroupKFold(2))
    assert scores.shape == (2,)
    assert np.isfinite(scores).all()
    pipeline = Pipeline([("as it is", FunctionTransformer()), ("recognizer", make())])
    one_split = [(np.arange(16), np.arange(16, 24))]
    search = GridSearchCV(pipeline, {"recognizer__random_state": [0, 1]}, cv=one_split).fit(X, y)
    assert search.best_params_["recognizer__random_state"] in (0, 1)
    assert search.predict(X).shape == y.shape


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda X, y: (X[:, 0], y), ShapeError),
        (lambda X, y: (X[:0], y[:0]), InputError),
        (lambda X, y: (X, y[:-1]), InputError),
        (lambda X, y: ([*X[:-1], X[-1, :-1]], y), InputError),
        (lambda X, y: (X.astype(str), y), DtypeError),
        (lambda X, y: (X.astype(object), y), DtypeError),
        (lambda X, y: (np.where(X[0, 0, 0] == X, np.nan, X), y), NotFiniteError),
        (lambda X, y: (np.where(X[0, 0, 0] == X, np.inf, X), y), NotFiniteError),
        (lambda X, y: (X, np.zeros_like(y)), LabelError),
        (lambda X, y: (X, np.full(len(y), np.nan)), InputError),
    ],
)
def test_bad_input_is_refused_by_name(make, change, error):
    X, y, _ = waves((16, 6))
    with pytest.raises(error):
        make().fit(*change(X, y))


def test_a_window_of_another_shape_is_refused(fitted):
    recognizer, X, _ = fitted
    with pytest.raises(ShapeError):
        recognizer.predict_proba(X[:, 1:])


def test_an_unfitted_recognizer_says_so(make, tmp_path):
    for ask in (lambda: make().predict(np.zeros((1, 16, 6))), lambda: make().save(tmp_path / "b")):
        with pytest.raises((InputError, ValueError), match="fit"):
            ask()


def test_one_sample_a_class_is_an_answer_or_a_clear_refusal(make):
    X, y, _ = waves((16, 6))
    try:
        answers = make().fit(X[:2], y[:2]).predict_proba(X[:1]).shape
    except TooFewSamplesError as refusal:
        answers = str(refusal)
    assert answers == (1, 2) or "record more" in answers
