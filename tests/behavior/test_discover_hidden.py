"""Key points that are hidden for a while."""

import numpy as np
import pytest

from motif.behavior import StateFinder, hidden_points
from motif.behavior.discover._hidden import filled, without_guesses
from motif.behavior.discover._motion import motion_of
from motif.errors import InputError
from motif.recordings import Recording
from motif.recordings._poses import pose_layout

POINTS = ("nose", "left", "right", "tail")
FISH = np.array([[40.0, 0.0, 3.0], [10.0, 9.0, 2.0], [10.0, -9.0, 2.0], [-38.0, 0.0, 1.0]])
RATE_HZ = 30.0


def swimming(n=600, space=2):
    """A body that turns and goes on, its tail beating: (n, space, keypoints)."""
    heading, beat = np.linspace(0.0, 12.0, n), np.sin(np.arange(n) / 40.0)
    flat = FISH[:, 0] + 1j * FISH[:, 1] + 8j * beat[:, None] * (np.arange(4) == 3)
    flat = flat * np.exp(1j * heading)[:, None] + (np.arange(n) * (2 + 1j))[:, None]
    return np.stack([flat.real, flat.imag, FISH[:, 2] + np.linspace(0, 50, n)[:, None]], axis=1)[:, :space]


def recording(position, likelihood=None):
    channels = [f"{point}.{axis}" for axis in "xyz"[: position.shape[1]] for point in POINTS]
    values = position.reshape(len(position), -1)
    if likelihood is not None:
        channels += [f"{point}.likelihood" for point in POINTS]
        values = np.column_stack([values, likelihood])
    time_ns = np.round(np.arange(len(values)) * 1e9 / RATE_HZ).astype(np.int64)
    return Recording(values=values, time_ns=time_ns, channels=tuple(channels), units=("px",) * len(channels))


@pytest.mark.parametrize("space", [2, 3])
def test_a_hidden_point_is_where_the_body_would_have_it(space):
    truth = swimming(space=space)
    position = truth.copy()
    position[200:230, :, 3] = np.nan
    position[100:500:7, 0, 0] = np.nan  # one coordinate is no place
    found = filled(position)
    np.testing.assert_allclose(found, truth, atol=1.5)
    seen = np.isfinite(position).all(axis=1)
    np.testing.assert_array_equal(found.swapaxes(1, 2)[seen], truth.swapaxes(1, 2)[seen])


def test_no_moment_need_be_whole():
    truth = swimming()
    position = truth.copy()
    position[np.arange(600), :, np.arange(600) // 5 % 4] = np.nan
    np.testing.assert_allclose(filled(position), truth, atol=3.5)


def test_where_fewer_than_half_of_the_points_are_seen_nothing_is():
    position = swimming()
    position[50:60, :, :3] = np.nan
    position[70:80, :, :2] = np.nan
    unseen = np.isnan(filled(position)).any(axis=(1, 2))
    assert np.flatnonzero(unseen).tolist() == list(range(50, 60))


def test_points_that_are_all_seen_keep_every_bit():
    position = swimming()
    assert filled(position) is position


@pytest.mark.parametrize("usual", [1.0, 0.5])
def test_a_point_is_a_guess_where_it_is_much_less_likely_than_points_are(usual):
    likelihood = np.full((600, 4), usual)
    likelihood[:400, 3] = 0.1
    animal = recording(swimming(), likelihood)
    layout = pose_layout(animal.channels)
    guessed = np.isnan(without_guesses(animal.values, layout)[:, layout.position[:, :, 0]])
    assert guessed[:400, :, 3].all()
    assert guessed.sum() == 800
    assert hidden_points(animal) == [
        "Hidden for much of the time, and then put where the points that are seen say: tail (67%)."
    ]
    assert hidden_points(recording(swimming())) == []


def test_an_animal_whose_tail_is_hidden_at_times_is_seen_throughout():
    rng = np.random.default_rng(0)
    position = swimming(900) + rng.normal(0.0, 0.3, (900, 2, 4))
    for start in range(0, 900, 60):
        position[start : start + 20, :, 3] = np.nan
    animal = recording(position)
    ethogram = StateFinder(max_states=2, longest_s=5.0).fit([animal]).label(animal)
    assert (ethogram.states >= 0).all()


def test_a_point_that_is_never_seen_is_named():
    position = swimming()
    position[:, :, 1] = np.nan
    with pytest.raises(InputError, match="left cannot be seen at any time"):
        motion_of(recording(position), RATE_HZ)
