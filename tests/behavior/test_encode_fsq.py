"""`encode_fsq`: the same window, the same codes."""

import subprocess
import sys

import numpy as np
import pytest
from tests.reference import motion_bank as reference

from motif.behavior import encode_fsq
from motif.behavior.encode import MotionBank
from motif.behavior.encode._motion_bank import feature_names
from motif.errors import ConfigError, DtypeError, NotFiniteError, ShapeError
from motif.recordings import simulate_quadruped


@pytest.fixture(scope="module")
def data():
    return simulate_quadruped(3, 3, random_state=5)


def test_the_features_are_what_their_definition_says(data):
    features = encode_fsq(data.X).features
    assert features.shape[1] == len(feature_names()) == len(set(feature_names()))
    for window, found in zip(data.X[:6].astype(np.float64), features, strict=False):
        np.testing.assert_allclose(found, reference.describe(window), atol=1e-5)


YESTERDAY = [
    [66, 193, 228, 61, 136, 76],
    [76, 194, 187, 6, 185, 210],
    [114, 201, 181, 6, 89, 75],
    [82, 205, 180, 54, 136, 187],
]
SUM_OF_YESTERDAY = 1024707


def test_codes_of_today_are_those_of_yesterday():
    generator = np.random.Generator(np.random.PCG64(1))
    x = generator.integers(-2000, 2000, (4, 9, 2, 100)).astype(np.float32) / 256
    codes = encode_fsq(x).codes
    assert codes[:, :6].tolist() == YESTERDAY
    assert int((codes.astype(np.int64) * np.arange(1, 65)).sum()) == SUM_OF_YESTERDAY


def test_codes_depend_neither_on_the_batch_nor_on_memory_order(data):
    whole = encode_fsq(data.X)
    np.testing.assert_array_equal(encode_fsq(data.X[7:8]).codes[0], whole.codes[7])
    turned = encode_fsq(np.asfortranarray(data.X[::-1]))
    np.testing.assert_array_equal(turned.codes[::-1], whole.codes)
    np.testing.assert_array_equal(turned.embeddings[::-1], whole.embeddings)


def test_codes_do_not_depend_on_threads(data, tmp_path):
    np.save(tmp_path / "x.npy", data.X[:8])
    code = (
        "import sys, hashlib, numpy as np; from motif.behavior import encode_fsq; "
        "print(hashlib.sha256(encode_fsq(np.load(sys.argv[1])).codes.tobytes()).hexdigest())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "x.npy")],
            env={"OMP_NUM_THREADS": threads, "NUMBA_NUM_THREADS": threads, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    }
    assert len(said) == 1


def test_embeddings_are_a_function_of_the_codes_alone(data):
    encoded = encode_fsq(data.X)
    levels = encoded.quantizer.decode(encoded.codes)
    np.testing.assert_allclose(encoded.embeddings, levels.mean(axis=-1), atol=1e-6)


def test_other_levels_and_other_numbers_of_codes(data):
    encoded = encode_fsq(data.X, levels=[7, 5, 5, 5], embedding_dim=16)
    assert encoded.codes.shape == encoded.embeddings.shape == (len(data.X), 16)
    assert encoded.codes.max() < 875
    assert encode_fsq(data.X[:0]).codes.shape == (0, 64)


def test_what_animals_do_is_found_in_the_codes(data):
    from sklearn.neighbors import KNeighborsClassifier

    features = encode_fsq(data.X).embeddings
    last = data.groups == data.groups[-1]
    right = KNeighborsClassifier(3).fit(features[~last], data.y[~last]).score(features[last], data.y[last])
    assert right > 0.5  # of ten gaits, from two other animals


def test_a_magnetic_field_counts_by_its_direction_alone(data):
    other_unit = data.X.copy()
    other_unit[:, 6:] *= 0.02
    np.testing.assert_allclose(encode_fsq(other_unit).features, encode_fsq(data.X).features, atol=2e-3)


@pytest.mark.parametrize("value", [0.0, 1e30, -1e30, 1e-40])
def test_extreme_windows_have_finite_features(value):
    encoded = encode_fsq(np.full((1, 9, 2, 100), value, np.float32))
    assert np.isfinite(encoded.features).all()


@pytest.mark.parametrize(
    ("x", "error"),
    [
        (np.zeros((1, 9, 2, 99), np.float32), ShapeError),
        (np.zeros((1, 2, 9, 100), np.float32), ShapeError),
        (np.zeros((9, 2, 100), np.float32), ShapeError),
        (np.zeros((1, 9, 2, 100)), DtypeError),
        (np.zeros((1, 9, 2, 100), np.int32), DtypeError),
        (np.full((1, 9, 2, 100), np.nan, np.float32), NotFiniteError),
        (np.full((1, 9, 2, 100), np.inf, np.float32), NotFiniteError),
        ([["a"]], ShapeError),
    ],
)
def test_anything_but_the_contract_is_refused(x, error):
    with pytest.raises(error, match="x "):
        encode_fsq(x)


@pytest.mark.parametrize("settings", [{"embedding_dim": 0}, {"embedding_dim": 2.5}, {"levels": [1]}, {"levels": []}])
def test_settings_that_cannot_be_are_refused(settings):
    with pytest.raises(ConfigError):
        encode_fsq(np.zeros((1, 9, 2, 100), np.float32), **settings)


def test_an_encoder_can_be_passed(data):
    class Levels(MotionBank):
        def latents(self, features, shape):
            return np.zeros((len(features), *shape), np.float32)

    assert set(encode_fsq(data.X[:2], encoder=Levels()).codes.ravel().tolist()) == {124}
