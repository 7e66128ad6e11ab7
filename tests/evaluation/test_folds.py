import json

import numpy as np
import pytest

from motif.errors import ConfigError, LabelError, ShapeError
from motif.evaluation import align_probabilities, cross_validate, feature_lda, nearest_neighbour, window_statistics
from motif.recordings import Dataset, Fold, Split, leave_one_group_out, simulate_quadruped


def people(n_people=4, n_each=30, n_classes=3, seed=0):
    """Each class is a frequency; each person adds an offset."""
    rng = np.random.default_rng(seed)
    groups = np.repeat([f"p{i}" for i in range(n_people)], n_each)
    y = np.tile(np.arange(n_classes), n_people * n_each // n_classes)
    t = np.arange(20)
    X = np.sin(0.3 * (1 + y[:, None, None]) * t[None, :, None] + rng.uniform(0, 6, (len(y), 1, 2)))
    X += rng.normal(0, 0.3, X.shape) + np.repeat(rng.normal(0, 0.3, n_people), n_each)[:, None, None]
    return Dataset(
        name="people",
        X=X.astype(np.float32),
        y=y,
        class_names=tuple("abcd"[:n_classes]),
        groups=groups,
        group_kind="subject",
        stretch=np.arange(len(y)),
        start=np.zeros(len(y), dtype=np.int64),
        rate_hz=20.0,
        channels=("x", "y"),
    )


class Remembers:
    """Answers with the class whose training mean is nearest; keeps what it was fitted on."""

    def __init__(self, log):
        self.log = log

    def fit(self, X, y, groups=None):
        self.log.append(groups)
        self.classes_ = np.unique(y)
        self.means = np.stack([X[y == c].mean(axis=0) for c in self.classes_])
        return self

    def predict_proba(self, X):
        near = np.exp(-((X[:, None] - self.means) ** 2).mean(axis=(2, 3)))
        return near / near.sum(axis=1, keepdims=True)


def test_each_window_is_judged_once_by_who_never_saw_its_group():
    dataset, log, calls = people(), [], []
    result = cross_validate(
        lambda: Remembers(log), dataset, leave_one_group_out(dataset), progress=lambda *call: calls.append(call)
    )
    assert sorted(result.indices) == list(range(len(dataset.y)))
    assert [set(np.unique(dataset.groups)) - set(groups) for groups in log] == [{"p0"}, {"p1"}, {"p2"}, {"p3"}]
    assert calls == [(0, 4, "p0"), (1, 4, "p1"), (2, 4, "p2"), (3, 4, "p3"), (4, 4, "")]
    assert result.folds[1].test_groups == ("p1",)
    assert result.folds[1].train_groups == ("p0", "p2", "p3")
    assert {(fold.n_train, fold.n_test) for fold in result.folds} == {(90, 30)}
    np.testing.assert_array_equal(result.y_true, dataset.y[result.indices])


def test_the_parts_agree_with_each_other():
    dataset = people()
    result = cross_validate(feature_lda, dataset, leave_one_group_out(dataset))
    predicted = result.probabilities.argmax(axis=1)
    assert result.pooled.accuracy == np.mean(predicted == result.y_true)
    assert set(result.wrong) == set(result.indices[predicted != result.y_true])
    accuracies = [fold.scores.accuracy for fold in result.folds]
    spread = result.spread["accuracy"]
    assert (spread.mean, spread.min, spread.max) == (pytest.approx(np.mean(accuracies)), *np.sort(accuracies)[[0, -1]])
    assert spread.std == pytest.approx(np.std(accuracies, ddof=1))
    assert [group.accuracy for group in result.per_group] == pytest.approx(accuracies)
    assert result.intervals["accuracy"].low <= result.pooled.accuracy <= result.intervals["accuracy"].high
    assert result.baseline.accuracy == pytest.approx(1 / 3)
    assert result.pooled.accuracy > 0.8
    json.dumps(result.to_dict(), allow_nan=False)


def test_a_class_that_a_fold_never_trained_on_gets_probability_zero():
    dataset = people(n_people=2)
    train, test = np.flatnonzero((dataset.groups == "p0") & (dataset.y != 1)), np.flatnonzero(dataset.groups == "p1")
    result = cross_validate(nearest_neighbour, dataset, Split("once", (Fold("only", train, test),)))
    assert (result.probabilities[:, 1] == 0).all()
    assert result.pooled.per_class[1].recall == 0
    assert result.spread["accuracy"].std is None
    assert result.intervals == {}


def test_folds_that_cannot_be_judged_are_named():
    dataset = people(n_people=2)
    some, none = np.arange(5), np.arange(0)
    for folds, message in (
        ((), "no folds"),
        ((Fold("f", some, none),), "tests 0"),
        ((Fold("f", none, some),), "trains on 0"),
        ((Fold("f", some, some[3:]),), "tests 2 windows that it trains on, the first 3"),
    ):
        with pytest.raises(ConfigError, match=message):
            cross_validate(nearest_neighbour, dataset, Split("", folds))


def test_columns_without_a_class_are_refused():
    with pytest.raises(LabelError, match="fit on the data set's y"):
        align_probabilities([[1.0]], ["wave"], 2)
    with pytest.raises(LabelError, match="want integers 0 … 1"):
        align_probabilities([[1.0]], [2], 2)
    with pytest.raises(ShapeError, match="one column for each"):
        align_probabilities([[0.5, 0.5]], [0], 2)


@pytest.mark.parametrize("shape", [(5, 12, 4), (5, 2, 2, 12)])
def test_statistics_of_a_window_forget_nothing_but_order(shape):
    X = np.random.default_rng(0).normal(size=shape)
    features = window_statistics(X)
    assert features.shape == (5, 7 * 4)
    time_axis = 1 if len(shape) == 3 else 3
    np.testing.assert_allclose(features[:, :4], X.mean(axis=time_axis).reshape(5, -1))


def test_the_peer_for_inertial_windows_reads_gaits_far_above_chance():
    dataset = simulate_quadruped(n_animals=3, n_windows=2)
    result = cross_validate(
        lambda: feature_lda(dataset.channels, dataset.rate_hz), dataset, leave_one_group_out(dataset)
    )
    assert result.pooled.accuracy > 2 * result.baseline.accuracy
    assert len(result.per_group) == 3


def test_folds_judged_at_once_score_as_one_after_the_other():
    dataset, calls = people(), []
    split = leave_one_group_out(dataset)
    alone = cross_validate(feature_lda, dataset, split)
    at_once = cross_validate(feature_lda, dataset, split, jobs=2, progress=lambda *call: calls.append(call))
    np.testing.assert_array_equal(at_once.probabilities, alone.probabilities)
    assert at_once.spread == alone.spread
    assert [fold.name for fold in at_once.folds] == [fold.name for fold in alone.folds]
    assert (calls[0], calls[-1]) == ((0, 4, "p0"), (4, 4, ""))


def test_no_jobs_at_all_is_refused():
    dataset = people()
    with pytest.raises(ConfigError, match="jobs is 0"):
        cross_validate(feature_lda, dataset, leave_one_group_out(dataset), jobs=0)
