"""What every way of clustering promises: numbers that stay, enough points in each, a record that repeats the fit."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from motif.behavior.cluster import (
    AuditRecord,
    Clusterer,
    HDPClusterer,
    KMeansClusterer,
    clusterers,
    match_labels,
    repeat,
)
from motif.behavior.cluster._niw import Moments, NormalInverseWishart
from motif.behavior.cluster._support import with_support
from motif.errors import ConfigError, DtypeError, InputError, NotFiniteError, ShapeError, TooFewSamplesError

CLUSTERERS = clusterers()
every_clusterer = pytest.mark.parametrize("kind", CLUSTERERS.values(), ids=CLUSTERERS)
labellings = st.integers(1, 30).flatmap(
    lambda n: st.tuples(*(st.lists(st.integers(0, 4), min_size=n, max_size=n) for _ in range(2)))
)


def blobs(n=240, k=4, d=6, seed=0):
    """Points around `k` centres that lie well apart, and which belongs to which."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    centres = 12 * np.eye(d)[:k]
    return centres[truth] + rng.normal(0, 1, (n, d)) * np.linspace(0.5, 1.5, d), truth


@every_clusterer
def test_it_finds_clusters_that_lie_apart(kind):
    points, truth = blobs()
    clusterer = kind()
    labels = clusterer.fit_predict(points, k=4)
    assert labels.dtype == np.int64
    assert adjusted_rand_score(truth, labels) == 1
    assert clusterer.n_clusters_ == 4
    assert (np.diff(np.bincount(labels)) <= 0).all()  # the largest is 0
    np.testing.assert_array_equal(clusterer.predict(points), labels)
    np.testing.assert_array_equal(kind().fit_predict(points.astype(np.float32), k=4), labels)


@every_clusterer
def test_numbers_stay_from_fit_to_fit(kind):
    points, _ = blobs()
    labels = kind().fit_predict(points, k=4)
    renamed = np.array([5, 9, 2, 7])[labels]
    np.testing.assert_array_equal(kind().fit_predict(points, k=4, prior_labels=renamed), renamed)
    half = np.where(np.arange(len(points)) < 120, renamed, -1)
    np.testing.assert_array_equal(kind().fit_predict(points, k=4, prior_labels=half), renamed)
    more = kind(random_state=1).fit_predict(points[::-1] * 3 + 1, k=4, prior_labels=renamed[::-1])
    np.testing.assert_array_equal(more, renamed[::-1])


@every_clusterer
def test_a_cluster_of_too_few_points_is_dissolved(kind):
    points, _ = blobs(k=3)
    points[:3] += 60
    clusterer = kind(min_support=10)
    labels = clusterer.fit_predict(points, k=4)
    assert clusterer.n_clusters_ <= 3
    assert np.bincount(labels).min() >= 10
    assert sum(clusterer.record_.support.values()) == len(points)


@every_clusterer
def test_each_fit_leaves_a_record_that_repeats_it(kind, tmp_path):
    points, _ = blobs(seed=3)
    groups = np.repeat(["a", "b"], 120)
    prior = np.arange(len(points)) % 3
    clusterer = kind(random_state=7, min_support=5, audit_dir=tmp_path)
    labels = clusterer.fit_predict(points, k=5, prior_labels=prior, groups=groups)
    (file,) = tmp_path.iterdir()
    record = AuditRecord.from_json(file.read_bytes())
    assert record == clusterer.record_
    assert json.loads(file.read_text())["algorithm"] == kind.algorithm
    again = repeat(record, points)
    np.testing.assert_array_equal(again.labels_, labels)
    assert again.record_ == record
    with pytest.raises(InputError, match="not the features"):
        repeat(record, points + 1)
    with pytest.raises(InputError, match="other labels"):
        repeat(record.model_copy(update={"labels_sha256": "0"}), points)
    with pytest.raises(ConfigError, match="no clusterer"):
        repeat(record.model_copy(update={"algorithm": "guess"}), points)


@every_clusterer
@pytest.mark.parametrize(
    ("features", "options", "error"),
    [
        (np.zeros(5), {}, ShapeError),
        (np.zeros((5, 0)), {}, ShapeError),
        (np.array([["a"]] * 9), {}, DtypeError),
        (np.full((9, 2), np.nan), {}, NotFiniteError),
        (np.zeros((3, 2)), {}, TooFewSamplesError),
        (np.zeros((9, 2)), {"k": 0}, ConfigError),
        (np.zeros((9, 2)), {"k": 2.5}, ConfigError),
        (np.zeros((9, 2)), {"prior_labels": np.zeros(8, int)}, ShapeError),
        (np.zeros((9, 2)), {"prior_labels": np.zeros(9)}, DtypeError),
        (np.zeros((9, 2)), {"groups": np.zeros(8)}, ShapeError),
    ],
)
def test_what_cannot_be_clustered_is_refused(kind, features, options, error):
    with pytest.raises(error):
        kind().fit_predict(features, **options)


@every_clusterer
def test_points_that_are_all_alike_are_one_cluster(kind):
    clusterer = kind()
    assert clusterer.fit_predict(np.ones((30, 3)), k=4).tolist() == [0] * 30
    assert clusterer.n_clusters_ == 1


@every_clusterer
def test_new_points_have_to_look_like_the_old(kind):
    with pytest.raises(InputError, match="fit_predict"):
        kind().predict(np.zeros((2, 3)))
    points, _ = blobs()
    clusterer = kind()
    clusterer.fit_predict(points)
    with pytest.raises(ShapeError):
        clusterer.predict(points[:, :3])


def test_settings_that_cannot_be_are_refused():
    for wrong in ({"random_state": -1}, {"random_state": 0.5}, {"min_support": -0.1}, {"min_support": np.nan}):
        with pytest.raises(ConfigError):
            KMeansClusterer(**wrong).fit_predict(np.zeros((9, 2)))
    with pytest.raises(InputError, match="no record"):
        AuditRecord.from_json("{}")


def test_another_algorithm_plugs_in():
    class Sign(Clusterer):
        algorithm = "sign"

        def partition(self, features, k, groups):
            class Halves:
                iterations, converged = 1, True

                def scores(self, points):
                    return np.column_stack([points[:, 0], -points[:, 0]])

            return Halves()

    points = np.array([[-3.0], [-2.0], [4.0], [5.0], [6.0]])
    assert Sign().fit_predict(points, k=2).tolist() == [1, 1, 0, 0, 0]


@given(pair=labellings)
def test_matching_keeps_as_many_points_as_any_renaming_could(pair):
    from itertools import permutations

    labels, prior = (np.unique(of, return_inverse=True)[1] for of in pair)
    numbers = match_labels(labels, prior)
    assert len(set(numbers)) == len(numbers)
    names = range(max(labels.max(), prior.max()) + 1)
    best = max((np.array(order)[labels] == prior).sum() for order in permutations(names))
    assert (numbers[labels] == prior).sum() == best


@given(seed=st.integers(0, 99), n=st.integers(1, 40), k=st.integers(1, 6), smallest=st.integers(0, 12))
def test_support_holds_and_every_point_is_with_the_best_that_stays(seed, n, k, smallest):
    scores = np.random.default_rng(seed).normal(size=(n, k))
    kept, labels, _ = with_support(scores, smallest)
    counts = np.bincount(labels, minlength=len(kept))
    assert counts.min() >= 1
    assert len(kept) == 1 or counts.min() >= smallest
    np.testing.assert_array_equal(labels, scores[:, kept].argmax(axis=1))


@pytest.mark.parametrize("k", [2, 5, 9])
def test_the_dirichlet_process_finds_how_many_clusters_there_are(k):
    points, truth = blobs(n=900, k=k, d=10, seed=k)
    clusterer = HDPClusterer()
    labels = clusterer.fit_predict(points, k=25, groups=np.arange(900) % 3)
    assert clusterer.n_clusters_ == k
    assert adjusted_rand_score(truth, labels) > 0.99


def test_the_marginal_likelihood_is_the_chain_of_predictions():
    """Murphy (2007), eq. 258: p(x₁ … xₙ) is a product of Student t densities."""
    from scipy.stats import multivariate_t

    points = np.random.default_rng(0).normal(size=(7, 3))
    prior = NormalInverseWishart.prior(np.array([1.0, 2.0, 0.5]), within=0.3)
    total = 0.0
    for i, point in enumerate(points):
        now = prior.posterior(Moments.of(points[:i], np.ones((i, 1))))
        freedom = now.freedom[0] - 3 + 1
        shape = now.scatter[0] * (now.strength[0] + 1) / (now.strength[0] * freedom)
        total += multivariate_t(now.mean[0], shape, freedom).logpdf(point)
    assert prior.log_marginal(Moments.of(points, np.ones((7, 1))))[0] == pytest.approx(total)


@settings(max_examples=3)
@given(seed=st.integers(0, 50))
def test_the_expected_log_density_is_the_mean_over_draws(seed):
    from scipy.stats import invwishart, multivariate_normal

    rng = np.random.default_rng(seed)
    points = rng.normal(size=(30, 2))
    belief = NormalInverseWishart.prior(np.ones(2), within=0.5).posterior(Moments.of(points, np.ones((30, 1))))
    covariances = invwishart(belief.freedom[0], belief.scatter[0]).rvs(400, random_state=seed)
    drawn = [
        multivariate_normal(
            multivariate_normal(belief.mean[0], c / belief.strength[0]).rvs(random_state=rng), c
        ).logpdf(points[0])
        for c in covariances
    ]
    expected = belief.expected_log_density(points[:1])[0, 0]
    assert expected == pytest.approx(np.mean(drawn), abs=5 * np.std(drawn) / 20 + 0.02)
