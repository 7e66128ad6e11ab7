import json
import os
import random
import stat
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bundles.test_bundles import CLASSES, CONFIG, SHAPE, tiny_model
from typer.testing import CliRunner

from motif import bundles
from motif.bundles import pack
from motif.bundles.targets import Gates, verify
from motif.cli._app import app
from motif.errors import BundleError, ConfigError, MissingFileError, MotifError

GOOD = {"accuracy": 0.93, "ece": 0.03}
EVERYTHING = ("model.onnx", "config.yaml", "label_map.json", "metrics.json", "VERSION", "COMMIT_SHA", "manifest.json")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    windows = np.random.default_rng(1).standard_normal((5, *SHAPE)).astype(np.float32)
    parts = {"onnx": tiny_model(), "config": CONFIG, "class_names": CLASSES, "metrics": GOOD}
    path = bundles.save(tmp_path / "tiny", **parts)
    return bundles.save(path, **parts, reference=(windows, bundles.load(path).predict_proba(windows)))


@pytest.fixture
def made(bundle: Path, tmp_path: Path) -> pack.Pack:
    return pack.create(bundle, tmp_path / "artifacts", name="dogs_v1", experiment="name: dogs\n")


def test_a_pack_holds_what_is_promised_and_answers_as_the_bundle_did(made, bundle):
    assert {entry.name for entry in made.path.iterdir()} >= set(EVERYTHING)
    assert made.path.name == made.hash
    X = np.random.default_rng(2).standard_normal((3, *SHAPE))
    np.testing.assert_array_equal(bundles.load(made.path).predict_proba(X), bundles.load(bundle).predict_proba(X))
    assert bundles.load(made.path).config.name == "dogs_v1"
    assert (made.path / "experiment.yaml").read_text() == "name: dogs\n"


def test_the_card_of_a_pack_says_figures_with_their_intervals(bundle, tmp_path):
    interval = {"low": 0.88, "high": 0.97, "level": 0.95, "n_groups": 6}
    metrics = GOOD | {"intervals": {"accuracy": interval, "ece": "unknown"}}
    card = (pack.create(bundle, tmp_path / "artifacts", targets=(), metrics=metrics).path / "model_card.md").read_text()
    assert "- accuracy: 0.93 (95% between 0.88 and 0.97, by 6 groups)\n" in card
    assert "- ece: 0.03\n" in card


def test_the_same_content_gives_the_same_name_and_bytes_wherever_it_is_made(made, bundle, tmp_path):
    again = pack.create(bundle, tmp_path / "elsewhere", name="dogs_v1", experiment="name: dogs\n")
    assert again.hash == made.hash
    for file in made.path.rglob("*"):
        if file.is_file():
            assert file.read_bytes() == (again.path / file.relative_to(made.path)).read_bytes()
    other = pack.create(bundle, tmp_path / "elsewhere", name="dogs_v2")
    assert other.hash != made.hash


def test_packing_the_same_again_changes_nothing(made, bundle, tmp_path):
    before = made.path.stat().st_mtime_ns
    assert pack.create(bundle, tmp_path / "artifacts", name="dogs_v1", experiment="name: dogs\n") == made
    assert made.path.stat().st_mtime_ns == before


def test_a_pack_of_a_pack_is_of_the_same_model(made, tmp_path):
    again = pack.create(made.path, tmp_path / "artifacts", name="dogs_v1", experiment="name: dogs\n")
    assert again.hash == made.hash


def test_what_was_not_built_is_said_and_nothing_is_faked(made):
    said = json.loads((made.path / "targets.json").read_text())
    assert "No HEF was built" in said["hailo"]
    assert "Not made" in said["coreml"]
    assert not (made.path / "hailo.hef").exists()
    assert "No HEF was built" in (made.path / "hailo" / "README.md").read_text()
    assert "No HEF was built" in (made.path / "model_card.md").read_text()
    compile((made.path / "hailo" / "compile.py").read_text(), "compile.py", "exec")
    with np.load(made.path / "hailo" / "calibration.npz") as windows:
        assert [windows[name].shape for name in windows.files] == [(5, *SHAPE)]


def test_the_bill_of_materials_lists_every_file_and_what_runs_it(made):
    bill = json.loads((made.path / "sbom.cdx.json").read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert "serialNumber" not in bill
    assert "timestamp" not in bill["metadata"]
    listed = {component["name"] for component in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    held = {f.relative_to(made.path).as_posix() for f in made.path.rglob("*") if f.is_file()}
    assert held - {"manifest.json", "sbom.cdx.json"} <= listed
    assert {"numpy", "onnxruntime"} <= listed


def test_the_bill_of_materials_is_one_that_cyclonedx_reads(made):
    library = pytest.importorskip("cyclonedx.model.bom")
    bill = library.Bom.from_json(json.loads((made.path / "sbom.cdx.json").read_text()))
    assert bill.metadata.component.name == "dogs_v1"
    assert len(bill.components) > 10


def test_a_kill_while_packing_leaves_no_half_of_a_pack(bundle, tmp_path):
    code = f"""
import os
from motif.bundles.pack import _create
real = _create.write_files
def write_and_die(folder, files):
    real(folder, dict(list(files.items())[:3]))
    os._exit(9)
_create.write_files = write_and_die
_create.create({os.fspath(bundle)!r}, {os.fspath(tmp_path / "shelf")!r}, targets=())
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert pack.packs(tmp_path / "shelf") == []
    made = pack.create(bundle, tmp_path / "shelf", targets=())
    assert pack.packs(tmp_path / "shelf") == [made]


def test_packs_are_found_by_a_few_digits_listed_and_cleared(bundle, tmp_path):
    shelf = tmp_path / "artifacts"
    made = [pack.create(bundle, shelf, name=f"v{i}", targets=()) for i in range(4)]
    for i, each in enumerate(made):
        os.utime(each.path, ns=(i * 10**9, i * 10**9))
    (shelf / "notes").mkdir()
    assert pack.find(made[2].hash[:8], shelf) == made[2].path
    assert [each.name for each in pack.packs(shelf)] == ["v3", "v2", "v1", "v0"]
    old = [made[1].path, made[0].path]
    assert pack.clean(shelf, keep=2, dry_run=True) == old
    assert len(pack.packs(shelf)) == 4
    assert pack.clean(shelf, keep=2) == old
    assert [each.name for each in pack.packs(shelf)] == ["v3", "v2"]
    assert (shelf / "notes").is_dir()


def test_a_damaged_pack_is_told_and_never_kept_in_the_place_of_a_good_one(bundle, tmp_path):
    shelf = tmp_path / "artifacts"
    good, bad = (pack.create(bundle, shelf, name=name, targets=()) for name in ("good", "bad"))
    (bad.path / "VERSION").write_text("0\n")
    assert pack.damaged(shelf) == [bad.path]
    assert "damaged" in run("pack", "list", "--artifacts", shelf).stderr
    assert pack.clean(shelf, keep=1) == []
    assert pack.clean(shelf, keep=0) == [good.path]
    assert bad.path.is_dir()
    assert pack.create(bundle, shelf, name="bad", targets=()) == bad  # packed again it is whole again


def test_a_hash_that_is_not_there_or_begins_several_says_so(made, tmp_path):
    shelf = made.path.parent
    with pytest.raises(MissingFileError, match="motif pack list"):
        pack.find("0000", shelf)
    with pytest.raises(MissingFileError, match="four or more digits"):
        pack.find("zz", shelf)
    (shelf / (made.hash[:8] + "00000000")).mkdir()
    (shelf / (made.hash[:8] + "00000000") / "manifest.json").write_text("{}")
    with pytest.raises(ConfigError, match="more digits"):
        pack.find(made.hash[:8], shelf)
    with pytest.raises(ConfigError, match="keep=-1"):
        pack.clean(shelf, keep=-1)


def test_a_renamed_or_altered_pack_is_no_pack(made):
    other = made.path.with_name("0" * 16)
    made.path.rename(other)
    assert pack.packs(other.parent) == []
    with pytest.raises(BundleError, match="should be called"):
        pack.archive(os.fspath(other))


def test_an_archive_comes_back_byte_for_byte(made, tmp_path):
    first, second = (pack.archive(made.hash, made.path.parent, out=tmp_path / name) for name in ("a.zip", "b.zip"))
    assert first.read_bytes() == second.read_bytes()
    back = pack.extract(first, tmp_path / "device")
    assert back.name == made.hash
    for file in made.path.rglob("*"):
        if file.is_file():
            assert file.read_bytes() == (back / file.relative_to(made.path)).read_bytes()
    with pytest.raises(ConfigError, match="want zip"):
        pack.archive(made.hash, made.path.parent, format="tar")


def entry(name: str, mode: int = 0o100644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


CRAFTED = {
    "traversal": [("../evil", b"x")],
    "traversal inside": [("hailo/../../evil", b"x")],
    "absolute": [("/tmp/evil", b"x")],
    "drive": [("C:evil", b"x")],
    "backslash": [("..\\evil", b"x")],
    "hidden": [(".bashrc", b"x")],
    "folder": [("hailo/", b"")],
    "link": [("VERSION", b"/etc/passwd", stat.S_IFLNK | 0o777)],
    "twice": [("VERSION", b"1"), ("VERSION", b"2")],
    "case": [("VERSION", b"1"), ("version", b"2")],
    "below a file": [("hailo", b"1"), ("hailo/model.onnx", b"2")],
    "bomb": [("model.onnx", b"\0" * 50_000_000)],
    "no manifest": [("model.onnx", b"x")],
    "deep": [("a/" * 30 + "b", b"x")],
}


def list_often(archive, n):
    """List the one file of an archive, which is called by a number, under so many."""
    content = archive.read_bytes()
    first, end = content.index(b"PK\1\2"), content.index(b"PK\5\6")
    before, after = content[first:end].split(b"000000")
    listed = b"".join(before + b"%06d" % number + after for number in range(n))
    sizes = struct.pack("<II", len(listed), first)
    archive.write_bytes(content[:first] + listed + content[end : end + 12] + sizes + content[end + 20 :])
    with zipfile.ZipFile(archive) as packed:
        assert len(packed.namelist()) == n


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("crafted", [*CRAFTED, "many"])
def test_a_crafted_archive_is_refused_and_writes_nothing(tmp_path, crafted):
    file = tmp_path / "crafted.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content, *mode in CRAFTED.get(crafted, [("000000", b"")]):
            packed.writestr(entry(name, *mode), content, zipfile.ZIP_DEFLATED)
    if crafted == "many":
        list_often(file, 100_000)
    tracemalloc.start()
    with pytest.raises(BundleError):
        pack.extract(file, tmp_path / "shelf" / "artifacts")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6
    assert [path.name for path in tmp_path.rglob("*")] == ["crafted.zip"]


def test_an_archive_that_lies_about_a_size_or_holds_a_stranger_is_refused(made, tmp_path):
    file = pack.archive(made.hash, made.path.parent, out=tmp_path / "a.zip")
    with zipfile.ZipFile(file, "a") as packed:
        packed.writestr("run_me.py", "print()")
    with pytest.raises(BundleError, match="other files"):
        pack.extract(file, tmp_path / "device")
    with pytest.raises(MissingFileError):
        pack.extract(tmp_path / "nowhere.zip")
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(BundleError, match="cannot be unpacked"):
        pack.extract(tmp_path / "b.zip")


@pytest.fixture(scope="module")
def archived(tmp_path_factory) -> tuple[str, bytes]:
    folder = tmp_path_factory.mktemp("archived")
    bundles.save(folder / "b", onnx=tiny_model(), config=CONFIG, class_names=CLASSES)
    made = pack.create(folder / "b", folder / "artifacts", targets=())
    return made.hash, pack.archive(made.hash, folder / "artifacts").read_bytes()


@given(seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=200)
def test_a_mutated_archive_is_refused_or_the_same(tmp_path_factory, archived, seed):
    name, original = archived
    draw, folder = random.Random(seed), tmp_path_factory.mktemp("mutated")
    content = bytearray(original)
    for _ in range(draw.randint(1, 4)):
        content[draw.randrange(len(content))] = draw.randrange(256)
    kept = draw.choice((len(content), len(content), draw.randint(len(content) // 2, len(content))))
    (folder / "mutated.zip").write_bytes(content[:kept])
    try:
        back = pack.extract(folder / "mutated.zip", folder / "device")
    except MotifError:
        assert not (folder / "device").exists() or not list((folder / "device").iterdir())
    else:
        assert bundles.load(back).manifest.content_hash.startswith(name)


def test_a_signed_pack_is_believed_and_an_altered_one_is_not(made, tmp_path):
    public = pack.new_key(tmp_path / "key.pem")
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0
    with pytest.raises(BundleError, match="is not signed"):
        pack.check_signature(made.path, public)
    assert pack.sign(made.path, tmp_path / "key.pem") == public
    pack.check_signature(made.path, public)
    assert pack.packs(made.path.parent)[0].is_signed
    back = pack.extract(pack.archive(made.hash, made.path.parent), tmp_path / "device")
    pack.check_signature(back, public)
    unsigned = pack.extract(pack.archive(made.hash, made.path.parent, out=tmp_path / "again.zip"), tmp_path / "other")
    (unsigned / "manifest.sig").unlink()
    pack.extract(pack.archive(str(unsigned), out=tmp_path / "unsigned.zip"), tmp_path / "device")
    pack.check_signature(back, public)  # the signature that stood there stays
    other = pack.new_key(tmp_path / "other.pem")
    with pytest.raises(BundleError, match="another key"):
        pack.check_signature(made.path, other)
    manifest = made.path / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"extra"', b'"model"') + b" ")
    with pytest.raises(BundleError, match="altered after it was signed"):
        pack.check_signature(made.path, public)


@pytest.mark.parametrize("signature", [b"", b"[]", b"{}", b'{"algorithm": "none"}', b"\xff", b"[" * 4000])
def test_a_signature_that_is_none_is_refused(made, tmp_path, signature):
    public = pack.new_key(tmp_path / "key.pem")
    (made.path / "manifest.sig").write_bytes(signature)
    with pytest.raises(BundleError):
        pack.check_signature(made.path, public)


def test_a_key_is_never_overwritten_and_must_be_one(made, tmp_path):
    pack.new_key(tmp_path / "key.pem")
    with pytest.raises(ConfigError, match="never overwritten"):
        pack.new_key(tmp_path / "key.pem")
    (tmp_path / "no.pem").write_text("no key")
    with pytest.raises(ConfigError, match="no private key"):
        pack.sign(made.path, tmp_path / "no.pem")
    with pytest.raises(MissingFileError):
        pack.sign(made.path, tmp_path / "nowhere.pem")


def checks(verdict):
    return {check.name: check.passed for check in verdict.checks}


def test_a_good_bundle_passes_for_onnx(made):
    verdict = verify(made.path, "onnx")
    assert verdict.passed
    assert verdict.exit_code == 0
    assert set(checks(verdict)) >= {"integrity", "operations", "shapes", "dtypes", "size", "latency", "accuracy", "ece"}
    assert json.loads(json.dumps(verdict.to_dict()))["passed"] is True


@pytest.mark.parametrize(
    ("gates", "fails"),
    [
        (Gates(min_accuracy=0.95), "accuracy"),
        (Gates(max_ece=0.01), "ece"),
        (Gates(max_size_mb=1e-6), "size"),
        (Gates(max_latency_ms=1e-6), "latency"),
    ],
)
def test_each_gate_can_fail(made, gates, fails):
    verdict = verify(made.path, "onnx", gates=gates)
    assert not verdict.passed
    assert verdict.exit_code == 1
    assert [name for name, passed in checks(verdict).items() if passed is False] == [fails]


def test_a_pack_is_held_to_the_gates_of_its_own_experiment_unless_told_otherwise(bundle, tmp_path):
    strict = "name: dogs\ngates: {min_accuracy: 0.95}\n"
    path = pack.create(bundle, tmp_path / "artifacts", experiment=strict, targets=()).path
    verdict = verify(path)
    assert checks(verdict)["accuracy"] is False
    assert (verdict.gates, verdict.gates_of) == (Gates(min_accuracy=0.95), "experiment.yaml")
    assert verify(path, gates=Gates()).passed
    assert verify(bundle).gates_of == "the usual ones"


@pytest.mark.parametrize("experiment", ["gates: {min_accuracy: 7}", "gates: {surprise: 1}", "[", "- 1"])
def test_an_experiment_whose_gates_cannot_be_read_is_refused(bundle, tmp_path, experiment):
    path = pack.create(bundle, tmp_path / "artifacts", experiment=experiment, targets=()).path
    with pytest.raises(BundleError, match=r"experiment\.yaml"):
        verify(path)


def test_figures_that_were_never_measured_fail(bundle, tmp_path):
    path = bundles.save(tmp_path / "unmeasured", onnx=tiny_model(), config=CONFIG, class_names=CLASSES)
    assert checks(verify(path))["accuracy"] is False


def test_hailo_is_told_apart_from_what_was_built(made):
    verdict = verify(made.path, "hailo")
    found = checks(verdict)
    assert found["model"] is None
    assert found["operations"] is True
    assert verdict.passed
    assert any("No HEF was built" in check.note for check in verdict.checks)
    with pytest.raises(ConfigError, match="choose one of"):
        verify(made.path, "toaster")


def test_a_target_that_is_not_in_the_bundle_fails(bundle):
    assert checks(verify(bundle, "hailo"))["model"] is False
    assert checks(verify(bundle, "coreml"))["model"] is False


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_command_packs_verifies_lists_archives_and_clears(bundle, tmp_path):
    shelf = ("--artifacts", tmp_path / "artifacts")
    done = run("pack", "create", "--model", bundle, "--name", "dogs_v1", *shelf)
    assert done.exit_code == 0, done.output
    short = done.stdout.strip().splitlines()[-1]
    done = run("pack", "verify", short[:6], "--target", "onnx", "--json", *shelf)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["passed"] is True
    assert "dogs_v1" in run("pack", "list", "--verbose", *shelf).stdout
    assert json.loads(run("pack", "list", "--json", *shelf).stdout)["packs"][0]["hash"] == short
    zipped = run("pack", "archive", short, "--format", "zip", *shelf).stdout.strip()
    assert run("pack", "extract", zipped, "--artifacts", tmp_path / "device").stdout.strip() == short
    gates = tmp_path / "gates.yaml"
    gates.write_text("gates: {min_accuracy: 0.99}\n")
    assert run("pack", "verify", short, "--gates", gates, *shelf).exit_code == 1
    gates.write_text("surprise: 1\n")
    assert run("pack", "verify", short, "--gates", gates, *shelf).exit_code == 3
    assert "would remove" in run("pack", "clean", "--keep", "0", "--dry-run", *shelf).stdout
    told = json.loads(run("pack", "clean", "--keep", "0", "--dry-run", "--json", *shelf).stdout)
    assert not told["removed"]
    assert len(told["packs"]) == 1
    assert "removed" in run("pack", "clean", "--keep", "0", *shelf).stdout
    assert pack.packs(tmp_path / "artifacts") == []
    public = run("pack", "key", tmp_path / "key.pem").stdout.strip()
    done = run("pack", "create", "--model", bundle, "--key", tmp_path / "key.pem", "--json", *shelf)
    signed = json.loads(done.stdout)
    assert signed["signed"]
    assert run("pack", "verify", signed["hash"], "--public-key", public, *shelf).exit_code == 0
    assert run("pack", "verify", signed["hash"], "--public-key", "00" * 32, *shelf).exit_code == 5


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"targets": ["toaster"]}, ConfigError),
        ({"model": "nowhere"}, MissingFileError),
        ({"metrics": {"accuracy": float("nan")}}, ConfigError),
        ({"calibration": np.zeros((2, 9, 9))}, MotifError),
        ({"key": "no-key.pem"}, MissingFileError),
    ],
)
def test_what_cannot_be_packed_leaves_the_shelf_empty(bundle, tmp_path, change, error):
    parts = {"model": bundle, "artifacts": tmp_path / "artifacts"} | change
    with pytest.raises(error):
        pack.create(**parts)
    assert not (tmp_path / "artifacts").exists()


def test_weights_without_a_bundle_to_go_with_are_refused(bundle, tmp_path):
    weights = tmp_path / "best.pth"
    weights.write_bytes(b"weights")
    with pytest.raises(ConfigError, match="like="):
        pack.create(weights, tmp_path / "artifacts")
    with pytest.raises(BundleError, match="no bundle of a network"):
        pack.create(weights, tmp_path / "artifacts", like=bundle)
