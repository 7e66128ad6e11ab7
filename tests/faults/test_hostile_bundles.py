"""Bundles that somebody meant to harm with: each is refused with an error of ours, and leaves no trace."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from tests.bundles.test_bundles import CLASSES, CONFIG, SHAPE, rewrite, tiny_model

from motif import bundles
from motif.errors import BundleError

MOST_SECONDS, MOST_BYTES = 2.0, 512e6

CHILD = """
import json, random, sys, time
from pathlib import Path
from motif import bundles
from motif.bundles._manifest import make_manifest
from motif.errors import MotifError

folder, n, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
draw = random.Random(seed)
original = {file.name: file.read_bytes() for file in folder.iterdir()}
slowest, refused, same, wrong = 0.0, 0, 0, []
for i in range(n):
    name = draw.choice(sorted(set(original) - {"manifest.json"}))
    content = bytearray(original[name])
    kind = draw.choice(("flip", "cut", "repeat", "insert"))
    at = draw.randrange(len(content))
    if kind == "flip":
        for _ in range(draw.randint(1, 8)):
            content[draw.randrange(len(content))] = draw.randrange(256)
    elif kind == "cut":
        del content[at:]
    elif kind == "repeat":
        content[at:at] = content[: draw.randrange(len(content))] * draw.randint(1, 4)
    else:
        content[at:at] = draw.randbytes(draw.randint(1, 64))
    (folder / name).write_bytes(bytes(content))
    files = original | {name: bytes(content)}
    files.pop("manifest.json")
    vouched = draw.random() < 0.8  # whoever means harm writes a manifest that fits
    if vouched:
        (folder / "manifest.json").write_text(make_manifest(files).model_dump_json())
    start = time.perf_counter()
    try:
        bundles.verify(folder, n_timed=1)
        same += 1
    except MotifError:
        refused += 1
    except Exception as error:
        wrong.append(f"{i} {name} {kind}: {type(error).__name__}: {error}")
    slowest = max(slowest, time.perf_counter() - start)
    (folder / name).write_bytes(original[name])
    (folder / "manifest.json").write_bytes(original["manifest.json"])
status = Path("/proc/self/status").read_text()  # getrusage would tell the parent's peak, if that was higher
peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
print(json.dumps({"slowest": slowest, "refused": refused, "same": same, "wrong": wrong[:5], "peak": peak}))
"""


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    windows = np.random.default_rng(1).standard_normal((3, *SHAPE)).astype(np.float32)
    parts = {"onnx": tiny_model(), "config": CONFIG, "class_names": CLASSES}
    path = bundles.save(tmp_path / "tiny", **parts)
    return bundles.save(path, **parts, reference=(windows, bundles.load(path).predict_proba(windows)))


def mutate(bundle: Path, n: int) -> dict:
    command = [sys.executable, "-c", CHILD, os.fspath(bundle), str(n), "7"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])  # what runs a damaged graph prints of its own


@pytest.mark.parametrize("n", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_mutated_bundles_are_refused_with_an_error_of_ours_or_answer_as_before(bundle, tmp_path, n):
    found = mutate(bundle, n)
    assert found["wrong"] == []
    assert found["refused"] + found["same"] == n
    assert found["refused"] > n / 2
    assert found["peak"] < MOST_BYTES
    assert found["slowest"] < MOST_SECONDS * 5  # a busy machine; alone it takes a hundredth of a second
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny"]


def graph_with(node) -> bytes:
    taken = helper.make_tensor_value_info("window", TensorProto.FLOAT, ["n", *SHAPE])
    given = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 3])
    graph = helper.make_graph([node], "g", [taken], [given])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("evil", 1)])
    model.ir_version = 10
    return model.SerializeToString()


@pytest.mark.parametrize(
    "content",
    [
        graph_with(helper.make_node("RunMe", ["window"], ["probabilities"], domain="evil")),
        graph_with(helper.make_node("PyOp", ["window"], ["probabilities"], domain="ai.onnx.contrib")),
        pickle.dumps({"weights": [1, 2, 3]}),
        b"\x89HDF\r\n\x1a\n" + bytes(100),
        b"",
    ],
    ids=["custom operator", "python operator", "pickle", "hdf5", "empty"],
)
def test_a_model_that_is_no_plain_graph_is_refused(bundle, content):
    rewrite(bundle, "model.onnx", content)
    with pytest.raises(BundleError):
        bundles.load(bundle)


def test_external_data_is_never_read_wherever_it_points(bundle):
    for location in ("../outside.bin", "/etc/hostname", "model.onnx", "VERSION"):
        model = onnx.load_from_string(tiny_model())
        weights = model.graph.initializer[0]
        weights.ClearField("raw_data")
        weights.data_location = TensorProto.EXTERNAL
        entry = weights.external_data.add()
        entry.key, entry.value = "location", location
        rewrite(bundle, "model.onnx", model.SerializeToString())
        with pytest.raises(BundleError):
            bundles.load(bundle)


@pytest.mark.parametrize(
    "labels",
    [
        b"{}",
        b'{"0": "a"}',
        b'{"0": "a", "1": "a", "2": "b"}',
        b'{"0": "a", "1": "b", "2": "c", "3": "d"}',
        b'{"0": "", "1": "b", "2": "c"}',
        b'{"0": {}, "1": "b", "2": "c"}',
        b"[" * 10_000,
        b"null",
    ],
)
def test_labels_that_do_not_fit_the_model_are_refused(bundle, labels):
    rewrite(bundle, "label_map.json", labels)
    with pytest.raises(BundleError):
        bundles.load(bundle)


@pytest.mark.parametrize("name", ["../escape", "a/../../escape", "/etc/x", "a//b", "a/", "manifest.sig", "A" * 300])
def test_a_manifest_with_a_name_that_leads_elsewhere_is_refused(bundle, name):
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["files"][name] = {"role": "extra", "size": 0, "sha256": "0" * 64}
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match="no name for a file"):
        bundles.load(bundle)


def test_a_linked_folder_or_a_pipe_in_a_bundle_is_refused(bundle, tmp_path):
    (tmp_path / "outside").mkdir()
    (bundle / "hailo").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(BundleError, match="hailo"):
        bundles.load(bundle)
    (bundle / "hailo").unlink()
    (bundle / "VERSION").unlink()
    os.mkfifo(bundle / "VERSION")
    with pytest.raises(BundleError, match="regular file"):
        bundles.load(bundle)


def test_a_linked_folder_is_refused_even_where_the_manifest_names_what_is_in_it(tmp_path):
    path = bundles.save(
        tmp_path / "tiny",
        onnx=tiny_model(),
        config=CONFIG,
        class_names=CLASSES,
        extra_files={"hailo/compile.sh": b"#!/bin/sh\n"},
    )
    assert bundles.load(path).manifest.files["hailo/compile.sh"].role == "target"
    (path / "hailo").rename(tmp_path / "outside")
    (path / "hailo").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(BundleError):
        bundles.load(path)
