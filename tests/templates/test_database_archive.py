"""Gestures that travel as a file come back as they were, and strangers' files are read with suspicion."""

import json
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motif.errors import FormatError, InputError, LabelError, MissingFileError, MotifError
from motif.templates import GestureDatabase, GestureSample

IMU = ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")


def sample(seed, n=50):
    return GestureSample.of(np.random.default_rng(seed).normal(0, 3, (n, 6)), IMU, 100.0, created_ns=seed, group="ann")


@pytest.fixture
def database(tmp_path):
    with GestureDatabase(tmp_path / "one") as opened:
        opened.add_samples("push", [sample(seed) for seed in range(5)])
        opened.add_sample("lift", {"acc_peak": 2.0, "hand": "left"})
        opened.train_template("push")
        opened.add_background(sample(50).values, channels=IMU, rate_hz=100.0)
        yield opened


@pytest.fixture
def other(tmp_path):
    with GestureDatabase(tmp_path / "other") as opened:
        yield opened


def facts(database, name):
    return [each.to_facts() for each in database.samples(name)]


@pytest.mark.parametrize("kind", ["json", "zip"])
def test_a_gesture_travels_with_samples_version_and_figures(database, other, tmp_path, kind):
    path = database.export_template("push", tmp_path / f"push.{kind}")
    template = other.import_template(path)
    mine = database.get_template("push")
    assert (template.name, template.version, template.num_samples) == ("push", 1, 5)
    assert (template.accuracy, template.consistency_score) == (mine.accuracy, mine.consistency_score)
    assert facts(other, "push") == facts(database, "push")
    np.testing.assert_array_equal(other.samples("push")[2].values, database.samples("push")[2].values)
    assert other.list_templates() == ["push"]
    assert other.train_template("push").version == 2


@pytest.mark.parametrize("kind", ["json", "zip"])
def test_all_gestures_travel_together_and_taking_them_in_twice_changes_nothing(database, other, tmp_path, kind):
    path = database.export_all(tmp_path / f"all.{kind}")
    assert [template.name for template in other.import_all(path)] == ["lift", "push"]
    assert len(other.background()) == 1
    revision = other.revision
    other.import_all(path)
    assert other.revision == revision
    other.add_sample("push", sample(77))
    other.import_all(path)
    assert len(other.samples("push")) == 6
    with pytest.raises(InputError, match="import_all"):
        other.import_template(path)
    assert other.undo() == "add a sample to 'push'"
    assert other.undo() == "import 'lift', 'push'"
    assert other.list_templates() == []


def test_a_gesture_that_is_there_gets_what_it_lacks(database, tmp_path):
    path = database.export_template("push", tmp_path / "push.zip")
    gone = database.samples("push")[1]
    database.remove_sample("push", gone)
    assert database.import_template(path).num_samples == 5
    assert gone.hash in [each.hash for each in database.samples("push")]
    database.delete_template("push")
    assert database.import_template(path).num_samples == 5
    assert database.verify() == ()


def test_a_prototype_file_can_be_taken_in_too(other, tmp_path):
    path = tmp_path / "templates.json"
    path.write_text(json.dumps({"nod": {"samples": [{"a": 1.0}, {"a": 2.0}], "metadata": {"by": "ann"}}}))
    assert other.import_template(path).num_samples == 2
    path.write_text(json.dumps([{"name": "nod"}]))
    with pytest.raises(FormatError, match="no list of samples"):
        other.import_all(path)
    path.write_text("3")
    with pytest.raises(FormatError, match="int"):
        other.import_all(path)


def test_what_is_not_there_and_other_endings_are_said(database, tmp_path):
    with pytest.raises(LabelError, match="'wave'"):
        database.export_template("wave", tmp_path / "wave.json")
    with pytest.raises(InputError, match="json or"):
        database.export_template("push", tmp_path / "push.txt")
    with pytest.raises(MissingFileError):
        database.import_template(tmp_path / "nowhere.zip")
    with pytest.raises(FormatError):
        database.import_template(tmp_path)


def altered(path, change):
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c.update(format="other"), "not an archive"),
        (lambda c: c.update(version=2), "version 2"),
        (lambda c: c["gestures"][0].update(name="lift"), "altered"),
        (lambda c: c["gestures"][0]["samples"].pop(), "altered"),
        (lambda c: c.pop("sha256"), "altered"),
    ],
)
def test_an_altered_archive_is_refused(database, other, tmp_path, change, says):
    path = database.export_template("push", tmp_path / "push.json")
    altered(path, change)
    with pytest.raises(FormatError, match=says):
        other.import_template(path)
    assert other.list_templates() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda g: g.update(kind="virus"),
        lambda g: g.update(version=-1),
        lambda g: g.update(name=" "),
        lambda g: g["samples"][0].update(motion="!!"),
        lambda g: g["samples"][0].update(n_samples=7),
        lambda g: g["samples"][0].update(hash="0"),
        lambda g: g["samples"][0].update(quality=7),
        lambda g: g["samples"][0].pop("channels"),
        lambda g: g.update(samples=3),
    ],
)
def test_an_archive_whose_hash_fits_may_still_hold_nothing_that_cannot_be(database, other, tmp_path, change):
    from motif.templates._archive import _hash

    path = database.export_template("push", tmp_path / "push.json")

    def forge(content):
        change(content["gestures"][0])
        content["sha256"] = _hash(content["gestures"])

    altered(path, forge)
    with pytest.raises(FormatError):
        other.import_template(path)
    assert other.list_templates() == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * 100_000 + "]" * 100_000, "too deep|deeper"),
        ("[" * 40 + "]" * 40, "deeper"),
        ('{"a": {"samples": [{"x": NaN}]}}', "NaN"),
        ('{"a": {"samples": [{"x": 1e999}]}}', "too large"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": ', "JSON"),
        ("\xff\xfe", "JSON"),
        ('{"a": {"samples": [{"x": ' + "9" * 5000 + "}]}}", "JSON"),
    ],
)
def test_json_from_strangers_is_read_with_care(other, tmp_path, text, says):
    path = tmp_path / "x.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(FormatError, match=says):
        other.import_all(path)


def test_what_is_too_large_is_not_read(other, tmp_path):
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    with pytest.raises(FormatError, match="more than"):
        other.import_all(path)


def zip_of(path, members, **settings):
    with zipfile.ZipFile(path, "w", **settings) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("members", "settings", "says"),
    [
        ([("../../evil.json", "x")], {}, "evil"),
        ([("/etc/passwd", "x")], {}, "passwd"),
        ([("gestures.json", "{}"), ("motion/../x.f32", "")], {}, "x.f32"),
        ([("gestures.json", "{}"), ("gestures.json", "{}")], {}, "twice"),
        ([("gestures.json", bytes(20 << 20))], {"compression": zipfile.ZIP_DEFLATED}, "unpack to"),
        ([("gestures.json", "{}")], {"compression": zipfile.ZIP_BZIP2}, "of its own"),
        ([("motion/000001.f32", "")], {}, "no gestures.json"),
        ([("gestures.json", "{}")], {}, "not an archive"),
    ],
)
def test_zips_that_no_export_makes_are_refused(other, tmp_path, members, settings, says):
    with pytest.raises(FormatError, match=says):
        other.import_all(zip_of(tmp_path / "x.zip", members, **settings))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "x.zip"]


def test_a_zip_that_lacks_motion_is_refused(database, other, tmp_path):
    whole = database.export_template("push", tmp_path / "push.zip")
    with zipfile.ZipFile(whole) as archive:
        index = archive.read("gestures.json")
    with pytest.raises(FormatError, match="cannot be"):
        other.import_all(zip_of(tmp_path / "x.zip", [("gestures.json", index)]))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_file_with_bytes_changed_is_taken_in_as_it_was_or_refused(database, other, tmp_path, data):
    kind = data.draw(st.sampled_from(["json", "zip"]))
    path = tmp_path / f"changed.{kind}"
    content = bytearray(database.export_template("push", path).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        other.import_all(path)
    except MotifError:
        return
    assert facts(other, "push") == facts(database, "push")
