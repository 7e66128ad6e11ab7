import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.recordings import (
    Dataset,
    Fold,
    LeakWarning,
    Split,
    by_block,
    by_group,
    check_leaks,
    leave_one_group_out,
    load_dataset,
)


def stream(n=60, hop=2, length=4, n_groups=3):
    """Windows of one stretch for each group."""
    per_group = n // n_groups
    return Dataset(
        name="stream",
        X=np.random.default_rng(0).normal(size=(n, 1, 1, length)).astype(np.float32),
        y=np.arange(n) % 2,
        class_names=("a", "b"),
        groups=np.repeat([f"p{i}" for i in range(n_groups)], per_group),
        group_kind="subject",
        stretch=np.repeat(np.arange(n_groups), per_group),
        start=np.tile(np.arange(per_group) * hop, n_groups),
        rate_hz=50.0,
        channels=("acc_x",),
        sensors=("wrist",),
    )


def at_random(n, seed=0):
    shuffled = np.random.default_rng(seed).permutation(n)
    return Split("at random", (Fold("random", np.sort(shuffled[: n * 4 // 5]), np.sort(shuffled[n * 4 // 5 :])),))


def kinds(data, split):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LeakWarning)
        return {leak.kind for leak in check_leaks(data, split)}


@given(hop=st.integers(1, 3), seed=st.integers(0, 20))
@settings(deadline=None, max_examples=30)
def test_a_random_division_of_overlapping_windows_is_caught(hop, seed):
    with pytest.warns(LeakWarning, match="share samples"):
        check_leaks(stream(hop=hop), at_random(60, seed))


@given(seed=st.integers(0, 20))
@settings(deadline=None, max_examples=20)
def test_a_random_division_of_windows_that_touch_is_caught(seed):
    assert kinds(stream(hop=4), at_random(60, seed)) == {"touch"}


def test_windows_with_a_gap_may_be_divided_anyhow():
    assert kinds(stream(hop=5), at_random(60)) == set()


@given(hop=st.integers(1, 6), gap=st.integers(0, 4))
@settings(deadline=None, max_examples=20)
def test_divisions_by_group_and_by_block_are_clean(hop, gap):
    data = stream(hop=hop)
    assert check_leaks(data, leave_one_group_out(data)) == ()
    assert check_leaks(data, by_group(data, 3)) == ()
    assert check_leaks(data, by_block(data, gap=gap)) == ()


def test_a_block_that_touches_at_its_ends_only_is_clean():
    data = stream(hop=4, n_groups=1)
    inside = np.arange(20, 40)
    assert check_leaks(data, Split("block", (Fold("0", np.setdiff1d(np.arange(60), inside), inside),))) == ()


def test_copies_on_both_sides_are_caught_across_subjects():
    data = stream()
    X = data.X.copy()
    X[59] = X[0]
    with pytest.warns(LeakWarning, match=r"copies of training windows, such as 0 of 59"):
        leaks = check_leaks(replace(data, X=X), leave_one_group_out(data))
    assert {(leak.fold, leak.kind, leak.n_test) for leak in leaks} == {("p0", "duplicate", 1), ("p2", "duplicate", 1)}


def test_every_pair_that_overlaps_is_counted():
    data = stream(hop=2, n_groups=1)
    split = at_random(60)
    with pytest.warns(LeakWarning):
        (leak,) = [leak for leak in check_leaks(data, split) if leak.kind == "overlap"]
    fold = split.folds[0]
    shared = abs(data.start[fold.test][:, None] - data.start[fold.train]) < data.window_length
    assert leak.n_test == shared.any(axis=1).sum()


@pytest.mark.parametrize("name", ["handflow", "dsads"])
def test_real_recordings_leak_at_random_and_not_by_group(shared_data, name):
    data = load_dataset(shared_data(name))
    assert check_leaks(data, leave_one_group_out(data)) == ()
    assert check_leaks(data, by_group(data, 3)) == ()
    assert check_leaks(data, by_block(data)) == ()
    assert "touch" in kinds(data, at_random(data.n_windows))


def test_a_window_on_both_sides_is_caught():
    assert "duplicate" in kinds(stream(hop=9), Split("careless", (Fold("0", np.arange(40), np.arange(39, 60)),)))
