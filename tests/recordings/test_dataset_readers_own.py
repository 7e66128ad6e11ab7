import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motif.errors import FormatError, MotifError, WriteError
from motif.recordings import Dataset, load_dataset, save_dataset

FIELDS = ("X", "y", "groups", "stretch", "start")


def small(**changes):
    facts = {
        "name": "small",
        "X": np.random.default_rng(0).normal(size=(4, 6, 2, 5)).astype(np.float32),
        "y": np.array([0, 1, 1, 0]),
        "class_names": ("still", "Schütteln"),
        "groups": np.array(["ann", "bob", "bob", "ann"]),
        "group_kind": "subject",
        "stretch": np.array([0, 1, 1, 0]),
        "start": np.array([0, 0, 5, 5]),
        "rate_hz": 50.0,
        "channels": ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z"),
        "sensors": ("hip", "wrist"),
        "notes": ("made up",),
        "stretch_names": ("ann.csv", "bob.csv"),
    }
    return Dataset(**facts | changes)


@pytest.mark.parametrize(
    "data",
    [small(), small(rate_hz=None, notes=()), small(X=np.ones((4, 12, 2), np.float32), channels=("x", "y"), sensors=())],
    ids=["imu", "no rate", "landmarks"],
)
def test_what_is_saved_is_read_back_to_the_bit(tmp_path, data):
    path = save_dataset(data, tmp_path / "set")
    assert path.name == "set.npz"
    for place in (path, tmp_path):
        read = load_dataset(place)
        assert read.describe() == data.describe()
        assert read.stretch_names == data.stretch_names
        for field in FIELDS:
            np.testing.assert_array_equal(getattr(read, field), getattr(data, field), strict=True)


def test_nothing_is_left_where_nothing_can_be_written(tmp_path):
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(WriteError):
        save_dataset(small(), tmp_path / "taken" / "set.npz")


def test_two_files_in_a_folder_are_not_guessed_between(tmp_path):
    save_dataset(small(), tmp_path / "a")
    save_dataset(small(), tmp_path / "b")
    with pytest.raises(FormatError, match="name one"):
        load_dataset(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"motif_dataset": np.array(2)},
        {"motif_dataset": np.array("one")},
        {"name": np.array(["a", "b"])},
        {"rate_hz": np.array("fast")},
        {"rate_hz": np.array(-1.0)},
        {"X": np.full((4, 6, 2, 5), np.nan, np.float32)},
        {"X": np.zeros((4, 6, 2, 5))},
        {"y": np.array([0, 1, 2, 3])},
        {"sensors": np.array(["hip"])},
    ],
)
def test_a_file_that_contradicts_itself_is_refused(tmp_path, changes):
    path = save_dataset(small(), tmp_path / "set.npz")
    with np.load(path) as archive:
        arrays = dict(archive)
    np.savez(path, **arrays | changes)
    with pytest.raises(FormatError, match=r"set\.npz"):
        load_dataset(path)


@pytest.fixture(scope="module")
def saved_bytes(tmp_path_factory):
    return save_dataset(small(), tmp_path_factory.mktemp("own") / "set.npz").read_bytes()


@given(data=st.data())
@settings(deadline=None, max_examples=100)
def test_a_damaged_file_is_an_error_of_ours_or_still_true(tmp_path_factory, saved_bytes, data):
    damaged = bytearray(saved_bytes)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.mktemp("damaged") / "set.npz"
    file.write_bytes(damaged)
    try:
        read = load_dataset(file, layout="motif")
    except MotifError:
        return
    np.testing.assert_array_equal(read.X, small().X)


def test_an_array_that_claims_more_than_it_holds_is_refused(tmp_path):
    path = save_dataset(small(), tmp_path / "set.npz")
    with np.load(path) as archive:
        arrays = dict(archive)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**15,)})
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        for name, values in arrays.items():
            with archive.open(f"{name}.npy", "w") as member:
                if name == "X":
                    member.write(header.getvalue())
                else:
                    np.lib.format.write_array(member, values)
    with pytest.raises(FormatError):
        load_dataset(path)
