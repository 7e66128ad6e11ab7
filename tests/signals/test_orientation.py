import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from motif.errors import ConfigError, InputError, NotFiniteError, ShapeError
from motif.signals import OrientationFilter, gravity, linear_acceleration, orientation, resample, rotate, tilt

G = 9.80665
RATE = 100
seeds = st.integers(0, 999)


def turning_sensor(seed, n_samples=400):
    """Return specific force, angular rate and magnetic field of a sensor that turns in place, and how it stands."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(n_samples) / RATE
    waves = [
        rng.uniform(0.2, 1.5) * np.sin(2 * np.pi * rng.uniform(0.2, 1) * seconds + rng.uniform(0, 6)) for _ in "xyz"
    ]
    angular_rate = np.column_stack(waves)
    stands = [Rotation.random(random_state=seed)]
    for turn in angular_rate[1:]:
        stands.append(stands[-1] * Rotation.from_rotvec(turn / RATE))
    stand = Rotation.concatenate(stands)
    return stand.inv().apply([0, 0, G]), angular_rate, stand.inv().apply([0, 20, -40]), stand


@given(roll=st.floats(-3.1, 3.1), pitch=st.floats(-1.5, 1.5), gravity=st.floats(0.1, 20))
def test_tilt_undoes_the_rotation_whatever_gravity_is(roll, pitch, gravity):
    resting = gravity * Rotation.from_euler("xyz", [roll, pitch, 0]).inv().apply([0, 0, 1])
    np.testing.assert_allclose(tilt(resting[None]), [[roll, pitch]], atol=1e-9)


@given(seed=seeds)
def test_rotate_agrees_with_scipy_and_turns_back(seed):
    rng = np.random.default_rng(seed)
    vectors, turns = rng.normal(size=(5, 3)), Rotation.random(5, random_state=seed)
    quaternions = turns.as_quat(scalar_first=True) * rng.uniform(0.5, 2, (5, 1))
    np.testing.assert_allclose(rotate(vectors, quaternions), turns.apply(vectors), atol=1e-12)
    np.testing.assert_allclose(rotate(rotate(vectors, quaternions), quaternions, inverse=True), vectors, atol=1e-12)
    np.testing.assert_allclose(rotate(vectors, quaternions[0]), turns[0].apply(vectors), atol=1e-12)


@settings(deadline=None, max_examples=20)
@given(seed=seeds, causal=st.booleans())
def test_a_sensor_that_only_turns_has_no_linear_acceleration(seed, causal):
    acceleration, angular_rate, _, _ = turning_sensor(seed)
    linear = linear_acceleration(acceleration, RATE, angular_rate, causal=causal)
    assert np.abs(linear).max() < 0.1


@settings(deadline=None, max_examples=20)
@given(seed=seeds, use_gyroscope=st.booleans(), causal=st.booleans())
def test_a_sensor_at_rest_has_no_linear_acceleration(seed, use_gyroscope, causal):
    resting = np.tile(Rotation.random(random_state=seed).apply([0, 0, G]), (200, 1))
    angular_rate = np.zeros_like(resting) if use_gyroscope else None
    np.testing.assert_allclose(linear_acceleration(resting, RATE, angular_rate, causal=causal), 0, atol=2e-3)


@settings(deadline=None, max_examples=20)
@given(seed=seeds, use_gyroscope=st.booleans(), causal=st.booleans())
def test_mounting_the_sensor_another_way_turns_the_result_with_it(seed, use_gyroscope, causal):
    acceleration, angular_rate, _, _ = turning_sensor(seed)
    acceleration += np.random.default_rng(seed).normal(0, 1, acceleration.shape)
    mount = Rotation.random(random_state=seed + 1)

    def moved(turn):
        gyroscope = turn.apply(angular_rate) if use_gyroscope else None
        return linear_acceleration(turn.apply(acceleration), RATE, gyroscope, causal=causal)

    np.testing.assert_allclose(moved(mount), mount.apply(moved(Rotation.identity())), atol=0.03)


@settings(deadline=None, max_examples=5)
@given(seed=seeds)
def test_with_a_magnetometer_the_orientation_is_the_true_one(seed):
    acceleration, angular_rate, magnetic_field, stand = turning_sensor(seed, n_samples=1500)
    got = orientation(acceleration, angular_rate, RATE, magnetic_field)
    off = (Rotation.from_quat(got, scalar_first=True) * stand.inv()).magnitude()
    assert np.degrees(off).max() < 2


@settings(deadline=None, max_examples=20)
@given(seed=seeds, cuts=st.lists(st.integers(0, 400), max_size=5), with_compass=st.booleans())
def test_the_live_filter_does_not_see_chunks(seed, cuts, with_compass):
    acceleration, angular_rate, magnetic_field, _ = turning_sensor(seed)
    acceleration[[50, 51, 200]] = np.nan
    streams = [acceleration, angular_rate, magnetic_field][: 3 if with_compass else 2]
    whole = OrientationFilter(RATE).step(*streams)
    live = OrientationFilter(RATE)
    pieces = zip(*(np.split(stream, sorted(cuts)) for stream in streams), strict=True)
    np.testing.assert_array_equal(np.concatenate([live.step(*piece) for piece in pieces]), whole)
    live.reset()
    np.testing.assert_array_equal(live.step(*streams), whole)


@pytest.mark.parametrize("causal", [False, True])
def test_a_gap_is_a_gap_and_spoils_nothing_else(causal):
    acceleration, angular_rate, _, _ = turning_sensor(7)
    angular_rate[100:140, 1] = np.nan
    got = gravity(acceleration, RATE, angular_rate, causal=causal)
    assert np.isnan(got[100:140]).all()
    assert np.isfinite(np.delete(got, np.s_[100:140], axis=0)).all()


def test_gravity_is_found_in_a_recording_that_begins_and_ends_while_the_arm_swings():
    time_s = np.arange(3000) / RATE
    for phase in np.linspace(0, 2 * np.pi, 8, endpoint=False):
        swing = 5 * np.sin(2 * np.pi * 1.2 * time_s + phase)
        off = gravity(np.column_stack([swing, 0 * swing, 0 * swing + G]), RATE) - [0, 0, G]
        assert np.abs(off).max() < 1.2


def test_quaternions_have_unit_length_even_in_free_fall():
    turns = orientation(np.zeros((20, 3)), np.ones((20, 3)), RATE)
    np.testing.assert_allclose(np.linalg.norm(turns, axis=1), 1)


def test_nothing_gives_nothing():
    assert orientation(np.empty((0, 3)), np.empty((0, 3)), RATE).shape == (0, 4)
    assert gravity(np.empty((0, 3)), RATE).shape == (0, 3)
    assert rotate(np.empty((0, 3)), [1.0, 0, 0, 0]).shape == (0, 3)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: tilt(np.zeros(3)), ShapeError, r"acceleration has shape \(3,\); want \(n_samples, 3\)"),
        (lambda: tilt([[0, 0, np.inf]]), NotFiniteError, r"\(0, 2\)"),
        (lambda: orientation(np.zeros((4, 3)), np.zeros((5, 3)), 100), ShapeError, r"angular_rate .* want \(4, 3\)"),
        (lambda: orientation(np.zeros((4, 3)), np.zeros((4, 3)), -1), ConfigError, "rate_hz=-1"),
        (lambda: OrientationFilter(0), ConfigError, "rate_hz=0"),
        (lambda: gravity(np.zeros((4, 3)), 0.5), ConfigError, "half of the rate"),
        (lambda: rotate(np.zeros((4, 3)), np.ones((3, 4))), ShapeError, r"\(4, 4\) or \(4,\)"),
        (lambda: rotate(np.ones((2, 3)), [[1, 0, 0, 0], [0, 0, 0, 0]]), InputError, "quaternion 1 is zero"),
    ],
)
def test_bad_input_to_orientation_says_what_is_wrong(call, error, says):
    with pytest.raises(error, match=says):
        call()


def read_xyz(path):
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    values = [[float(row[axis]) for axis in "xyz"] for row in rows]
    return np.array([int(row["time"]) for row in rows]), np.array(values)


def test_gravity_is_where_a_real_phone_says_it_is(shared_data):
    folder = shared_data("sensor_logger") / "ski_android_2025-12-22"
    streams = {name: read_xyz(folder / f"{name}.csv") for name in ("TotalAcceleration", "Gyroscope", "Gravity")}
    start = max(int(time_ns[0]) for time_ns, _ in streams.values())
    stop = min(int(time_ns[-1]) for time_ns, _ in streams.values())
    total, gyroscope, told = (
        resample(time_ns, values, 50, start_ns=start, stop_ns=stop).values for time_ns, values in streams.values()
    )
    for causal in (False, True):
        got = gravity(total, 50, gyroscope, causal=causal)
        known = ~np.isnan(np.hstack([got, told])).any(axis=1)
        cosine = (got[known] * told[known]).sum(axis=1) / (G * np.linalg.norm(told[known], axis=1))
        assert np.median(np.degrees(np.arccos(cosine.clip(-1, 1)))) < 5
