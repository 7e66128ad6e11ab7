import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.errors import InputError, TooFewSamplesError
from motif.recordings import Readings
from motif.templates._recorder_reading import readings_of
from motif.templates._recorder_take import Take

ACC, GYR = ("acc_x", "acc_y", "acc_z"), ("gyr_x", "gyr_y", "gyr_z")
LINEAR, GRAVITY = ("linear_acc_x", "linear_acc_y", "linear_acc_z"), ("gravity_x", "gravity_y", "gravity_z")


@pytest.mark.parametrize(
    "given",
    [
        {"timestamp_ns": 7, "accelerometer": (1, 2, 3), "gyroscope": {"x": 0.1, "y": 0.2, "z": 0.3}},
        {"time_ns": 7, "acc_x": 1, "acc_y": 2, "acc_z": 3, "gyro_x": 0.1, "gyro_y": 0.2, "gyro_z": 0.3},
        {"time_ns": 7, "ax": 1, "ay": 2, "az": 3, "gx": 0.1, "gy": 0.2, "gz": 0.3},
        SimpleNamespace(time_ns=7, acceleration=[1, 2, 3], angular_velocity=SimpleNamespace(x=0.1, y=0.2, z=0.3)),
        SimpleNamespace(
            readings=Readings.of("phone", (*ACC, *GYR), 7, (1, 2, 3, 0.1, 0.2, 0.3)), time_ns=9, acceleration=[0, 0, 0]
        ),
    ],
)
def test_a_reading_is_understood_however_it_is_written(given):
    found = readings_of(given)
    assert found.channels == (*ACC, *GYR)
    assert found.time_ns.tolist() == [7]
    np.testing.assert_array_equal(found.values, [[1, 2, 3, 0.1, 0.2, 0.3]])


def test_an_accelerometer_beside_gravity_is_without_gravity():
    found = readings_of({"accelerometer": (1, 2, 3), "gravity": (0, 0, 9.8), "time_ns": 1})
    assert {name.rpartition("_")[0] for name in found.channels} == {"linear_acc", "gravity"}


def test_sensor_loggers_own_form_is_understood():
    found = readings_of({"name": "gyroscope", "time": 1698501144401773001, "values": {"x": 1.0, "y": 2.0, "z": 3.0}})
    assert found.channels == GYR
    assert found.time_ns.tolist() == [1698501144401773001]


@pytest.mark.parametrize(
    ("time", "time_ns"),
    [(1.5, 1_500_000_000), (1700000000.25, 1700000000250000000), (1700000000250, 1700000000250000000), (None, 42)],
)
def test_times_may_be_seconds_milliseconds_or_missing(time, time_ns):
    assert readings_of({"timestamp": time, "gyro": (0, 0, 1)}, now_ns=lambda: 42).time_ns.tolist() == [time_ns]


@pytest.mark.parametrize(
    "given",
    [
        {},
        None,
        3,
        "text",
        {"gyro": (1, 2)},
        {"gyro": "abc"},
        {"gyro": (math.inf, 0, 0)},
        {"gyro": (math.nan,) * 3},
        {"gyro": (1e308, 0, 0)},
        {"gyro": (500.0, 0, 0)},
        {"accelerometer": (1, 2, 3), "time_ns": "soon"},
        {"accelerometer": (1, 2, 3), "timestamp": 1e300},
        Readings(device="a", channels=("gyr_x",), time_ns=np.empty(0, np.int64), values=np.empty((0, 1))),
    ],
)
def test_what_cannot_be_a_reading_is_refused_with_a_reason(given):
    with pytest.raises(InputError):
        readings_of(given)


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["gyro", "accelerometer", "time", "x", "y", "z", "name", "values"]), inner),
    ),
    max_leaves=8,
)


@given(given=ANYTHING)
def test_nothing_but_an_input_error_ever_comes_of_rubbish(given):
    try:
        found = readings_of(given)
    except InputError:
        return
    assert np.isfinite(found.values).any()


def sensor(channels, start_ns, n, step_ns=10_000_000, device="phone", value=1.0, quality=1.0):
    values = value * np.random.default_rng(0).standard_normal((n, len(channels)))
    return Readings(
        device=device, channels=channels, time_ns=start_ns + step_ns * np.arange(n), values=values, quality=quality
    )


def test_a_take_is_bounded_and_counts_what_it_forgets():
    take = Take(capacity_samples=50)
    for i in range(20):
        take.add(sensor(GYR, i * 10**8, 10))
    assert (take.n_samples, take.n_dropped) == (50, 150)


def test_a_take_is_of_one_device():
    take = Take()
    assert take.add(sensor(GYR, 0, 3))
    assert not take.add(sensor(GYR, 0, 3, device="watch"))


def test_rows_have_all_sensors_and_no_gaps():
    take = Take()
    take.add(sensor(ACC, 0, 40))
    take.add(sensor(GYR, 55_000_000, 20))
    take.add(sensor(GYR, 355_000_000, 10))  # a gap of 100 ms is filled
    channels, rate_hz, time_ns, values = take.rows()
    assert (channels, rate_hz) == (ACC + GYR, 100.0)
    assert not np.isnan(values).any()
    assert (time_ns[0], time_ns[-1]) == (60_000_000, 390_000_000)
    assert set(np.diff(time_ns)) == {10_000_000}


def test_rows_keep_the_longest_stretch_where_a_gap_is_too_long():
    take = Take()
    take.add(sensor(GYR, 0, 10))
    take.add(sensor(GYR, 10**9, 30))
    assert take.rows()[2].tolist() == (10**9 + 10_000_000 * np.arange(30)).tolist()


ALTERNATING = [part for i in range(10) for part in (sensor(ACC, i * 10**8, 10), sensor(GYR, i * 10**8, 10))]


def rows_of(parts):
    take = Take()
    for part in parts:
        take.add(part)
    return take.rows()


def assert_same_rows(found, expected):
    assert found[:2] == expected[:2]
    np.testing.assert_array_equal(found[2], expected[2])
    np.testing.assert_array_equal(found[3], expected[3])


@given(st.permutations(ALTERNATING))
def test_any_order_of_arrival_gives_the_rows_of_the_order_in_time(parts):
    expected = rows_of(ALTERNATING)
    assert len(expected[2]) == 100
    assert_same_rows(rows_of(parts), expected)


@given(st.permutations(range(60)))
def test_samples_that_come_one_by_one_in_any_order_give_the_same_rows(order):
    whole = sensor(GYR, 0, 60)
    single = [Readings.of("phone", GYR, int(whole.time_ns[i]), whole.values[i]) for i in order]
    assert_same_rows(rows_of(single), rows_of([whole]))


@given(st.permutations(range(3)))
def test_what_stands_in_for_a_sensor_does_not_take_its_place(order):
    parts = [sensor(LINEAR, 0, 60), sensor(GRAVITY, 0, 60)]
    parts.append(sensor(ACC, 100_000_000, 50, value=5.0))
    channels, _, time_ns, values = rows_of([parts[i] for i in order])
    assert channels == ACC
    np.testing.assert_allclose(values[time_ns >= 100_000_000], parts[2].values)


def test_a_long_take_may_come_one_sensor_after_the_other():
    parts = [sensor(ACC, 0, 600), sensor(GYR, 0, 600)]
    assert len(rows_of(parts)[2]) == 600


def test_a_wrong_time_is_no_part_of_the_rows():
    for wrong_ns in (-(10**18), 10**18):
        parts = [sensor(GYR, 0, 10), sensor(GYR, wrong_ns, 1), sensor(GYR, 10**8, 20)]
        assert rows_of(parts)[2].tolist() == list(range(0, 300_000_000, 10_000_000))


def test_sensors_that_never_speak_together_make_no_rows():
    take = Take()
    take.add(sensor(ACC, 0, 10))
    take.add(sensor(GYR, 10**9, 10))
    with pytest.raises(TooFewSamplesError, match="permissions"):
        take.rows()


def test_landmarks_are_kept_where_there_is_no_motion():
    take = Take()
    hand = tuple(f"hand_{i}_{axis}" for i in range(21) for axis in ("x", "y", "z", "fourth"))
    take.add(sensor(hand, 0, 20, step_ns=33_333_333))
    channels, rate_hz, _, values = take.rows()
    assert (channels, rate_hz) == (hand, 30.0)
    assert len(values) in (19, 20)


def test_quality_is_one_for_a_steady_sensor_and_falls_with_gaps_and_with_what_the_source_says():
    def quality(*parts):
        take = Take()
        for part in parts:
            take.add(part)
        return take.quality()

    steady = quality(sensor(GYR, 0, 200))
    assert steady > 0.95
    assert quality(sensor(GYR, 0, 200, quality=0.5)) == pytest.approx(steady / 2)
    assert quality(sensor(GYR, 0, 100), sensor(GYR, 4 * 10**9, 100)) < 0.6
    assert quality(sensor(GYR, 0, 200), sensor(ACC, 0, 200, quality=0.3)) == pytest.approx(0.3 * steady, rel=0.1)
    assert quality() == 0.0


def test_a_sensor_that_says_only_zeros_is_no_good_and_is_named():
    take = Take()
    take.add(sensor(ACC, 0, 200))
    take.add(sensor(GYR, 0, 200, value=0.0))
    assert take.worst() == (0.0, "gyr: flat")


def test_gravity_may_stand_still_but_not_stop():
    def gravity(times):
        values = np.tile([0.0, 0.0, 9.81], (len(times), 1))
        return Readings(device="phone", channels=("gravity_x", "gravity_y", "gravity_z"), time_ns=times, values=values)

    for times, good in ((np.arange(200), True), (np.r_[:50, 550:600], False)):
        take = Take()
        take.add(sensor(("linear_acc_x", "linear_acc_y", "linear_acc_z"), 0, 200))
        take.add(gravity(10_000_000 * times))
        assert (take.quality() > 0.9) == good


def test_recent_quality_forgives_what_is_long_past():
    take = Take()
    take.add(sensor(GYR, 0, 200, quality=0.1))
    take.add(sensor(GYR, 2 * 10**9, 300))
    assert take.quality(recent=True) > 0.9 > take.quality()


def test_a_sensor_that_a_sample_needs_nothing_of_cannot_spoil_it():
    take = Take()
    take.add(sensor(GYR, 0, 200))
    alone = take.quality()
    take.add(sensor(("mag_x", "mag_y", "mag_z"), 0, 200, quality=0.1))
    assert take.quality() == alone
    take.add(sensor(("linear_acc_x", "linear_acc_y", "linear_acc_z"), 0, 200))
    take.add(sensor(("gravity_x", "gravity_y", "gravity_z"), 0, 200, quality=0.1))
    assert take.quality() < 0.11


def test_the_zeros_that_landmarks_carry_are_no_fault():
    hand = tuple(f"hand_{i}_{axis}" for i in range(21) for axis in ("x", "y", "z", "fourth"))
    given = sensor(hand, 0, 30, step_ns=33_333_333)
    values = given.values.copy()
    values[:, 3::4] = 0
    take = Take()
    take.add(Readings(device="camera", channels=hand, time_ns=given.time_ns, values=values))
    assert take.quality() > 0.95
