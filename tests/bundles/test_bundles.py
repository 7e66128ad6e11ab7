import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from tests.full_disk import room_for

from motif import bundles
from motif.bundles.targets._source import open_source
from motif.errors import BundleError, ConfigError, LabelError, MissingFileError, NotFiniteError, ShapeError, WriteError
from motif.templates import TemplateClassifier

CLASSES = ["rest", "swipe", "circle"]
SHAPE = (4, 2)
CONFIG = bundles.BundleConfig(name="tiny", window=bundles.WindowSpec(shape=SHAPE), outlier_confidence=0.5)


def tiny_model(*, n_classes: int = 3, seed: int = 0) -> bytes:
    """Flatten, one dense layer, softmax."""
    weights = np.random.default_rng(seed).standard_normal((8, n_classes)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["window"], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        ],
        "tiny",
        [helper.make_tensor_value_info("window", TensorProto.FLOAT, ["n", *SHAPE])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", n_classes])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 10
    return model.SerializeToString()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = bundles.save(tmp_path / "tiny", onnx=tiny_model(), config=CONFIG, class_names=CLASSES)
    windows = np.random.default_rng(1).standard_normal((3, *SHAPE)).astype(np.float32)
    expected = bundles.load(path).predict_proba(windows)
    return bundles.save(
        path,
        onnx=tiny_model(),
        config=CONFIG,
        class_names=CLASSES,
        metrics={"accuracy": 0.9},
        reference=(windows, expected),
        extra_files={"model.keras": b"weights"},
    )


def test_a_bundle_predicts_names_from_raw_windows(bundle):
    recognizer = bundles.load(bundle)
    X = np.random.default_rng(2).standard_normal((7, *SHAPE))
    probabilities = recognizer.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    assert set(recognizer.predict(X)) <= set(CLASSES)
    assert recognizer.metrics == {"accuracy": 0.9}
    assert "tiny" in repr(recognizer)


def test_a_window_gets_the_same_answer_alone_and_among_others(bundle):
    recognizer = bundles.load(bundle)
    X = np.random.default_rng(3).standard_normal((9, *SHAPE))
    alone = np.concatenate([recognizer.predict_proba(x[None]) for x in X])
    np.testing.assert_array_equal(alone, recognizer.predict_proba(X))


def test_an_unsure_answer_is_called_an_outlier(bundle):
    recognizer = bundles.load(bundle)
    prediction = recognizer.recognize(np.zeros(SHAPE))
    assert prediction.is_outlier
    assert prediction.uncertainty == pytest.approx(1, abs=1e-6)
    assert prediction.confidence == pytest.approx(1 / 3)


def test_no_windows_give_no_answers(bundle):
    assert bundles.load(bundle).predict_proba(np.empty((0, *SHAPE))).shape == (0, 3)


def test_every_promised_file_is_there(bundle):
    promised = "model.onnx config.yaml label_map.json metrics.json manifest.json VERSION COMMIT_SHA model_card.md"
    assert set(promised.split()) <= {file.name for file in bundle.iterdir()}
    assert json.loads((bundle / "label_map.json").read_text()) == {"0": "rest", "1": "swipe", "2": "circle"}


def test_the_card_says_what_to_feed_it(tmp_path):
    window = bundles.WindowSpec(shape=SHAPE, rate_hz=50, channels=("acc_x", "light"), units=("m/s²", ""))
    config = bundles.BundleConfig(name="tiny", window=window)
    path = bundles.save(tmp_path / "tiny", onnx=tiny_model(), config=config, class_names=CLASSES)
    card = (path / "model_card.md").read_text(encoding="utf-8")
    assert "- shape 4 × 2 (frames × features), 50 Hz\n- channels: acc_x (m/s²), light\n" in card


@pytest.mark.parametrize("channels", [("acc_x", "acc_y"), ()])
def test_a_unit_is_told_for_each_channel_or_for_none(channels):
    with pytest.raises(ValueError, match=f"units are 1 for {len(channels)} channels; give one for each"):
        bundles.WindowSpec(shape=SHAPE, channels=channels, units=("g",))


def test_the_same_content_has_the_same_bytes_and_hash(tmp_path):
    first, second = (
        bundles.save(tmp_path / name, onnx=tiny_model(), config=CONFIG, class_names=CLASSES) for name in "ab"
    )
    assert bundles.verify(first).content_hash == bundles.verify(second).content_hash
    for file in first.iterdir():
        assert file.read_bytes() == (second / file.name).read_bytes()


def test_verify_replays_the_reference_windows(bundle):
    found = bundles.verify(bundle, n_timed=3)
    assert found.n_reference_windows == 3
    assert found.max_difference == 0
    assert found.size_bytes == sum(f.stat().st_size for f in bundle.iterdir() if f.name != "manifest.json")


def test_a_model_that_answers_otherwise_than_when_saved_is_refused(tmp_path):
    windows = np.ones((1, *SHAPE), np.float32)
    wrong = np.array([[1, 0, 0]], np.float32)
    path = bundles.save(
        tmp_path / "b", onnx=tiny_model(), config=CONFIG, class_names=CLASSES, reference=(windows, wrong)
    )
    with pytest.raises(BundleError, match="away from what it answered"):
        bundles.verify(path)


@pytest.mark.parametrize("name", ["model.onnx", "config.yaml", "label_map.json", "metrics.json", "manifest.json"])
def test_a_truncated_or_missing_file_is_noticed(bundle, name):
    file = bundle / name
    file.write_bytes(file.read_bytes()[:-7])
    with pytest.raises(BundleError, match="copy the bundle again"):
        bundles.load(bundle)
    file.unlink()
    with pytest.raises(BundleError, match="missing"):
        bundles.load(bundle)


@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_no_altered_byte_goes_unnoticed(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("mutated") / "b"
    bundles.save(path, onnx=tiny_model(), config=CONFIG, class_names=CLASSES)
    original = bundles.load(path).manifest.content_hash
    file = path / data.draw(st.sampled_from(sorted(f.name for f in path.iterdir())))
    content = bytearray(file.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    file.write_bytes(bytes(content))
    try:
        found = bundles.load(path).manifest.content_hash
    except BundleError:
        return
    assert file.name == "manifest.json"  # white space or a role may change there, no hash can
    assert found == original


def test_a_stranger_or_a_link_in_the_folder_is_refused(bundle, tmp_path):
    (bundle / "run_me.py").write_text("print()")
    with pytest.raises(BundleError, match=r"run_me\.py"):
        bundles.load(bundle)
    (bundle / "run_me.py").unlink()
    outside = tmp_path / "outside"
    (bundle / "VERSION").rename(outside)
    (bundle / "VERSION").symlink_to(outside)
    with pytest.raises(BundleError, match="regular file"):
        bundles.load(bundle)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"class_names": ["a", "b"]}, "tells 3 classes apart"),
        ({"config": CONFIG.model_copy(update={"window": bundles.WindowSpec(shape=(5, 2))})}, "takes windows of"),
        ({"onnx": b"not a model"}, "cannot be loaded"),
        ({"reference": (np.ones((2, *SHAPE)), np.ones((3, 3)))}, "holds windows"),
        ({"extra_files": {"../escape": b""}}, "no name for a file"),
    ],
)
def test_parts_that_do_not_fit_are_refused(tmp_path, change, message):
    parts = {"onnx": tiny_model(), "config": CONFIG, "class_names": CLASSES} | change
    with pytest.raises(BundleError, match=message):
        bundles.verify(bundles.save(tmp_path / "b", **parts))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"class_names": ["only"]}, LabelError),
        ({"class_names": ["a", "a", "b"]}, LabelError),
        ({"metrics": {"accuracy": float("nan")}}, ConfigError),
        ({"extra_files": {"VERSION": b"2"}}, ConfigError),
    ],
)
def test_what_cannot_be_saved_leaves_the_old_bundle(bundle, change, error):
    before = bundles.verify(bundle, n_timed=1).content_hash
    with pytest.raises(error):
        bundles.save(bundle, **({"onnx": tiny_model(), "config": CONFIG, "class_names": CLASSES} | change))
    assert bundles.verify(bundle, n_timed=1).content_hash == before


def rewrite(path: Path, name: str, content: bytes) -> None:
    """Change a file and vouch for it, as somebody who means harm would."""
    from motif.bundles._manifest import make_manifest

    (path / name).write_bytes(content)
    files = {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}
    del files["manifest.json"]
    (path / "manifest.json").write_text(make_manifest(files).model_dump_json())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.yaml", b"!!python/object/apply:os.system ['true']"),
        ("config.yaml", b"window: {shape: [4, 2]}\nsurprise: 1"),
        ("config.yaml", b"\xff\xfe"),
        ("label_map.json", b'{"0": "a", "2": "b", "1": 7}'),
        ("label_map.json", b"[1]"),
        ("metrics.json", b"[]"),
        ("metrics.json", b"{"),
        ("reference.safetensors", b"PK\x03\x04 nothing"),
        ("reference.safetensors", b"\xff" * 64),
        ("reference.safetensors", bundles.array_bytes({"windows": np.zeros((1, *SHAPE))})),
    ],
)
def test_hostile_content_with_a_valid_hash_is_refused(bundle, name, content):
    rewrite(bundle, name, content)
    with pytest.raises(BundleError):
        bundles.verify(bundle)


@pytest.mark.parametrize("read", [bundles.load, open_source, TemplateClassifier.load])
def test_a_configuration_that_is_no_text_is_refused_by_whoever_reads_it(bundle, read):
    rewrite(bundle, "config.yaml", b'name: "\xff"')
    with pytest.raises(BundleError, match=r"config\.yaml cannot be read"):
        read(bundle)


def zipped(content, *, encrypted=False):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("windows.npy", content)
    flagged = bytearray(packed.getvalue())
    flagged[6] |= encrypted
    flagged[flagged.find(b"PK\x01\x02") + 8] |= encrypted
    return bytes(flagged)


def npy(header):
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


@pytest.mark.parametrize(
    "content",
    [
        zipped(npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000000,)}")),
        zipped(npy(b"{'descr': (")),
        zipped(b"", encrypted=True),
        safetensors.numpy.save({"windows": np.zeros(2, np.complex64)}),
    ],
    ids=["more than there is", "no header", "encrypted", "no numbers of ours"],
)
def test_arrays_that_are_none_of_ours_are_refused(content):
    with pytest.raises(BundleError, match="save the bundle again"):
        bundles.read_arrays("model.safetensors", content)


class Harm:
    def __reduce__(self):
        return Path.touch, (Path("harmed"),)


def test_arrays_of_an_earlier_version_never_run_what_is_pickled_in_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    packed = io.BytesIO()
    np.savez(packed, weights=np.array([Harm()], dtype=object))
    with pytest.raises(BundleError, match="cannot be read"):
        bundles.read_arrays("model.npz", packed.getvalue())
    assert not Path("harmed").exists()


def test_a_model_with_external_data_is_refused(bundle, tmp_path):
    model = onnx.load_from_string(tiny_model())
    weights = model.graph.initializer[0]
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    entry = weights.external_data.add()
    entry.key, entry.value = "location", str(tmp_path / "outside")
    (tmp_path / "outside").write_bytes(b"\0" * 96)
    rewrite(bundle, "model.onnx", model.SerializeToString())
    with pytest.raises(BundleError, match="cannot be loaded"):
        bundles.load(bundle)


def test_a_manifest_of_another_schema_or_without_a_part_is_refused(bundle):
    manifest = json.loads((bundle / "manifest.json").read_text())
    (bundle / "manifest.json").write_text(json.dumps(manifest | {"schema_version": 9}))
    with pytest.raises(BundleError, match="schema 9"):
        bundles.load(bundle)
    del manifest["files"]["metrics.json"]
    (bundle / "metrics.json").unlink()
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match="lacks metrics"):
        bundles.load(bundle)


def test_a_missing_bundle_and_wrong_windows_say_so(bundle, tmp_path):
    with pytest.raises(MissingFileError, match="nowhere"):
        bundles.load(tmp_path / "nowhere")
    with pytest.raises(BundleError, match=r"want the folder of a whole bundle, such as motif train writes"):
        bundles.load(tmp_path)
    recognizer = bundles.load(bundle)
    with pytest.raises(ShapeError, match=r"\(n, 4, 2\)"):
        recognizer.predict_proba(np.ones((2, 5, 2)))
    with pytest.raises(NotFiniteError):
        recognizer.predict_proba(np.full((1, *SHAPE), np.inf))


def test_a_full_disk_leaves_the_old_bundle(bundle):
    before = bundles.verify(bundle, n_timed=1).content_hash
    with room_for(200), pytest.raises(WriteError, match="nothing was changed"):
        bundles.save(bundle, onnx=tiny_model(seed=1), config=CONFIG, class_names=CLASSES)
    assert bundles.verify(bundle, n_timed=1).content_hash == before
    assert [entry.name for entry in bundle.parent.iterdir()] == [bundle.name]


def test_a_bundle_answers_without_a_training_framework_or_scikit_learn(bundle):
    code = (
        "import sys, numpy; from motif import bundles;"
        f"bundles.verify({os.fspath(bundle)!r}, n_timed=1);"
        "print({'keras', 'jax', 'torch', 'tensorflow', 'sklearn', 'scipy', 'numba', 'onnx', 'h5py'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
