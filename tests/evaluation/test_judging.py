"""What is said beyond a score: comparisons, sets, selection, doubt, wrong windows."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.reference import judging as reference

from motif.errors import ConfigError, LabelError, NotFiniteError, ShapeError, TooFewSamplesError
from motif.evaluation import (
    Ensemble,
    compare_recognizers,
    conformal_coverage,
    conformal_sets,
    confused_pairs,
    coverage_by_individual,
    group_bootstrap,
    group_bootstrap_difference,
    group_scores,
    mcnemar,
    paired_test,
    score,
    selective_accuracy,
    uncertainty,
    wrong_windows,
)
from motif.evaluation._conformal import later_half
from motif.recordings import simulate_hand


@st.composite
def answers(draw, most=30):
    """Labels and probabilities with many ties."""
    n, k = draw(st.integers(2, most)), draw(st.integers(2, 4))
    weights = draw(hnp.arrays(np.float64, (n, k), elements=st.integers(1, 5).map(float)))
    return draw(hnp.arrays(np.int64, n, elements=st.integers(0, k - 1))), weights / weights.sum(axis=1, keepdims=True)


def drawn(n, n_classes=4, seed=0, sharpness=2.0):
    """Exchangeable windows whose probabilities are the true ones."""
    rng = np.random.default_rng(seed)
    logits = sharpness * rng.normal(size=(n, n_classes))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return (p.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1), p


# Comparing


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 5))
def test_mcnemar_counts_what_differs_and_is_exact(ahead, behind, both):
    y = np.zeros(ahead + behind + both + 1, np.int64)
    first = np.r_[np.zeros(ahead), np.ones(behind), np.zeros(both + 1)].astype(int)
    second = np.r_[np.ones(ahead), np.zeros(behind), np.zeros(both + 1)].astype(int)
    found = mcnemar(y, first, second)
    assert (found.only_first_right, found.only_second_right) == (ahead, behind)
    assert found.p_value == pytest.approx(reference.mcnemar_p(ahead, behind))
    assert mcnemar(y, second, first).p_value == pytest.approx(found.p_value)


@settings(deadline=None)
@given(hnp.arrays(np.float64, (2, 6), elements=st.integers(0, 20).map(lambda i: i / 20)))
def test_the_paired_test_goes_through_every_exchange(figures):
    found = paired_test(*figures)
    assert found.p_value == pytest.approx(reference.exchange_p(*figures.tolist()))
    assert found.smallest_p == 2 / 2**6 <= found.p_value
    assert found.mean_difference == pytest.approx((figures[0] - figures[1]).mean())


def test_many_pairs_are_drawn_and_agree_with_all_exchanges():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0.3, 1, 16), rng.normal(0, 1, 16)
    assert paired_test(first, second).p_value == pytest.approx(reference.exchange_p(first, second), abs=0.015)


@given(st.sampled_from([1e-15, 1e-3, 1e6]), st.integers(0, 100))
def test_the_unit_of_the_figures_changes_no_p_value(unit, seed):
    first, second = np.random.default_rng(seed).normal([[1.0], [0.0]], size=(2, 8))
    expected = reference.exchange_p(first.tolist(), second.tolist())
    assert paired_test(unit * first, unit * second).p_value == pytest.approx(expected)


def test_the_paired_test_refuses_what_is_no_pair():
    with pytest.raises(ShapeError, match="second"):
        paired_test([0.5], [0.5, 0.6])
    with pytest.raises(TooFewSamplesError, match="no pair"):
        paired_test([], [])
    with pytest.raises(NotFiniteError, match="first less second"):
        paired_test([0.5, np.nan], [0.5, 0.6])
    with pytest.raises(ShapeError, match="first and second"):
        mcnemar([0, 1], [0, 1], [0])


def test_equal_recognizers_rarely_differ_and_a_better_one_is_found():
    said = {}
    for better in (0.0, 0.25):
        p_values = []
        for seed in range(40):
            rng = np.random.default_rng(seed)
            right = rng.random((2, 8, 30)) < np.array([0.65 + better, 0.65])[:, None, None]
            p = np.where(right[..., None], [0.9, 0.1], [0.1, 0.9]).reshape(2, 240, 2)
            found = compare_recognizers(np.zeros(240, int), *p, np.repeat(np.arange(8), 30), ["a", "b"])
            p_values.append((found.groups.p_value, found.windows.p_value))
            assert found.differences["accuracy"] == pytest.approx(right[0].mean() - right[1].mean())
        said[better] = (np.array(p_values) < 0.05).mean(axis=0)
    assert (said[0.0] <= 0.15).all()
    assert (said[0.25] >= 0.9).all()


def test_a_comparison_with_oneself_finds_nothing():
    y, p = drawn(200)
    found = compare_recognizers(y, p, p, np.arange(200) % 5, list("abcd"), names=("new", "old"))
    assert (found.first, found.second) == ("new", "old")
    assert set(found.differences.values()) == {0.0}
    assert found.windows.p_value == found.groups.p_value == 1.0
    assert all(interval.low == interval.high == 0 for interval in found.intervals.values())
    alone = compare_recognizers(y, p, p, np.zeros(200, int), list("abcd"))
    assert alone.groups is None
    assert alone.intervals == {}


def test_the_interval_of_a_difference_holds_the_difference():
    y, p = drawn(600)
    rng = np.random.default_rng(1)
    said, groups = p.argmax(axis=1), np.arange(600) % 12
    worse = np.where(rng.random(600) < 0.3, rng.integers(0, 4, 600), said)
    found = group_bootstrap_difference(y, said, worse, groups)["accuracy"]
    assert 0 < found.low <= (said == y).mean() - (worse == y).mean() <= found.high
    alone = group_bootstrap(y, said, groups)["kappa"]
    assert alone.low <= score(y, np.eye(4)[said], list("abcd")).kappa <= alone.high


def test_resampled_figures_are_those_of_scores():
    y, p = drawn(90, seed=3)
    same = group_bootstrap(np.tile(y, 3), np.tile(p.argmax(axis=1), 3), np.repeat([0, 1, 2], 90), n_resamples=5)
    scores = score(y, p, list("abcd"))
    for name, interval in same.items():
        assert interval.low == pytest.approx(getattr(scores, name))
        assert interval.high == pytest.approx(getattr(scores, name))


# Confusions


def of_matrix(matrix):
    pairs = [(i, j) for i, row in enumerate(matrix) for j, n in enumerate(row) for _ in range(n)]
    y, said = map(np.array, zip(*pairs, strict=True))
    return score(y, np.eye(len(matrix))[said], [f"c{i}" for i in range(len(matrix))])


@settings(deadline=None)
@given(*[st.integers(0, 15)] * 4)
def test_the_direction_is_judged_by_fishers_exact_test(a, b, c, d):
    if a + b == 0 or c + d == 0 or a + c == 0:
        return
    (pair,) = confused_pairs(of_matrix([[b, a], [c, d]]))
    assert pair.p_value == pytest.approx(reference.fisher_p([[a, b], [c, d]]), abs=1e-9)
    assert (pair.kind == "one-way") == (pair.p_value < 0.05)


@pytest.mark.parametrize(
    ("matrix", "kind"),
    [
        ([[80, 20], [0, 100]], "one-way"),
        ([[80, 20], [19, 81]], "symmetric"),
        ([[98, 2], [0, 100]], "undecided"),
        ([[900, 100], [5, 5]], "one-way"),  # half of a rare class is more than a tenth of a frequent one
    ],
)
def test_a_pair_is_one_way_symmetric_or_undecided(matrix, kind):
    (pair,) = confused_pairs(of_matrix(matrix))
    assert pair.kind == kind
    rates = (matrix[0][1] / sum(matrix[0]), matrix[1][0] / sum(matrix[1]))
    assert (pair.first_rate, pair.second_rate) == (max(rates), min(rates))


def test_once_the_clearest_pair_is_judged_the_next_is_held_to_less():
    matrix = np.diag([50, 100, 94, 100])
    matrix[0, 1], matrix[2, 3] = 50, 6  # by Fisher's test 0.029: below 0.05, and above half of it
    assert [pair.kind for pair in confused_pairs(of_matrix(matrix.tolist()))] == ["one-way", "one-way"]


def test_many_pairs_are_held_to_a_stricter_level():
    alone = [[95, 5], [0, 60]]
    k = 12
    many = np.diag([60] * k)
    many[0, 0], many[0, 1] = 53, 7
    for i in range(2, k - 1):
        many[i, i + 1] = many[i + 1, i] = 1
    (pair,) = confused_pairs(of_matrix([[53, 7], [0, 60]]))
    assert pair.kind == "one-way"
    assert confused_pairs(of_matrix(many.tolist()), n_pairs=1)[0].kind != "one-way"
    assert confused_pairs(of_matrix(alone))[0].windows == 5
    with pytest.raises(ConfigError, match="level"):
        confused_pairs(of_matrix(alone), level=1.5)


# Conformal sets


@given(answers(), st.sampled_from([0.5, 0.8, 0.9]))
def test_the_threshold_is_the_largest_that_keeps_the_promise(drawn_answers, level):
    y, p = drawn_answers
    of_truth = p[np.arange(len(y)), y]
    assert conformal_sets(y, p, level=level).cutoff.threshold == reference.conformal_threshold(of_truth.tolist(), level)


@given(answers(), st.sampled_from([0.5, 0.8, 0.9]))
def test_sets_hold_the_truth_of_the_calibration_windows_at_least_as_often(drawn_answers, level):
    y, p = drawn_answers
    assert conformal_coverage(y, conformal_sets(y, p, level=level).sets(p), np.zeros(len(y)))[0].coverage >= level


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_coverage_is_within_a_point_of_the_promise_without_shift(level):
    y, p = drawn(40_000)
    half = len(y) // 2
    found = conformal_coverage(y[half:], conformal_sets(y[:half], p[:half], level=level).sets(p[half:]), np.ones(half))
    assert found[0].coverage == pytest.approx(level, abs=0.01)


def test_thresholds_by_category_keep_the_promise_in_each_where_one_for_all_does_not():
    easy, hard = drawn(40_000, sharpness=5.0, seed=1), drawn(40_000, sharpness=0.7, seed=2)
    y, p = np.r_[easy[0], hard[0]], np.r_[easy[1], hard[1]]
    place = np.repeat(["stage", "street"], 40_000)
    learn = np.arange(len(y)) % 2 == 0
    one = conformal_sets(y[learn], p[learn], level=0.9, categories=place[learn])
    pooled = conformal_coverage(y[~learn], one.sets(p[~learn]), place[~learn])
    mondrian = conformal_coverage(y[~learn], one.sets(p[~learn], place[~learn]), place[~learn])
    assert max(abs(c.coverage - 0.9) for c in mondrian) < 0.01
    assert max(abs(c.coverage - 0.9) for c in pooled[1:]) > 0.03
    strangers = np.full((~learn).sum(), "home")
    assert (one.sets(p[~learn], strangers) == one.sets(p[~learn])).all()


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_a_recognizer_that_is_sure_of_everything_keeps_its_promise_by_lot(level):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 4, 40_000)
    said = np.where(rng.random(len(y)) < 0.93, y, (y + 1) % 4)
    p = np.eye(4)[said]  # right in 93 %, always with probability 1
    learn = np.arange(len(y)) % 2 == 0
    sets = conformal_sets(y[learn], p[learn], level=level, categories=y[learn] % 2)
    for categories in (None, y[~learn] % 2):
        by_lot = sets.sets(p[~learn], categories, random_state=0)
        assert conformal_coverage(y[~learn], by_lot, y[~learn])[0].coverage == pytest.approx(level, abs=0.01)
        assert (by_lot == sets.sets(p[~learn], categories, random_state=0)).all()
        named = sets.sets(p[~learn], categories)
        assert (by_lot <= named).all()
        assert conformal_coverage(y[~learn], named, y[~learn])[0].coverage == pytest.approx(0.93, abs=0.01)


def test_too_few_windows_for_a_promise_name_every_class():
    y, p = drawn(8)
    sets = conformal_sets(y, p, level=0.95)
    assert sets.cutoff.threshold == 0
    assert sets.sets(p).all()


def test_each_individual_is_covered_by_what_the_others_taught():
    y, p = drawn(3000)
    groups = np.repeat(["ann", "bob", "eve"], 1000)
    everybody, *each = coverage_by_individual(y, p, groups, level=0.9)
    assert [c.group for c in each] == ["ann", "bob", "eve"]
    others = groups != "bob"
    sets = conformal_sets(y[others], p[others], level=0.9).sets(p[~others], random_state=0)
    assert each[1] == conformal_coverage(y[~others], sets, groups[~others])[1]
    assert everybody.coverage == pytest.approx(np.mean([c.coverage for c in each]))
    alone = coverage_by_individual(y, p, np.zeros(3000), level=0.9)
    assert alone[0].n == 1500
    assert alone[0].coverage == pytest.approx(0.9, abs=0.03)


def test_the_promise_to_one_individual_is_kept_though_classes_stand_one_after_another():
    found = []
    for seed in range(50):
        y, p = drawn(80, seed=seed)
        p = np.where(y[:, None] < 2, p, np.roll(p, 1, axis=1))  # the last classes are taken for others
        order = np.argsort(y, kind="stable")
        found.append(coverage_by_individual(y[order], p[order], np.zeros(80), level=0.9)[0].coverage)
    assert np.mean(found) == pytest.approx(0.9, abs=0.02)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=40))
def test_windows_calibrated_on_and_judged_are_of_each_class_alike(labels):
    p = np.full((len(labels), 5), 0.2)
    everybody, _ = coverage_by_individual(labels, p, np.zeros(len(labels)), level=0.5)
    assert everybody.n == len(labels) - len(labels) // 2
    late = later_half(np.array(labels))
    for label in set(labels):
        of_class = late[np.array(labels) == label]
        assert abs(int(of_class.sum()) - int((~of_class).sum())) <= 1
        assert of_class.tolist() == sorted(of_class)  # the earlier ones come first


@pytest.mark.parametrize("level", [0, 1, -0.1, float("nan")])
def test_a_level_that_cannot_be_is_refused(level):
    with pytest.raises(ConfigError, match="level"):
        conformal_sets([0, 1], np.eye(2), level=level)


def test_sets_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="categories"):
        conformal_sets([0, 1], np.eye(2), categories=["a"])
    with pytest.raises(ShapeError, match="groups"):
        conformal_coverage([0, 1], np.eye(2), ["a"])
    with pytest.raises(ShapeError, match="sets"):
        conformal_coverage([0, 1], [True, False], ["a", "b"])
    with pytest.raises(ShapeError, match="sets"):
        conformal_coverage([0, 1], [[True, False]], ["a", "b"])


# Selective accuracy


@given(answers())
def test_the_curve_is_that_of_every_threshold(drawn_answers):
    y, p = drawn_answers
    curve = selective_accuracy(y, p)
    expected = reference.selective(p.max(axis=1).tolist(), (p.argmax(axis=1) == y).tolist())
    np.testing.assert_allclose(np.column_stack([curve.coverage, curve.accuracy]), expected)
    errors = [(1 - right) * (share - before) for (before, _), (share, right) in pairwise([(0, 0), *expected])]
    assert curve.area == pytest.approx(sum(errors))
    accuracy, threshold = curve.at_coverage(1.0)
    assert accuracy == pytest.approx((p.argmax(axis=1) == y).mean())
    assert threshold == p.max(axis=1).min()


def test_honest_confidences_beat_random_ones():
    y, p = drawn(4000)
    error = (p.argmax(axis=1) != y).mean()
    assert selective_accuracy(y, p).area < 0.6 * error
    shuffled = np.random.default_rng(0).permutation(4000)
    said, confidence = p.argmax(axis=1), p.max(axis=1)[shuffled]
    q = np.repeat((1 - confidence)[:, None] / 3, 4, axis=1)
    q[np.arange(4000), said] = confidence
    assert selective_accuracy(y, q).area == pytest.approx(error, abs=0.03)


def test_the_most_windows_are_answered_that_reach_the_wanted_accuracy():
    y, p = drawn(2000)
    curve = selective_accuracy(y, p)
    coverage, threshold = curve.for_accuracy(0.9)
    answered = p.max(axis=1) >= threshold
    assert answered.mean() == pytest.approx(coverage)
    assert (p.argmax(axis=1) == y)[answered].mean() >= 0.9
    assert curve.for_accuracy(0.0)[0] == 1.0
    assert selective_accuracy([1], [[0.9, 0.1]]).for_accuracy(0.5) is None
    for wrong in (0, 1.1):
        with pytest.raises(ConfigError, match="coverage"):
            curve.at_coverage(wrong)
    with pytest.raises(ConfigError, match="accuracy"):
        curve.for_accuracy(2)


# Doubt


@given(hnp.arrays(np.float64, (3, 5, 4), elements=st.floats(0.01, 1)))
def test_doubt_is_split_in_two_parts_that_are_never_negative(weights):
    members = weights / weights.sum(axis=-1, keepdims=True)
    found = uncertainty(members)
    np.testing.assert_allclose(found.total, found.aleatoric + found.epistemic, atol=1e-12)
    kl = (members * np.log(members / members.mean(axis=0))).sum(axis=-1).mean(axis=0)  # what epistemic doubt is
    np.testing.assert_allclose(found.epistemic, kl, atol=1e-9)
    assert (found.total <= np.log(4) + 1e-12).all()


def test_doubt_needs_two_members_of_probabilities():
    with pytest.raises(ShapeError, match="two members"):
        uncertainty([[[0.5, 0.5]]])
    with pytest.raises(LabelError, match="sum"):
        uncertainty([[[0.5, 0.9]], [[0.5, 0.5]]])


def test_an_ensemble_doubts_what_it_never_learnt():
    from sklearn.neural_network import MLPClassifier

    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(-2, 0.3, (60, 2)), rng.normal(2, 0.3, (60, 2))])
    y = np.repeat(["low", "high"], 60)
    ensemble = Ensemble(lambda seed: MLPClassifier((16,), random_state=seed, solver="lbfgs", max_iter=60)).fit(X, y)
    assert (ensemble.predict(X) == y).all()
    assert ensemble.classes_.tolist() == ["high", "low"]
    known, strange = ensemble.uncertainty(X), ensemble.uncertainty([[6.0, -6.0], [-5.0, 5.0], [4.0, -4.2]])
    assert np.median(strange.epistemic) > 5 * np.median(known.epistemic)
    np.testing.assert_allclose(ensemble.predict_proba(X), known.probabilities, rtol=1e-6)
    with pytest.raises(ConfigError, match="n_members"):
        Ensemble(MLPClassifier, n_members=1)


def test_an_ensemble_hands_groups_to_members_that_take_them():
    class Counts:
        def __init__(self, seed):
            self.seed = seed

        def fit(self, X, y, groups=None):
            self.classes_, self.groups = np.unique(y), groups
            return self

    ensemble = Ensemble(Counts, n_members=2).fit(np.zeros((4, 1)), [0, 0, 1, 1], groups=[1, 1, 2, 2])
    assert [member.seed for member in ensemble.members_] == [0, 1]
    assert ensemble.members_[1].groups == [1, 1, 2, 2]


# Windows and groups


@pytest.fixture(scope="module")
def hands():
    return simulate_hand(3, 2, random_state=0)


def test_wrong_windows_point_to_their_place_the_surest_first(hands):
    p = np.full((hands.n_windows, len(hands.class_names)), 0.01)
    p[np.arange(hands.n_windows), hands.y] = 1
    p[5] = np.roll(p[5], 1)
    p[9] = 1 + np.roll(p[9], 1)
    p /= p.sum(axis=1, keepdims=True)
    first, second = wrong_windows(hands, p)
    assert (first.index, second.index) == (5, 9)
    assert first.truth == hands.labels[5]
    assert first.said == hands.class_names[p[5].argmax()]
    assert first.confidence > second.confidence > second.confidence_in_truth == p[9, hands.y[9]]
    assert (first.start_sample, first.start_s) == (hands.start[5], hands.start[5] / 15)
    assert (first.group, first.stretch) == (hands.groups[5], hands.stretch[5])
    assert first.recording == f"stretch {first.stretch}"
    named = replace(hands, stretch_names=tuple(f"{number}.csv" for number in range(hands.stretch.max() + 1)))
    assert wrong_windows(named, p)[0].recording == f"{first.stretch}.csv"
    again = wrong_windows(hands, p[[9, 1]], indices=[9, 1])
    assert [w.index for w in again] == [9]
    with pytest.raises(ShapeError, match="class_names"):
        wrong_windows(hands, np.tile([0.5, 0.5], (2, 1)), indices=np.flatnonzero(hands.y < 2)[:2])


def test_each_group_is_judged_by_itself():
    y, p = drawn(60)
    groups = np.repeat(["b", "a", "c"], 20)
    rows = group_scores(y, p, groups, list("wxyz"))
    assert [row.group for row in rows] == ["a", "b", "c"]
    of_a = score(y[20:40], p[20:40], list("wxyz"))
    assert (rows[0].n, rows[0].accuracy, rows[0].macro_f1, rows[0].ece) == (20, of_a.accuracy, of_a.macro_f1, of_a.ece)
    with pytest.raises(ShapeError, match="groups"):
        group_scores(y, p, groups[:5], list("wxyz"))
