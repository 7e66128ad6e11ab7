import pytest
from tests.full_disk import room_for
from tests.templates.gesture_samples import begin, readings, record, takes

from motif.errors import WriteError
from motif.recordings import read
from motif.templates import GestureRecorder, SessionState
from motif.templates._recorder_journal import InterruptedTake
from motif.templates._recorder_take import Take

_, TIMES, VALUES = takes("push", repetitions=2)[0]


def sync(recorder):
    for journal in recorder._journal._journals.values():
        journal.sync()


def test_a_take_that_a_full_disk_refuses_is_found_again_and_saved_once_there_is_room(recorder, database):
    recorder.start_session("full")
    begin(recorder, "push", TIMES, VALUES)
    sync(recorder)
    with room_for(0), pytest.raises(WriteError):
        recorder.stop_recording()
    assert recorder.state is SessionState.READY
    assert database.samples("push") == []
    (found,) = recorder.recover()
    assert (found.gesture, found.session, found.n_samples, found.lost) == ("push", "full", 2 * len(TIMES), "")
    sample = recorder.restore(found)
    assert [each.hash for each in database.samples("push")] == [sample.hash]
    assert recorder.recover() == []


def test_a_take_that_is_kept_while_its_recording_cannot_be_written_is_found_again_and_not_kept_twice(
    recorder, database, tmp_path
):
    recorder.start_session("blocked")
    begin(recorder, "push", TIMES, VALUES)
    (tmp_path / "sessions/blocked/0001-push.parquet/in the way").mkdir(parents=True)
    with pytest.raises(WriteError):
        recorder.stop_recording()
    assert len(database.samples("push")) == 1
    (found,) = recorder.recover()
    (tmp_path / "sessions/blocked/0001-push.parquet/in the way").rmdir()
    (tmp_path / "sessions/blocked/0001-push.parquet").rmdir()
    assert recorder.restore(found) is not None
    assert len(database.samples("push")) == 1


def test_an_interrupted_session_is_found_and_restored_once(recorder, database, tmp_path):
    recorder.start_session("broken")
    begin(recorder, "push", TIMES, VALUES)
    sync(recorder)
    other = GestureRecorder(database=database, session_dir=tmp_path / "sessions")
    assert other.recover() == []  # still being recorded
    left = next((tmp_path / "sessions/broken").glob("*.arrows")).read_bytes()
    recorder.discard()
    (tmp_path / "sessions/broken/0001-push.journal.arrows").write_bytes(left)  # as a kill would have left it
    (found,) = other.recover()
    assert (found.gesture, found.session, found.lost) == ("push", "broken", "")
    assert found.n_samples == 2 * len(TIMES)
    sample = other.restore(found)
    assert [each.hash for each in database.samples("push")] == [sample.hash]
    assert sample.group == "broken"
    assert other.recover() == []
    assert other.metrics.takes_recovered == 1


def test_a_restored_take_equals_the_one_that_was_not_interrupted(recorder, database, tmp_path):
    whole = record(recorder, "push", TIMES, VALUES)
    (raw,) = (tmp_path / "sessions").rglob("*.parquet")
    again = GestureRecorder(session_dir=tmp_path / "other")
    take = Take()
    for each in InterruptedTake("push", whole.group, raw, read(raw), "").readings():
        take.add(each)
    assert again._judged(take, whole.group).hash == whole.hash


def test_an_interrupted_take_that_is_too_short_stays_until_it_is_removed(recorder, database, tmp_path):
    recorder.start_session("s")
    recorder.start_recording("a")
    recorder.add_sensor_reading(readings(TIMES, VALUES, chunk=2)[0])
    sync(recorder)
    left = next((tmp_path / "sessions/s").glob("*.arrows")).read_bytes()
    recorder.discard()
    path = tmp_path / "sessions/s/0001-a.journal.arrows"
    path.write_bytes(left)
    (tmp_path / "sessions/s/0002-b.journal.arrows").write_bytes(b"nonsense")
    (found,) = recorder.recover()
    assert recorder.restore(found) is None
    assert path.exists()
    found.discard()
    assert recorder.recover() == []


def test_a_disk_that_cannot_be_written_is_said_and_the_take_goes_on(database, tmp_path):
    (tmp_path / "sessions").write_text("a file where the folder should be")
    recorder = GestureRecorder(database=database, session_dir=tmp_path / "sessions")
    begin(recorder, "push", TIMES, VALUES)
    assert recorder.problem
    assert recorder.metrics.readings_unsaved == 2 * len(TIMES)
    assert recorder.stop_recording() is not None
    assert len(database.samples("push")) == 1
