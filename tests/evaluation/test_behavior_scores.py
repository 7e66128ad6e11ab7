"""Streams of states: how they go on, how far two of them agree, and how sure a state is."""

from collections import Counter
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from motif.errors import ConfigError, DtypeError, InputError, LabelError, ShapeError, TooFewSamplesError
from motif.evaluation import (
    adjusted_rand,
    audit,
    behavior_scores,
    boundary_f1,
    class_posteriors,
    dwell_times,
    label_segments,
    match_chains,
    match_states,
    motif_count,
    mutual_information,
    normalized_mutual_information,
    posterior_reliability,
    segment_f1,
    state_coverage,
    state_entropy,
    state_uncertainty,
    transition_counts,
    transition_rate,
)

streams = st.tuples(st.integers(1, 3), st.integers(1, 40)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.sampled_from([-2, 0, 1, 5]))
)
pairs = st.integers(1, 60).flatmap(lambda n: st.tuples(*[arrays(np.int64, n, elements=st.integers(0, 4))] * 2))


def runs(row):
    return [(label, len(list(group))) for label, group in groupby(row.tolist())]


@given(labels=streams, rate_hz=st.sampled_from([1.0, 30.0]))
def test_segments_entropy_and_changes_are_those_of_the_runs(labels, rate_hz):
    expected = [run for row in labels for run in runs(row)]
    found = dwell_times(labels, rate_hz)
    assert found.states.tolist() == [label for label, _ in expected]
    np.testing.assert_allclose(found.lengths_s * rate_hz, [length for _, length in expected])
    assert (~found.complete).sum() == sum(1 if len(runs(row)) == 1 else 2 for row in labels)
    n_changes = sum(len(runs(row)) - 1 for row in labels)
    assert transition_counts(labels).sum() == n_changes
    assert transition_rate(labels, rate_hz) == pytest.approx(
        n_changes * rate_hz / max(labels.size - len(labels), 1), abs=1e-12
    )
    shares = np.array(list(Counter(labels.ravel().tolist()).values())) / labels.size
    assert state_entropy(labels) == pytest.approx(-(shares * np.log(shares)).sum())
    assert motif_count(labels) == len(shares)
    for row in found.table():
        own = [length / rate_hz for label, length in expected if label == row["state"]]
        assert (row["segments"], row["shortest_s"], row["longest_s"]) == pytest.approx((len(own), min(own), max(own)))
        assert (row["mean_s"], row["median_s"]) == pytest.approx((np.mean(own), np.median(own)))
        assert row["share"] == pytest.approx(sum(own) * rate_hz / labels.size)
    lengths_s = [length / rate_hz for _, length in expected]
    assert (found.mean_s, found.median_s) == pytest.approx((np.mean(lengths_s), np.median(lengths_s)))


def test_transitions_are_counted_in_the_order_that_is_asked_for():
    assert transition_counts([0, 1, 0, 2, 2], states=[2, 0, 1, 7]).tolist() == [
        [0, 0, 0, 0],
        [1, 0, 1, 0],
        [0, 1, 0, 0],
        [0, 0, 0, 0],
    ]
    with pytest.raises(LabelError, match="state 3"):
        transition_counts([0, 3], states=[0, 1])


def test_a_motif_may_have_to_come_back_and_coverage_counts_what_came():
    assert motif_count([0, 1, 0, 2], min_segments=2) == 1
    assert state_coverage([0, 0, 9], states=[0, 1, 1, 9]) == pytest.approx(2 / 3)


@given(pair=pairs, seed=st.integers(0, 99))
def test_agreement_does_not_care_what_states_are_called(pair, seed):
    truth, found = pair
    renamed = np.random.default_rng(seed).permutation(5)[found]
    for measure in (mutual_information, normalized_mutual_information, adjusted_rand):
        assert measure(truth, renamed) == pytest.approx(measure(truth, found), abs=1e-9)
    assert boundary_f1(truth, renamed, 2) == boundary_f1(truth, found, 2)
    assert adjusted_rand(truth, truth) == pytest.approx(1.0)
    assert mutual_information(truth, truth, corrected=False) == pytest.approx(state_entropy(truth), abs=1e-9)


def test_the_correction_takes_off_what_independent_labels_show():
    rng = np.random.default_rng(0)
    drawn = [(rng.integers(0, 6, 200), rng.integers(0, 6, 200)) for _ in range(200)]
    assert np.mean([mutual_information(a, b, corrected=False) for a, b in drawn]) > 0.05
    assert abs(np.mean([mutual_information(a, b) for a, b in drawn])) < 0.005


@given(pair=pairs)
def test_matching_is_one_to_one_first_and_no_worse_than_any_renaming(pair):
    truth, found = pair
    partner = match_states(truth, found)
    assert set(partner) == set(found.tolist())
    matched = np.array([partner[state] for state in found.tolist()])
    assert (matched == truth).mean() >= (found == truth).mean() - 1e-12


@given(pair=pairs)
def test_a_found_state_stands_for_a_true_one_that_it_meets(pair):
    truth, found = pair
    partner = match_states(truth, found)
    assert all(((found == state) & (truth == partner[state])).any() for state in partner)


@given(pair=pairs, tolerance=st.integers(0, 5))
def test_as_many_changes_are_matched_as_any_matching_could(pair, tolerance):
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import maximum_bipartite_matching

    truth, found = (np.flatnonzero(np.diff(labels)) for labels in pair)
    near = np.abs(truth[:, None] - found[None]) <= tolerance
    best = (maximum_bipartite_matching(csr_matrix(near)) >= 0).sum() if near.size else 0
    assert boundary_f1(*pair, tolerance).n_matched == best


@given(pair=pairs)
def test_segments_that_cannot_meet_are_passed_over_and_nothing_else(pair):
    truth, found = (label_segments(labels) for labels in pair)
    shuffled = [found[i] for i in np.random.default_rng(0).permutation(len(found))]
    assert segment_f1(truth, shuffled, 0.0).f1 == segment_f1(truth, found, 0.0).f1
    meeting = any(a < d and c < b and x == y for a, b, x in truth for c, d, y in found)
    assert (segment_f1(truth, shuffled, 0.0).n_matched > 0) == meeting


@given(seed=st.integers(0, 999), members=st.integers(1, 4), states=st.integers(1, 5))
def test_uncertainty_is_the_sum_of_its_parts(seed, members, states):
    p = np.random.default_rng(seed).dirichlet(np.full(states, 0.3), (members, 20))
    found = state_uncertainty(p)
    np.testing.assert_allclose(found.aleatoric + found.epistemic, found.total, atol=1e-12)
    assert (found.epistemic >= 0).all()
    assert (found.total <= np.log(states) + 1e-9).all()
    np.testing.assert_allclose(state_uncertainty(p[:1]).epistemic, 0.0, atol=1e-12)


def test_chains_that_agree_but_for_names_leave_nothing_epistemic_once_matched():
    p = np.random.default_rng(0).dirichlet(np.full(4, 0.2), 500)
    renamed = np.stack([p, p[:, [2, 0, 3, 1]]])
    assert state_uncertainty(renamed).epistemic.mean() > 0.2
    assert state_uncertainty(match_chains(renamed)).epistemic.max() < 1e-12


def test_posteriors_that_are_what_they_say_are_calibrated_whatever_the_states_are_called():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.full(3, 0.4), 20_000)
    truth = (rng.random((len(p), 1)) > p.cumsum(axis=1)).sum(axis=1)
    split = np.stack([p[:, 2], 0.3 * p[:, 0], p[:, 1], 0.7 * p[:, 0]], axis=1)  # one state found in two halves
    _, merged = class_posteriors(truth * 10, split)
    np.testing.assert_allclose(merged, p, atol=1e-12)
    bins = posterior_reliability(truth * 10, split)
    assert max(b.gap for b in bins if b.count > 500) < 0.03
    sure = posterior_reliability(truth, np.eye(3)[p.argmax(axis=1)])
    assert max(b.gap for b in sure) > 0.1  # all or nothing is not calibrated here


@given(
    values=arrays(
        np.float64,
        st.tuples(st.integers(0, 20), st.integers(1, 3)),
        elements=st.floats(-1, 1) | st.sampled_from([np.nan, np.inf, -np.inf]),
    )
)
def test_an_audit_counts_what_is_not_a_number_whatever_else_there_is(values):
    found = audit(values)
    assert found.n_nan == np.isnan(values).sum()
    assert found.n_infinite == np.isinf(values).sum()
    for first, rows in ((found.first_nan, np.isnan(values)), (found.first_infinite, np.isinf(values))):
        assert first == next((i for i, row in enumerate(rows) if row.any()), None)
    assert found.is_clean == (not found.findings())
    assert audit(np.nan_to_num(values)).n_nan == 0


def test_an_outlier_is_far_from_all_others_and_a_dead_channel_is_named():
    values = np.random.default_rng(0).normal(size=(1000, 3))
    values[:, 1] = 4.0
    assert audit(values).n_outliers == 0
    assert audit(values).constant_columns == (1,)
    values[17, 2] = 60.0
    assert (audit(values).n_outliers, audit(values).first_outlier) == (1, 17)
    spread_out = stats.norm.ppf((np.arange(1000) + 0.5) / 1000)
    assert [audit(np.append(spread_out, far)).n_outliers for far in (9.8, -10.2)] == [0, 1]  # ten deviations
    mostly_still = np.zeros(1000)
    mostly_still[5] = 1.0
    assert audit(mostly_still).n_outliers == 1


def test_smoothed_answers_are_judged_by_the_probability_they_were_given():
    scores = behavior_scores([0, 0, 0], [0, 0, 0], [[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]])
    assert scores.ece == pytest.approx((2 * 0.1 + 0.8) / 3)


@settings(max_examples=20)
@given(pair=pairs, seed=st.integers(0, 99))
def test_each_figure_is_the_one_of_its_name(pair, seed):
    truth, found = pair
    p = np.random.default_rng(seed).dirichlet(np.ones(5), len(truth))
    scores = behavior_scores(truth, found, p, boundary_tolerance=3)
    assert scores.nmi == normalized_mutual_information(truth, found)
    assert scores.ari == adjusted_rand(truth, found)
    assert scores.mutual_information == mutual_information(truth, found)
    assert scores.entropy == state_entropy(found)
    assert scores.coverage == len(set(truth) & set(found)) / len(set(truth))
    assert scores.motif_count == len(set(found))
    assert scores.mce == max(b.gap for b in scores.reliability)
    assert scores.predictive_entropy == pytest.approx(stats.entropy(p, axis=1).mean())
    assert (scores.boundary_f1, scores.boundary_tolerance) == (boundary_f1(truth, found, 3).f1, 3)


@given(data=st.data(), lengths=st.lists(st.integers(1, 12), min_size=1, max_size=5))
def test_figures_of_several_stretches_are_the_sums_of_each(data, lengths):
    n, labels = sum(lengths), st.integers(0, 2)
    truth, found = (data.draw(arrays(np.int64, n, elements=labels)) for _ in range(2))
    scores = behavior_scores(truth, found, lengths=lengths, boundary_tolerance=1)
    pairs = list(zip(*(np.split(each, np.cumsum(lengths)[:-1]) for each in (truth, found)), strict=True))
    np.testing.assert_array_equal(scores.dwell.lengths_s, np.concatenate([dwell_times(b).lengths_s for _, b in pairs]))
    changes = sum(transition_counts(b).sum() for _, b in pairs)
    assert scores.transition_rate == pytest.approx(changes / max(n - len(lengths), 1))
    parts = [boundary_f1(a, b, 1) for a, b in pairs]
    total = sum(part.n_true + part.n_found for part in parts)
    assert scores.boundary_f1 == (2 * sum(part.n_matched for part in parts) / total if total else 1.0)
    segments = [segment_f1(label_segments(a), label_segments(b), 0.5) for a, b in pairs]
    total = sum(part.n_true + part.n_found for part in segments)
    assert scores.segment_f1[0.5] == 2 * sum(part.n_matched for part in segments) / total


def test_stretches_of_the_same_length_are_judged_as_rows_are():
    truth, found = np.random.default_rng(0).integers(0, 3, (2, 4, 9))
    rows, parts = behavior_scores(truth, found), behavior_scores(truth.ravel(), found.ravel(), lengths=[9] * 4)
    assert rows.to_dict() == parts.to_dict()


def test_segments_of_a_stretch_last_as_long_as_the_stretch():
    """Windows of a second, one each half second: 38 of them span 19.5 s."""
    options = {"rate_hz": 2.0, "window_s": 1.0}
    whole = behavior_scores(np.zeros(38, int), np.zeros(38, int), **options)
    assert whole.dwell.lengths_s.tolist() == [19.5]
    labels = np.repeat([0, 1, 0], [10, 20, 8])
    assert behavior_scores(labels, labels, **options).dwell.lengths_s.tolist() == [5.25, 10.0, 4.25]
    twice = behavior_scores(np.tile(labels, 2), np.tile(labels, 2), lengths=[38, 38], **options)
    assert twice.dwell.lengths_s.sum() == 2 * 19.5


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: state_entropy([]), TooFewSamplesError),
        (lambda: state_entropy([0.5]), DtypeError),
        (lambda: state_entropy([[[0]]]), ShapeError),
        (lambda: transition_rate([0, 1], rate_hz=0.0), ConfigError),
        (lambda: motif_count([0], min_segments=0), ConfigError),
        (lambda: state_coverage([0], states=[]), TooFewSamplesError),
        (lambda: mutual_information([0, 1], [0]), ShapeError),
        (lambda: boundary_f1([0], [0], tolerance=-1), ConfigError),
        (lambda: behavior_scores([0, 1], [0, 1], lengths=[1]), InputError),
        (lambda: behavior_scores([0, 1], [0, 1], lengths=[2, 0]), InputError),
        (lambda: behavior_scores([0, 1], [0, 1], lengths=[]), DtypeError),
        (lambda: behavior_scores([0, 1], [0, 1], lengths=[0.5, 1.5]), DtypeError),
        (lambda: behavior_scores([0, 1], [0, 1], lengths=2), ShapeError),
        (lambda: behavior_scores([[0, 1]] * 2, [[0, 1]] * 2, lengths=[4]), ShapeError),
        (lambda: behavior_scores([0, 1], [0, 1], window_s=0.0), ConfigError),
        (lambda: behavior_scores([0, 1], [0, 1], rate_hz=0.0), ConfigError),
        (lambda: state_uncertainty([[0.5, 0.5]]), ShapeError),
        (lambda: state_uncertainty([[[0.5, 0.7]]]), LabelError),
        (lambda: class_posteriors([0, 1], [[1.0]]), ShapeError),
        (lambda: audit([1.0], limit=0.0), ConfigError),
        (lambda: audit(["a"]), DtypeError),
        (lambda: audit(1.0), ShapeError),
    ],
)
def test_what_cannot_be_measured_is_named(call, error):
    with pytest.raises(error):
        call()
