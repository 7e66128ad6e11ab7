import math

import numpy as np
import pytest
from tests.templates.gesture_samples import readings, record, takes

from motif.errors import InputError
from motif.templates import GestureRecorder

_, TIMES, VALUES = takes("push", repetitions=2)[0]


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("name", ["", "  ", "wave ", "a\nb", "w" * 201, None, 5])
def test_a_name_that_the_database_would_refuse_is_refused_before_the_movement(recorder, name, keep):
    with pytest.raises(InputError, match="a gesture's name is"):
        recorder.start_recording(name, keep=keep)
    assert not recorder.is_recording


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
