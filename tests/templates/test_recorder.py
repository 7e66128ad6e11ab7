import json
import threading

import numpy as np
import pytest
from tests.templates.gesture_samples import begin, readings, record, takes

from motif.errors import ConfigError
from motif.recordings import read
from motif.templates import GestureRecorder, SessionState

_, TIMES, VALUES = takes("push", repetitions=2)[0]


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


def test_quality_is_live(recorder):
    assert recorder.quality == 0
    recorder.start_recording("a")
    assert recorder.quality == 0
    for each in readings(TIMES, VALUES):
        recorder.add_sensor_reading(each)
    assert recorder.quality > 0.9


def test_the_buffer_is_bounded_and_the_latest_stay(recorder, monkeypatch):
    monkeypatch.setattr(GestureRecorder, "MAX_BUFFERED_SAMPLES", 160)
    begin(recorder, "a", TIMES, VALUES)
    assert 140 <= recorder.n_readings <= 160
    assert recorder.metrics.readings_dropped == 2 * len(TIMES) - recorder.n_readings
    sample = recorder.stop_recording()
    assert sample.n_samples == pytest.approx(75, abs=6)


def test_discarding_leaves_nothing_behind(recorder, database, tmp_path):
    begin(recorder, "a", TIMES, VALUES)
    recorder.discard()
    assert [path for path in (tmp_path / "sessions").rglob("*") if path.is_file()] == []
    assert database.list_templates() == []
    assert recorder.metrics.takes_discarded == 1


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


def test_metrics_are_ready_for_json(recorder):
    record(recorder, "push", TIMES, VALUES)
    found = json.loads(json.dumps(recorder.get_metrics()))
    assert (found["takes_kept"], found["state"]) == (1, "ready")
    assert 0.7 < found["mean_quality"] <= 1
