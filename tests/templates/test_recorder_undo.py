import pytest
from tests.full_disk import room_for
from tests.templates.gesture_samples import record, takes

from motif.errors import WriteError

PUSH = takes("push", repetitions=2)
_, TIMES, VALUES = PUSH[0]


def test_undo_takes_the_last_samples_back_one_by_one(recorder, database):
    for label, times, values in PUSH:
        record(recorder, label, times, values)
    first, _ = database.samples("push")
    assert recorder.undo() == "push"
    assert [sample.hash for sample in database.samples("push")] == [first.hash]
    assert recorder.undo() == "push"
    assert recorder.undo() is None
    assert database.samples("push") == []
    assert recorder.metrics.takes_undone == 2


def test_undo_finds_a_sample_under_the_name_its_gesture_has_now(recorder, database):
    record(recorder, "push", TIMES, VALUES)
    database.rename_template("push", "shove")
    assert recorder.undo() == "shove"
    assert database.samples("shove") == []
    assert recorder.undo() is None


def test_undo_passes_over_samples_that_are_gone_and_says_so(recorder, database):
    for label, (_, times, values) in zip(["push", "shove"], PUSH, strict=True):
        record(recorder, label, times, values)
    database.delete_template("shove")
    assert recorder.undo() == "push"
    assert "'shove' is no longer in the database" in recorder.problem
    assert database.samples("push") == []
    assert recorder.metrics.takes_undone == 1


def test_undo_of_one_sample_saved_twice_removes_the_later(recorder, database):
    sample = record(recorder, "push", TIMES, VALUES)
    recorder.save(sample, "shove")
    assert recorder.undo() == "shove"
    assert [each.hash for each in database.samples("push")] == [sample.hash]


def test_an_undo_that_fails_may_be_tried_again(recorder, database):
    record(recorder, "push", TIMES, VALUES)
    with room_for(0), pytest.raises(WriteError):
        recorder.undo()
    assert recorder.undo() == "push"
    assert database.samples("push") == []
