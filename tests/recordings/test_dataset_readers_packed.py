"""Packed data sets: the real ones where they are, and small twins in the same layout."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recordings.dataset_samples import dsads_arrays, handflow_arrays, save

from motif.errors import ConfigError, FormatError, MissingFileError, MotifError
from motif.recordings import load_dataset


def test_packed_hands_get_a_fourth_value_of_zero_and_touching_sequences_touch(tmp_path):
    arrays = handflow_arrays()
    data = load_dataset(save(tmp_path / "hands.npz", arrays))
    assert data.X.shape == (20, 12, 84)
    landmarks = data.X.reshape(20, 12, 21, 4)
    assert not landmarks[..., 3].any()
    np.testing.assert_allclose(landmarks[..., :3], arrays["q"] * 1e-3, rtol=1e-6)
    assert data.group_names == ("0", "1", "2", "3")
    for stretch in np.unique(data.stretch):
        assert set(np.diff(data.start[data.stretch == stretch])) == {data.window_length}


def test_empty_hand_sequences_are_dropped_and_counted(tmp_path):
    zero_frames = np.zeros(20, np.int16)
    zero_frames[[3, 7]] = 12
    zero_frames[4] = 11
    data = load_dataset(save(tmp_path / "hands.npz", handflow_arrays(n_zero_frames=zero_frames)))
    assert data.n_windows == 18
    assert "2 of 20 windows are empty" in data.notes[0]


def test_a_later_block_alone_or_beside_the_others_is_read(tmp_path):
    save(tmp_path / "handflow.npz", handflow_arrays())
    later = handflow_arrays(blocks=(4,))
    later["seq_id"] += 10
    alone = load_dataset(save(tmp_path / "handflow4.npz", later))
    together = load_dataset(tmp_path)
    assert alone.group_names == ("4",)
    assert together.group_names == ("0", "1", "2", "3", "4")
    assert np.unique(together.stretch).size == 2, "a later block continues the stretch of its class"


def test_real_hands(shared_data):
    data = load_dataset(shared_data("handflow"))
    assert data.X.shape[1:] == (12, 84)
    assert len(data.class_names) == 11
    assert (data.X.reshape(len(data.X), -1) != 0).any(axis=1).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"q": np.zeros((20, 12, 20, 3), np.int16)},
        {"q": np.array(["a"] * 20)},
        {"y": np.full(20, 2, np.int8)},
        {"y": np.zeros(19, np.int8)},
        {"y": np.zeros(20)},
        {"source": np.zeros(20)},
        {"class_names": np.array(["a", "a"])},
        {"class_names": np.array([1, 2])},
        {"scale": np.float32(np.nan)},
        {"scale": np.ones(7, np.float32)},
        {"scale": np.array("big")},
        {"n_zero_frames": np.full(20, 12, np.int16)},
    ],
)
def test_packed_hands_that_contradict_themselves_are_refused(tmp_path, changes):
    with pytest.raises(FormatError):
        load_dataset(save(tmp_path / "hands.npz", handflow_arrays(**changes)))


def test_activities_become_channels_by_units(tmp_path):
    arrays = dsads_arrays()
    data = load_dataset(save(tmp_path / "p1.npz", arrays))
    assert data.X.shape == (12, 9, 2, 5)
    assert data.sensors == ("torso", "right_arm")
    assert data.channels[3:5] == ("gyr_x", "gyr_y")
    row = list(arrays["channels"]).index("RA_ygyro")
    expected = arrays["q"][row, 1, 2] * arrays["scale"][row]
    window = np.flatnonzero((data.labels == "walk") & (data.start == 10))[0]
    np.testing.assert_allclose(data.X[window, data.channels.index("gyr_y"), 1], expected)


def test_subjects_in_one_folder_are_groups_and_their_activities_stretches(tmp_path):
    for subject in (1, 2, 11):
        save(tmp_path / f"p{subject}.npz", dsads_arrays(subject))
    data = load_dataset(tmp_path)
    assert data.group_names == ("p1", "p11", "p2")
    assert np.unique(data.stretch).size == 9
    assert data.rate_hz == 25.0


def test_real_activities(shared_data):
    data = load_dataset(shared_data("dsads"))
    assert data.X.shape[1:] == (9, 3, 125)
    assert data.sensors == ("torso", "right_arm", "right_leg")
    at_rest = data.subset(data.labels == "sitting").select_channels(["acc_x", "acc_y", "acc_z"])
    assert np.median(np.linalg.norm(at_rest.X, axis=1)) == pytest.approx(9.81, abs=0.2)


@pytest.mark.parametrize(
    "changes",
    [
        {"channels": np.array(["nose"] * 18)},
        {"channels": np.array(["T_xacc"] * 18)},
        {"activity_names": np.array(["sit"])},
        {"activity_names": np.array(["sit", "sit", "run"])},
        {"q": np.zeros((18, 3, 4, 0), np.int16)},
        {"q": np.zeros((18, 3), np.int16)},
        {"scale": np.ones(4, np.float32)},
        {"rate": np.array("fast")},
        {"rate": np.array(0.0)},
        {"subject": np.array([1, 2])},
    ],
)
def test_packed_activities_that_contradict_themselves_are_refused(tmp_path, changes):
    with pytest.raises(MotifError):
        load_dataset(save(tmp_path / "p1.npz", dsads_arrays(**changes)))


def test_the_original_tree_equals_its_packed_form(tmp_path):
    rng = np.random.default_rng(0)
    values = {}
    for activity in (1, 5):
        for subject in (1, 2):
            for segment in (1, 2):
                file = tmp_path / f"a{activity:02}" / f"p{subject}" / f"s{segment:02}.txt"
                file.parent.mkdir(parents=True, exist_ok=True)
                values[file] = rng.normal(size=(125, 45)).round(4)
                np.savetxt(file, values[file], delimiter=",", fmt="%.4f")
    data = load_dataset(tmp_path)
    assert data.X.shape == (8, 9, 5, 125)
    assert data.group_names == ("p1", "p2")
    assert np.unique(data.stretch).size == 4
    window = (data.labels == "ascending stairs") & (data.groups == "p2") & (data.start == 125)
    table = values[tmp_path / "a05" / "p2" / "s02.txt"]
    np.testing.assert_allclose(data.X[window][0, 4, 3], table[:, 3 * 9 + 4], rtol=1e-6)


@pytest.mark.parametrize("content", ["1,2\n3,4\n", "a,b\n", b"\xff\xfe\x00"])
def test_a_damaged_segment_of_the_tree_is_named(tmp_path, content):
    file = tmp_path / "a01" / "p1" / "s01.txt"
    file.parent.mkdir(parents=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(FormatError, match=r"s01\.txt"):
        load_dataset(tmp_path)


def test_a_tree_with_an_unknown_activity_is_refused(tmp_path):
    file = tmp_path / "a20" / "p1" / "s01.txt"
    file.parent.mkdir(parents=True)
    file.write_text("")
    with pytest.raises(FormatError, match="a19"):
        load_dataset(tmp_path)


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(MissingFileError):
        load_dataset(tmp_path / "nowhere")
    with pytest.raises(MissingFileError):
        load_dataset(tmp_path, layout="handflow")


def test_an_unknown_layout_lists_the_known_ones(tmp_path):
    with pytest.raises(FormatError, match="dsads-tree"):
        load_dataset(tmp_path)
    with pytest.raises(ConfigError, match="handflow"):
        load_dataset(tmp_path, layout="parquet")


def test_an_option_that_the_layout_lacks_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="window_s"):
        load_dataset(save(tmp_path / "hands.npz", handflow_arrays()), window_s=1.0)


def test_packed_files_are_never_unpickled(tmp_path):
    arrays = handflow_arrays(source=np.array([{"a": 1}] * 20, dtype=object))
    with pytest.raises(FormatError, match="pickle"):
        load_dataset(save(tmp_path / "hands.npz", arrays))


@pytest.fixture(scope="module")
def packed_bytes():
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **handflow_arrays())
    return buffer.getvalue()


@given(data=st.data())
@settings(deadline=None, max_examples=150)
def test_a_damaged_packed_file_is_an_error_of_ours_or_still_true(tmp_path_factory, packed_bytes, data):
    damaged = bytearray(packed_bytes)
    if data.draw(st.booleans()):
        del damaged[data.draw(st.integers(0, len(damaged) - 1)) :]
    else:
        for _ in range(data.draw(st.integers(1, 4))):
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.mktemp("damaged") / "hands.npz"
    file.write_bytes(damaged)
    try:
        loaded = load_dataset(file, layout="handflow")
    except MotifError:
        return
    arrays = handflow_arrays()
    np.testing.assert_allclose(loaded.X.reshape(20, 12, 21, 4)[..., :3], arrays["q"] * 1e-3, rtol=1e-6)
