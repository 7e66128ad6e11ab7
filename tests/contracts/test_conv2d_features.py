"""The contract of codes and clusters, as its readers write it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conv2d.clustering import GMMClusterer, KMeansClusterer
from conv2d.features.fsq_contract import encode_fsq
from motif import bundles
from motif.recordings import save_dataset, simulate_quadruped


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).normal(size=(32, 9, 2, 100)).astype(np.float32)


def test_shapes_types_and_codebook(x):
    result = encode_fsq(x, levels=[8, 6, 5], embedding_dim=64)
    assert result.codes.shape == (32, 64)
    assert result.codes.dtype == np.int32
    assert result.features.ndim == 2
    assert result.features.shape[0] == 32
    assert result.features.dtype == np.float32
    assert result.embeddings.shape == (32, 64)
    assert result.embeddings.dtype == np.float32
    assert result.codes.min() >= 0
    assert result.codes.max() < 8 * 6 * 5


def test_same_input_same_codes_whatever_the_batch(x):
    whole = encode_fsq(x)
    np.testing.assert_array_equal(encode_fsq(x).codes, whole.codes)
    np.testing.assert_array_equal(
        np.concatenate([encode_fsq(x[i : i + 5]).codes for i in range(0, 32, 5)]), whole.codes
    )
    np.testing.assert_array_equal(encode_fsq(x[::-1]).codes[::-1], whole.codes)


@pytest.mark.parametrize(
    "wrong", [np.zeros((1, 9, 2, 99), np.float32), np.zeros((9, 2, 100), np.float32), np.zeros((1, 9, 2, 100))]
)
def test_anything_else_is_a_clear_error(wrong):
    with pytest.raises(ValueError, match="want"):
        encode_fsq(wrong)


def test_every_active_level_is_used(x):
    usage = encode_fsq(x).usage
    assert usage.every_level_used
    assert usage.perplexity > 100


@pytest.mark.parametrize("make", [lambda: GMMClusterer(random_state=42), KMeansClusterer])
def test_labels_stay_stable_and_each_fit_leaves_a_record(make, x):
    features = encode_fsq(x).embeddings
    clusterer = make()
    labels = clusterer.fit_predict(features, k=4)
    assert labels.shape == (32,)
    np.testing.assert_array_equal(make().fit_predict(features, k=4, prior_labels=labels), labels)
    assert json.loads(clusterer.record_.to_json())["settings"]["random_state"] == 42


@pytest.mark.slow
def test_the_vq_variant_is_trained_by_its_script(tmp_path):
    animals = simulate_quadruped(4, 3, gaits=("stand", "trot", "gallop"))
    save_dataset(animals, tmp_path / "animals.npz")
    script = Path(__file__).parents[2] / "training" / "train_conv2d_vq.py"
    asked = [sys.executable, script, tmp_path / "animals.npz", "--out", tmp_path / "vq", "--epochs", "2"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert "perplexity" in said
    assert bundles.verify(tmp_path / "vq", n_timed=1).max_difference < 1e-4
    assert (tmp_path / "vq" / "codebook.safetensors").exists()
