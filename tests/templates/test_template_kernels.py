"""What a series is described by, against its definition; ridge regression against leaving out in earnest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.reference import elastic
from tests.reference import templates as reference

from motif.errors import ConfigError
from motif.templates._calibration_of_distances import sharpness, threshold
from motif.templates._convolution_kernels import responses, shares_above, summary
from motif.templates._description import Description
from motif.templates._discriminant import discriminant
from motif.templates._learning import crowding_factors
from motif.templates._learning_curve import worth_recording
from motif.templates._likeness import Likeness
from motif.templates._product_kernels import in_columns, products
from motif.templates._verdict_kernels import class_scores, outlier_scores
from motif.templates._view_kernels import looks, moving, moving_span, read_evenly
from motif.templates._views import View
from motif.templates._warping_kernels import side_by_side, warped_costs

seeds = st.integers(0, 2**32 - 1)
TAPS = np.array([[0, 1, 2], [3, 4, 8], [2, 5, 7]])


def some(seed, n_channels, n_samples):
    generator = np.random.default_rng(seed)
    series = generator.normal(size=(n_channels, n_samples)).cumsum(axis=1).astype(np.float32)
    return series, generator.random((6, n_channels)) < 0.6, generator.normal(size=(6, 2)).astype(np.float32)


@settings(max_examples=30)
@given(seed=seeds, n_channels=st.integers(1, 4), n_samples=st.integers(1, 30))
def test_convolutions_equal_their_definition(seed, n_channels, n_samples):
    series, channels, limits = some(seed, n_channels, n_samples)
    dilations = np.array([1, 2])
    want = reference.responses(series, dilations, channels, TAPS)
    np.testing.assert_allclose(responses(series, dilations, channels, TAPS), want, atol=1e-3)
    clear = np.abs(want[:, :, None] - limits[:, None]).min() > 1e-3  # a tie may fall either way in float32
    if clear:
        (shares,) = shares_above(series[None], dilations, channels, TAPS, limits)
        np.testing.assert_allclose(shares, reference.shares_above(series, dilations, channels, TAPS, limits), atol=1e-6)


@given(seed=seeds, n_channels=st.integers(1, 4), n_samples=st.integers(1, 30))
def test_the_summary_equals_its_definition(seed, n_channels, n_samples):
    series = some(seed, n_channels, n_samples)[0]
    np.testing.assert_allclose(summary(series[None])[0], reference.summary(series), atol=1e-4)


@given(seed=seeds, n_channels=st.integers(1, 4), n_samples=st.integers(1, 60), rest=st.floats(0.01, 0.3))
def test_where_a_movement_is_equals_its_definition(seed, n_channels, n_samples, rest):
    rows = some(seed, n_channels, n_samples)[0]
    want = reference.moving_span(rows, rest, 0.07)
    near = reference.moving_span(rows, rest + 1e-6, 0.07), reference.moving_span(rows, rest - 1e-6, 0.07)
    if near == (want, want):  # a share that is hit exactly may fall either way
        assert moving_span(rows, rest, 0.07) == want


@given(seed=seeds, n_samples=st.integers(1, 60), n_read=st.integers(2, 80), data=st.data())
def test_reading_between_two_moments_is_linear(seed, n_samples, n_read, data):
    rows = some(seed, 3, n_samples)[0]
    first = data.draw(st.floats(0, n_samples - 1))
    last = data.draw(st.floats(first, n_samples - 1))
    want = reference.read_evenly(rows, first, last, n_read)
    np.testing.assert_allclose(read_evenly(rows, first, last, n_read), want, atol=1e-4)


@given(before=st.integers(0, 40), after=st.integers(0, 40))
def test_a_movement_looks_alike_however_long_the_rest_around_it_is(before, after):
    moments = np.linspace(0, 2 * np.pi, 60)
    movement = np.stack([np.sin(moments), np.sin(2 * moments), 1 - np.cos(moments)]).astype(np.float32)
    padded = np.pad(movement, ((0, 0), (before, after)))
    closest = [np.abs(moving(each, 60)[:, 10:-10]).max(axis=1) for each in (movement, padded)]
    np.testing.assert_allclose(*closest, atol=0.1)


def test_what_hardly_moves_is_seen_whole_and_a_layout_does_not_matter():
    rows = np.random.default_rng(0).normal(0, 0.02, (3, 64)).astype(np.float32)
    np.testing.assert_allclose(moving(rows, 64), rows, atol=0.02)
    windows = np.random.default_rng(1).normal(size=(2, 40, 6)).astype(np.float32).transpose(0, 2, 1)
    view = View.learn(windows)
    for mine, theirs in zip(view.of(windows), view.of(np.ascontiguousarray(windows)), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@settings(max_examples=30)
@given(seed=seeds, n_channels=st.sampled_from([1, 2, 3, 6]), n_samples=st.integers(2, 40))
def test_a_window_looks_as_the_definition_says(seed, n_channels, n_samples):
    window = some(seed, n_channels, n_samples)[0]
    scale = np.linspace(0.5, 2.0, n_channels, dtype=np.float32)
    n_read, n_path = min(n_samples, 32), min(n_samples, 16)
    (series,), (path,) = looks(window[None], scale, n_read, n_path)
    for mine, theirs in zip((series, path), reference.looks(window, scale, n_read, n_path), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-3)


@settings(max_examples=30)
@given(seed=seeds, n=st.integers(1, 3), n_features=st.integers(1, 70), n_columns=st.integers(1, 20))
def test_products_are_a_matrix_product_and_no_row_knows_of_the_others(seed, n, n_features, n_columns):
    generator = np.random.default_rng(seed)
    vectors, table = (
        generator.normal(size=shape).astype(np.float32) for shape in ((n, n_features), (n_features, n_columns))
    )
    said = products(vectors, in_columns(table))
    np.testing.assert_allclose(said[:, :n_columns], vectors @ table, atol=1e-4)
    assert (said[:, n_columns:] == 0).all()
    np.testing.assert_array_equal(products(vectors[-1:], in_columns(table))[0], said[-1])


@settings(max_examples=30)
@given(seed=seeds, n_templates=st.sampled_from([1, 16, 18]), n_channels=st.integers(1, 6), n_samples=st.integers(1, 8))
def test_warping_onto_all_templates_is_warping_onto_each(seed, n_templates, n_channels, n_samples):
    generator = np.random.default_rng(seed)
    paths = generator.normal(size=(n_templates + 2, n_samples, n_channels)).astype(np.float32)
    asked, known = paths[:2], paths[2:]
    costs = warped_costs(asked, side_by_side(known), 1)[:, :n_templates]
    want = [[elastic.warped_cost(a, b, 1, 0.0) for b in known] for a in asked]
    np.testing.assert_allclose(costs, want, rtol=1e-4)


def test_what_is_far_beyond_what_was_taught_is_still_looked_at():
    taught = np.random.default_rng(0).normal(0, 1e-20, (4, 3, 50)).astype(np.float32)
    view = View.learn(taught)
    taught[0, 1, 7] = np.float32(3e38)
    assert all(np.isfinite(look).all() for look in view.of(taught))


def test_a_description_travels_as_arrays_and_refuses_those_that_do_not_fit():
    series = np.random.default_rng(0).normal(size=(4, 3, 40)).astype(np.float32)
    description = Description.learn(series, np.random.default_rng(0))
    back = Description.from_arrays(description.to_arrays())
    for mine, theirs in zip(description.of(series), back.of(series), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    with pytest.raises(ValueError, match="limits"):
        Description.from_arrays(description.to_arrays() | {"limits": description.limits[1:]})


def test_what_is_read_evenly_lies_on_the_straight_lines_between_samples():
    rows = np.stack([np.arange(10), 3.0 - np.arange(10)]).astype(np.float32)
    moments = np.linspace(2.5, 7.0, 4)
    np.testing.assert_allclose(read_evenly(rows, 2.5, 7.0, 4), [moments, 3.0 - moments], rtol=1e-6)


def test_leaving_out_in_closed_form_is_leaving_out():
    generator = np.random.default_rng(0)
    labels, parts = np.array([0, 0, 1, 1, 0, 0]), np.array([0, 1, 2, 3, 0, 2])  # one class is the commoner
    features = (generator.normal(size=(6, 4)) + 2 * labels[:, None]).astype(np.float32)
    whole = discriminant(features, labels, parts, 2)
    # The same regression, solved without a part: its own centre, scale and shrinkage are those of the whole.
    wide = features.astype(float)
    centre, scale = wide.mean(axis=0), wide.std(axis=0) + 0.01
    wide = (wide - centre) / scale
    shrinkage = 0.1 * np.trace(wide @ wide.T) / 6
    target = np.where(labels[:, None] == [0, 1], 1.0, -1.0)
    prior = target.mean(axis=0)
    gram = wide @ wide.T
    said = gram @ np.linalg.solve(gram + shrinkage * np.eye(6), target - prior) + prior
    np.testing.assert_allclose(features @ whole.weights + whole.offset, said, atol=1e-5)
    for out, part in enumerate(parts):
        rest = parts != part
        gram = wide[rest] @ wide[rest].T + shrinkage * np.eye(rest.sum())
        said = wide[out] @ wide[rest].T @ np.linalg.solve(gram, target[rest] - prior) + prior
        np.testing.assert_allclose(whole.left_out[out], said, atol=1e-9)


def test_likeness_counts_little_where_copies_differ_and_much_elsewhere():
    generator = np.random.default_rng(0)
    labels = np.repeat([0, 1], 50)
    features = generator.normal(0, 1.0, (100, 6)).astype(np.float32)
    features[:, 0] += 20 * labels  # tells the gestures apart and hardly varies
    features[:, 1] = 5 * features[:, 2]  # both vary together
    likeness = Likeness.learn(features, labels, features[[0, 50]])
    together, apart = features[:1].copy(), features[:1].copy()
    together[0, 1:3] += [10.0, 2.0]
    apart[0, 1:3] += [10.0, -2.0]
    assert likeness.distances(together)[0, 0] < 0.7 * likeness.distances(apart)[0, 0]
    assert likeness.distances(features[:1])[0, 0] == pytest.approx(0, abs=0.02)
    back = Likeness.from_arrays(likeness.to_arrays("some"), "some")
    np.testing.assert_array_equal(back.distances(apart), likeness.distances(apart))


def test_a_gesture_that_lies_near_to_all_others_is_moved_away():
    labels = np.repeat([0, 1, 2], 2)
    nearest = np.array([[1.0, 2.0, 2.0]] * 2 + [[2.0, 1.0, 8.0]] * 2 + [[2.0, 8.0, 1.0]] * 2)
    factors = crowding_factors(nearest, labels)
    assert factors[0] > factors[1] == pytest.approx(factors[2])
    assert np.prod(factors) == pytest.approx(1.0)
    np.testing.assert_allclose(crowding_factors(10 * nearest, labels), factors)


@given(seed=seeds, n_classes=st.integers(2, 6))
def test_what_lies_nearer_to_one_gesture_is_less_strange_whatever_the_unit(seed, n_classes):
    generator = np.random.default_rng(seed)
    distances, scores = generator.uniform(1, 2, (3, 1, n_classes)), generator.normal(size=(1, n_classes))
    factors, vigour = np.ones((3, n_classes)), np.zeros((1, n_classes))
    nearer = distances.copy()
    nearer[:, :, 0] = 0.5
    far, near, other_unit = (
        outlier_scores(scores, each, factors, vigour)[0] for each in (distances, nearer, 7 * distances)
    )
    assert near < far
    assert far == pytest.approx(other_unit, rel=1e-6)
    said, said_near, in_other_unit = (
        class_scores(scores, each, factors)[0] for each in (distances, nearer, 7 * distances)
    )
    assert said_near[0] - said_near[1:].max() > said[0] - said[1:].max()
    np.testing.assert_allclose(said, in_other_unit, atol=1e-9)
    same = class_scores(scores, 0 * distances, factors)[0]
    np.testing.assert_allclose(same - same[0], scores[0] - scores[0, 0], atol=1e-9)


def test_confidence_follows_what_left_out_samples_show():
    scores, right = np.tile([1.0, -1.0], (40, 1)), np.zeros(40, np.int64)
    sharp, usual, dull = (
        sharpness(*shown, same_sitting=True)
        for shown in ((scores, right), (scores[:0], right[:0]), (scores, np.arange(40) % 2))
    )
    assert sharp > usual > dull
    assert sharpness(scores, right, same_sitting=False) > sharp


def test_thresholds_keep_what_they_promise():
    scores = np.random.default_rng(0).lognormal(-1.0, 0.3, 400)
    assert 0 < (scores > threshold(scores, "conformal", 0.1)).mean() <= 0.1
    strangers = scores * 5  # nothing to be drawn to: the quantile itself
    assert 0.05 < (strangers > threshold(strangers, "conformal", 0.1)).mean() <= 0.1
    assert (scores > threshold(scores, "three-sigma", 0.1)).mean() < 0.01
    few = scores[:5]
    assert 0 < threshold(few, "conformal", 0.1) < threshold(few, "three-sigma", 0.1)
    assert threshold(scores[:0], "three-sigma", 0.05) > 0
    with pytest.raises(ConfigError, match="conformal"):
        threshold(scores, "quantile", 0.1)
    with pytest.raises(ConfigError, match="share"):
        threshold(scores, "conformal", 1.0)


def test_more_samples_are_worth_it_while_there_are_mistakes_and_no_more_than_ten():
    curve = ((1, 0.5), (2, 0.6), (3, 0.7))
    assert worth_recording(1, None, ()) == 2
    assert worth_recording(5, 1.0, curve) < worth_recording(5, 0.4, curve) <= 5
    assert worth_recording(10, 0.1, curve) == 0
    assert worth_recording(2, 1.0, ()) >= 1
