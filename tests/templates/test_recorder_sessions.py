import pytest
from tests.templates.gesture_samples import readings, record, takes

from motif.errors import ConfigError, InputError
from motif.templates import GestureRecorder, SessionState

_, TIMES, VALUES = takes("push", repetitions=2)[0]


def test_a_session_is_ready_before_and_after_a_take_and_idle_once_it_ends(recorder):
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


def test_a_session_is_no_path(recorder):
    with pytest.raises(ConfigError, match="is a path"):
        recorder.start_session("../elsewhere")


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
