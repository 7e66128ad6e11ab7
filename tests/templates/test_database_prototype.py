"""A folder of the prototype: taken in, upgraded, kept; and the way back."""

import json
import shutil

import pytest

from motif.templates import GestureDatabase

FEATURES = [
    {"duration": 0.8, "accel_peak": 12.0 + each, "gyro_direction": [0, 0, 1], "hand": "left"} for each in range(4)
]
OBJECT = {
    "swipe": {"samples": FEATURES, "metadata": {"created": "2024-05-01", "version": 3, "accuracy": 0.9}},
    "nod": {"samples": FEATURES[:1] * 3},
    "empty": {"samples": [], "metadata": {}},
}
LIST = [{"name": name, **entry} for name, entry in OBJECT.items()]


def put(folder, content):
    folder.mkdir(exist_ok=True)
    path = folder / "templates.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def state(database):
    return {name: [each.features.to_dict() for each in database.samples(name)] for name in database.list_templates()}


AS_TAUGHT = {"swipe": FEATURES, "nod": FEATURES[:1] * 3, "empty": []}


@pytest.mark.parametrize("content", [OBJECT, LIST])
def test_a_prototype_folder_is_taken_in_on_first_open_and_the_file_stays(tmp_path, content):
    path = put(tmp_path, content)
    before = path.read_bytes()
    with GestureDatabase(tmp_path) as database:
        assert state(database) == AS_TAUGHT
        stats = database.get_stats()
        assert (stats["num_templates"], stats["total_samples"], stats["state"]) == (3, 7, "healthy")
        swipe = database.get_template("swipe")
        assert (swipe.version, swipe.accuracy, swipe.num_samples) == (3, 0.9, 4)
        assert 0 < swipe.consistency_score <= 1
        assert swipe.metadata["created"] == "2024-05-01"
        assert database.get_template("nod").version == 1
        assert database.samples("swipe")[0].features.extra["hand"] == "left"
        assert database.train_template("swipe").version == 4
    assert path.read_bytes() == before
    with GestureDatabase(tmp_path) as database:
        assert state(database) == AS_TAUGHT


def test_copying_the_file_back_and_deleting_ours_restores_its_state(tmp_path):
    path = put(tmp_path, OBJECT)
    kept = shutil.copy(path, tmp_path.parent / "kept.json")
    with GestureDatabase(tmp_path) as database:
        database.delete_template("swipe")
        database.add_sample("wave", {"duration": 1.0})
        database.train_template("nod")
    path.unlink()
    for ours in tmp_path.glob("gestures.*"):
        ours.unlink()
    shutil.copy(kept, path)
    with GestureDatabase(tmp_path) as database:
        assert state(database) == AS_TAUGHT
        revision = database.revision
    (tmp_path / "gestures.db").write_bytes(b"damaged")
    with GestureDatabase(tmp_path) as database:  # and what comes later is of this state, not of the one before
        assert state(database) == AS_TAUGHT
        assert database.revision > revision


@pytest.mark.parametrize("left", ["gestures.db-wal", "gestures.head"])
def test_what_is_left_over_of_ours_does_not_disturb_the_way_back(tmp_path, left):
    put(tmp_path, OBJECT)
    with GestureDatabase(tmp_path) as database:
        database.add_sample("wave", {"duration": 1.0})
        (tmp_path / "copy").mkdir()
        shutil.copy(tmp_path / "gestures.head", tmp_path / "copy" / "gestures.head")
        (tmp_path / "copy" / "gestures.db-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(5000))
    for ours in tmp_path.glob("gestures.*"):
        ours.unlink()
    shutil.copy(tmp_path / "copy" / left, tmp_path / left)
    with GestureDatabase(tmp_path) as database:
        assert state(database) == AS_TAUGHT


def test_samples_that_the_prototype_added_later_join_and_removed_ones_stay_away(tmp_path):
    put(tmp_path, OBJECT)
    with GestureDatabase(tmp_path) as database:
        database.remove_sample("nod", database.samples("nod")[0])
        database.delete_template("swipe")
        database.add_sample("wave", {"duration": 1.0})
    more = {**OBJECT, "nod": {"samples": [*FEATURES[:1] * 3, {"duration": 9.0}]}, "bow": {"samples": [{"a": 1}]}}
    put(tmp_path, more)
    with GestureDatabase(tmp_path) as database:
        expected = {
            "nod": [*FEATURES[:1] * 2, {"duration": 9.0}],
            "bow": [{"a": 1}],
            "wave": [{"duration": 1.0}],
            "empty": [],
        }
        assert state(database) == expected
        assert database.undo() == "take in templates.json"
        assert "bow" not in state(database)
    with GestureDatabase(tmp_path) as database:
        assert "bow" not in state(database)


def test_broken_entries_are_kept_aside_and_said_and_the_others_are_taken_in(tmp_path, caplog):
    broken = {
        **OBJECT,
        "": {"samples": []},
        "no samples": {"metadata": {}},
        "not an object": 3,
        "some bad": {"samples": [{"a": 1.0}, {}, 7, None, {"a": float("nan")}, {"deep": {"b": float("inf")}}]},
        "bad metadata": {"samples": [{"a": 1.0}], "metadata": {"x": float("nan")}},
        "odd metadata": {"samples": [{"a": 1.0}], "metadata": [1]},
    }
    put(tmp_path, broken)
    with GestureDatabase(tmp_path) as database:
        found = state(database)
        assert {name: found[name] for name in AS_TAUGHT} == AS_TAUGHT
        assert (found["some bad"], found["odd metadata"]) == ([{"a": 1.0}], [{"a": 1.0}])
        (aside,) = database.get_stats()["set_aside"]
        rejected = json.loads((tmp_path / aside).read_text())
        assert len(rejected) == 9
        assert {entry["name"] for entry in rejected} == {"", "no samples", "not an object", "some bad", "bad metadata"}
        assert all(entry["reason"] for entry in rejected)
    assert "cannot be used" in caplog.text


def test_samples_without_a_feature_are_kept_aside_and_units_of_the_prototype_are_not_judged(tmp_path):
    usable = [{"duration_s": 800.0, "acc_peak": 5000.0}, {"speed": 2}]
    no_features = [{"duration_s": "fast", "a": 1.0}, {"gyro_direction": "left", "a": 1.0}, {"hand": "left"}]
    put(tmp_path, {"swipe": {"samples": [*usable, *no_features]}})
    with GestureDatabase(tmp_path) as database:
        assert state(database) == {"swipe": usable}
        (aside,) = database.get_stats()["set_aside"]
        rejected = json.loads((tmp_path / aside).read_text())
    assert [entry["entry"] for entry in rejected] == no_features
    assert "duration_s is 'fast'" in rejected[0]["reason"]


@pytest.mark.parametrize("content", ["", "{", "3", "\x00", "[" * 5000])
def test_a_file_that_cannot_be_read_is_said_and_stays(tmp_path, caplog, content):
    path = put(tmp_path, content)
    with GestureDatabase(tmp_path) as database:
        stats = database.get_stats()
        assert stats["state"] == "degraded"
        assert "templates.json" in stats["problem"]
        database.add_sample("wave", {"duration": 1.0})
    assert path.read_text() == content
    assert "templates.json" in caplog.text


def test_an_entry_named_twice_in_a_list_is_one_gesture(tmp_path):
    put(
        tmp_path, [{"name": "nod", "samples": [{"a": 1}]}, {"name": "nod", "samples": [{"a": 2}]}, "x", {"samples": []}]
    )
    with GestureDatabase(tmp_path) as database:
        assert state(database) == {"nod": [{"a": 1}, {"a": 2}]}
