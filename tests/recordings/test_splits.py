import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.errors import ConfigError, LabelError, TooFewSamplesError
from motif.recordings import Dataset, by_block, by_group, default_split, holdout, leave_one_group_out, load_dataset


def data_set(y, groups, stretch=None, hop=4, length=4, group_kind="subject"):
    """Windows with content of their own, in the order of their stretches."""
    n = len(y)
    stretch = np.zeros(n, int) if stretch is None else np.asarray(stretch)
    start = np.array([np.sum(stretch[:i] == stretch[i]) for i in range(n)]) * hop
    return Dataset(
        name="made",
        X=np.random.default_rng(0).normal(size=(n, 1, 1, length)).astype(np.float32),
        y=np.asarray(y),
        class_names=tuple(f"c{i}" for i in range(int(max(y)) + 1)),
        groups=np.asarray(groups, dtype=np.str_),
        group_kind=group_kind,
        stretch=stretch,
        start=start,
        rate_hz=50.0,
        channels=("acc_x",),
        sensors=("wrist",),
    )


def grouped(n_groups=4, per_class=6, group_kind="subject"):
    groups = np.repeat([f"p{i}" for i in range(n_groups)], 2 * per_class)
    y = np.tile(np.repeat([0, 1], per_class), n_groups)
    stretch = np.repeat(np.arange(2 * n_groups), per_class)
    return data_set(y, groups, stretch, group_kind=group_kind)


def assert_is_a_division(data, fold):
    assert np.intersect1d(fold.train, fold.test).size == 0
    assert fold.train.size
    assert fold.test.size
    assert set(np.concatenate([fold.train, fold.test])) <= set(range(data.n_windows))


def test_each_group_is_left_out_once():
    data = grouped()
    split = leave_one_group_out(data)
    assert split.how == "leave one subject out: 4 folds"
    assert len(split) == 4
    for fold in split:
        assert_is_a_division(data, fold)
        assert set(data.groups[fold.test]) == {fold.name}
        assert fold.train.size + fold.test.size == data.n_windows


@given(
    n_groups=st.integers(3, 8),
    n_folds=st.integers(2, 5),
    per_class=st.integers(3, 6),
    random_state=st.integers(0, 3),
)
@settings(deadline=None, max_examples=25)
def test_no_group_stands_on_both_sides(n_groups, n_folds, per_class, random_state):
    data = grouped(n_groups, per_class)
    n_folds = min(n_folds, n_groups)
    split = by_group(data, n_folds, random_state=random_state)
    assert sorted(np.concatenate([fold.test for fold in split])) == list(range(data.n_windows))
    for fold in split:
        assert_is_a_division(data, fold)
        assert set(data.groups[fold.train]).isdisjoint(data.groups[fold.test])


@given(data=st.data(), n_folds=st.integers(2, 5), hop=st.integers(1, 5), gap=st.none() | st.integers(0, 9))
@settings(deadline=None, max_examples=60)
def test_blocks_leave_the_gap_and_judge_every_window_once(data, n_folds, hop, gap):
    lengths = data.draw(st.lists(st.integers(1, 40), min_size=2, max_size=5))
    stretch = np.repeat(np.arange(len(lengths)), lengths)
    y = np.arange(stretch.size) % 2
    made = data_set(y, ["one"] * stretch.size, stretch, hop=hop)
    try:
        split = by_block(made, n_folds, gap=gap)
    except (LabelError, TooFewSamplesError):
        return
    wanted = made.window_length if gap is None else gap
    assert sorted(np.concatenate([fold.test for fold in split])) == list(range(made.n_windows))
    for fold in split:
        assert_is_a_division(made, fold)
        same = made.stretch[fold.train][:, None] == made.stretch[fold.test]
        between = abs(made.start[fold.train][:, None] - made.start[fold.test]) - made.window_length
        assert np.all(between[same] >= wanted)


def test_blocks_are_contiguous_in_time():
    made = data_set(np.arange(20) % 2, ["one"] * 20)
    for fold in by_block(made, 5):
        assert np.diff(made.start[fold.test]).max() == 4


def test_single_gestures_are_shared_out_in_their_order():
    made = data_set(np.repeat([0, 1], 10), ["one"] * 20, np.arange(20))
    split = by_block(made, 5)
    assert [fold.test.tolist() for fold in split] == [[2 * k, 2 * k + 1, 10 + 2 * k, 11 + 2 * k] for k in range(5)]


def test_the_default_is_by_group_where_there_are_groups_and_by_time_where_there_are_none():
    assert default_split(grouped()).how == "leave one subject out: 4 folds"
    assert default_split(grouped(10)).how == "leave one subject out: 10 folds"
    assert default_split(grouped(11)).how == "by subject: 11 in 5 folds"
    assert "contiguous blocks in time" in default_split(grouped(1, per_class=10)).how


def test_a_published_division_is_kept():
    data = grouped(2, group_kind="part")
    data = data_set(data.y, np.where(data.groups == "p0", "train", "test"), data.stretch, group_kind="part")
    split = default_split(data)
    assert split.how == "as published: learnt from train, judged on test"
    assert [set(data.groups[fold.test]) for fold in split] == [{"test"}]


def test_a_class_that_is_tested_without_being_learnt_is_said():
    data = data_set([0, 1, 0, 1, 2, 0, 1, 0], ["a", "a", "b", "b", "b", "c", "c", "c"], np.arange(8))
    assert leave_one_group_out(data).how.endswith("Tested without having been learnt: b: c2")


def test_holdout_keeps_every_class_for_learning():
    data = grouped(5)
    (fold,) = holdout(data).folds
    assert_is_a_division(data, fold)
    assert fold.test.size == data.n_windows // 5
    lonely = data_set(np.repeat([0, 1], 10), np.repeat(["a", "b"], 10), np.repeat([0, 1], 10))
    with_time = holdout(lonely)
    assert "by time" in with_time.how
    assert set(lonely.y[with_time.folds[0].train]) == {0, 1}


def test_holdout_does_as_told():
    data = grouped(5)
    by_time = holdout(data, by="block")
    assert "by time" in by_time.how
    for stretch in range(10):
        train, test = (
            data.start[rows[data.stretch[rows] == stretch]] for rows in (by_time.folds[0].train, by_time.folds[0].test)
        )
        assert max(train) < min(test)
    assert "by subject" in holdout(data, 0.4, by="group").how


def test_holdout_takes_the_groups_that_come_nearest_to_the_share():
    groups = np.repeat(list("abcde"), [40, 10, 10, 10, 10])
    data = data_set(np.arange(80) % 2, groups, groups.view(np.int32))
    assert holdout(data, 0.125).folds[0].test.size == 10
    assert holdout(data, 0.25).folds[0].test.size == 20
    assert holdout(data, 0.5).folds[0].test.size == 40


def test_another_random_state_shares_the_groups_out_otherwise():
    data = grouped(8)
    divisions = {tuple(sorted(fold.name for fold in by_group(data, 4, random_state=seed))) for seed in (0, 0, 1, 2, 3)}
    assert len(divisions) > 2


@pytest.mark.parametrize("share", [0.0, -1.0, 0.6, float("nan")])
def test_a_share_that_cannot_be_is_refused(share):
    with pytest.raises(ConfigError):
        holdout(grouped(), share)


def test_one_class_cannot_be_divided():
    for divide in (leave_one_group_out, by_group, by_block, default_split, holdout):
        with pytest.raises(LabelError, match="one class"):
            divide(data_set(np.zeros(20, int), np.repeat(list("abcde"), 4)))


def test_what_cannot_be_divided_is_said():
    with pytest.raises(TooFewSamplesError, match="by_block"):
        leave_one_group_out(grouped(1))
    with pytest.raises(ConfigError, match="2 to 4"):
        by_group(grouped(), 5)
    with pytest.raises(ConfigError, match="gap"):
        by_block(grouped(), gap=-1)
    with pytest.raises(TooFewSamplesError, match="3 windows"):
        by_block(data_set([0, 1, 0], ["a"] * 3), 4)
    with pytest.raises(LabelError, match="to learn from"):
        leave_one_group_out(data_set([0, 1], ["a", "b"]))
    with pytest.raises(LabelError, match="no class has"):
        by_group(data_set([0, 1, 2], list("abc")), 3)


def test_a_rare_class_does_not_stop_a_division_by_group():
    data = grouped(6)
    rare = data_set(np.where(np.arange(data.n_windows) == 0, 2, data.y), data.groups, data.stretch)
    assert "Tested without having been learnt" in by_group(rare, 3).how


@pytest.mark.parametrize(("name", "n_folds"), [("handflow", 4), ("dsads", 5)])
def test_real_recordings_are_divided_by_their_groups(shared_data, name, n_folds):
    data = load_dataset(shared_data(name))
    split = default_split(data)
    assert len(split) >= n_folds
    for fold in split:
        assert set(data.groups[fold.train]).isdisjoint(data.groups[fold.test])
