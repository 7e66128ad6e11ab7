"""The contract of `dj_agent.gesture_control`: paths, names, defaults, and the walk-through as it is documented."""

import ast
import asyncio
import inspect
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import httpx
import numpy as np
import pytest
from tests.templates.gesture_samples import readings, record, takes, taught

import dj_agent.gesture_control as door
from motif.recordings import Readings
from motif.sources import SensorLoggerHTTP
from motif.templates import GestureDatabase

PATHS = {
    "SensorLoggerBridge": "sensor_logger_bridge",
    "GeminiVideoAnalyzer": "gemini_video_analyzer",
    "GestureDatabase": "trainer.gesture_database",
    "GestureRecorder": "trainer.gesture_recorder",
    "GestureRecognizer": "trainer.gesture_recognizer",
    "TrainingUI": "trainer.training_ui",
}
NO_DEFAULT = inspect.Parameter.empty


@pytest.mark.parametrize("name", PATHS)
def test_all_paths_of_a_class_give_the_same_class(name):
    modules = [f"dj_agent.gesture_control.{PATHS[name]}{suffix}" for suffix in ("", "_production")]
    found = {getattr(import_module(module), name) for module in modules} | {getattr(door, name)}
    assert len(found) == 1
    assert found.pop().__module__.startswith("motif.")


def test_the_door_promises_what_it_has():
    trainer = import_module("dj_agent.gesture_control.trainer")
    for module in (door, trainer):
        assert set(module.__all__) == set(dir(module))
        for name in module.__all__:
            assert getattr(module, name).__doc__, name


@pytest.mark.parametrize(
    "first", [f"dj_agent.gesture_control.{path}" for path in ("trainer.training_ui", "sensor_logger_bridge_production")]
)
def test_any_path_may_be_imported_first(first):
    code = f"import {first}; import dj_agent.gesture_control as d; [getattr(d, name) for name in d.__all__]"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_opening_the_door_loads_nothing_heavy():
    code = "import sys, dj_agent.gesture_control; print([m for m in ('numpy', 'rich', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_the_door_holds_names_and_no_logic():
    for path in Path(door.__file__).parents[1].rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.For | ast.While | ast.Lambda), path
            if isinstance(node, ast.ImportFrom):
                assert "._" not in f".{node.module}".replace(".__future__", ""), f"{path} looks behind a room's door"


@pytest.mark.parametrize(
    ("name", "defaults"),
    [
        (
            "GestureRecorder",
            {"video_analyzer": None, "auto_save": True, "session_dir": "./recording_sessions"},
        ),
        (
            "GestureRecognizer",
            {"database": NO_DEFAULT, "confidence_threshold": 0.7, "enable_caching": True, "enable_calibration": True},
        ),
        ("TrainingUI", {"session_file": "./training_session.json"}),
    ],
)
def test_parameters_have_the_documented_defaults(name, defaults):
    parameters = inspect.signature(getattr(door, name)).parameters
    assert {each: parameters[each].default for each in defaults} == defaults
    assert {"database"} <= set(parameters)


def test_what_a_caller_may_assign_on_a_class_is_there():
    database, recorder = door.GestureDatabase, door.GestureRecorder
    assert (database.MAX_BACKUP_COUNT, database.BACKUP_RETENTION_DAYS, database.AUTO_BACKUP_INTERVAL) == (10, 30, 300)
    assert (recorder.MIN_SENSOR_READINGS, recorder.SENSOR_QUALITY_THRESHOLD) == (10, 0.7)


def test_states_are_lower_case_texts():
    states = ["disconnected", "connecting", "connected", "reconnecting", "error", "stopped"]
    assert sorted(state.value for state in door.SourceState) == sorted(states)
    assert {"STOPPED", "RUNNING", "ERROR"} <= set(door.VideoState.__members__)


@pytest.fixture
def walkthrough_folder(tmp_path, monkeypatch):
    """A folder as a user of the earlier code has it: gestures were taught."""
    monkeypatch.chdir(tmp_path)
    with GestureDatabase("./gesture_database") as database:
        recorder = door.GestureRecorder(database=database)
        taught(database, "push", "twist", repetitions=4, recorder=recorder)
        recorder.end_session()
        for name in database.list_templates():
            database.train_template(name)
    return tmp_path


def test_the_documented_walk_through_runs_as_it_is(walkthrough_folder, capsys):
    from dj_agent.gesture_control import (
        GestureDatabase,
        GestureRecognizer,
        GestureRecorder,
        SensorLoggerBridge,
    )

    # Open a database
    db = GestureDatabase("./gesture_database")
    stats = db.get_stats()
    print(f"Templates: {stats['num_templates']}")
    print(f"State: {stats['state']}")

    # List and get templates
    for name in db.list_templates():
        template = db.get_template(name)
        print(f"{name}: v{template.version}, {template.num_samples} samples")
        print(f"  Accuracy: {template.accuracy:.1%}")
        print(f"  Consistency: {template.consistency_score:.1%}")

    # Recognizer with the database alone
    recognizer = GestureRecognizer(database=db)

    # Bridge with no argument
    bridge = SensorLoggerBridge()
    print(f"Bridge: {bridge.state.value}")

    # Recorder
    recorder = GestureRecorder(sensor_bridge=bridge, database=db, auto_save=True)
    assert recorder.metrics.takes_kept == 0

    # Metrics
    recognizer.print_metrics()
    db.close()

    shown = capsys.readouterr().out
    assert "Templates: 2" in shown
    assert "State: healthy" in shown
    assert "push: v1, 4 samples" in shown
    assert "Bridge: disconnected" in shown
    assert "Gesture recognizer" in shown


def test_a_folder_of_the_prototype_is_opened_and_recognized(tmp_path):
    samples = [
        {"duration": 0.8 + i / 100, "gyro_direction": [0.0, 0.1, 0.9], "peak_acceleration": 12.0 + i} for i in range(4)
    ]
    other = [{**each, "gyro_direction": [0.9, 0.1, 0.0], "peak_acceleration": 30.0} for each in samples]
    content = {"swipe": {"samples": samples, "metadata": {}}, "shake": {"samples": other, "metadata": {"by": "me"}}}
    (tmp_path / "templates.json").write_text(json.dumps(content))
    with door.GestureDatabase(str(tmp_path)) as database:
        assert database.list_templates() == ["shake", "swipe"]
        assert database.get_stats()["total_samples"] == 8
        recognizer = door.GestureRecognizer(database)
        result = recognizer.recognize({"duration": 0.82, "gyro_direction": [0.0, 0.1, 0.9], "peak_acceleration": 13.0})
        assert result.gesture == "swipe"
    assert json.loads((tmp_path / "templates.json").read_text()) == content


def test_a_result_has_the_documented_fields(walkthrough_folder):
    with door.GestureDatabase("./gesture_database") as database:
        recognizer = door.GestureRecognizer(
            database=database, confidence_threshold=0.7, enable_caching=True, enable_calibration=True
        )
        recognizer.feature_weights["gyro_direction"] = 1.5
        result = recognizer.recognize(database.samples("push")[0])
    assert result.gesture == "push"
    assert 0.7 <= result.confidence <= 1
    assert result.processing_time_ms > 0
    assert result.is_outlier is False


def test_the_bridge_counts_what_it_cannot_use_and_never_raises():
    bridge = door.SensorLoggerBridge()
    for rubbish in (None, b"", b"{", "[]", {"payload": 3}, {"payload": [{"name": "gyroscope", "time": "x"}]}, 5):
        assert bridge.accept(rubbish) is False


def test_a_phone_that_pushes_over_http_teaches_a_gesture(tmp_path):
    _, times, values = takes("push", repetitions=1)[0]
    upright = [0.0, 0.0, 9.81]
    messages = [
        {
            "messageId": number,
            "sessionId": "s",
            "deviceId": "my phone",
            "payload": [
                {"name": name, "time": int(times[i]), "values": dict(zip("xyz", map(float, axes), strict=True))}
                for i in range(start, min(start + 20, len(times)))
                for name, axes in (
                    ("accelerometer", values[i, :3] - upright),
                    ("gravity", upright),
                    ("gyroscope", values[i, 3:]),
                )
            ],
        }
        for number, start in enumerate(range(0, len(times), 20))
    ]

    async def push(recorder, bridge):
        everything, heard = asyncio.Event(), []

        def count(readings):
            heard.append(readings.n_samples)
            if sum(heard) >= 3 * len(times):
                everything.set()

        async with bridge, httpx.AsyncClient() as phone:
            recorder.start_recording("push")
            bridge.on_reading(count)
            for message in messages:
                assert (await phone.post(bridge.url, json=message)).status_code == 200
            async with asyncio.timeout(60):
                await everything.wait()
            return recorder.stop_recording()

    with door.GestureDatabase(tmp_path / "gestures") as database:
        source = SensorLoggerHTTP(port=0, platform="android")
        bridge = door.SensorLoggerBridge(source, calibrate_live=False)
        recorder = door.GestureRecorder(sensor_bridge=bridge, database=database, session_dir=tmp_path / "sessions")
        sample = asyncio.run(push(recorder, bridge))
        assert sample is not None, recorder.problem
        assert sample.channels == ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")
        assert database.get_stats()["total_samples"] == 1
    middle = sample.n_samples // 2
    np.testing.assert_allclose(sample.values[middle, :3], values[len(times) // 2, :3], atol=4.0)  # gravity is back


def test_recording_by_mappings_as_callers_have_them(tmp_path):
    with door.GestureDatabase(tmp_path / "gestures") as database:
        recorder = door.GestureRecorder(
            sensor_bridge=None, video_analyzer=None, database=database, auto_save=True, session_dir=str(tmp_path / "s")
        )
        _, times, values = takes("push", repetitions=1)[0]
        recorder.start_recording("push")
        for time_ns, row in zip(times.tolist(), values.tolist(), strict=True):
            reading = {"timestamp": time_ns / 1e9, "accelerometer": row[:3], "gyroscope": row[3:]}
            assert recorder.add_sensor_reading(reading)
        assert recorder.stop_recording() is not None
        assert database.get_stats()["total_samples"] == 1


def test_an_interrupted_recording_is_recovered(tmp_path):
    code = (
        "import os, sys; from dj_agent.gesture_control import *; from tests.templates.gesture_samples import *\n"
        "d = GestureDatabase('gestures'); r = GestureRecorder(database=d); r.start_recording('push')\n"
        "_, t, v = takes('push', repetitions=1)[0]\n"
        "[r.add_sensor_reading(x) for x in readings(t, v)]\n"
        "while r.acknowledged < r.n_readings: pass\n"
        "os.kill(os.getpid(), 9)"
    )
    root = Path(__file__).parents[2]
    child = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=_with_path(root), check=False)
    assert child.returncode == -9
    with door.GestureDatabase(tmp_path / "gestures") as database:
        recorder = door.GestureRecorder(database=database, session_dir=tmp_path / "recording_sessions")
        (found,) = recorder.recover()
        assert recorder.restore(found) is not None
        assert len(database.samples("push")) == 1


def _with_path(root):
    import os

    return os.environ | {"PYTHONPATH": str(root)}


def test_readings_of_the_house_and_samples_are_taken_too(tmp_path):
    with door.GestureDatabase(tmp_path / "gestures") as database:
        recorder = door.GestureRecorder(database=database, session_dir=tmp_path / "s")
        _, times, values = takes("twist", repetitions=1)[0]
        assert isinstance(readings(times, values)[0], Readings)
        sample = record(recorder, "twist", times, values)
        recognizer = door.GestureRecognizer(database)
        assert recognizer.recognize(sample).alternatives[0][0] == "twist"
