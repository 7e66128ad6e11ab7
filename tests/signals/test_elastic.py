"""Elastic distances: their definition, their bounds, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reference import elastic as reference

from motif.errors import ConfigError, DtypeError, NotFiniteError, ShapeError
from motif.signals import elastic_distance, nearest_elastic
from motif.signals._elastic_kernels import envelope, lower_bound, warped_cost

seeds = st.integers(0, 2**32 - 1)
lengths = st.integers(1, 12)
bands = st.sampled_from([0.0, 0.1, 0.3, 1.0])
penalties = st.sampled_from([0.0, 0.5, 3.0])


def movement(seed, n_samples, n_channels=2):
    return np.random.default_rng(seed).normal(size=(n_samples, n_channels)).cumsum(axis=0).astype(np.float32)


@given(a=seeds, b=seeds, n=lengths, m=lengths, band=bands, penalty=penalties)
def test_the_distance_equals_its_definition(a, b, n, m, band, penalty):
    first, second = movement(a, n), movement(b, m)
    reach = max(int(np.ceil(band * max(n, m))), abs(n - m))
    want = np.sqrt(reference.warped_cost(first.astype(float), second.astype(float), reach, penalty))
    assert elastic_distance(first, second, band=band, penalty=penalty) == pytest.approx(want, rel=1e-5, abs=1e-5)


@given(a=seeds, b=seeds, n=lengths, band=bands)
def test_warping_is_symmetric_never_farther_than_euclid_and_zero_for_the_same(a, b, n, band):
    first, second = movement(a, n), movement(b, n)
    distance = elastic_distance(first, second, band=band)
    assert distance == pytest.approx(elastic_distance(second, first, band=band), rel=1e-5)
    assert distance <= np.linalg.norm(first - second) * (1 + 1e-5)
    assert elastic_distance(first, first, band=band) == 0


def test_an_endless_penalty_is_euclid():
    first, second = movement(0, 10), movement(1, 10)
    assert elastic_distance(first, second, penalty=np.inf) == pytest.approx(np.linalg.norm(first - second), rel=1e-6)


@given(a=seeds, n=lengths, reach=st.integers(0, 4))
def test_the_envelope_is_the_least_and_the_most_around(a, n, reach):
    series = movement(a, n)
    for got, want in zip(envelope(series, reach), reference.envelope(series, reach), strict=True):
        np.testing.assert_array_equal(got, want)


@given(a=seeds, b=seeds, n=lengths, reach=st.integers(0, 4))
def test_the_bound_is_never_above_the_cost(a, b, n, reach):
    first, second = movement(a, n), movement(b, n)
    bound = lower_bound(first, *envelope(second, reach), np.inf)
    assert bound <= warped_cost(first, second, reach, 0.0, np.inf) * (1 + 1e-5) + 1e-6


@given(a=seeds, b=seeds, n=lengths)
def test_giving_up_early_only_says_that_it_is_more(a, b, n):
    first, second = movement(a, n), movement(b, n)
    cost = warped_cost(first, second, 2, 0.0, np.inf)
    assert warped_cost(first, second, 2, 0.0, cost * 1.001) == pytest.approx(cost)
    assert warped_cost(first, second, 2, 0.0, cost / 2) in (np.inf, pytest.approx(cost))


@given(seed=seeds, band=bands, penalty=penalties)
def test_the_nearest_of_each_label_is_found_as_if_all_were_warped(seed, band, penalty):
    generator = np.random.default_rng(seed)
    templates = generator.normal(size=(7, 9, 3)).cumsum(axis=1).astype(np.float32)
    queries = templates[:2] + generator.normal(0, 0.5, (2, 9, 3)).astype(np.float32)
    labels = np.array([0, 1, 2, 0, 1, 2, 0])
    distances, indices = nearest_elastic(queries, templates, labels, band=band, penalty=penalty)
    every = np.array([[elastic_distance(q, t, band=band, penalty=penalty) for t in templates] for q in queries])
    for label in range(3):
        np.testing.assert_allclose(distances[:, label], every[:, labels == label].min(axis=1), rtol=1e-5)
    assert (labels[indices] == np.arange(3)).all()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"queries": np.zeros((1, 5))}, ShapeError),
        ({"queries": np.zeros((1, 5, 3))}, ShapeError),
        ({"queries": np.full((1, 5, 2), np.nan)}, NotFiniteError),
        ({"queries": np.full((1, 5, 2), "a")}, DtypeError),
        ({"labels": [0]}, ShapeError),
        ({"labels": [0, 2]}, ConfigError),
        ({"labels": [-1, 0]}, ConfigError),
        ({"band": 1.5}, ConfigError),
        ({"penalty": -1.0}, ConfigError),
        ({"penalty": np.nan}, ConfigError),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(change, error):
    given = {"queries": np.zeros((1, 5, 2)), "templates": np.zeros((2, 5, 2)), "labels": [0, 1]} | change
    with pytest.raises(error):
        nearest_elastic(**given)


def test_series_of_other_channels_are_refused():
    with pytest.raises(ShapeError, match="channels of a"):
        elastic_distance(np.zeros((4, 2)), np.zeros((4, 3)))
    with pytest.raises(ShapeError):
        elastic_distance(np.zeros(4), np.zeros((4, 3)))
