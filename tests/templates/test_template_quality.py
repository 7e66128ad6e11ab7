"""What is said of how well gestures are taught."""

import numpy as np
import pytest
from tests.templates.test_template_classifier import gestures

from motif.errors import LabelError, NotFiniteError
from motif.templates import TemplateClassifier, quality_of
from motif.templates._taught_quality import _confusions


@pytest.fixture(scope="module")
def quality():
    X, y = gestures(5)
    return quality_of(X, np.array(["a", "b", "c", "d", "e"])[y])


def test_alike_samples_of_clear_gestures_are_good(quality):
    assert quality.accuracy == 1.0
    assert [gesture.label for gesture in quality.gestures] == ["a", "b", "c", "d", "e"]
    for gesture in quality.gestures:
        assert gesture.n_samples == 5
        assert gesture.accuracy == 1.0
        assert 0.3 < gesture.consistency <= 1.0
        assert gesture.outlying == ()
        assert gesture.more_samples <= 2
    assert quality.confusions == ()
    assert [n for n, _ in quality.learning_curve] == [1, 2, 3, 4]


def test_two_names_for_one_gesture_will_be_confused(quality):
    X, y = gestures(5)
    more, _ = gestures(5, seed=1, kinds=[0])
    both = quality_of(np.concatenate([X, more]), np.concatenate([y, np.full(5, 9)]))
    assert both.confusions[0].labels == (0, 9)
    assert both.confusions[0].share > 0.3
    named = {gesture.label: gesture for gesture in both.gestures}
    assert named[9].accuracy < 1.0
    assert named[9].more_samples >= named[2].more_samples
    assert both.accuracy < quality.accuracy


def test_the_likeliest_confusion_comes_first_with_the_larger_of_both_ways():
    said = np.array([[0.85, 0.15, 0.0], [0.05, 0.55, 0.4], [0.0, 0.2, 0.8]])
    found = _confusions(said, np.arange(3), np.array(["a", "b", "c"]))
    assert [(pair.labels, pair.share) for pair in found] == [(("b", "c"), 0.4), (("a", "b"), 0.15)]


def test_a_sample_of_another_gesture_is_outlying():
    X, y = gestures(6)
    X[7], X[25] = gestures(2, seed=4, kinds=[5])[0]
    quality = quality_of(X, y)
    assert [gesture.outlying for gesture in quality.gestures] == [(), (7,), (), (), (25,)]


def test_varied_samples_are_less_consistent():
    X, y = gestures(5)
    X[y == 2] += np.random.default_rng(0).normal(0, 1.0, X[y == 2].shape).astype(np.float32)
    values = [gesture.consistency for gesture in quality_of(X, y).gestures]
    assert np.argmin(values) == 2


def test_copies_of_samples_do_not_speak_for_a_gesture():
    X, y = gestures(1)
    quality = quality_of(np.concatenate([X, X, X]), np.concatenate([y, y, y]))
    assert quality.accuracy is None
    assert quality.learning_curve == ()


def test_one_sample_each_is_not_judged_but_more_are_wished_for():
    quality = quality_of(*gestures(1))
    assert quality.accuracy is None
    assert quality.learning_curve == ()
    assert all(g.accuracy is None and g.more_samples == 2 and g.consistency == 1.0 for g in quality.gestures)


def test_leaving_out_in_closed_form_agrees_with_teaching_again():
    generator = np.random.default_rng(0)
    X, y = gestures(3)
    X = X + generator.normal(0, 0.8, X.shape).astype(np.float32)
    quality = quality_of(X, y)
    right = []
    for i in range(len(X)):
        rest = np.arange(len(X)) != i
        right.append(TemplateClassifier().fit(X[rest], y[rest]).predict(X[i][None])[0] == y[i])
    assert quality.accuracy == pytest.approx(np.mean(right), abs=0.15)


def test_tails_of_nan_are_taken_where_they_are_announced():
    X, y = gestures(2)
    X[0, :, 50:] = np.nan
    assert quality_of(X, y, nan_tails=True).gestures[0].n_samples == 2
    with pytest.raises(NotFiniteError):
        quality_of(X, y)
    with pytest.raises(LabelError):
        quality_of(X[1:3], [0, 0])
