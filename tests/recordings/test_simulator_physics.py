"""The laws that simulated sensors keep, judged by integrating back what they read."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from motif.errors import ConfigError, ShapeError, TooFewSamplesError
from motif.recordings.simulator import IDEAL, PHONE_ACCELEROMETER, PHONE_CLOCK, ClockModel, SensorModel
from motif.recordings.simulator._clock import stamp
from motif.recordings.simulator._noise import band_noise, minimum_jerk, taper, through
from motif.recordings.simulator._physics import GRAVITY_M_S2, angular_rate, earth_field, specific_force
from motif.recordings.simulator._sensor import sense

seeds = st.integers(0, 2**32 - 1)


def wild_path(seed: int, n: int = 400, rate_hz: float = 100.0) -> tuple[np.ndarray, Rotation]:
    rng = np.random.default_rng(seed)
    turn = Rotation.from_rotvec(0.8 * band_noise(n, (0.1, 3.0), rate_hz, rng))
    return 0.2 * band_noise(n, (0.1, 4.0), rate_hz, rng), Rotation.random(None, rng) * turn


@given(seed=seeds)
@settings(deadline=None, max_examples=20)
def test_at_rest_the_specific_force_is_gravity_and_the_gyroscope_reads_its_bias(seed):
    rng = np.random.default_rng(seed)
    still = Rotation.concatenate([Rotation.random(None, rng)] * 50)
    force = specific_force(np.tile(rng.normal(size=3), (50, 1)), still, 100.0)
    np.testing.assert_allclose(np.linalg.norm(force, axis=1), GRAVITY_M_S2, atol=1e-9)
    reading = sense(angular_rate(still, 100.0), SensorModel(bias_std=0.3), 100.0, rng)
    np.testing.assert_allclose(reading, np.tile(reading[0], (50, 1)), atol=1e-9)
    assert np.linalg.norm(reading[0]) > 0


@given(seed=seeds)
@settings(deadline=None, max_examples=20)
def test_integrating_the_angular_rate_gives_the_orientation_back(seed):
    _, orientation = wild_path(seed)
    rate = angular_rate(orientation, 100.0)
    now = orientation[0]
    for before, after in pairwise(rate):
        now = now * Rotation.from_rotvec((before + after) / 200.0)
    assert (orientation[-1].inv() * now).magnitude() < 0.03


@given(seed=seeds)
@settings(deadline=None, max_examples=20)
def test_summing_the_specific_force_twice_gives_the_path_back(seed):
    position, orientation = wild_path(seed)
    acceleration = orientation.apply(specific_force(position, orientation, 100.0)) - [0, 0, GRAVITY_M_S2]
    path = [position[0], position[1]]
    for a in acceleration[1:-1]:
        path.append(2 * path[-1] - path[-2] + a / 100.0**2)
    np.testing.assert_allclose(path, position, atol=1e-8)


@given(seed=seeds)
@settings(deadline=None, max_examples=10)
def test_the_earth_field_keeps_its_strength_and_its_angle_to_gravity(seed):
    _, orientation = wild_path(seed, n=20)
    field = earth_field(orientation, strength_ut=50.0, inclination_deg=60.0)
    down = orientation.inv().apply([0.0, 0.0, -1.0])
    np.testing.assert_allclose(np.linalg.norm(field, axis=1), 50.0)
    np.testing.assert_allclose((field * down).sum(axis=1), 50.0 * np.sin(np.pi / 3))


@given(seed=seeds, full_scale=st.floats(0.5, 40), step=st.just(0.0) | st.floats(1e-3, 0.4))
@settings(deadline=None, max_examples=30)
def test_no_reading_exceeds_the_full_scale_and_each_is_a_whole_step(seed, full_scale, step):
    rng = np.random.default_rng(seed)
    model = SensorModel(noise_density=0.5, bias_std=3.0, scale_error_std=0.1, full_scale=full_scale, step=step)
    reading = sense(30 * rng.normal(size=(200, 3)), model, 100.0, rng)
    assert np.abs(reading).max() <= full_scale * (1 + 1e-12)
    if step:
        np.testing.assert_allclose(reading / step, np.round(reading / step), atol=1e-6)


def test_noise_density_is_what_the_data_sheet_means_by_it():
    reading = sense(np.zeros((200_000, 3)), SensorModel(noise_density=0.02), 400.0, np.random.default_rng(0))
    assert reading.std() == pytest.approx(0.02 * np.sqrt(200.0), rel=0.02)


def test_the_bias_walks_with_the_square_root_of_time():
    walks = [
        sense(np.zeros((1600, 3)), SensorModel(bias_walk=0.1), 100.0, np.random.default_rng(k)) for k in range(300)
    ]
    assert np.std([walk[-1] for walk in walks]) == pytest.approx(0.4, rel=0.1)


def test_an_ideal_sensor_reads_the_truth():
    truth = np.random.default_rng(0).normal(size=(30, 3))
    np.testing.assert_array_equal(sense(truth, IDEAL, 100.0, np.random.default_rng(1)), truth)


def test_an_exact_clock_is_even_and_loses_nothing():
    time_ns, index = stamp(100, 100.0, ClockModel(), np.random.default_rng(0))
    np.testing.assert_array_equal(time_ns, np.arange(100) * 10_000_000)
    np.testing.assert_array_equal(index, np.arange(100))


def test_a_phone_clock_repeats_bursts_and_loses_samples():
    time_ns, index = stamp(50_000, 100.0, PHONE_CLOCK, np.random.default_rng(0))
    steps = np.diff(time_ns)
    assert 0.005 < (steps <= 0).mean() < 0.1
    assert (steps < 1_000_000).any()
    assert steps.max() > 90_000_000
    assert 0.99 < len(index) / 50_000 < 1.0
    assert abs(time_ns[-1] / 1e9 - 499.99) < 1


@pytest.mark.parametrize(
    ("position", "error"), [(np.zeros((4, 2)), ShapeError), (np.zeros((5, 3)), ShapeError), (np.zeros(4), ShapeError)]
)
def test_a_path_of_the_wrong_shape_is_refused(position, error):
    with pytest.raises(error, match="position has shape"):
        specific_force(position, Rotation.identity(4), 100.0)


def test_two_samples_have_no_acceleration():
    with pytest.raises(TooFewSamplesError, match="three or more"):
        specific_force(np.zeros((2, 3)), Rotation.identity(2), 100.0)
    with pytest.raises(TooFewSamplesError, match="three or more"):
        angular_rate(Rotation.identity(2), 100.0)


def test_a_sensor_with_negative_noise_cannot_be():
    with pytest.raises(ValueError, match="noise_density"):
        SensorModel(noise_density=-1.0)
    assert PHONE_ACCELEROMETER.full_scale == pytest.approx(8 * GRAVITY_M_S2)


@given(seed=seeds, low=st.floats(0.2, 2), width=st.floats(1, 8))
@settings(deadline=None, max_examples=20)
def test_band_noise_has_unit_variance_and_stays_in_its_band(seed, low, width):
    noise = band_noise(4096, (low, low + width), 100.0, np.random.default_rng(seed), n_series=4)
    power = (np.abs(np.fft.rfft(noise, axis=0)) ** 2).sum(axis=1)
    frequency = np.fft.rfftfreq(4096, 0.01)
    assert power[(frequency >= low) & (frequency <= low + width)].sum() > 0.999 * power.sum()
    assert noise.std() == pytest.approx(1.0, abs=0.3)


def test_a_short_piece_of_slow_noise_is_cut_from_a_long_one():
    pieces = [band_noise(20, (0.02, 0.5), 100.0, np.random.default_rng(k)) for k in range(200)]
    assert np.std(pieces) == pytest.approx(1.0, abs=0.15)
    assert max(np.ptp(piece, axis=0).max() for piece in pieces) < 1.5


def test_a_band_above_half_the_rate_is_refused():
    with pytest.raises(ConfigError, match="sample faster"):
        band_noise(64, (12.0, 14.0), 20.0, np.random.default_rng(0))


def test_a_stroke_passes_its_points_and_starts_and_ends_at_rest():
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    course = through(corners, np.linspace(0, 1, 201))
    np.testing.assert_allclose(course[[0, 100, 200]], corners, atol=1e-9)
    assert np.abs(np.diff(minimum_jerk(np.linspace(0, 1, 1001)))[[0, -1]]).max() < 1e-7
    np.testing.assert_allclose(taper(11, 3)[[0, 5, 10]], [0, 1, 0])
