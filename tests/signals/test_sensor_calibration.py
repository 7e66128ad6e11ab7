import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from scipy.spatial.transform import Rotation

from motif.errors import ConfigError, InputError, ShapeError, TooFewSamplesError
from motif.signals import (
    calibrate_accelerometer,
    flat_sign,
    remove_drift,
    resample,
    rest_bias,
    still_stretches,
)

G = 9.80665
RATE = 50
seeds = st.integers(0, 999)


def rests_and_moves(seed, n_rests=6, rest_s=3):
    """Return noise at rest with vigorous movement between, and where the rests are."""
    rng = np.random.default_rng(seed)
    rest, move = rest_s * RATE, 2 * RATE
    values = rng.normal(0, 0.003, (n_rests * (rest + move), 3))
    still = np.zeros(len(values), dtype=bool)
    for start in range(0, len(values), rest + move):
        still[start : start + rest] = True
    values[~still] += rng.normal(0, 2, (int((~still).sum()), 3))
    return values, still


@settings(deadline=None, max_examples=50)
@given(seed=seeds, length=st.integers(2, 12), missing=st.floats(0, 0.05))
def test_a_sample_is_still_where_a_still_window_holds_it(seed, length, missing):
    rng = np.random.default_rng(seed)
    values = rng.normal(0, rng.choice([0.1, 3.0], 80).repeat(3)[:80, None], (80, 2)) + 100
    values[rng.random(80) < missing] = np.nan
    want = np.zeros(80, dtype=bool)
    for start, window in enumerate(sliding_window_view(values, length, axis=0)):
        if (window.std(axis=1) <= 0.3).all():
            want[start : start + length] = True
    got = np.zeros(80, dtype=bool)
    for start, stop in still_stretches(values, 1, max_deviation=0.3, min_s=length):
        assert not got[start:stop].any()
        got[start:stop] = True
    np.testing.assert_array_equal(got, want)


@settings(deadline=None, max_examples=20)
@given(seed=seeds, bias=st.tuples(*[st.floats(-0.1, 0.1)] * 3))
def test_the_bias_is_what_the_gyroscope_reads_at_rest(seed, bias):
    values, _ = rests_and_moves(seed)
    np.testing.assert_allclose(rest_bias(values + bias, RATE), bias, atol=1e-3)


@settings(deadline=None, max_examples=20)
@given(seed=seeds, slope=st.floats(-0.002, 0.002), bias=st.floats(-0.05, 0.05))
def test_a_bias_that_drifts_in_a_line_is_taken_out(seed, slope, bias):
    values, _ = rests_and_moves(seed)
    drift = (bias + slope * np.arange(len(values)) / RATE)[:, None]
    inner = slice(2 * RATE, -4 * RATE)  # beyond the first and the last rest the bias is held
    np.testing.assert_allclose(remove_drift(values + drift, RATE)[inner], values[inner], atol=4e-3)


def test_a_long_rest_shows_a_bias_that_bends():
    seconds = np.arange(200 * RATE) / RATE
    drift = 0.02 * np.sin(2 * np.pi * seconds / 200)[:, None] * [1, -1, 0.5]
    assert np.abs(remove_drift(drift, RATE)).max() < 0.004


def test_a_steady_turn_is_no_bias():
    values, _ = rests_and_moves(1)
    values[: 3 * RATE] += [0, 0, 1.0]
    np.testing.assert_allclose(rest_bias(values, RATE), 0, atol=1e-3)


def test_gaps_stay_gaps_when_drift_goes():
    values, _ = rests_and_moves(2)
    values[40:60] = np.nan
    np.testing.assert_array_equal(np.isnan(remove_drift(values, RATE)), np.isnan(values))


@settings(deadline=None, max_examples=20)
@given(seed=seeds, n_ways=st.integers(9, 15))
def test_the_calibration_finds_the_sensor_that_was_simulated(seed, n_ways):
    rng = np.random.default_rng(seed)
    bias, scale = rng.uniform(-0.4, 0.4, 3), rng.uniform(0.97, 1.03, 3)
    sides = np.vstack([np.eye(3), -np.eye(3)])
    ways = np.vstack([sides, Rotation.random(n_ways - 6, random_state=seed).apply([0, 0, 1])]) * G
    moves, still = rests_and_moves(seed, n_rests=n_ways)
    truth = moves + np.repeat(ways, 5 * RATE, axis=0)
    found = calibrate_accelerometer(truth / scale + bias, RATE)
    np.testing.assert_allclose(found.bias, bias, atol=0.01)
    np.testing.assert_allclose(found.scale, scale, atol=0.001)
    assert found.residual < 0.01
    np.testing.assert_allclose(found.apply(truth / scale + bias)[still], truth[still], atol=0.03)


@pytest.mark.parametrize(("sign", "unit"), [(1, G), (-1, G), (1, 1.0), (-1, 1.0)])
def test_the_sign_of_gravity_tells_android_from_ios(sign, unit):
    noise = np.random.default_rng(4).normal(0, 0.003 * unit, (3 * RATE, 3))
    readings = noise + np.array([0.05, -0.1, sign]) * unit
    readings[5] = np.nan
    assert flat_sign(readings, RATE) == sign


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: rest_bias(np.random.default_rng(0).normal(size=(500, 3)), 50), TooFewSamplesError, "never still"),
        (lambda: rest_bias(np.zeros((10, 3)), 50), TooFewSamplesError, "never still"),
        (lambda: rest_bias(np.zeros((10, 2)), 50), ShapeError, r"\(10, 2\)"),
        (lambda: rest_bias(np.zeros((100, 3)), 50, max_bias=0), ConfigError, "max_bias=0"),
        (lambda: still_stretches(np.zeros(9), 0, max_deviation=1), ConfigError, "rate_hz=0"),
        (lambda: calibrate_accelerometer(np.zeros((500, 3)), 50), TooFewSamplesError, "lay still 1 times"),
        (lambda: calibrate_accelerometer(np.empty((0, 3)), 50), TooFewSamplesError, "lay still 0 times"),
        (lambda: flat_sign(np.ones((50, 3)), 50), TooFewSamplesError, "short of 2 s"),
        (lambda: flat_sign(np.ones((150, 3)), 50), InputError, "not flat"),
        (lambda: flat_sign(np.random.default_rng(0).normal(size=(150, 3)), 50), InputError, "gravity is not in them"),
    ],
)
def test_bad_input_to_calibration_says_what_is_wrong(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_a_calibration_of_other_units_is_refused():
    in_g = np.repeat(np.vstack([np.eye(3), -np.eye(3)]), 100, axis=0)
    with pytest.raises(InputError, match=r"cannot be; want acceleration with gravity, in m/s²"):
        calibrate_accelerometer(in_g, 50, max_deviation=0.01)


def test_positions_on_one_side_do_not_calibrate():
    tilts = Rotation.from_euler("x", np.linspace(-60, 60, 8)[:, None], degrees=True).apply([0, 0, G])
    with pytest.raises(TooFewSamplesError, match="lay still 8 times, in ways too alike"):
        calibrate_accelerometer(np.repeat(tilts, 100, axis=0), 50)


def read_50_hz(path):
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    values = [[float(row[axis]) for axis in "xyz"] for row in rows]
    return resample([int(row["time"]) for row in rows], values, RATE).values


def test_a_real_android_phone_shows_its_sign_and_one_that_skis_does_not(shared_data):
    folder = shared_data("sensor_logger")
    for name in ("Gravity", "TotalAcceleration"):
        readings = read_50_hz(folder / "ski_android_2025-12-22" / f"{name}.csv")
        assert flat_sign(readings[: 3 * RATE], RATE) == 1
    with pytest.raises(InputError, match="the phone moved"):
        flat_sign(read_50_hz(folder / "ski_ios_2025-12-01" / "AccelerometerUncalibrated.csv")[: 3 * RATE], RATE)
