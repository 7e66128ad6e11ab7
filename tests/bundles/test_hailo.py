import io
import os
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tests.bundles.test_bundles import CLASSES, rewrite

from motif import bundles
from motif.bundles import pack
from motif.bundles._models import OnnxModel
from motif.bundles.targets import check_for_hailo, hailo_answers, hailo_files, verify
from motif.errors import BundleError

SHAPE = (3, 2, 20)
GOOD = {"accuracy": 0.93, "ece": 0.03}
rng = np.random.default_rng(0)


def graph(nodes, weights, *, shape=SHAPE, end="probabilities", opset=23, n_classes=3) -> bytes:
    made = helper.make_graph(
        [helper.make_node(*node[:3], **(node[3] if len(node) > 3 else {})) for node in nodes],
        "g",
        [helper.make_tensor_value_info("window", TensorProto.FLOAT, ["n", *shape])],
        [helper.make_tensor_value_info(end, TensorProto.FLOAT, ["n", n_classes])],
        [numpy_helper.from_array(np.asarray(values), name) for name, values in weights.items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 10
    return model.SerializeToString()


def described_and_convolved() -> bytes:
    """Logarithms of energies beside a convolution, channels last in between, a shape computed at run time."""
    f, rng = np.float32, np.random.default_rng(1)
    weights = {
        "kernel": rng.normal(size=(2, 3, 3, 5)).astype(f).transpose(3, 1, 0, 2).copy(),
        "bias": rng.normal(size=5).astype(f),
        "axes": np.array([1, 2]),
        "samples": np.array([3]),
        "little": np.array(1e-3, f),
        "nought": np.array(0),
        "first": np.array([0]),
        "six": np.array([6]),
        "from_energies": rng.normal(size=(6, 3)).astype(f),
        "from_course": rng.normal(size=(5, 3)).astype(f),
    }
    nodes = [
        ("Mul", ["window", "window"], ["squares"]),
        ("ReduceMean", ["squares", "samples"], ["energies"], {"keepdims": 1}),
        ("Add", ["energies", "little"], ["more"]),
        ("Log", ["more"], ["logarithms"]),
        ("Shape", ["logarithms"], ["shape"]),
        ("Gather", ["shape", "nought"], ["batch"]),
        ("Unsqueeze", ["batch", "first"], ["batch_row"]),
        ("Concat", ["batch_row", "six"], ["wanted"], {"axis": 0}),
        ("Reshape", ["logarithms", "wanted"], ["row"]),
        ("MatMul", ["row", "from_energies"], ["told"]),
        ("Conv", ["window", "kernel"], ["course"]),
        ("Transpose", ["course"], ["last"], {"perm": [0, 2, 3, 1]}),
        ("Add", ["last", "bias"], ["biased"]),
        ("Relu", ["biased"], ["active"]),
        ("ReduceMean", ["active", "axes"], ["pooled"], {"keepdims": 0}),
        ("MatMul", ["pooled", "from_course"], ["learnt"]),
        ("Add", ["learnt", "told"], ["both"]),
        ("Softmax", ["both"], ["probabilities"], {"axis": 1}),
    ]
    return graph(nodes, weights)


WINDOWS = rng.normal(size=(12, *SHAPE)).astype(np.float32)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    config = bundles.BundleConfig(name="dogs", window=bundles.WindowSpec(shape=SHAPE))
    parts = {"onnx": described_and_convolved(), "config": config, "class_names": CLASSES, "metrics": GOOD}
    path = bundles.save(tmp_path / "dogs", **parts)
    return bundles.save(path, **parts, reference=(WINDOWS, bundles.load(path).predict_proba(WINDOWS)))


def test_the_device_gets_what_it_knows_and_the_host_keeps_the_rest():
    files, said = hailo_files(described_and_convolved(), WINDOWS)
    found = check_for_hailo(files["hailo/model.onnx"])
    assert found.fits, found.problems
    assert found.opset == 17
    assert {"Conv", "Relu", "GlobalAveragePool"} <= set(found.operations)
    assert not {"Log", "Shape", "Gather", "Transpose", "ReduceMean", "Softmax"} & set(found.operations)
    assert said.startswith("No HEF was built")
    host = {node.op_type for node in onnx.load_from_string(files["hailo/host.onnx"]).graph.node}
    assert "Log" in host
    assert "Conv" not in host
    device = onnx.load_from_string(files["hailo/model.onnx"]).graph
    shapes = [[dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in device.input]
    assert sorted(shapes) == [[1, 3, 2, 20], [1, 6, 1, 1]]
    assert [value.name for value in device.output] == ["logits"]


def test_both_parts_together_answer_as_the_network_does():
    files, _ = hailo_files(described_and_convolved(), WINDOWS)
    network = OnnxModel(described_and_convolved())
    want = np.stack([network.answer(window)[0] for window in WINDOWS])
    np.testing.assert_allclose(hailo_answers(files, WINDOWS), want, atol=1e-6)


def test_the_same_network_is_divided_into_the_same_bytes():
    assert hailo_files(described_and_convolved(), WINDOWS) == hailo_files(described_and_convolved(), WINDOWS)


def test_the_compiler_learns_its_ranges_from_what_the_device_takes_channels_last():
    files, _ = hailo_files(described_and_convolved(), WINDOWS)
    device = onnx.load_from_string(files["hailo/model.onnx"]).graph
    with np.load(io.BytesIO(files["hailo/calibration.npz"])) as taken:
        assert taken.files == [value.name for value in device.input]
        assert {taken[name].shape for name in taken.files} == {(12, 2, 20, 3), (12, 1, 1, 6)}
        assert any(np.array_equal(taken[name], WINDOWS.transpose(0, 2, 3, 1)) for name in taken.files)


def test_a_pack_of_a_network_that_fits_passes_for_hailo(bundle, tmp_path):
    made = pack.create(bundle, tmp_path / "artifacts", targets=("hailo",))
    verdict = verify(made.path, "hailo", windows=rng.normal(size=(30, *SHAPE)))
    found = {check.name: check.passed for check in verdict.checks}
    assert found["operations"] is found["opset"] is found["agreement"] is True
    assert found["model"] is None
    assert verdict.exit_code == 0
    assert "`host.onnx`" in (made.path / "hailo" / "README.md").read_text()


def summed(model, kept):
    """Return a graph whose one output has all axes summed up but these."""
    graph = model.graph
    over = [axis for axis in range(len(graph.output[0].type.tensor_type.shape.dim)) if axis not in kept]
    graph.initializer.append(numpy_helper.from_array(np.array(over), "over"))
    graph.node.append(helper.make_node("ReduceSum", [graph.output[0].name, "over"], ["sum"], keepdims=0))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("sum", TensorProto.FLOAT, [1] * len(kept)))
    return model.SerializeToString()


def test_a_part_that_was_exchanged_for_another_is_noticed(bundle, tmp_path):
    path = pack.create(bundle, tmp_path / "artifacts", targets=("hailo",)).path
    model = onnx.load(path / "hailo" / "model.onnx")
    for tensor in model.graph.initializer:
        if tensor.dims == [5, 3]:
            tensor.CopyFrom(numpy_helper.from_array(np.zeros((5, 3), np.float32), tensor.name))
    rewrite(path, "hailo/model.onnx", model.SerializeToString())
    found = {check.name: check.passed for check in verify(path, "hailo").checks}
    assert found["agreement"] is False
    own = (path / "hailo" / "host.onnx").read_bytes()
    rewrite(path, "hailo/model.onnx", own)
    assert {check.name: check.passed for check in verify(path, "hailo").checks}["shapes"] is False
    for kept, match in (([0], "row of numbers"), ([], "do not fit together")):
        rewrite(path, "hailo/model.onnx", summed(onnx.load_from_string(own), kept))
        with pytest.raises(BundleError, match=match):
            verify(path, "hailo")
    rewrite(path, "hailo/model.onnx", over_one_axis())
    with pytest.raises(BundleError, match="do not fit together"):
        verify(path, "hailo")


def over_one_axis() -> bytes:
    nodes = [
        ("Conv", ["window", "kernel"], ["course"]),
        ("Asinh", ["course"], ["bent"]),
        ("Flatten", ["bent"], ["row"]),
        ("Softmax", ["row"], ["probabilities"], {"axis": 1}),
    ]
    return graph(nodes, {"kernel": np.ones((1, 3, 6), np.float32)}, shape=(3, 8))


def convolved_over_time() -> bytes:
    """A network of hands: channels last, convolutions over one axis with all they may have, means and maxima."""
    f, rng = np.float32, np.random.default_rng(2)
    weights = {
        "kernel": rng.normal(size=(6, 4, 3)).astype(f),
        "wide": rng.normal(size=(6, 6, 3)).astype(f),
        "back": rng.normal(size=(6, 5, 2)).astype(f),
        "bias": rng.normal(size=(1, 1, 6)).astype(f),
        "level": rng.normal(size=(6, 1)).astype(f),
        "time": np.array([1]),
        "scores": rng.normal(size=(22, 3)).astype(f),
    }
    nodes = [
        ("Transpose", ["window"], ["first"], {"perm": [0, 2, 1]}),
        ("Conv", ["first", "kernel"], ["course"], {"pads": [1, 1]}),
        ("Transpose", ["course"], ["last"], {"perm": [0, 2, 1]}),
        ("Add", ["last", "bias"], ["biased"]),
        ("Relu", ["biased"], ["active"]),
        ("Transpose", ["active"], ["again"], {"perm": [0, 2, 1]}),
        ("Conv", ["again", "wide"], ["wider"], {"pads": [2, 1], "dilations": [2], "strides": [2]}),
        ("Mul", ["wider", "level"], ["levelled"]),
        ("MaxPool", ["levelled"], ["fewer"], {"kernel_shape": [2], "strides": [2]}),
        ("ConvTranspose", ["fewer", "back"], ["more"], {"strides": [2], "output_padding": [1]}),
        ("Concat", ["fewer", "fewer"], ["both"], {"axis": -2}),
        ("GlobalAveragePool", ["both"], ["both_mean"]),
        ("Flatten", ["both_mean"], ["row"]),
        ("GlobalAveragePool", ["more"], ["more_mean"]),
        ("Flatten", ["more_mean"], ["other"]),
        ("ReduceMean", ["active", "time"], ["mean"], {"keepdims": 0}),
        ("ReduceMax", ["active", "time"], ["largest"], {"keepdims": 0}),
        ("Add", ["mean", "largest"], ["sum"]),
        ("Slice", ["sum", "from", "to", "time"], ["some"]),
        ("Concat", ["row", "other", "some"], ["all"], {"axis": 1}),
        ("MatMul", ["all", "scores"], ["told"]),
        ("Softmax", ["told"], ["probabilities"], {"axis": 1}),
    ]
    return graph(nodes, weights | {"from": np.array([0]), "to": np.array([5])}, shape=(12, 4))


def test_convolutions_over_one_axis_become_convolutions_over_maps():
    windows = rng.normal(size=(5, 12, 4)).astype(np.float32)
    files, _ = hailo_files(convolved_over_time(), windows)
    assert check_for_hailo(files["hailo/model.onnx"]).fits, check_for_hailo(files["hailo/model.onnx"])
    device = onnx.load_from_string(files["hailo/model.onnx"]).graph
    shapes = [[dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in device.value_info]
    assert {len(shape) for shape in shapes} == {2, 4}
    assert [node.op_type for node in device.node].count("Transpose") <= 1
    assert [node.op_type for node in onnx.load_from_string(files["hailo/host.onnx"]).graph.node] == ["Unsqueeze"]
    network = OnnxModel(convolved_over_time())
    want = np.stack([network.answer(window)[0] for window in windows])
    np.testing.assert_allclose(hailo_answers(files, windows), want, atol=1e-6)


def test_where_a_row_is_spread_over_three_axes_none_is_added():
    weights = {"kernel": np.ones((4, 3, 1), np.float32), "scores": np.ones((4, 3), np.float32)}
    nodes = [
        ("Conv", ["window", "kernel"], ["course"]),
        ("GlobalMaxPool", ["course"], ["largest"]),
        ("Flatten", ["largest"], ["row"]),
        ("MatMul", ["row", "scores"], ["told"]),
        ("Mul", ["window", "told"], ["weighted"]),
        ("GlobalAveragePool", ["weighted"], ["mean"]),
        ("Flatten", ["mean"], ["logits"]),
        ("Softmax", ["logits"], ["probabilities"], {"axis": 1}),
    ]
    network = graph(nodes, weights, shape=(3, 3))
    windows = rng.normal(size=(4, 3, 3)).astype(np.float32)
    files, said = hailo_files(network, windows)
    assert "not of rank 4" in said
    want = np.stack([OnnxModel(network).answer(window)[0] for window in windows])
    np.testing.assert_allclose(hailo_answers(files, windows), want, atol=1e-6)


def test_what_a_hailo_does_not_take_is_named(tmp_path):
    files, said = hailo_files(over_one_axis(), rng.normal(size=(4, 3, 8)).astype(np.float32))
    assert "does not take this graph" in said
    found = check_for_hailo(files["hailo/model.onnx"])
    assert not found.fits
    assert "Asinh" in found.problems[0]
    assert "1 convolutions that are not of rank 4" in found.problems[1]
    config = bundles.BundleConfig(name="flat", window=bundles.WindowSpec(shape=(3, 8)))
    path = bundles.save(tmp_path / "flat", onnx=over_one_axis(), config=config, class_names=CLASSES, metrics=GOOD)
    made = pack.create(path, tmp_path / "artifacts", targets=("hailo",), calibration=rng.normal(size=(4, 3, 8)))
    verdict = verify(made.path, "hailo")
    assert verdict.exit_code == 1
    (operations,) = [check for check in verdict.checks if check.name == "operations"]
    assert "operations it does not know: Asinh" in operations.note


def test_open_shapes_new_opsets_and_what_is_no_graph_are_named():
    found = check_for_hailo(described_and_convolved())
    assert not found.fits
    assert any("opset 23, above 17" in problem for problem in found.problems)
    assert any("without a fixed shape" in problem for problem in found.problems)
    for content in (b"no graph", b""):
        with pytest.raises(BundleError, match="cannot be read"):
            check_for_hailo(content) if content else hailo_files(content, WINDOWS)


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch) -> Path:
    """A folder on the path with `hailo` and the Python it is installed in, whose compiler writes what it was given."""
    folder = tmp_path / "vendor"
    folder.mkdir()
    (folder / "hailo").write_text("#!/bin/sh\n")
    (folder / "python3").write_text(f'#!/bin/sh\nPYTHONPATH={folder} exec {sys.executable} "$@"\n')
    (folder / "hailo_sdk_client.py").write_text(
        "class ClientRunner:\n"
        "    def __init__(self, hw_arch): self.said = [hw_arch]\n"
        "    def translate_onnx_model(self, path, name): self.said.append(name)\n"
        "    def optimize(self, taken): self.said += sorted(taken)\n"
        "    def compile(self): return ' '.join(self.said).encode()\n"
    )
    for program in ("hailo", "python3"):
        (folder / program).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def test_where_the_compiler_is_installed_a_hef_is_built(bundle, tmp_path, compiler):
    made = pack.create(bundle, tmp_path / "artifacts", targets=("hailo",))
    assert (made.path / "hailo.hef").read_bytes() == b"hailo8 motif motif/input_layer1 motif/input_layer2"
    assert "hailo" in made.targets
    found = {check.name: check.passed for check in verify(made.path, "hailo").checks}
    assert found["model"] is True
    assert found["latency"] is None


def test_a_compiler_that_fails_is_said_and_leaves_no_hef(bundle, tmp_path, compiler):
    (compiler / "hailo_sdk_client.py").write_text("raise SystemExit('no licence')")
    made = pack.create(bundle, tmp_path / "artifacts", targets=("hailo",))
    assert "no licence" in (made.path / "targets.json").read_text()
    assert not (made.path / "hailo.hef").exists()
