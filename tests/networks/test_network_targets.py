"""Networks of hands and of sensors, as they are trained, in every format a device takes."""

import os
import re
import shutil
import subprocess
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import onnx
import pytest

from motif.bundles import targets
from motif.bundles.targets.workers.onnx_quantize import exact
from motif.errors import BundleError
from motif.learning import onnx_bytes
from motif.networks import NetworkClassifier, build
from motif.recordings import simulate_gestures, simulate_hand

MOST_BYTES = 400_000
CONVERTED = [
    name for name in targets.TARGETS if name.startswith(("onnx", "tflite", "coreml")) and name != "tflite-micro"
]
SHAPES = {"hands": (12, 84), "sensors": (9, 1, 100)}


@pytest.fixture(scope="module", params=["hands", "sensors"])
def data(request):
    if request.param == "hands":
        return simulate_hand(3, 3, random_state=0)
    return simulate_gestures(n_people=3, n_repetitions=2, random_state=0)


@pytest.fixture(scope="module")
def bundle(data, tmp_path_factory):
    recognizer = NetworkClassifier("tcn", epochs=1, refit=False, random_state=0)
    return recognizer.fit(data.X, data.labels, groups=data.groups).save(tmp_path_factory.mktemp("made") / "bundle")


@pytest.mark.slow
@pytest.mark.parametrize("target", CONVERTED)
def test_it_answers_alike_in_every_format_and_is_small_in_8_bits(data, bundle, tmp_path, target):
    if target.startswith("tflite") and not Path(os.environ.get("MOTIF_LITERT_PYTHON", "-")).is_file():
        pytest.skip("no environment with LiteRT's converter is named")
    if target == "coreml" and find_spec("coremltools") is None:
        pytest.skip("coremltools is not installed")
    made = targets.convert(bundle, target, tmp_path / "made", calibration=data.X[:64], windows=data.X[:64])
    assert made.agreement > 0.9
    assert made.size_bytes < (MOST_BYTES if target.endswith("int8") else 2_000_000)


@pytest.mark.slow
def test_a_network_of_a_sensor_is_c_source_and_one_of_hands_says_what_a_board_lacks(data, bundle, tmp_path):
    python, has_micro = os.environ.get("MOTIF_LITERT_PYTHON", "-"), "import litert_converter, tflite_micro"
    if not Path(python).is_file() or subprocess.run([python, "-c", has_micro], capture_output=True).returncode:
        pytest.skip("no environment with LiteRT's converter and tflite-micro is named")
    convert = partial(targets.convert, bundle, "tflite-micro", calibration=data.X[:64], windows=data.X[:64])
    if data.X.shape[1:] == SHAPES["hands"]:
        with pytest.raises(BundleError, match="Didn't find op for builtin opcode 'SIGN'"):
            convert(tmp_path / "made")
        assert not (tmp_path / "made").exists()
        return
    made, again = convert(tmp_path / "made"), convert(tmp_path / "again")
    names = ["motif.tflite", "motif_recognizer.c", "motif_recognizer.h"]
    assert sorted(file.name for file in made.path.iterdir()) == names
    assert [(made.path / name).read_bytes() for name in names] == [(again.path / name).read_bytes() for name in names]
    assert made.agreement > 0.9
    assert made.size_bytes == (made.path / names[0]).stat().st_size < MOST_BYTES
    header = (made.path / names[2]).read_text()
    assert "INPUT_SCALE 0.0f" in header
    assert int(re.search(r"ARENA_BYTES (\d+)", header)[1]) > data.X[0].size * 4
    if shutil.which("cc"):
        strict = ["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-c", names[1]]
        subprocess.run(strict, cwd=made.path, check=True)


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("architecture", ["tcn", "cnn1d"])
def test_devices_take_its_products_and_8_bits_its_convolutions(architecture, kind):
    """LiteRT multiplies by constants of rows, from the right; what leads to a logarithm is kept out of 8 bits."""
    graph = onnx.load_from_string(onnx_bytes(build(architecture, SHAPES[kind], 11))).graph
    constants = {tensor.name for tensor in graph.initializer}
    products = [node for node in graph.node if node.op_type == "MatMul"]
    assert [node.name for node in products if node.input[0] in constants] == []
    assert "Conv" not in {node.op_type for node in exact(graph)}
    assert "MatMul" in {node.op_type for node in exact(graph)}
