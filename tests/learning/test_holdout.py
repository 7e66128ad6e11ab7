"""What is held out while a network trains."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from motif.learning import held_out


def test_recordings_of_one_class_each_are_held_out_for_every_class():
    y = np.repeat(np.arange(6), 30)
    recordings = np.repeat(np.arange(18), 10)  # three of each class
    apart = held_out(y, recordings, 0.15)
    assert np.unique(y[apart]).tolist() == np.unique(y[~apart]).tolist() == [0, 1, 2, 3, 4, 5]
    assert not set(recordings[apart]) & set(recordings[~apart])


def test_a_group_of_all_classes_is_enough():
    y = np.tile(np.arange(4), 30)
    people = np.repeat(np.arange(10), 12)
    assert held_out(y, people, 0.1).sum() == 12


@given(
    y=st.lists(st.integers(0, 3), min_size=1, max_size=40),
    seed=st.integers(0, 99),
    n_groups=st.integers(1, 12),
    fraction=st.floats(0.01, 0.9),
)
def test_whatever_is_held_out_every_class_is_still_learnt(y, seed, n_groups, fraction):
    indices = np.unique(y, return_inverse=True)[1]
    groups = np.random.default_rng(seed).integers(0, n_groups, len(indices))
    for members in (None, groups, groups.astype(str)):
        apart = held_out(indices, members, fraction)
        assert set(indices[~apart]) == set(indices)
