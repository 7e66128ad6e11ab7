"""The solved head and the choice of how far it may go: arrays only, no network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.learning import log_softmax, losses_of
from motif.networks.personal._choice import RIDGES, Samples, chosen_change, judge_heads
from motif.networks.personal._folds import fold_of
from motif.networks.personal._head import solve_heads


def problem(seed=0, n_each=5, n_classes=4, n_features=6, shift=2.0):
    """Samples of a person who is off by `shift` in the direction in which the base tells classes apart."""
    rng = np.random.default_rng(seed)
    kernel = rng.standard_normal((n_features, n_classes))
    y = np.repeat(np.arange(n_classes), n_each)
    embedding = kernel.T[y] + 0.5 * rng.standard_normal((len(y), n_features))
    return Samples(embedding, embedding @ kernel + shift * rng.standard_normal(n_classes), y)


def solve_head(embedding, logits, y, ridge):
    (change,) = solve_heads(embedding, logits, y, [ridge])
    return change


@given(st.integers(0, 50), st.sampled_from(RIDGES))
def test_the_solution_is_where_the_gradient_of_its_definition_is_zero(seed, ridge):
    samples = problem(seed)
    z, y = samples.embedding, samples.y
    change = solve_head(z, samples.logits, y, ridge)
    center = z.mean(axis=0)
    spread = np.sqrt(np.square(z - center).sum(axis=1).mean())
    error = np.exp(log_softmax(change.apply(z, samples.logits))) - np.eye(4)[y]
    gradient = ((z - center) / spread).T @ error + ridge * change.kernel * spread
    np.testing.assert_allclose(gradient, 0, atol=0.02)


def test_with_a_ridge_beyond_all_bounds_the_base_answers():
    samples = problem()
    change = solve_head(samples.embedding, samples.logits, samples.y, 1e9)
    np.testing.assert_allclose(change.apply(samples.embedding, samples.logits), samples.logits, atol=1e-6)


def test_the_scale_and_origin_of_the_embedding_do_not_matter():
    samples = problem()
    change = solve_head(samples.embedding, samples.logits, samples.y, 0.1)
    moved = 1000 * samples.embedding - 30
    other = solve_head(moved, samples.logits, samples.y, 0.1)
    expected = change.apply(samples.embedding, samples.logits)
    np.testing.assert_allclose(other.apply(moved, samples.logits), expected, atol=1e-3)


def test_a_class_without_samples_is_left_as_it_is():
    samples = problem()
    rows = samples.y != 2
    kept = samples.take(rows)
    change = solve_head(kept.embedding, kept.logits, kept.y, 0.01)
    np.testing.assert_array_equal(change.kernel[:, 2], 0)
    assert change.bias[2] == 0
    after = change.apply(kept.embedding, kept.logits)
    np.testing.assert_array_equal(after[:, 2], kept.logits[:, 2])


def test_a_class_counts_once_however_many_samples_it_has():
    samples = problem(shift=0.0)
    level = Samples(0 * samples.embedding, 0 * samples.logits, samples.y)  # all that is left to learn is the bias
    often = level.take(np.concatenate([np.flatnonzero(samples.y == 0)] * 3 + [np.flatnonzero(samples.y != 0)]))
    change = solve_head(often.embedding, often.logits, often.y, 0.1)
    np.testing.assert_allclose(change.bias, 0, atol=1e-3)


def test_ridges_after_one_another_end_where_each_alone_does():
    samples = problem()
    z, logits, y = samples.embedding, samples.logits, samples.y
    for ridge, change in zip(RIDGES, solve_heads(z, logits, y, RIDGES), strict=True):
        alone = solve_head(z, logits, y, ridge)
        expected = np.exp(log_softmax(alone.apply(z, logits)))
        np.testing.assert_allclose(np.exp(log_softmax(change.apply(z, logits))), expected, atol=0.01)


def test_a_person_who_differs_is_learnt():
    off = problem(shift=3.0)
    assert chosen_change(off, 0.0) is not None
    judged = judge_heads(off)[0.0]
    assert (judged.argmax(axis=1) == off.y).mean() > (off.logits.argmax(axis=1) == off.y).mean()
    assert losses_of(judged, off.y).mean() < losses_of(off.logits, off.y).mean()


def test_more_caution_stays_nearer_to_the_base():
    off = problem(shift=3.0)
    changes = [chosen_change(off, caution) for caution in (0.0, 1.0, 3.0)]
    sizes = [np.square(change.kernel).sum() for change in changes]
    assert sizes[0] > sizes[1] > sizes[2] > 0


def test_where_there_is_nothing_to_gain_the_base_stays():
    samples = problem()
    noise = np.random.default_rng(0).standard_normal(samples.embedding.shape)
    certain = Samples(noise, 20 * np.eye(4)[samples.y], samples.y)
    assert chosen_change(certain, 0.0) is None
    for logits in judge_heads(certain).values():
        np.testing.assert_array_equal(logits, certain.logits)


def test_what_a_sample_is_answered_does_not_depend_on_its_own_label():
    samples = problem()
    groups = np.arange(len(samples.y)) % 5
    flipped = samples.y.copy()
    flipped[0] = 3
    answers = [judge_heads(Samples(samples.embedding, samples.logits, y, groups))[0.0] for y in (samples.y, flipped)]
    np.testing.assert_array_equal(answers[0][groups == 0], answers[1][groups == 0])
    assert not np.array_equal(answers[0][groups == 1], answers[1][groups == 1])


@given(st.lists(st.integers(0, 3), min_size=2, max_size=40))
def test_each_class_is_dealt_to_the_folds_in_contiguous_runs(labels):
    y = np.array(labels)
    fold = fold_of(y)
    for label in np.unique(y):
        assert (np.diff(fold[y == label]) >= 0).all()
    counts = np.bincount(y)
    several = set(np.flatnonzero(counts > 1))
    assert fold.max() + 1 == (min(5, *(counts[label] for label in several)) if several else 1)
    assert all(several <= set(y[fold == part]) for part in range(fold.max() + 1))


def test_groups_are_held_out_whole():
    groups = np.array(list("aabbccddeeffgg"))
    fold = fold_of(np.arange(14) % 2, groups)
    assert all(len(set(fold[groups == group])) == 1 for group in groups)
    assert fold.max() == 4


def test_one_group_is_dealt_by_order():
    np.testing.assert_array_equal(fold_of(np.array([0, 0, 1, 1]), np.array(["a"] * 4)), [0, 1, 0, 1])


@pytest.mark.parametrize("n_each", [2, 3, 7])
def test_every_sample_is_answered_and_every_fold_reported(n_each):
    samples = problem(n_each=n_each)
    steps = []
    judged = judge_heads(samples, lambda: steps.append(1))
    assert all(logits.shape == samples.logits.shape for logits in judged.values())
    assert len(steps) == min(5, n_each)
