import io
import json
import os
import pickle
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tests.bundles.test_bundles import CLASSES, CONFIG, SHAPE, tiny_model

from motif import bundles
from motif.bundles import pack, targets
from motif.bundles.targets import _process
from motif.errors import BundleError, ConfigError, MissingExtraError, MissingFileError, MotifError, ShapeError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
WINDOWS = np.random.default_rng(0).standard_normal((24, 8, 3)).astype(np.float32)
needs_litert = pytest.mark.skipif(
    not Path(os.environ.get(_process.LITERT_PYTHON, "-")).is_file(),
    reason=f"{_process.LITERT_PYTHON} names no environment with LiteRT's converter",
)


def network(kind="convolution"):
    """A network with what our own have: normalization, recurrent layers, products, operations outside of layers."""
    from motif.learning import keras

    k = keras()
    windows = k.Input((8, 3), name="windows")
    x = k.ops.arcsinh(windows)
    spread = np.eye(3, 5).astype(np.float32)
    x = k.ops.matmul(k.ops.reshape(x, (-1, 4, 2, 3)), spread)  # of four axes, with a constant of two
    x = k.ops.reshape(x, (-1, 8, 5))
    if kind == "gru":
        x = k.layers.GRU(6, return_sequences=True)(x)
    else:
        x = k.layers.Conv1D(8, 3, padding="same", use_bias=False)(x)
        x = k.layers.Activation("relu")(k.layers.BatchNormalization()(x))
    logits = k.layers.Dense(3, name="logits")(k.layers.GlobalAveragePooling1D()(x))
    return k.Model(windows, k.layers.Activation("softmax", name="probabilities")(logits))


@pytest.fixture(scope="module")
def keras_file(tmp_path_factory) -> Path:
    from motif.learning import keras_bytes

    path = tmp_path_factory.mktemp("model") / "tiny.keras"
    path.write_bytes(keras_bytes(network()))
    return path


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return bundles.save(tmp_path / "tiny", onnx=tiny_model(), config=CONFIG, class_names=CLASSES)


def test_int8_answers_as_the_network_does_and_is_smaller(bundle, tmp_path):
    X = np.random.default_rng(1).standard_normal((40, *SHAPE)).astype(np.float32)
    made = targets.convert(bundle, "onnx-int8", tmp_path / "small", calibration=X, windows=X)
    assert made.path == tmp_path / "small.onnx"
    assert made.agreement > 0.9
    assert 0 < made.mean_difference < 0.1
    assert made.median_ms > 0
    assert json.loads(json.dumps(made.to_dict()))["target"] == "onnx-int8"


def test_only_weights_of_one_node_that_fit_into_16_bits_are_kept_in_them():
    from onnx import TensorProto, helper, numpy_helper

    from motif.bundles.targets.workers.onnx_quantize import halve

    sizes = {"shared": 1.0, "large": 1e6, "own": 1.0}
    held = [numpy_helper.from_array(np.full((32, 32), size, np.float32), name) for name, size in sizes.items()]
    taken = ["window", "a", "b", "c"]
    nodes = [
        helper.make_node("MatMul", [before, weight], [after], after)
        for before, weight, after in zip(taken, ["shared", "large", "own", "shared"], ["a", "b", "c", "d"], strict=True)
    ]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 32]) for name in ("window", "d")]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], held)
    halve(graph, list(graph.node))
    assert {tensor.name for tensor in graph.initializer} == {"shared", "large", "own_16"}


@pytest.mark.slow
def test_int8_keeps_exact_what_leads_to_an_exponential(tmp_path):
    """A kernel machine compares distances of some hundred numbers: with 8 bits in between, nothing would be near."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    weights = {
        "axes": rng.normal(size=(40, 30)).astype(np.float32),
        "flat": np.array([-1, 40]),
        "scale": np.array(-1e-3, np.float32),
        "scores": rng.normal(size=(30, 3)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Reshape", ["window", "flat"], ["row"], "row"),
        helper.make_node("MatMul", ["row", "axes"], ["along"], "along"),
        helper.make_node("Mul", ["along", "along"], ["squares"], "squares"),
        helper.make_node("Mul", ["squares", "scale"], ["less"], "less"),
        helper.make_node("Exp", ["less"], ["near"], "near"),
        helper.make_node("MatMul", ["near", "scores"], ["logits"], "logits"),
        helper.make_node("Softmax", ["logits"], ["probabilities"], "probabilities", axis=1),
    ]
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape])
        for name, shape in (("window", (20, 2)), ("probabilities", (3,)))
    ]
    held = [numpy_helper.from_array(each, name) for name, each in weights.items()]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], held)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 10
    (tmp_path / "kernel.onnx").write_bytes(model.SerializeToString())
    windows = (rng.normal(size=(50, 20, 2)) * np.geomspace(1, 1e3, 20)[:, None]).astype(np.float32)
    made = targets.convert(tmp_path / "kernel.onnx", "onnx-int8", tmp_path / "small.onnx", calibration=windows)
    assert made.max_difference < 0.02
    quantized = onnx.load(made.path).graph
    kinds = {tensor.name: tensor.data_type for tensor in quantized.initializer}
    assert kinds["axes_16"] == TensorProto.FLOAT16
    assert TensorProto.INT8 in kinds.values()


def test_the_weights_go_to_torch_and_back(keras_file, tmp_path):
    from motif.bundles.targets._source import open_source
    from motif.learning import from_keras_bytes

    made = targets.TARGETS["pth"].make(open_source(keras_file), None)[""]
    with zipfile.ZipFile(io.BytesIO(made)) as saved:
        (state,) = [saved.read(name) for name in saved.namelist() if name.endswith("data.pkl")]
    assert b"logits/kernel" in state
    assert b"logits/bias" in state
    (tmp_path / "w.pth").write_bytes(made)
    back = targets.from_torch(tmp_path / "w.pth", keras_file, tmp_path / "back.keras")
    first, second = (from_keras_bytes(path.read_bytes()) for path in (keras_file, back))
    np.testing.assert_allclose(first(WINDOWS), second(WINDOWS), atol=1e-6)


@pytest.mark.slow
def test_weights_of_another_architecture_are_refused(keras_file, tmp_path):
    import torch

    torch.save({"logits/kernel": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(BundleError, match="another architecture"):
        targets.from_torch(tmp_path / "other.pth", keras_file, tmp_path / "back.keras")
    assert not (tmp_path / "back.keras").exists()


def test_weights_with_code_in_them_are_refused(keras_file, tmp_path):
    class Harm:
        def __reduce__(self):
            return (os.system, (f"touch {tmp_path / 'harmed'}",))

    with zipfile.ZipFile(tmp_path / "harm.pth", "w") as harm:  # as torch.save writes it; to load it as is would run it
        harm.writestr("harm/data.pkl", pickle.dumps({"logits/kernel": Harm()}, protocol=2))
        harm.writestr("harm/byteorder", "little")
        harm.writestr("harm/version", "3\n")
    with pytest.raises(BundleError, match=r"no state dict of plain tensors, or is damaged; write") as refused:
        targets.from_torch(tmp_path / "harm.pth", keras_file, tmp_path / "back.keras")
    assert "weights_only" not in str(refused.value)
    assert not (tmp_path / "harmed").exists()
    assert not (tmp_path / "back.keras").exists()


@pytest.mark.slow
@pytest.mark.parametrize("target", ["onnx", "pth", "safetensors"])
def test_float_targets_answer_as_the_network_does(keras_file, tmp_path, target):
    assert targets.convert(keras_file, target, tmp_path / "out", windows=WINDOWS).max_difference < 1e-4


@needs_litert
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["convolution", "gru"])
@pytest.mark.parametrize("target", ["tflite", "tflite-float16", "tflite-dynamic", "tflite-int8"])
def test_litert_answers_as_the_network_does(tmp_path, target, kind):
    from motif.learning import keras_bytes

    source = tmp_path / "tiny.keras"
    source.write_bytes(keras_bytes(network(kind)))
    made = targets.convert(source, target, tmp_path / "out", calibration=WINDOWS, windows=WINDOWS)
    assert made.mean_difference < (1e-5 if target == "tflite" else 0.05)
    assert made.path.suffix == ".tflite"


@needs_litert
@pytest.mark.slow
def test_litert_is_packed_and_verified(keras_file, tmp_path):
    from motif.learning import from_keras_bytes, onnx_bytes

    source = bundles.save(
        tmp_path / "bundle",
        onnx=onnx_bytes(from_keras_bytes(keras_file.read_bytes())),
        config=bundles.BundleConfig(name="tiny", window=bundles.WindowSpec(shape=(8, 3))),
        class_names=CLASSES,
        metrics={"accuracy": 0.9, "ece": 0.01},
        extra_files={"model.keras": keras_file.read_bytes()},
    )
    made = pack.create(source, tmp_path / "artifacts", targets=("tflite",))
    assert "tflite" in made.targets
    verdict = targets.verify(made.path, "tflite", windows=WINDOWS)
    assert verdict.passed
    found = {check.name: check for check in verdict.checks}
    assert "CONV_2D" in found["operations"].note
    assert found["agreement"].passed is found["latency"].passed is found["shapes"].passed is True
    assert not targets.verify(made.path, "tflite", gates=targets.Gates(max_size_mb=1e-6)).passed


def test_a_pack_without_litert_says_why(keras_file, tmp_path, monkeypatch):
    monkeypatch.setenv(_process.LITERT_PYTHON, str(tmp_path / "nowhere"))
    source = bundles.save(
        tmp_path / "bundle",
        onnx=tiny_model(),
        config=CONFIG,
        class_names=CLASSES,
        metrics={"accuracy": 0.9, "ece": 0.01},
        extra_files={"model.keras": keras_file.read_bytes()},
    )
    made = pack.create(source, tmp_path / "artifacts", targets=("tflite",))
    (check,) = [check for check in targets.verify(made.path, "tflite").checks if check.name == "model"]
    assert check.passed is False
    assert "litert" in check.note


@pytest.mark.slow
@pytest.mark.skipif(find_spec("coremltools") is None, reason="coremltools is not installed")
def test_core_ml_is_made_and_verified(keras_file, tmp_path):
    from motif.learning import from_keras_bytes, onnx_bytes

    source = bundles.save(
        tmp_path / "bundle",
        onnx=onnx_bytes(from_keras_bytes(keras_file.read_bytes())),
        config=bundles.BundleConfig(window=bundles.WindowSpec(shape=(8, 3))),
        class_names=CLASSES,
        metrics={"accuracy": 0.9, "ece": 0.01},
        extra_files={"model.keras": keras_file.read_bytes()},
    )
    first, second = (pack.create(source, tmp_path / shelf, targets=("coreml",)) for shelf in ("a", "b"))
    assert first.hash == second.hash
    assert "coreml" in first.targets
    verdict = targets.verify(first.path, "coreml")
    assert verdict.passed, verdict
    assert next(check for check in verdict.checks if check.name == "latency").passed is None


def test_targets_side_by_side_say_what_each_costs_and_what_was_not_made(bundle, tmp_path):
    X = np.random.default_rng(1).standard_normal((30, *SHAPE)).astype(np.float32)
    truth = bundles.load(bundle).predict_proba(X).argmax(axis=1)
    seen = []
    outcomes = targets.convert_all(
        bundle,
        ["onnx", "coreml"],
        tmp_path / "out",
        windows=X,
        labels=truth,
        progress=lambda done, total, name: seen.append((done, total, name)),
    )
    assert seen == [(0, 2, "onnx"), (1, 2, "coreml"), (2, 2, "")]
    assert outcomes[0].macro_f1 == 1
    assert outcomes[0].lost_points == 0
    assert (tmp_path / "out" / "onnx.onnx").read_bytes() == (bundle / "model.onnx").read_bytes()
    assert outcomes[1].converted is None
    assert "model.keras" in outcomes[1].problem


def test_the_command_prints_a_table_and_fails_where_something_was_not_made(bundle, tmp_path):
    from typer.testing import CliRunner

    from motif.cli._app import app

    out = ["--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, ["convert", str(bundle), "--to", "onnx", *out])
    assert done.exit_code == 0
    assert "onnx" in done.stdout
    done = CliRunner().invoke(app, ["convert", str(bundle), "--to", "pth", "--json", *out])
    assert done.exit_code == 5
    assert json.loads(done.stdout)["targets"][0]["converted"] is None
    assert CliRunner().invoke(app, ["convert", str(bundle), "--to", "toaster", *out]).exit_code == 3


def test_what_disagrees_with_its_source_is_not_written(bundle, tmp_path, monkeypatch):
    from dataclasses import replace

    from motif.bundles.targets import _formats

    strict = replace(targets.TARGETS["onnx-int8"], tolerance=0.0)
    monkeypatch.setitem(_formats.TARGETS, "onnx-int8", strict)
    X = np.random.default_rng(1).standard_normal((10, *SHAPE)).astype(np.float32)
    with pytest.raises(BundleError, match="it was not written"):
        targets.convert(bundle, "onnx-int8", tmp_path / "out.onnx", calibration=X)
    assert not (tmp_path / "out.onnx").exists()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"target": "toaster"}, ConfigError, "choose one of onnx"),
        ({"target": "onnx-int8"}, BundleError, "calibration windows"),
        ({"windows": np.zeros((2, 9, 9))}, ShapeError, "windows|X"),
        ({"source": "nowhere.keras"}, MissingFileError, "nowhere"),
    ],
)
def test_what_cannot_be_converted_says_so(bundle, tmp_path, change, error, message):
    arguments = {"source": bundle, "target": "onnx", "out": tmp_path / "out.onnx"} | change
    with pytest.raises(error, match=message):
        targets.convert(**arguments)
    assert not (tmp_path / "out.onnx").exists()


def hdf5() -> bytes:
    return b"\x89HDF\r\n\x1a\n" + bytes(64)


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.h5", hdf5()),
        ("model.keras", hdf5()),
        ("model.keras", b""),
        ("model.keras", zipped(config__json="[]")),
        ("model.keras", zipped(config__json='{"config": {"layers": []}}')),
        ("model.keras", zipped(config__json="[" * 100_000)),
        ("model.pkl", b"\x80\x04."),
        ("model.pt", b"PK"),
        ("model.onnx", b"no graph"),
    ],
)
def test_files_that_are_no_network_of_a_format_we_read_are_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BundleError):
        targets.convert(tmp_path / name, "onnx", tmp_path / "out.onnx")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_keras_file_with_code_in_it_is_refused(tmp_path):
    from motif.learning import keras

    k = keras()
    windows = k.Input((8, 3))
    harmed = tmp_path / "harmed"
    code = f"__import__('pathlib').Path({os.fspath(harmed)!r}).touch()"
    layer = k.layers.Lambda(eval(f"lambda x: ({code}, x)[1]"), output_shape=(8, 3))
    source = tmp_path / "lambda.keras"
    k.Model(windows, layer(windows)).save(source)
    harmed.unlink(missing_ok=True)  # tracing ran it; loading must not
    with pytest.raises(BundleError, match=r"lambda\.keras holds Lambda .* could run code .* refused") as refused:
        targets.convert(source, "onnx", tmp_path / "out.onnx", windows=WINDOWS)
    assert "safe_mode" not in str(refused.value)
    assert not harmed.exists()


def test_an_object_that_is_not_keras_own_is_refused_before_keras_is_asked(keras_file, tmp_path):
    with zipfile.ZipFile(keras_file) as source, zipfile.ZipFile(tmp_path / "net.keras", "w") as changed:
        for name in source.namelist():
            changed.writestr(name, source.read(name).replace(b'"class_name": "Conv1D"', b'"class_name": "TFSMLayer"'))
    with pytest.raises(BundleError, match=r"net\.keras holds TFSMLayer .* could run code"):
        targets.convert(tmp_path / "net.keras", "onnx", tmp_path / "out.onnx", windows=WINDOWS)


@pytest.mark.parametrize("out", ["model.onnx", "more.onnx", "coreml.mlpackage/model.onnx"])
def test_nothing_is_written_into_a_bundle(bundle, out):
    before = bundle.joinpath("model.onnx").read_bytes()
    with pytest.raises(ConfigError, match=r"lies in a bundle.*write beside it, such as .*/tiny-m"):
        targets.convert(bundle, "onnx", bundle / out)
    with pytest.raises(ConfigError, match="lies in a bundle"):
        targets.convert_all(bundle, ["onnx"], (bundle / out).parent)
    assert bundle.joinpath("model.onnx").read_bytes() == before
    assert bundles.load(bundle).classes_.tolist() == list(CLASSES)


def test_nothing_is_written_over_what_it_is_made_from(keras_file, bundle, tmp_path):
    (plain := tmp_path / "plain.keras").write_bytes(keras_file.read_bytes())
    (weights := tmp_path / "tuned.pth").write_bytes(b"")
    (graph := tmp_path / "onnx.onnx").write_bytes((bundle / "model.onnx").read_bytes())
    for refused in (
        lambda: targets.convert(plain, "pth", plain),
        lambda: targets.convert_all(graph, ["onnx"], tmp_path),
        lambda: targets.from_torch(weights, like=plain, out=tmp_path / "." / plain.name),
        lambda: targets.from_torch(weights, like=plain, out=weights),
    ):
        with pytest.raises(ConfigError, match="is what this is made from; write to another file"):
            refused()
    assert plain.read_bytes() == keras_file.read_bytes()


def test_a_recognizer_without_a_network_cannot_be_converted(tmp_path):
    path = bundles.save(tmp_path / "arrays", arrays={"a": np.zeros(3)}, config=CONFIG, class_names=CLASSES)
    with pytest.raises(BundleError, match="there is nothing to convert"):
        targets.convert(path, "onnx", tmp_path / "out.onnx")


def test_litert_without_its_environment_says_how_to_make_one(keras_file, tmp_path, monkeypatch):
    monkeypatch.delenv(_process.LITERT_PYTHON, raising=False)
    with pytest.raises(MissingExtraError, match="pip install litert-converter"):
        _process.litert_python()
    monkeypatch.setenv(_process.LITERT_PYTHON, "/nowhere/python")
    with pytest.raises(MissingExtraError, match="there is no /nowhere/python"):
        _process.litert_python()
    monkeypatch.setenv(_process.LITERT_PYTHON, sys.executable)
    assert _process.litert_python() == sys.executable


def test_a_missing_framework_names_its_extra():
    with pytest.raises(MissingExtraError, match=r"motif\[edge\]"):
        _process.here_with("no_such_framework", extra="edge")
    error = _process._error_of("worker", 1, "Traceback\nModuleNotFoundError: No module named 'coremltools'")
    assert isinstance(error, MissingExtraError)


def test_a_worker_that_dies_is_reported_without_its_paths():
    error = _process._error_of("worker", -11, "boom\nValueError: /tmp/secret/model.onnx is bad\n")
    assert isinstance(error, MotifError)
    assert "signal 11" in str(error)
    assert "/tmp/secret" not in str(error)
    assert "it said nothing" in str(_process._error_of("worker", 3, ""))
