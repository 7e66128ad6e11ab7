"""The front-end for inertial windows: what it must not depend on, what it must tell apart, what it must survive."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

pytest.importorskip("jax")

from motif.learning._backend import keras
from motif.learning._spectrum import fit_scale
from motif.networks._imu_frontend import imu_frontend

RNG = np.random.default_rng(0)
SHAPE = (9, 2, 100)
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2.4


def frontend(shape):
    windows = keras().Input(shape)
    return keras().Model(windows, list(imu_frontend(windows)))


def movements(n, shape=SHAPE, hz=25.0):
    """Random sines about a random level, a little noise."""
    time = np.arange(shape[-1]) / hz
    size = (n, *shape[:2], 1)
    waves = RNG.uniform(0.2, 3, size) * np.sin(2 * np.pi * RNG.uniform(0.5, 5, size) * time + RNG.uniform(0, 6, size))
    return (RNG.normal(0, 3, size) + waves + RNG.normal(0, 0.05, waves.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def fitted():
    model, windows = frontend(SHAPE), movements(64)
    fit_scale(model, windows)
    return model, windows


@settings(deadline=None, max_examples=10)
@given(factors=st.tuples(*[st.floats(1e-3, 1e3)] * 3))
def test_units_do_not_matter_because_the_scale_is_learnt(fitted, factors):
    model, windows = fitted
    scaled = windows * np.repeat(np.float32(factors), 3)[:, None, None]
    before = model.predict_on_batch(windows)
    fit_scale(model, scaled)
    after = model.predict_on_batch(scaled)
    fit_scale(model, windows)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=2e-3)


def test_a_window_is_described_the_same_alone_and_among_others(fitted):
    model, windows = fitted
    alone, among = model.predict_on_batch(windows[3:4]), model.predict_on_batch(windows)
    for one, other in zip(alone, among, strict=True):
        np.testing.assert_allclose(one[0], other[3], atol=1e-5)


def test_series_that_ignore_how_a_sensor_is_turned_do_so(fitted):
    model, windows = fitted
    turn = Rotation.random(rng=1).as_matrix().astype(np.float32)
    turned = np.einsum("ij,nkjst->nkist", turn, windows.reshape(-1, 3, 3, *SHAPE[1:])).reshape(windows.shape)
    sequence, after = model.predict_on_batch(windows)[0], model.predict_on_batch(turned)[0]
    raw, free = 9 * 2, 6 * 2  # channels as they are, then lengths and parts along gravity
    series = sequence.shape[2] // 2
    assert series == raw + free
    for start in (0, series):  # means, then spreads
        same = slice(start + raw, start + series)
        np.testing.assert_allclose(sequence[..., same], after[..., same], atol=2e-2)
        assert np.abs(sequence[..., start : start + raw] - after[..., start : start + raw]).max() > 0.1


def test_strength_enters_as_a_logarithm():
    model = frontend((1, 1, 64))
    wave = np.sin(np.arange(64) * 2 * np.pi / 8)[None, None, None].astype(np.float32)
    summary = model.predict_on_batch(np.concatenate([wave, 2 * wave]))[1]
    logarithms = slice(1, summary.shape[1] - 8)  # between the mean and the means of eight parts
    moving = summary[0, logarithms] > np.log(0.01)
    np.testing.assert_allclose((summary[1] - summary[0])[logarithms][moving], np.log(2), atol=0.05)


def test_a_tone_lands_in_its_band_and_nowhere_else():
    model = frontend((1, 1, 128))
    tones = np.stack([np.sin(2 * np.pi * k * np.arange(128) / 128) for k in (2, 40)])[:, None, None].astype(np.float32)
    summary = model.predict_on_batch(tones)[1]
    bands = summary[:, 6:-8]  # after the mean and five sizes, before the eight parts
    slow, fast = bands
    assert slow.argmax() < fast.argmax()
    assert (np.exp(bands) > 0.1).sum(axis=1).tolist() == [1, 1]


@pytest.mark.parametrize("shape", [(9, 5, 125), (6, 1, 150), (3, 1, 3), (1, 1, 1), (7, 2, 33)])
def test_any_window_is_described_by_finite_numbers(shape):
    model = frontend(shape)
    fit_scale(model, np.zeros((2, *shape), np.float32))
    constant = [np.full((1, *shape), value, np.float32) for value in (0, 1e4)]
    sequence, summary = model.predict_on_batch(np.concatenate([*constant, movements(2, shape)]))
    assert sequence.ndim == 3
    assert summary.ndim == 2
    assert np.isfinite(sequence).all()
    assert np.isfinite(summary).all()


def test_a_long_window_makes_no_large_table():
    assert frontend((1, 1, 5000)).count_params() < 100_000


def test_a_model_without_the_frontend_is_left_alone():
    windows = keras().Input((12, 5))
    model = keras().Model(windows, keras().layers.Dense(2)(windows))
    before = [weights.copy() for weights in model.get_weights()]
    fit_scale(model, np.zeros((1, 9, 1, 20), np.float32))
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_is_saved_and_loaded_without_running_code(fitted, tmp_path):
    model, windows = fitted
    model.save(tmp_path / "frontend.keras")
    again = keras().saving.load_model(tmp_path / "frontend.keras", compile=False, safe_mode=True)
    for one, other in zip(model.predict_on_batch(windows), again.predict_on_batch(windows), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
