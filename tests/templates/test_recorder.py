import math
import threading

import numpy as np
import pytest
from tests.full_disk import room_for
from tests.templates.gesture_samples import readings, record, takes

from motif.errors import ConfigError, InputError, WriteError
from motif.recordings import read
from motif.templates import GestureDatabase, GestureRecorder, SessionState


@pytest.fixture
def database(tmp_path):
    with GestureDatabase(tmp_path / "gestures") as found:
        yield found


@pytest.fixture
def recorder(database, tmp_path):
    found = GestureRecorder(database=database, session_dir=tmp_path / "sessions")
    yield found
    found.end_session()


PUSH = takes("push", repetitions=2)
LABEL, TIMES, VALUES = PUSH[0]


def test_a_take_becomes_a_sample_in_the_database_and_a_recording_on_the_disk(recorder, database, tmp_path):
    assert recorder.start_session("monday") == "monday"
    sample = record(recorder, "push", TIMES, VALUES)
    (kept,) = database.samples("push")
    assert kept.hash == sample.hash
    assert (sample.group, sample.rate_hz, sample.channels[:4]) == (
        "monday",
        100.0,
        ("acc_x", "acc_y", "acc_z", "gyr_x"),
    )
    assert sample.features.validate()
    assert recorder.state is SessionState.READY
    (raw,) = (tmp_path / "sessions/monday").glob("*.parquet")
    recording = read(raw)
    assert recording.metadata["gesture"] == "push"
    gyroscope = recording.select(["gyr_x", "gyr_y", "gyr_z"]).values
    np.testing.assert_array_equal(gyroscope[~np.isnan(gyroscope).any(axis=1)], VALUES[:, 3:])


def test_the_states_of_a_session(recorder):
    assert recorder.state is SessionState.IDLE
    recorder.start_session()
    assert recorder.state.value == "ready"
    recorder.start_recording("a")
    assert recorder.is_recording
    with pytest.raises(InputError, match="'a' is being recorded"):
        recorder.start_recording("b")
    recorder.discard()
    assert recorder.state is SessionState.READY
    recorder.discard()
    recorder.end_session()
    assert recorder.state is SessionState.IDLE


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("name", ["", "  ", "wave ", "a\nb", "w" * 201, None, 5])
def test_a_name_that_the_database_would_refuse_is_refused_before_the_movement(recorder, name, keep):
    with pytest.raises(InputError, match="a gesture's name is"):
        recorder.start_recording(name, keep=keep)
    assert not recorder.is_recording


def test_a_session_is_no_path(recorder):
    with pytest.raises(ConfigError, match="is a path"):
        recorder.start_session("../elsewhere")


def test_stopping_what_was_not_started_is_an_error(recorder):
    with pytest.raises(InputError, match="start_recording"):
        recorder.stop_recording()


@pytest.mark.parametrize("rubbish", [None, 5, {}, {"gyro": (math.nan,) * 3}, {"gyro": (1e308, 0, 0)}, object()])
def test_rubbish_is_counted_and_never_raised(recorder, rubbish):
    recorder.start_recording("a")
    assert recorder.add_sensor_reading(rubbish) is False
    assert recorder.problem
    assert recorder.metrics.readings_rejected == 1


def test_an_object_that_raises_when_it_is_looked_at_is_counted(recorder):
    class Hostile:
        def __getattr__(self, name):
            raise RuntimeError(name)

    recorder.start_recording("a")
    assert recorder.add_sensor_reading(Hostile()) is False
    assert "RuntimeError" in recorder.problem


def test_readings_before_a_start_and_of_another_device_are_refused(recorder):
    first, *_ = readings(TIMES, VALUES)
    assert not recorder.add_sensor_reading(first)
    assert "start_recording" in recorder.problem
    recorder.start_recording("a")
    assert recorder.add_sensor_reading(first)
    (other, *_) = readings(TIMES, VALUES, device="watch")
    assert not recorder.add_sensor_reading(other)
    assert "'watch' moves too" in recorder.problem


def test_too_few_readings_are_no_sample(recorder, database):
    assert record(recorder, "a", TIMES[:4], VALUES[:4]) is None
    assert "8 readings came; want at least 10" in recorder.problem
    assert database.list_templates() == []
    assert recorder.metrics.takes_refused == 1


def test_what_is_asked_for_may_be_assigned_on_the_class(recorder, monkeypatch):
    monkeypatch.setattr(GestureRecorder, "MIN_SENSOR_READINGS", 10_000)
    assert record(recorder, "a", TIMES, VALUES) is None
    monkeypatch.setattr(GestureRecorder, "MIN_SENSOR_READINGS", 10)
    monkeypatch.setattr(GestureRecorder, "SENSOR_QUALITY_THRESHOLD", 1.01)
    assert record(recorder, "a", TIMES, VALUES) is None
    assert "quality" in recorder.problem


def test_a_phone_that_lies_still_makes_no_gesture(recorder):
    still = np.random.default_rng(0).normal([0, 0, 9.81, 0, 0, 0], 0.01, (100, 6))
    assert record(recorder, "a", TIMES[0] + 10_000_000 * np.arange(100), still) is None
    assert "nothing moved" in recorder.problem


def test_a_take_of_poor_quality_is_refused(recorder):
    torn = np.concatenate([np.arange(30), 5000 + np.arange(30)]) * 10_000_000
    assert record(recorder, "a", TIMES[0] + torn, np.tile(VALUES[:60], (2, 1))[:60]) is None
    assert "is the connection good?" in recorder.problem


def test_quality_is_live(recorder):
    assert recorder.quality == 0
    recorder.start_recording("a")
    assert recorder.quality == 0
    for each in readings(TIMES, VALUES):
        recorder.add_sensor_reading(each)
    assert recorder.quality > 0.9


def test_the_buffer_is_bounded_and_the_latest_stay(recorder, monkeypatch):
    monkeypatch.setattr(GestureRecorder, "MAX_BUFFERED_SAMPLES", 160)
    recorder.start_recording("a")
    for each in readings(TIMES, VALUES):
        recorder.add_sensor_reading(each)
    assert 140 <= recorder.n_readings <= 160
    assert recorder.metrics.readings_dropped == 2 * len(TIMES) - recorder.n_readings
    sample = recorder.stop_recording()
    assert sample.n_samples == pytest.approx(75, abs=6)


def test_discarding_leaves_nothing_behind(recorder, database, tmp_path):
    recorder.start_recording("a")
    for each in readings(TIMES, VALUES):
        recorder.add_sensor_reading(each)
    recorder.discard()
    assert [path for path in (tmp_path / "sessions").rglob("*") if path.is_file()] == []
    assert database.list_templates() == []
    assert recorder.metrics.takes_discarded == 1


def test_a_take_that_a_full_disk_refuses_is_found_again_and_saved_once_there_is_room(recorder, database):
    recorder.start_session("full")
    recorder.start_recording("push")
    for each in readings(TIMES, VALUES):
        recorder.add_sensor_reading(each)
    recorder._journal._journals[next(iter(recorder._journal._journals))].sync()
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
    recorder.start_recording("push")
    for each in readings(TIMES, VALUES):
        recorder.add_sensor_reading(each)
    (tmp_path / "sessions/blocked/0001-push.parquet/in the way").mkdir(parents=True)
    with pytest.raises(WriteError):
        recorder.stop_recording()
    assert len(database.samples("push")) == 1
    (found,) = recorder.recover()
    (tmp_path / "sessions/blocked/0001-push.parquet/in the way").rmdir()
    (tmp_path / "sessions/blocked/0001-push.parquet").rmdir()
    assert recorder.restore(found) is not None
    assert len(database.samples("push")) == 1


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


def test_without_auto_save_the_caller_decides(database, tmp_path):
    recorder = GestureRecorder(database=database, auto_save=False, session_dir=tmp_path / "sessions")
    sample = record(recorder, "push", TIMES, VALUES)
    assert database.list_templates() == []
    assert not (tmp_path / "sessions").exists()
    recorder.save(sample)
    assert len(database.samples("push")) == 1


def test_a_try_leaves_no_trace(recorder, database, tmp_path):
    recorder.start_recording("push", keep=False)
    for each in readings(TIMES, VALUES):
        recorder.add_sensor_reading(each)
    assert recorder.stop_recording().n_samples > 50
    assert database.list_templates() == []
    assert list((tmp_path / "sessions").rglob("*.parquet")) == []


def test_without_a_database_a_sample_is_returned_and_saving_says_so(tmp_path):
    recorder = GestureRecorder(session_dir=tmp_path)
    sample = record(recorder, "push", TIMES, VALUES)
    assert recorder.undo() is None
    with pytest.raises(ConfigError, match="no database"):
        recorder.save(sample)
    recorder.start_background()
    recorder.add_sensor_reading(readings(TIMES, VALUES)[0])
    with pytest.raises(ConfigError, match="no database"):
        recorder.stop_background()
    assert recorder.state is SessionState.READY


def test_ordinary_movement_goes_to_the_database_apart(recorder, database):
    recorder.start_background()
    for each in readings(TIMES, VALUES):
        recorder.add_sensor_reading(each)
    seconds = recorder.stop_background()
    (background,) = database.background()
    assert background.n_samples == round(100 * seconds) > 50
    assert database.list_templates() == []
    recorder.start_background()
    assert recorder.stop_background() == 0
    assert recorder.problem


def test_a_bridge_is_heard_while_a_take_is_recorded(database, tmp_path):
    from motif.sources import SensorLoggerBridge

    bridge = SensorLoggerBridge(calibrate_live=False)
    recorder = GestureRecorder(sensor_bridge=bridge, database=database, session_dir=tmp_path)
    parts = readings(TIMES, VALUES)
    bridge.accept(parts[0])
    recorder.start_recording("push")
    for each in parts:
        bridge.accept(each)
    sample = recorder.stop_recording()
    for each in parts:
        bridge.accept(each)
    assert sample is not None
    assert recorder.metrics.readings_rejected == 0


def test_what_a_camera_saw_meanwhile_is_kept_beside_the_sample(database, tmp_path):
    from motif.sources import GeminiVideoAnalyzer, GestureGuess

    analyzer = GeminiVideoAnalyzer()
    analyzer.guesses.append(GestureGuess("long ago", 0.9, 0, 1))
    analyzer.guesses.append(GestureGuess("a push", 0.6, int(TIMES[10]), int(TIMES[20])))
    recorder = GestureRecorder(video_analyzer=analyzer, database=database, session_dir=tmp_path)
    sample = record(recorder, "push", TIMES, VALUES)
    assert sample.metadata == {"video": [{"gesture": "a push", "confidence": 0.6}]}
    assert database.samples("push")[0].metadata == sample.metadata


def test_an_interrupted_session_is_found_and_restored_once(recorder, database, tmp_path):
    recorder.start_session("broken")
    recorder.start_recording("push")
    for each in readings(TIMES, VALUES):
        recorder.add_sensor_reading(each)
    recorder._journal._journals[next(iter(recorder._journal._journals))].sync()
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
    from motif.templates._recorder_journal import InterruptedTake

    again = GestureRecorder(session_dir=tmp_path / "other")
    take = InterruptedTake("push", whole.group, raw, read(raw), "")
    assert again._judged(_take_of(take), whole.group).hash == whole.hash


def _take_of(interrupted):
    from motif.templates._recorder_take import Take

    take = Take()
    for each in interrupted.readings():
        take.add(each)
    return take


def test_an_interrupted_take_that_is_too_short_stays_until_it_is_removed(recorder, database, tmp_path):
    recorder.start_session("s")
    recorder.start_recording("a")
    recorder.add_sensor_reading(readings(TIMES, VALUES, chunk=2)[0])
    recorder._journal._journals[next(iter(recorder._journal._journals))].sync()
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


def test_takes_are_numbered_on_in_a_session_that_is_opened_again(recorder, database, tmp_path):
    for _ in range(2):
        recorder.start_session("monday")
        record(recorder, "a/b ../c", TIMES, VALUES)
    assert sorted(path.name for path in (tmp_path / "sessions/monday").iterdir()) == [
        "0001-a_b_c.parquet",
        "0002-a_b_c.parquet",
    ]
    assert len(database.samples("a/b ../c")) == 2


def test_recorders_that_begin_in_the_same_second_have_a_session_each(database, tmp_path):
    recorders = [
        GestureRecorder(database=database, session_dir=tmp_path / "sessions", now_ns=lambda: 1_700_000_000_000_000_000)
        for _ in range(3)
    ]
    for each in recorders:
        each.start_recording("push")
    for each in readings(TIMES, VALUES):
        assert all(recorder.add_sensor_reading(each) for recorder in recorders)
    groups = [recorder.stop_recording().group for recorder in recorders]
    assert groups == ["20231114-221320", "20231114-221320-2", "20231114-221320-3"]
    assert [recorder.metrics.readings_unsaved for recorder in recorders] == [0, 0, 0]
    found = (tmp_path / "sessions").rglob("*.parquet")
    assert sorted(path.parent.name for path in found) == groups


def test_a_session_without_a_take_leaves_no_folder(recorder, tmp_path):
    recorder.start_session()
    recorder.end_session()
    assert list(tmp_path.glob("sessions/*")) == []


def test_recorders_that_share_a_session_take_turns_in_it(database, tmp_path):
    recorders = [GestureRecorder(database=database, session_dir=tmp_path / "sessions") for _ in range(2)]
    for recorder in recorders:
        recorder.start_session("monday")
    for recorder in recorders:
        record(recorder, "push", TIMES, VALUES)
        assert recorder.metrics.readings_unsaved == 0
    names = sorted(path.name for path in (tmp_path / "sessions/monday").iterdir())
    assert names == ["0001-push.parquet", "0002-push.parquet"]


def test_threads_may_add_readings_at_once(recorder):
    recorder.start_recording("a")
    parts = readings(TIMES, VALUES, chunk=1)
    threads = [
        threading.Thread(target=lambda n=n: [recorder.add_sensor_reading(p) for p in parts[n::4]]) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert recorder.n_readings == recorder.metrics.readings_accepted == len(parts)
    assert recorder.stop_recording() is not None


def test_a_disk_that_cannot_be_written_is_said_and_the_take_goes_on(database, tmp_path):
    (tmp_path / "sessions").write_text("a file where the folder should be")
    recorder = GestureRecorder(database=database, session_dir=tmp_path / "sessions")
    recorder.start_recording("push")
    for each in readings(TIMES, VALUES):
        assert recorder.add_sensor_reading(each)
    assert recorder.problem
    assert recorder.metrics.readings_unsaved == 2 * len(TIMES)
    assert recorder.stop_recording() is not None
    assert len(database.samples("push")) == 1


def test_metrics_are_ready_for_json(recorder):
    import json

    record(recorder, "push", TIMES, VALUES)
    found = json.loads(json.dumps(recorder.get_metrics()))
    assert (found["takes_kept"], found["state"]) == (1, "ready")
    assert 0.7 < found["mean_quality"] <= 1
