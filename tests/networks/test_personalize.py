"""`personalize`: a recognizer in, the person's recognizer out."""

import numpy as np
import pytest
from tests.networks.conftest import make_windows

import motif.bundles
from motif.errors import ConfigError, LabelError, ShapeError, TooFewSamplesError
from motif.networks import CalibrationConfig, NetworkClassifier, personalize


def somebody(n=15, seed=3):
    """A person who moves the other way round, and a third as far."""
    X, y = make_windows(n, seed)
    return -0.35 * X, y


@pytest.fixture(scope="module")
def own(fitted):
    return personalize(fitted, *somebody())


def test_somebody_who_moves_otherwise_is_recognized_better_and_the_base_stays_as_it_is(fitted, windows, own):
    before = fitted.predict_proba(windows[0])
    recognizer, result = own
    X, y = somebody(60, seed=9)
    assert result.success
    assert result.accuracy_before < result.accuracy_after
    assert (recognizer.predict(X) == y).mean() > (fitted.predict(X) == y).mean() + 0.1
    np.testing.assert_array_equal(fitted.predict_proba(windows[0]), before)


def test_a_personal_recognizer_is_packed_and_answers_like_any_other(own, tmp_path):
    recognizer, _ = own
    X, _ = somebody(20, seed=4)
    path = recognizer.save(tmp_path / "anna", name="anna")
    assert motif.bundles.verify(path).max_difference < 1e-4
    expected = recognizer.predict_proba(X)
    np.testing.assert_allclose(motif.bundles.load(path).predict_proba(X), expected, atol=1e-4)
    np.testing.assert_array_equal(NetworkClassifier.load(path).predict_proba(X), expected)
    assert recognizer.recognize(X[0]).probabilities == pytest.approx(expected[0])


def test_where_it_does_not_help_the_answers_are_the_base_s(fitted):
    X, y = make_windows(15, seed=5)
    y = np.random.default_rng(0).permutation(y)
    recognizer, result = personalize(fitted, X, y)
    assert not result.success
    np.testing.assert_array_equal(recognizer.predict_proba(X), fitted.predict_proba(X))


def test_a_class_without_windows_is_still_recognized(fitted):
    X, y = somebody(30)
    kept = y != "rest"
    recognizer, result = personalize(fitted, X[kept], y[kept])
    assert {gesture.name: gesture.n for gesture in result.gestures} == {"circle": 10, "rest": 0, "wave": 10}
    assert result.gestures[1].before is None
    resting, _ = make_windows(30, seed=6)
    assert (recognizer.predict(resting[1::3]) == "rest").mean() > 0.5


def test_groups_are_held_out_together(fitted):
    X, y = somebody(18)
    _, result = personalize(fitted, X, y, groups=np.repeat(["morning", "noon", "night"], 6))
    assert result.judged.startswith("18 samples in 3 parts, whole groups in one")
    _, one = personalize(fitted, X, y, groups=["morning"] * 18)
    assert one.judged.startswith("18 samples in 5 parts, neighbours in time in one")
    assert one.interval[0] < one.interval[1]


def test_layers_that_a_strategy_frees_are_fine_tuned_too(fitted):
    X, y = somebody(15)
    steps = []
    config = CalibrationConfig(freeze_strategy="half", min_samples_per_gesture=5, epochs=2, learning_rate=1e-4)
    _, result = personalize(fitted, X, y, config=config, progress=lambda *step: steps.append(step))
    assert result.method in ("head", "head, half fine-tuned")
    assert [name for name, done, total in steps if done == total] == ["head", "half"]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"X": np.zeros((15, 8, 4))}, ShapeError, r"want \(n, 8, 3\)"),
        ({"y": ["clap"] * 15}, LabelError, r"y holds \['clap'\]; the recognizer knows \['circle', 'rest', 'wave'\]"),
        ({"y": ["wave"] * 15}, LabelError, "one class only"),
        ({"y": ["wave"] * 14 + ["rest"]}, TooFewSamplesError, "1 more of rest; want 2"),
        ({"groups": ["a"]}, ShapeError, "groups"),
        ({"recognizer": object()}, ConfigError, "a object has no fitted network"),
        ({"recognizer": NetworkClassifier()}, ConfigError, "fit it first"),
    ],
)
def test_what_cannot_be_used_is_named(fitted, change, error, message):
    X, y = somebody(15)
    with pytest.raises(error, match=message):
        personalize(**{"recognizer": fitted, "X": X, "y": y} | change)
