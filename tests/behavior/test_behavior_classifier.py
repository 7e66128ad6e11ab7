"""What only `BehaviorClassifier` promises; what every recognizer does is in tests/test_every_recognizer.py."""

import numpy as np
import pytest

from motif import bundles
from motif.behavior import BehaviorClassifier, encode_fsq
from motif.behavior.encode import FSQ, VQ
from motif.behavior.encode._conv2d import MAX_PARAMETERS, build_encoder, rounded
from motif.behavior.encode._pretraining import _hide, _likeness_loss
from motif.errors import BundleError, ConfigError, InputError, ShapeError
from motif.learning import keras, onnx_bytes
from motif.recordings import simulate_quadruped

GAITS = ("stand", "trot", "gallop")
EDGE_OPERATIONS = {
    "Add", "Concat", "Conv", "Div", "Exp", "Gather", "Log", "MatMul", "Mul", "Neg", "ReduceMean", "ReduceSum",
    "ReduceSumSquare", "Relu", "Reshape", "Shape", "Softmax", "Sqrt", "Sub", "Tanh", "Transpose", "Unsqueeze",
}  # fmt: skip
"""Elementwise, matrix products, convolutions, reductions; Shape, Gather and Unsqueeze carry the batch alone."""


@pytest.fixture(scope="module")
def data():
    return simulate_quadruped(4, 4, gaits=GAITS)


@pytest.fixture(scope="module")
def fitted(data):
    return BehaviorClassifier(epochs=3, random_state=0).fit(data.X, data.y, groups=data.groups)


@pytest.fixture(scope="module")
def unlabelled(data):
    return BehaviorClassifier(quantizer="vq", pretraining="contrastive", epochs=1, random_state=0).fit(data.X)


def test_codes_depend_on_the_window_alone(fitted, data):
    whole = fitted.encode(data.X)
    assert whole.codes.shape == whole.embeddings.shape == (len(data.X), 64)
    assert whole.usage.every_level_used
    for part in (slice(3, 4), slice(0, 7)):
        np.testing.assert_array_equal(fitted.encode(data.X[part]).codes, whole.codes[part])
    through_the_contract = encode_fsq(data.X, encoder=fitted.encoder_)
    np.testing.assert_array_equal(through_the_contract.codes, whole.codes)
    with pytest.raises(ConfigError, match="trained with"):
        encode_fsq(data.X, embedding_dim=32, encoder=fitted.encoder_)


def test_it_learns_animals_it_never_saw(fitted):
    others = simulate_quadruped(3, 4, gaits=GAITS, random_state=1)
    assert (fitted.predict(others.X) == others.y).mean() > 0.8


def test_the_bundle_carries_the_encoder(fitted, data, tmp_path):
    path = fitted.save(tmp_path / "bundle", class_names=GAITS, window={"rate_hz": 100.0})
    back = BehaviorClassifier.load(path)
    np.testing.assert_array_equal(back.encode(data.X).codes, fitted.encode(data.X).codes)
    assert back.get_params() == fitted.get_params()
    assert sum(file.stat().st_size for file in path.iterdir()) < 2e6
    np.testing.assert_allclose(bundles.load(path).predict_proba(data.X), fitted.predict_proba(data.X), atol=1e-4)


def test_the_graph_holds_nothing_an_edge_device_lacks(fitted):
    import onnx

    for content in (fitted.encoder_.content, onnx_bytes(fitted.model_)):
        graph = onnx.shape_inference.infer_shapes(onnx.load_from_string(content)).graph
        assert {node.op_type for node in graph.node} <= EDGE_OPERATIONS
        ranks = [len(value.type.tensor_type.shape.dim) for value in graph.value_info]
        assert max(ranks) <= 4


@pytest.mark.parametrize("shape", [(9, 5, 125), (6, 1, 200), (40, 6)])
def test_the_encoder_stays_small_whatever_it_looks_at(shape):
    encoder = build_encoder(shape, 192)
    assert encoder.output_shape == (None, 192)
    assert encoder.count_params() <= MAX_PARAMETERS


def test_an_encoder_too_large_for_a_device_is_refused():
    with pytest.raises(ConfigError, match="313000 or fewer"):
        build_encoder((90, 5, 100), 192)


def test_sensors_meet_before_anything_is_averaged(data):
    """The same motion, but of another window's leg: channels alone are all the same, what passes between is not."""
    encoder = build_encoder((9, 2, 100), 192, seed=1)
    delayed = data.X[:6].copy()
    delayed[:, :, 1] = np.roll(delayed[:, :, 1], 7, axis=-1)
    pool = next(layer for layer in encoder.layers if layer.name.startswith("global_average"))
    course = keras().Model(encoder.input, pool.output)
    once, other = (course.predict_on_batch(windows) for windows in (data.X[:6], delayed))
    assert np.abs(once - other).max() > 1e-3 * np.abs(once).max()
    assert pool.input.shape[1] == 1


def test_rounding_is_that_of_the_quantizer_and_lets_gradients_through():
    import jax

    fsq = FSQ()
    latents = np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32)
    half, shift, offset = (np.tile(of, 2) for of in fsq.bounds())
    values = np.tanh(latents + shift)
    snapped = np.asarray(rounded(values, fsq))
    levels = (snapped * half - offset).reshape(50, 2, 3) / (np.array(fsq.levels) // 2)
    np.testing.assert_allclose(levels, fsq.decode(fsq.encode(latents.reshape(50, 2, 3))), atol=1e-5)
    gradient = jax.grad(lambda v: rounded(v, fsq).sum())(values)
    np.testing.assert_array_equal(gradient, np.ones_like(values))


def test_without_labels_there_are_codes_and_no_classes(unlabelled, data, tmp_path):
    encoded = unlabelled.encode(data.X)
    assert isinstance(encoded.quantizer, VQ)
    assert encoded.usage.n_used > 50
    for ask in (lambda: unlabelled.predict(data.X), lambda: unlabelled.save(tmp_path / "b")):
        with pytest.raises(InputError, match="without labels"):
            ask()


@pytest.mark.slow
def test_windows_without_labels_are_learnt_from_and_have_the_shape_of_those_with(data):
    few = data.groups == data.groups[0]
    settings = {"pretraining": "masked", "epochs": 2, "quantizer": "vq", "embedding_dim": 8, "random_state": 0}
    alone = BehaviorClassifier(**settings).fit(data.X[few], data.y[few])
    classifier = BehaviorClassifier(**settings).fit(data.X[few], data.y[few], unlabelled=data.X[~few])
    assert not np.allclose(classifier.predict_proba(data.X), alone.predict_proba(data.X), atol=1e-3)
    with pytest.raises(ShapeError):
        BehaviorClassifier().fit(data.X, data.y, unlabelled=data.X[:, :3])


@pytest.mark.slow
def test_vq_codes_travel_through_a_bundle(data, tmp_path):
    classifier = BehaviorClassifier(quantizer="vq", levels=(4, 4), embedding_dim=4, epochs=1, random_state=0)
    classifier.fit(data.X, data.y, groups=data.groups)
    path = classifier.save(tmp_path / "vq")
    back = BehaviorClassifier.load(path)
    np.testing.assert_array_equal(back.encode(data.X).codes, classifier.encode(data.X).codes)
    with pytest.raises(BundleError, match="not a Other"):
        type("Other", (BehaviorClassifier,), {}).load(path)


def test_part_of_a_window_is_hidden_by_its_mean():
    windows = np.arange(2 * 3 * 1 * 10, dtype=np.float32).reshape(2, 3, 1, 10)
    hidden = _hide(windows, np.random.default_rng(0))
    changed = (hidden != windows).sum(axis=-1)
    assert changed.max() == 4
    np.testing.assert_allclose(hidden[hidden != windows].reshape(2, 3, 4)[:, :, 0], windows.mean(axis=-1)[..., 0])
    frames = _hide(windows[:, :, 0].transpose(0, 2, 1), np.random.default_rng(0))
    np.testing.assert_array_equal(frames.transpose(0, 2, 1), hidden[:, :, 0])


def test_likeness_is_cross_entropy_over_all_other_views():
    projected = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    unit = projected / np.linalg.norm(projected, axis=1, keepdims=True)
    total = 0.0
    for i in range(6):
        others = [j for j in range(6) if j != i]
        likeness = np.exp(unit[others] @ unit[i] / 0.2)
        total -= np.log(likeness[others.index((i + 3) % 6)] / likeness.sum()) / 6
    assert float(_likeness_loss(None, projected)) == pytest.approx(total, rel=1e-4)


def test_training_that_diverges_says_so_and_when(data):
    far_too_fast = BehaviorClassifier(epochs=2, learning_rate=1e30, random_state=0)
    with pytest.raises(ConfigError, match=r"diverged in epoch 1 of 2: .* smaller learning_rate than 1e\+30"):
        far_too_fast.fit(data.X, data.labels)


@pytest.mark.parametrize(
    "settings",
    [{"quantizer": "guess"}, {"levels": (1, 5)}, {"levels": ()}, {"epochs": 0}, {"pretraining": "x"}, {"dropout": 1.0}],
)
def test_settings_that_cannot_be_are_refused(settings, data):
    with pytest.raises(ConfigError, match=next(iter(settings))):
        BehaviorClassifier(**settings).fit(data.X, data.y)
