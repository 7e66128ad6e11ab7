import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from motif.errors import (
    ColumnError,
    ConfigError,
    DtypeError,
    InputError,
    NotFiniteError,
    ShapeError,
    TooFewSamplesError,
)
from motif.templates import GestureSample, SensorFeatures, sensor_features

RATE_HZ = 100.0
IMU = ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")
TIME_S = np.arange(100) / RATE_HZ


def push(axis, *, size=4.0, tilt=(0.0, 0.0, 9.81)):
    """Forth and back along an axis, lying still otherwise."""
    window = np.zeros((100, 6))
    window[:, :3] = tilt
    window[:, axis] += size * np.sin(2 * np.pi * TIME_S)
    return window


def test_a_push_has_the_features_that_can_be_worked_out_by_hand():
    features = sensor_features(push(0), RATE_HZ, IMU)
    assert features.duration_s == pytest.approx(1.0)
    assert features.acc_peak == pytest.approx(4.0, abs=0.01)
    assert features.acc_rms == pytest.approx(4.0 / math.sqrt(2), abs=0.01)
    assert features.acc_energy == pytest.approx(8.0, abs=0.01)
    assert features.acc_direction == pytest.approx((1, 0, 0), abs=0.01)
    assert features.gravity_direction == pytest.approx((0, 0, 1))
    assert features.acc_axis_shares == pytest.approx((1, 0, 0))
    assert features.n_reversals == 1
    assert features.dominant_frequency_hz == pytest.approx(1.0, abs=1.01)
    assert features.jerk_peak == pytest.approx(4.0 * 2 * math.pi, rel=0.01)
    assert features.dominant_axis == "acc_x"
    assert (features.gyr_peak, features.rotation, features.gyro_direction) == (0.0, 0.0, (0.0, 0.0, 0.0))
    assert features.validate()
    assert features.problems() == ()


def test_a_turn_one_way_has_a_direction_and_a_turn_to_and_fro_has_none():
    once = np.zeros((100, 3))
    once[:, 2] = 3 * np.sin(np.pi * TIME_S)
    both = np.zeros((100, 3))
    both[:, 2] = 3 * np.sin(2 * np.pi * TIME_S)
    gyr = IMU[3:]
    assert sensor_features(once, RATE_HZ, gyr).gyro_direction == pytest.approx((0, 0, 1))
    assert sensor_features(-once, RATE_HZ, gyr).gyro_direction == pytest.approx((0, 0, -1))
    assert sensor_features(once, RATE_HZ, gyr).rotation == pytest.approx(6 / math.pi, rel=0.01)
    assert np.linalg.norm(sensor_features(both, RATE_HZ, gyr).gyro_direction) < 0.05
    assert sensor_features(both, RATE_HZ, gyr).acc_peak is None
    assert sensor_features(once, RATE_HZ, gyr).dominant_axis == "gyr_z"


def test_linear_acceleration_is_taken_as_it_is():
    linear = push(1, tilt=(0, 0, 0))[:, :3] + [0, 1.0, 0]
    channels = ("linear_acc_x", "linear_acc_y", "linear_acc_z", "mag_x")
    features = sensor_features(np.column_stack([linear, np.zeros(100)]), RATE_HZ, channels)
    assert features.acc_peak == pytest.approx(5.0, abs=0.01)
    assert features.gravity_direction is None


def test_stillness_has_features_too():
    features = sensor_features(np.tile([0, 0, 9.81, 0, 0, 0], (50, 1)), RATE_HZ, IMU)
    assert (features.acc_peak, features.n_reversals, features.dominant_frequency_hz) == (0.0, 0.0, 0.0)
    assert features.dominant_axis is None
    assert features.validate()


@given(
    arrays(np.float32, (20, 6), elements=st.floats(-150, 150, width=32)),
    st.floats(0.5, 3.0),
)
def test_features_of_what_a_sensor_can_say_are_always_possible_and_scale_as_they_should(window, factor):
    features = sensor_features(window, RATE_HZ, IMU)
    assert np.isfinite(features.vector()).all()
    unexpected = [line for line in features.problems() if not line.startswith(("gyr_", "rotation", "jerk_"))]
    assert unexpected == []
    larger = sensor_features(window * np.float32(factor), RATE_HZ, IMU)
    assert larger.gyr_peak == pytest.approx(features.gyr_peak * np.float32(factor), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize(
    ("window", "rate_hz", "channels", "error"),
    [
        (np.zeros((10, 5)), 100.0, IMU, ShapeError),
        (np.zeros((3, 6)), 100.0, IMU, TooFewSamplesError),
        (np.zeros((10, 6)), 0.0, IMU, ConfigError),
        (np.full((10, 6), np.nan), 100.0, IMU, NotFiniteError),
        (np.full((10, 6), "a"), 100.0, IMU, DtypeError),
        (np.zeros((10, 2)), 100.0, ("hand_0_x", "hand_0_y"), ColumnError),
    ],
)
def test_what_is_no_window_of_motion_is_refused(window, rate_hz, channels, error):
    with pytest.raises(error):
        sensor_features(window, rate_hz, channels)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from([*SensorFeatures.names(), "extra", "hand", "accel_magnitude"]) | st.text(max_size=8)


@given(st.dictionaries(names, values, max_size=8))
def test_any_dictionary_is_taken_and_nothing_of_it_is_lost(given_dict):
    features = SensorFeatures.from_dict(given_dict)
    back = features.to_dict()
    known = {name for name in given_dict if name in SensorFeatures.LIMITS and given_dict[name] is None}
    assert json.loads(json.dumps(back)) == json.loads(
        json.dumps({k: v for k, v in given_dict.items() if k not in known})
    )
    assert SensorFeatures.from_dict(back) == features
    assert all(math.isfinite(number) for number in features.numbers().values())
    assert features.vector().shape == (len(SensorFeatures.vector_names()),)


def test_what_no_movement_can_have_is_named():
    cases = {
        "acc_peak": 5000.0,
        "gyr_rms": -1.0,
        "duration_s": math.nan,
        "time_of_peak": 1.5,
        "gyro_direction": [0, 0, 2.0],
        "n_reversals": math.inf,
    }
    for name, value in cases.items():
        features = SensorFeatures.from_dict({name: value})
        assert not features.validate()
        assert features.problems()[0].startswith(name)
    above = SensorFeatures(acc_mean=3.0, acc_rms=2.0)
    assert above.problems() == ("acc_mean is 3, above acc_rms, 2",)
    assert SensorFeatures.from_dict({"a": {"b": [1.0, math.nan]}}).problems() == ("a.b.1 is not finite",)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"duration_s": "fast", "acc_peak": 3.0}, "duration_s is 'fast'; want a number"),
        ({"duration_s": True, "acc_peak": 3.0}, "duration_s is True; want a number"),
        ({"duration_s": 10**400, "acc_peak": 3.0}, "duration_s is 1000"),
        ({"gyro_direction": "left", "acc_peak": 3.0}, "gyro_direction is 'left'; want three numbers"),
        ({"gyro_direction": [1], "acc_peak": 3.0}, "gyro_direction is [1]; want three numbers"),
        ({}, "no feature at all"),
        ({"duration_s": None}, "no feature at all"),
        ({"hand": "left", "flags": [True, {"a": "b"}]}, "no feature at all"),
    ],
)
def test_what_is_no_feature_is_named(values, problem):
    features = SensorFeatures.from_dict(values)
    (found,) = features.problems()
    assert found.startswith(problem)
    assert not features.validate()


def test_a_number_under_a_name_of_the_callers_own_is_a_feature():
    assert SensorFeatures.from_dict({"accel_magnitude": 12.0, "hand": "left"}).validate()


def test_features_may_be_nested_deeper_than_python_calls():
    deep = {"a": 1.0}
    for _ in range(3000):
        deep = {"a": deep}
    assert SensorFeatures.from_dict(deep).problems() == ()


def test_numbers_have_names_and_weights_go_by_feature():
    features = SensorFeatures.from_dict(
        {"gyro_direction": [0, 1, 0], "speed": 2, "zones": [1, "b", 3], "deep": {"a": 1}}
    )
    numbers = features.numbers()
    assert (numbers["gyro_direction_y"], numbers["speed"], numbers["zones_0"], numbers["deep_a"]) == (
        1.0,
        2.0,
        1.0,
        1.0,
    )
    weights = SensorFeatures.weight_vector({"gyro_direction": 2.5})
    named = dict(zip(SensorFeatures.vector_names(), weights, strict=True))
    assert named["gyro_direction_x"] == named["gyro_direction_z"] == 2.5
    assert named["acc_peak"] == 1.0
    with pytest.raises(ColumnError, match="'gyro'"):
        SensorFeatures.weight_vector({"gyro": 1.0})
    with pytest.raises(InputError, match="-1"):
        SensorFeatures.weight_vector({"acc_peak": -1.0})
    with pytest.raises(InputError, match="list"):
        SensorFeatures.from_dict([1.0])


def test_a_sample_is_frozen_whole_and_known_by_what_it_holds():
    motion = push(0)
    sample = GestureSample.of(motion, IMU, RATE_HZ)
    again = GestureSample.of(motion, IMU, RATE_HZ, quality=0.5)
    assert sample.hash == again.hash != GestureSample.of(2 * motion, IMU, RATE_HZ).hash
    assert sample.sample_id != again.sample_id
    assert sample.features == sensor_features(motion, RATE_HZ, IMU)
    assert sample.n_samples == 100
    with pytest.raises(ValueError, match="read-only"):
        sample.values[0, 0] = 1.0
    assert "100 × acc_x" in repr(sample)
    assert "1 features" in repr(GestureSample(features=SensorFeatures(acc_peak=1.0), outlying=True))
    landmarks = GestureSample.of(np.zeros((12, 2)), ("hand_0_x", "hand_0_y"), 30.0)
    assert landmarks.features is None


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ({}, InputError),
        ({"values": np.zeros((5, 2)), "channels": ("a",), "rate_hz": 1.0}, ShapeError),
        ({"values": np.zeros((5, 2)), "channels": ("a", "a"), "rate_hz": 1.0}, InputError),
        ({"values": np.zeros((5, 1)), "channels": ("a",)}, ConfigError),
        ({"values": np.full((5, 1), np.inf), "channels": ("a",), "rate_hz": 1.0}, NotFiniteError),
        ({"features": SensorFeatures(), "quality": 1.5}, InputError),
        ({"features": SensorFeatures(), "metadata": {"a": math.nan}}, InputError),
        ({"features": SensorFeatures(acc_peak=math.inf)}, InputError),
    ],
)
def test_a_sample_that_cannot_be_is_refused(parts, error):
    with pytest.raises(error):
        GestureSample(**parts)
