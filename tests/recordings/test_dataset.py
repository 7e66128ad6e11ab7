from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.errors import (
    ColumnError,
    DtypeError,
    InputError,
    LabelError,
    NotFiniteError,
    ShapeError,
    TooFewSamplesError,
)
from motif.recordings import Dataset, concatenate


def make(n=6, **changes):
    facts = {
        "name": "small",
        "X": np.arange(n * 2 * 3 * 4, dtype=np.float32).reshape(n, 2, 3, 4),
        "y": np.arange(n) % 2,
        "class_names": ("still", "tap"),
        "groups": np.array(["ann", "bob", "cay"] * n)[:n],
        "group_kind": "subject",
        "stretch": np.zeros(n, int),
        "start": np.arange(n) * 4,
        "rate_hz": 50.0,
        "channels": ("acc_x", "acc_y"),
        "sensors": ("hip", "wrist", "ankle"),
    }
    return Dataset(**facts | changes)


def test_its_arrays_and_fields_cannot_be_written_to():
    data = make()
    with pytest.raises(ValueError, match="read-only"):
        data.X[0] = 1
    with pytest.raises(FrozenInstanceError):
        data.name = "other"


def test_the_callers_own_array_stays_writable():
    X = np.zeros((2, 2, 3, 4), np.float32)
    make(2, X=X)
    X[0] = 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"X": np.zeros((6, 2, 3, 4))}, DtypeError),
        ({"X": [[1.0]]}, DtypeError),
        ({"X": np.zeros((6, 2, 4), np.float32)}, ShapeError),
        ({"X": np.zeros((6, 3, 3, 4), np.float32)}, ShapeError),
        ({"X": np.zeros((6, 2, 3, 0), np.float32)}, ShapeError),
        ({"X": np.zeros((0, 2, 3, 4), np.float32)}, TooFewSamplesError),
        ({"X": np.full((6, 2, 3, 4), np.nan, np.float32)}, NotFiniteError),
        ({"X": np.full((6, 2, 3, 4), np.inf, np.float32)}, NotFiniteError),
        ({"y": np.zeros(6)}, DtypeError),
        ({"y": np.zeros(5, int)}, ShapeError),
        ({"y": np.full(6, 2)}, LabelError),
        ({"y": np.full(6, -1)}, LabelError),
        ({"class_names": ("a", "a")}, LabelError),
        ({"groups": np.zeros(6)}, DtypeError),
        ({"start": np.zeros((6, 1), int)}, ShapeError),
        ({"rate_hz": 0.0}, InputError),
        ({"rate_hz": float("nan")}, InputError),
        ({"stretch": np.full(6, 1), "stretch_names": ("a.csv",)}, InputError),
        ({"stretch": np.full(6, -1), "stretch_names": ("a.csv",)}, InputError),
    ],
)
def test_what_does_not_fit_is_refused(changes, error):
    with pytest.raises(error):
        make(**changes)


def test_a_landmark_window_has_features_and_no_sensors():
    hands = make(X=np.zeros((6, 12, 2), np.float32), sensors=())
    assert hands.window_length == 12
    assert hands.select_channels(["acc_y"]).X.shape == (6, 12, 1)


def test_labels_are_the_names_of_y():
    assert make(3).labels.tolist() == ["still", "tap", "still"]
    assert make(3).class_counts() == {"still": 2, "tap": 1}


def test_describe_gives_plain_values():
    facts = make().describe()
    assert facts["windows"] == 6
    assert facts["window_s"] == pytest.approx(0.08)
    assert facts["groups"] == {"ann": 2, "bob": 2, "cay": 2}
    assert replace(make(), rate_hz=None).describe()["window_s"] is None


@given(rows=st.lists(st.integers(0, 5), min_size=1, max_size=12))
@settings(deadline=None, max_examples=30)
def test_a_subset_keeps_every_fact_of_a_window_together(rows):
    data = make()
    part = data.subset(rows)
    np.testing.assert_array_equal(part.X, data.X[rows])
    np.testing.assert_array_equal(part.y, data.y[rows])
    np.testing.assert_array_equal(part.groups, data.groups[rows])
    np.testing.assert_array_equal(part.start, data.start[rows])


def test_a_mask_chooses_like_its_indices():
    mask = np.array([True, False, True, False, False, True])
    np.testing.assert_array_equal(make().subset(mask).X, make().subset([0, 2, 5]).X)


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([], TooFewSamplesError),
        ([0.5], DtypeError),
        ([[0]], DtypeError),
        ([6], InputError),
        ([-7], InputError),
        (np.ones(5, bool), ShapeError),
        (np.zeros(6, bool), TooFewSamplesError),
    ],
)
def test_a_subset_that_cannot_be_is_refused(rows, error):
    with pytest.raises(error):
        make().subset(rows)


def test_channels_and_sensors_are_selected_by_name_in_the_asked_order():
    part = make().select_sensors(["ankle", "hip"]).select_channels(["acc_y"])
    assert (part.sensors, part.channels) == (("ankle", "hip"), ("acc_y",))
    np.testing.assert_array_equal(part.X, make().X[:, [1]][:, :, [2, 0]])
    with pytest.raises(ColumnError, match="acc_x"):
        make().select_channels(["gyr_x"])


def test_joining_keeps_stretches_apart_and_matches_classes_by_name():
    other = make(2, class_names=("tap", "wave"), notes=("two",))
    both = concatenate([make(), other], name="both")
    assert both.class_names == ("still", "tap", "wave")
    assert both.labels.tolist() == [*make().labels, "tap", "wave"]
    assert set(both.stretch[:6]).isdisjoint(both.stretch[6:])
    assert (both.name, both.notes) == ("both", ("two",))


def test_a_stretch_keeps_its_name_in_a_subset_and_where_sets_are_joined():
    named = make(2, stretch=np.array([2, 0]), stretch_names=("a.csv", "b.csv", "c.csv")).subset([0])
    both = concatenate([make(), named])
    assert [both.stretch_name(number) for number in both.stretch[[0, 6]]] == ["stretch 0", "c.csv"]


def test_what_cannot_be_joined_is_refused():
    with pytest.raises(InputError, match="rate_hz"):
        concatenate([make(), make(rate_hz=25.0)])
    with pytest.raises(ShapeError):
        concatenate([make(), make(X=np.zeros((6, 2, 3, 5), np.float32))])
    with pytest.raises(TooFewSamplesError):
        concatenate([])
