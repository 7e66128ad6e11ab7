import asyncio
import threading

import numpy as np
import pytest

from motif.errors import DatabaseError, InputError, LabelError, WriteError
from motif.templates import GestureDatabase, GestureSample, SensorFeatures

IMU = ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")


def gesture(seed, *, axis=0, size=3.0):
    """One sample: forth and back along an axis, never twice the same."""
    generator = np.random.default_rng(seed)
    time_s = np.arange(100) / 100
    motion = generator.normal(0, 0.1, (100, 6))
    motion[:, axis] += size * generator.uniform(0.9, 1.1) * np.sin(2 * np.pi * time_s)
    motion[:, 2] += 9.81
    return GestureSample.of(motion, IMU, 100.0, created_ns=seed)


def teach(database, name, n=5, axis=0):
    database.add_samples(name, [gesture(seed, axis=axis) for seed in range(n)])


def test_an_empty_folder_is_a_healthy_database(tmp_path):
    database = GestureDatabase(str(tmp_path / "new" / "folder"))
    stats = database.get_stats()
    assert (stats["num_templates"], stats["total_samples"], stats["state"]) == (0, 0, "healthy")
    assert database.list_templates() == []
    assert database.get_template("swipe") is None
    assert database.samples("swipe") == []
    assert database.train_template("swipe") is None
    assert database.verify() == ()
    assert "healthy" in repr(database)
    database.close()
    database.close()


def test_a_sample_comes_back_as_it_went_in_also_from_another_process_later(tmp_path):
    sample = GestureSample.of(
        gesture(1).values,
        IMU,
        100.0,
        quality=0.75,
        created_ns=42,
        group="ann",
        metadata={"hand": "left", "æ": [1.5, None]},
    )
    with GestureDatabase(tmp_path) as database:
        assert database.add_sample("swipe", sample) == sample.sample_id
    with GestureDatabase(tmp_path) as database:
        (back,) = database.samples("swipe")
    assert back.to_facts() == sample.to_facts()
    assert back.hash == sample.hash
    np.testing.assert_array_equal(back.values, sample.values)


def test_features_alone_are_a_sample_too(database):
    database.add_sample("nod", SensorFeatures(acc_peak=3.0))
    database.add_sample("nod", {"acc_peak": 3.5, "hand": "left"})
    first, second = database.samples("nod")
    assert first.features.acc_peak == 3.0
    assert second.features.extra == {"hand": "left"}
    assert database.get_stats()["total_samples"] == 2


@pytest.mark.parametrize(
    "sample",
    [
        {"acc_peak": 1e9},
        {"acc_peak": float("nan")},
        3,
        SensorFeatures(acc_mean=2.0, acc_rms=1.0),
        {},
        {"hand": "left"},
        {"duration_s": "fast"},
        {"gyro_direction": "left", "acc_peak": 3.0},
    ],
)
def test_impossible_samples_do_not_reach_the_disk(database, sample):
    with pytest.raises(InputError):
        database.add_samples("swipe", [gesture(1), sample])
    assert database.list_templates() == []


@pytest.mark.parametrize("name", ["", " a", "a\n", "a\0b", "x" * 201, None, "\ud800"])
def test_names_that_cannot_be_shown_are_refused(database, name):
    with pytest.raises(InputError, match="name"):
        database.add_sample(name, gesture(1))


def test_training_judges_raises_the_version_and_says_what_is_confused(database):
    teach(database, "push", axis=0)
    teach(database, "lift", axis=1)
    assert database.get_template("push").version == 0
    template = database.train_template("push", run_cross_validation=True)
    assert (template.name, template.version, template.num_samples, template.cross_validated) == ("push", 1, 5, True)
    assert template.accuracy == 1.0
    assert 0.0 < template.consistency_score <= 1.0
    assert template == database.get_template("push")
    assert template.up_to_date
    teach(database, "push again", axis=0)
    template = database.train_template("push")
    assert (template.version, template.up_to_date) == (2, True)
    assert template.accuracy < 1.0
    assert max(template.confusions, key=template.confusions.get) == "push again"
    database.add_sample("push", gesture(77))
    assert not database.get_template("push").up_to_date
    assert not database.train_template("push", run_cross_validation=False).cross_validated


def test_too_little_data_is_not_trained(database):
    teach(database, "push", n=database.MIN_TRAINING_SAMPLES - 1)
    assert database.train_template("push") is None
    assert database.get_template("push").version == 0


def test_outlying_samples_are_flagged_left_out_and_kept(database):
    teach(database, "push", n=7)
    strange = database.add_sample("push", gesture(99, axis=4, size=30.0))
    template = database.train_template("push")
    assert (template.num_samples, template.num_outlying) == (7, 1)
    assert [sample.sample_id for sample in database.samples("push") if sample.outlying] == [strange]
    assert len(database.samples("push", outlying=False)) == 7
    assert database.get_stats()["total_samples"] == 8


def test_ordinary_scatter_is_not_outlying(database):
    for name in range(4):
        database.add_samples(str(name), [gesture(100 * name + seed, axis=name % 2) for seed in range(8)])
        assert database.train_template(str(name)).num_outlying == 0


def test_a_sample_of_another_movement_is_outlying(database):
    teach(database, "push", n=8)
    teach(database, "lift", n=3, axis=1)
    strange = [database.add_sample("push", gesture(60, axis=4)), database.add_sample("push", gesture(61, axis=3))]
    assert database.train_template("push").num_outlying == 2
    assert [sample.sample_id for sample in database.samples("push") if sample.outlying] == strange
    assert database.train_template("lift").num_samples == 3


def test_gestures_are_judged_by_features_where_there_is_no_motion_to_compare(database):
    teach(database, "push", n=4)
    database.add_samples("nod", [{"acc_peak": 20.0 + each, "duration_s": 0.3} for each in range(4)])
    landmarks = np.random.default_rng(0).normal(size=(3, 12, 2))
    for each in landmarks:
        database.add_sample("pinch", GestureSample.of(each, ("hand_0_x", "hand_0_y"), 30.0))
    for name in ("push", "nod", "pinch"):
        template = database.train_template(name)
        assert template.cross_validated
        assert 0.0 <= template.accuracy <= 1.0
    assert database.get_template("nod").accuracy == 1.0


def test_every_version_can_be_brought_back(database):
    teach(database, "push", n=4)
    first = database.train_template("push")
    before = [sample.hash for sample in database.samples("push")]
    database.remove_sample("push", database.samples("push")[0])
    database.add_samples("push", [gesture(seed, axis=1) for seed in range(20, 26)])
    database.train_template("push")
    assert database.versions("push") == [1, 2]
    back = database.rollback("push", 1)
    assert (back.version, back.num_samples, back.accuracy) == (1, 4, first.accuracy)
    assert [sample.hash for sample in database.samples("push")] == before
    assert database.train_template("push").version == 3
    template = database.rollback("push", 2)
    assert template.num_samples + template.num_outlying == 9
    with pytest.raises(LabelError, match="no version 9"):
        database.rollback("push", 9)
    with pytest.raises(LabelError, match="'wave'"):
        database.rollback("wave", 1)


def test_every_change_can_be_undone_in_turn(database):
    teach(database, "push", n=3)
    states = []

    def state():
        return [(name, database.get_template(name), [s.sample_id for s in database.samples(name)])
                for name in database.list_templates()]  # fmt: skip

    def seen(change):
        states.append(state())
        return change()

    seen(lambda: database.train_template("push"))
    seen(lambda: database.rename_template("push", "shove"))
    seen(lambda: database.remove_sample("shove", database.samples("shove")[1].hash))
    seen(lambda: teach(database, "lift", n=4))
    seen(lambda: database.train_template("lift"))
    seen(lambda: database.delete_template("shove"))
    seen(lambda: teach(database, "shove"))
    seen(lambda: database.train_template("lift"))
    seen(lambda: database.rollback("lift", 1))
    revision = database.revision
    while states:
        assert database.undo()
        assert state() == states.pop()
    assert database.revision == revision + 9
    assert database.undo() == "add 3 samples to 'push'"
    assert database.undo() is None
    assert database.list_templates() == []


def test_what_was_deleted_can_be_forgotten_for_good(database):
    teach(database, "push", n=4)
    database.train_template("push")
    database.remove_sample("push", database.samples("push")[0])
    teach(database, "secret", n=3, axis=1)
    motion = database.samples("secret")[1].values.tobytes()
    database.delete_template("secret")
    assert motion in (database.folder / "gestures.db").read_bytes()
    assert database.forget_deleted() == 1 + 3 + 1
    assert motion not in b"".join(path.read_bytes() for path in database.folder.glob("gestures.db*"))
    assert motion not in database.list_backups()[-1].path.read_bytes()
    assert database.undo() is None
    assert database.rollback("push", 1).num_samples == 3
    assert database.forget_deleted() == 0
    assert database.verify() == ()


def test_renaming_and_removing_what_is_not_there_says_so(database):
    teach(database, "push", n=1)
    teach(database, "lift", n=1)
    with pytest.raises(LabelError, match="there are 'lift', 'push'"):
        database.rename_template("wave", "shove")
    with pytest.raises(LabelError, match="already"):
        database.rename_template("push", "lift")
    with pytest.raises(InputError):
        database.rename_template("push", "")
    with pytest.raises(LabelError):
        database.remove_sample("wave", "x")
    assert not database.remove_sample("push", "x")
    assert not database.delete_template("wave")
    database.rename_template("push", "push")
    assert database.list_templates() == ["lift", "push"]


def test_what_changes_nothing_is_no_change(database):
    teach(database, "push")
    revision = database.revision
    assert database.add_samples("push", []) == []
    database.delete_template("wave")
    database.rename_template("push", "push")
    assert database.revision == revision


def test_ordinary_movement_is_kept_beside_the_gestures(database):
    values = gesture(3).values
    database.add_background(values, channels=IMU, rate_hz=100.0)
    database.add_background(values, channels=IMU, rate_hz=100.0, group="walk")
    assert [sample.group for sample in database.background()] == ["", "walk"]
    assert database.list_templates() == []
    assert database.get_stats()["total_samples"] == 0
    database.clear_background()
    assert database.background() == []
    database.undo()
    assert len(database.background()) == 2


def test_saving_in_an_event_loop(database):
    async def save():
        await asyncio.gather(*(database.add_sample_async("push", gesture(seed)) for seed in range(4)))
        await database.save_async("push", [gesture(9)])
        return await database.train_template_async("push")

    assert asyncio.run(save()).num_samples == 5


def test_threads_may_write_and_read_at_once(database):
    failures = []

    def work(number):
        try:
            for seed in range(8):
                database.add_sample(f"g{number % 3}", gesture(100 * number + seed))
                database.get_stats()
                database.samples(f"g{number % 3}")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert database.get_stats()["total_samples"] == 48
    assert database.revision == 48
    assert database.verify() == ()


def test_another_opening_of_the_same_folder_sees_each_change(tmp_path):
    with GestureDatabase(tmp_path) as one, GestureDatabase(tmp_path) as other:
        for seed in range(3):
            one.add_sample("push", gesture(seed))
            assert other.revision == one.revision == 2 * seed + 1
            other.add_sample("lift", gesture(seed))
            assert one.get_stats()["total_samples"] == 2 * seed + 2
        one.train_template("push")
        assert other.get_template("push").version == 1


def test_a_closed_database_says_so(tmp_path):
    database = GestureDatabase(tmp_path)
    database.close()
    with pytest.raises(DatabaseError, match="closed"):
        database.list_templates()
    with pytest.raises((WriteError, DatabaseError), match="closed"):
        database.add_sample("push", gesture(1))


def test_a_database_that_is_forgotten_loses_nothing(tmp_path):
    GestureDatabase(tmp_path).add_sample("push", gesture(1))
    with GestureDatabase(tmp_path) as database:
        assert database.get_stats()["state"] == "healthy"
        assert len(database.samples("push")) == 1
