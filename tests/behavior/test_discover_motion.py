"""What of a recording is motion: slow ones, ones with samples lost, and bodies seen from above."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from motif.behavior import StateFinder
from motif.behavior.discover._heading import headings, heads_everywhere, turned
from motif.behavior.discover._motion import motion_of
from motif.recordings import Recording

FISH = np.array([[40.0, 0.0], [10.0, 9.0], [10.0, -9.0], [-38.0, 0.0]])


def facing(heading, points=FISH):
    """Points (keypoints, 2) or (n, keypoints, 2) of a body that heads along x, when it heads elsewhere: around."""
    flat = (points[..., 0] + 1j * points[..., 1]) * np.exp(1j * heading)[:, None]
    return np.stack([flat.real, flat.imag], axis=1)


@pytest.mark.parametrize("rate_hz", [1.0, 4.0, 10.0])
def test_a_slow_recording_is_no_gap_and_one_lost_sample_is_none(rate_hz):
    time_ns = np.round(np.arange(60) * 1e9 / rate_hz).astype(np.int64)
    time_ns = np.delete(time_ns, 30)
    values = np.random.default_rng(0).normal(size=(59, 3))
    collar = Recording(values=values, time_ns=time_ns, channels=("acc_x", "acc_y", "acc_z"), units=("g",) * 3)
    assert np.isfinite(motion_of(collar, 10.0).values).all()
    lost = np.delete(np.arange(59), [30, 31, 32])
    fewer = Recording(values=values[lost], time_ns=time_ns[lost], channels=collar.channels, units=collar.units)
    assert np.isnan(motion_of(fewer, 10.0).values).any()


def test_how_deep_and_how_warm_it_is_is_no_motion():
    channels = ("acc_x", "acc_y", "acc_z", "depth", "tag.temperature")
    values = np.random.default_rng(0).normal(size=(200, 5))
    fish = Recording(values=values, time_ns=np.arange(200) * 10_000_000, channels=channels, units=("",) * 5)
    assert motion_of(fish, 100.0).channels == channels[:3]


def test_a_body_looks_the_same_to_itself_whichever_way_it_heads():
    heading = np.linspace(0.0, 20.0, 200)
    around = facing(heading)
    around -= around.mean(axis=2, keepdims=True)
    found = headings(around)
    np.testing.assert_allclose(np.exp(1j * (found - heading)), 1.0, atol=1e-9)
    np.testing.assert_allclose(turned(around, found)[0], (FISH - FISH.mean(axis=0)).T, atol=1e-9)
    around[7, 1, 2] = np.nan
    assert np.flatnonzero(np.isnan(headings(around))).tolist() == [7]


def test_only_bodies_that_head_all_round_are_turned():
    rng = np.random.default_rng(0)
    assert heads_everywhere([rng.uniform(-np.pi, np.pi, 500), np.full(500, np.nan)])
    assert not heads_everywhere([rng.normal(1.5, 0.5, 500)])
    assert not heads_everywhere([])
    assert not heads_everywhere([np.full(3, np.nan)])


def test_states_of_an_animal_seen_from_above_tell_what_it_does_and_not_where_it_heads(tmp_path):
    rng = np.random.default_rng(0)
    n, folds = 1800, np.repeat(rng.permutation(np.arange(60)) % 2, 30)
    shape = np.repeat(FISH[None], n, axis=0)
    shape[folds == 1, 1:3] *= [1.0, 0.3]
    heading = np.cumsum(rng.normal(0.0, 0.15, n))
    values = (facing(heading, shape) + rng.normal(0.0, 0.5, (n, 2, 4))).reshape(n, 8)
    channels = tuple(f"{point}.{axis}" for axis in "xy" for point in ("nose", "left", "right", "tail"))
    time_ns = np.arange(n) * 100_000_000
    animal = Recording(values=values, time_ns=time_ns, channels=channels, units=("px",) * 8)
    finder = StateFinder(max_states=4, longest_s=20.0).fit([animal])
    ethogram = finder.label(animal)
    at = np.searchsorted(time_ns, ethogram.time_ns)
    assert adjusted_rand_score(folds[at], ethogram.states) > 0.6
    again = StateFinder.load(finder.save(tmp_path / "animal")).label(animal)
    np.testing.assert_array_equal(again.states, ethogram.states)
