import numpy as np
import onnxruntime
import pytest

import motif.bundles
from motif.errors import BundleError, ConfigError
from motif.learning._backend import arrays
from motif.learning._export import from_keras_bytes, keras_bytes, onnx_bytes
from motif.networks import ARCHITECTURES, NetworkClassifier, build
from motif.networks._model import standardize

SHAPES = {"raw": (16, 6), "hand": (12, 84), "inertial": (6, 2, 40)}


def trained(architecture, shape):
    """A network in which no weight is at its start: running statistics and gains too."""
    rng = np.random.default_rng(0)
    model = build(architecture, shape, 4, seed=1)
    standardize(model, rng.standard_normal((32, *shape), np.float32))
    for layer in model.layers:
        layer.set_weights([w + 0.1 * rng.random(w.shape) for w in arrays(layer.weights)])
    return model


@pytest.mark.parametrize(
    ("architecture", "kind"),
    [("tcn", "hand"), ("cnn1d", "raw"), ("gru", "raw"), ("lstm", "raw"), ("transformer", "raw"), ("cnn1d", "inertial")],
)
def test_onnx_equals_keras_for_any_number_of_windows(architecture, kind):
    model = trained(architecture, SHAPES[kind])
    content = onnx_bytes(model)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    X = np.random.default_rng(2).standard_normal((7, *SHAPES[kind]), np.float32)
    X[0, ...] = 0
    expected = model.predict_on_batch(X)
    (name,) = [one.name for one in session.get_inputs()]
    for n in (1, 7):
        (found,) = session.run(None, {name: X[:n]})
        np.testing.assert_allclose(found, expected[:n], atol=1e-4)
    assert len(content) < 1_500_000
    nodes = onnx_operators(content)
    assert "BatchNormalization" not in nodes


def onnx_operators(content):
    import onnx

    return {node.op_type for node in onnx.load_from_string(content).graph.node}


def test_a_bundle_answers_as_the_network_did(fitted, windows, bundle):
    recognizer = motif.bundles.load(bundle)
    np.testing.assert_allclose(recognizer.predict_proba(windows[0]), fitted.predict_proba(windows[0]), atol=1e-4)
    assert recognizer.outlier_confidence_ == pytest.approx(fitted.outlier_confidence_)
    assert motif.bundles.verify(bundle).max_difference < 1e-4


def test_a_network_comes_back_from_its_bundle_and_can_be_saved_again(fitted, windows, bundle, tmp_path):
    again = NetworkClassifier.load(bundle)
    np.testing.assert_array_equal(again.predict_proba(windows[0]), fitted.predict_proba(windows[0]))
    assert again.get_params() == fitted.get_params()
    assert again.temperature_ == fitted.temperature_
    assert NetworkClassifier.load(again.save(tmp_path / "again")).classes_.tolist() == fitted.classes_.tolist()


def test_export_writes_what_it_returns(fitted, tmp_path):
    assert fitted.export_onnx(tmp_path / "model.onnx") == (tmp_path / "model.onnx").read_bytes()


def test_an_altered_bundle_is_not_loaded(bundle, tmp_path):
    import shutil

    copy = shutil.copytree(bundle, tmp_path / "copy")
    content = bytearray((copy / "model.keras").read_bytes())
    content[len(content) // 2] ^= 1
    (copy / "model.keras").write_bytes(content)
    with pytest.raises(BundleError, match=r"model\.keras"):
        NetworkClassifier.load(copy)


def test_a_keras_file_that_wants_to_run_code_is_refused(fitted):
    from motif.learning import keras

    k = keras()
    inputs = k.Input((8, 3))
    lambda_model = k.Model(inputs, k.layers.Lambda(lambda x: x + 1)(inputs))
    with pytest.raises(BundleError, match=r"model\.keras"):
        from_keras_bytes(keras_bytes(lambda_model))
    with pytest.raises(BundleError, match=r"model\.keras"):
        from_keras_bytes(b"not a zip")


def test_a_keras_file_holds_no_lambda_and_no_class_of_ours():
    for shape in SHAPES.values():
        for architecture in ARCHITECTURES:
            text = build(architecture, shape, 2).to_json()
            assert "Lambda" not in text
            assert "motif" not in text


def test_an_unknown_architecture_is_named():
    with pytest.raises(ConfigError, match="choose one of tcn"):
        build("mlp", (8, 3), 2)
