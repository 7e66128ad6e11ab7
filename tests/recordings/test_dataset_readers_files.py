"""Trees and text: landmark frames, Arduino CSV, .ts, and packed windows of any origin."""

from importlib.metadata import EntryPoint

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recordings.dataset_samples import save, wand_arrays

from motif.errors import ConfigError, FormatError, MotifError
from motif.recordings import check_leaks, dataset_layouts, default_split, load_dataset


def landmark_tree(folder, classes=("none", "swipe"), n_sequences=12, n_frames=4):
    rng = np.random.default_rng(0)
    for label in classes:
        for sequence in range(n_sequences):
            place = folder / label / str(sequence)
            place.mkdir(parents=True)
            for frame in range(n_frames):
                np.save(place / f"{frame}.npy", np.full(84, sequence + frame / 100) + rng.normal(0, 1e-6, 84))
    return folder


def test_frames_are_read_in_the_order_of_their_numbers(tmp_path):
    data = load_dataset(landmark_tree(tmp_path / "raw", n_frames=12))
    assert data.X.shape == (24, 12, 84)
    np.testing.assert_allclose(data.X[10, :, 0], 10 + np.arange(12) / 100, atol=1e-4)
    np.testing.assert_allclose(data.X[:12, 0, 0], np.arange(12), atol=1e-4)
    assert data.start[:3].tolist() == [0, 12, 24]


def test_blocks_of_a_class_are_contiguous_and_do_not_leak(tmp_path):
    data = load_dataset(landmark_tree(tmp_path / "raw"), n_blocks=3)
    assert data.groups[:12].tolist() == ["0"] * 4 + ["1"] * 4 + ["2"] * 4
    assert check_leaks(data, default_split(data)) == ()


def test_sequences_of_another_length_and_empty_ones_are_left_out_and_counted(tmp_path):
    folder = landmark_tree(tmp_path / "raw")
    (folder / "swipe" / "3" / "3.npy").unlink()
    (folder / "empty").mkdir()
    for frame in range(4):
        np.save(folder / "none" / "5" / f"{frame}.npy", np.zeros(84))
    data = load_dataset(folder)
    assert data.n_windows == 22
    assert any("1 sequences have 3 frames instead of 4" in note for note in data.notes)
    assert any("1 of 23 windows are empty" in note for note in data.notes)
    assert "no windows of empty" in data.notes[-1]


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"PK\x03\x04", b"no array"])
def test_a_damaged_frame_is_named(tmp_path, content):
    folder = landmark_tree(tmp_path / "raw", n_sequences=2)
    (folder / "swipe" / "1" / "2.npy").write_bytes(content)
    with pytest.raises(FormatError, match=r"2\.npy"):
        load_dataset(folder)


def test_a_frame_of_another_shape_is_named(tmp_path):
    folder = landmark_tree(tmp_path / "raw", n_sequences=2)
    np.save(folder / "swipe" / "1" / "2.npy", np.zeros(63))
    with pytest.raises(FormatError, match=r"\(63,\)"):
        load_dataset(folder)


def test_options_of_the_tree_that_cannot_be_are_refused(tmp_path):
    folder = landmark_tree(tmp_path / "raw", n_sequences=2)
    with pytest.raises(ConfigError):
        load_dataset(folder, n_blocks=0)
    with pytest.raises(FormatError, match="no sequence has 9 frames"):
        load_dataset(folder, n_frames=9)
    with pytest.raises(FormatError, match="<class>"):
        load_dataset(tmp_path, layout="landmark-tree")


def arduino_csv(path, n_gestures=6, rows=10, blank=True, value=1.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(len(path.stem))
    gesture = "\n".join(["%.3f,0.5,0,180,0,0"] * rows)
    gestures = [gesture % tuple(value + rng.normal(0, 0.1, rows)) for _ in range(n_gestures)]
    path.write_text("aX,aY,aZ,gX,gY,gZ\n" + ("\n\n" if blank else "\n").join(gestures) + "\n")
    return path


def test_arduino_files_are_classes_in_si_units(tmp_path):
    for name in ("flex", "punch"):
        arduino_csv(tmp_path / f"{name}.csv")
    data = load_dataset(tmp_path)
    assert data.X.shape == (12, 6, 1, 10)
    assert data.class_counts() == {"flex": 6, "punch": 6}
    np.testing.assert_allclose(data.X[:, 1], 0.5 * 9.80665, rtol=1e-5)
    np.testing.assert_allclose(data.X[:, 3], np.pi, rtol=1e-5)
    assert (data.rate_hz, data.group_kind) == (119.0, "block")
    assert "assumed" in data.notes[-1]
    assert check_leaks(data, default_split(data)) == ()
    assert load_dataset(tmp_path / "flex.csv", rate_hz=100.0).rate_hz == 100.0


def test_arduino_files_without_blank_lines_need_the_rows(tmp_path):
    for n_gestures, name in ((3, "flex"), (4, "punch"), (5, "wave")):
        arduino_csv(tmp_path / f"{name}.csv", n_gestures, blank=False)
    with pytest.raises(FormatError, match="rows_per_sample"):
        load_dataset(tmp_path)
    assert load_dataset(tmp_path, rows_per_sample=10).n_windows == 12


def test_a_second_of_the_usual_sketch_is_taken_for_a_gesture_where_all_divide_by_it(tmp_path):
    for n_gestures, name in ((2, "flex"), (3, "punch"), (5, "wave")):
        arduino_csv(tmp_path / f"{name}.csv", n_gestures, rows=119, blank=False)
    data = load_dataset(tmp_path)
    assert (data.n_windows, data.X.shape[-1]) == (10, 119)
    assert "every 119 rows are taken for a gesture" in data.notes


def test_a_train_and_a_test_folder_are_the_division(tmp_path):
    for part, n_gestures in (("train", 6), ("test", 2)):
        for name in ("flex", "punch"):
            arduino_csv(tmp_path / part / f"{name}.csv", n_gestures)
    data = load_dataset(tmp_path)
    assert data.describe()["groups"] == {"test": 4, "train": 12}
    assert default_split(data).how.startswith("as published")


def test_a_gesture_of_another_length_is_left_out_and_counted(tmp_path):
    path = arduino_csv(tmp_path / "flex.csv")
    path.write_text(path.read_text() + "\n1,0,0,0,0,0\n1,0,0,0,0,0\n")
    arduino_csv(tmp_path / "punch.csv")
    data = load_dataset(tmp_path)
    assert data.n_windows == 12
    assert any("1 gestures" in note for note in data.notes)


def test_arduino_files_that_cannot_be_read_are_refused(tmp_path):
    arduino_csv(tmp_path / "flex.csv")
    with pytest.raises(ConfigError):
        load_dataset(tmp_path, n_blocks=0)
    (tmp_path / "punch.csv").write_text("aX,aY,aZ,gX,gY,gZ\n1,2,x,4,5,6\n1,2,3,4,5,6\n")
    with pytest.raises(FormatError, match="line 2"):
        load_dataset(tmp_path)


def test_a_part_without_a_whole_gesture_is_refused(tmp_path):
    arduino_csv(tmp_path / "train" / "flex.csv", 6)
    arduino_csv(tmp_path / "test" / "flex.csv", 1, rows=3)
    with pytest.raises(FormatError, match="test"):
        load_dataset(tmp_path)


@pytest.mark.parametrize(("name", "options"), [("nano_gestures", {}), ("magic_wand_spells", {"rows_per_sample": 119})])
def test_real_arduino_files(shared_data, name, options):
    data = load_dataset(shared_data("arduino_gestures") / name, **options)
    assert data.X.shape[1:] == (6, 1, 119)
    assert len(data.class_names) == 5


TS = """# a comment
@problemName Taps
@timeStamps false
@missing true
@univariate false
@dimensions 2
@equalLength false
@classLabel true still tap
@data
1,2,3,4:5,6,7,8:still
1,?,3:5,6,7:tap
"""


def test_a_ts_file_has_dimensions_missing_values_and_unequal_lengths(tmp_path):
    (tmp_path / "Taps_TRAIN.ts").write_text(TS)
    data = load_dataset(tmp_path)
    assert (data.name, data.X.shape) == ("Taps", (2, 2, 1, 4))
    np.testing.assert_array_equal(data.X[1, :, 0], [[1, 2, 3, 3], [5, 6, 7, 7]])
    assert data.labels.tolist() == ["still", "tap"]
    assert any("missing values" in note for note in data.notes)
    assert any("shorter than 4" in note for note in data.notes)
    assert load_dataset(tmp_path, length=3, rate_hz=10.0).X.shape == (2, 2, 1, 3)


def test_the_two_halves_of_a_problem_are_its_division(tmp_path):
    (tmp_path / "Taps_TRAIN.ts").write_text(TS)
    (tmp_path / "Taps_TEST.ts").write_text(TS.replace("5,6,7,8", "5,6,7,9"))
    for path in (tmp_path, tmp_path / "Taps_TEST.ts"):
        data = load_dataset(path)
        assert data.groups.tolist() == ["train", "train", "test", "test"]
        assert len(default_split(data)) == 1


def test_a_lone_ts_file_and_undeclared_classes_are_read(tmp_path):
    (tmp_path / "taps.ts").write_text("@problemName x\n@classLabel true\n@data\n1,2:b\n3,4:a\n")
    data = load_dataset(tmp_path / "taps.ts")
    assert (data.class_names, data.group_names) == (("a", "b"), ("all",))


def test_a_case_of_which_nothing_is_known_is_dropped(tmp_path):
    (tmp_path / "taps.ts").write_text("@classLabel true a b\n@data\n1,2:b\n?,?:a\n")
    data = load_dataset(tmp_path / "taps.ts")
    assert data.n_windows == 1
    assert "no windows of a" in data.notes[-1]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "@data\n",
        "@classLabel false\n@data\n1,2:3\n",
        "@targetLabel true\n@data\n1,2:3\n",
        "@timeStamps true\n@classLabel true a\n@data\n(0,1):a\n",
        "@classLabel true a\n@data\n1,x:a\n",
        "@classLabel true a\n@data\n1,2:b\n",
        "@classLabel true a\n@data\n1,2:3:a\n",
        "@classLabel true a\n@data\n1:2:a\n1:a\n",
        "@classLabel true a\n@data\na\n",
        "@classLabel true a\n@data\ninf,2:a\n",
    ],
)
def test_a_ts_file_that_cannot_be_read_is_refused(tmp_path, content):
    (tmp_path / "taps.ts").write_text(content)
    with pytest.raises(FormatError, match="taps"):
        load_dataset(tmp_path / "taps.ts")


def test_ts_files_that_do_not_belong_together_are_refused(tmp_path):
    (tmp_path / "a_TRAIN.ts").write_text(TS)
    (tmp_path / "b_TRAIN.ts").write_text(TS)
    with pytest.raises(FormatError, match="2 problems"):
        load_dataset(tmp_path)
    (tmp_path / "a_TEST.ts").write_text("@classLabel true still tap\n@data\n1,2:tap\n")
    with pytest.raises(FormatError, match="dimensions"):
        load_dataset(tmp_path / "a_TEST.ts")


@given(position=st.integers(0, len(TS)), junk=st.text(max_size=4))
@settings(deadline=None, max_examples=60)
def test_a_damaged_ts_file_is_an_error_of_ours_or_a_data_set(tmp_path_factory, position, junk):
    file = tmp_path_factory.mktemp("ts") / "taps.ts"
    file.write_text(TS[:position] + junk + TS[position + len(junk) :], encoding="utf-8")
    try:
        load_dataset(file)
    except MotifError:
        return


def test_packed_windows_get_si_units_and_groups(tmp_path):
    arrays = wand_arrays()
    data = load_dataset(save(tmp_path / "wand.npz", arrays))
    assert data.X.shape == (12, 6, 1, 15)
    assert data.channels == ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")
    np.testing.assert_allclose(data.X[:, 0, 0], arrays["q"][..., 0] * 0.01 * 9.80665, rtol=1e-5)
    np.testing.assert_allclose(data.X[:, 3, 0], arrays["q"][..., 3] * 0.01, rtol=1e-5)
    assert (data.group_kind, data.rate_hz) == ("session", 100.0)
    assert check_leaks(data, default_split(data)) == ()


def test_repetitions_are_put_in_the_order_of_their_numbers(tmp_path):
    data = load_dataset(save(tmp_path / "wand.npz", wand_arrays()))
    for group in data.group_names:
        for label in (0, 1):
            rows = (data.groups == group) & (data.y == label)
            in_time = np.argsort(data.stretch[rows])
            assert np.all(np.diff(wand_arrays()["rep"][rows][in_time]) >= 0)


def test_windows_with_nan_are_dropped_and_counted(tmp_path):
    X = np.ones((12, 15, 6))
    X[3, 2, 1] = np.nan
    X[5] = np.inf
    X[6] = 1e300
    data = load_dataset(save(tmp_path / "set.npz", wand_arrays(q=None, scale=None, X=X, rate=np.array(50))))
    assert data.n_windows == 9
    assert "set.npz: 3 of 12 windows hold NaN or infinity" in data.notes[0]
    assert data.rate_hz == 50.0


def test_labels_may_be_texts_and_features_need_no_names(tmp_path):
    arrays = {"X": np.ones((4, 5, 3)), "y": np.array(["b", "a", "b", "a"]), "group": np.arange(4)}
    data = load_dataset(save(tmp_path / "set.npz", arrays))
    assert data.X.shape == (4, 5, 3)
    assert data.class_names == ("a", "b")
    assert data.sensors == ()
    assert data.group_names == ("0", "1", "2", "3")


def test_labels_without_names_are_their_own_names(tmp_path):
    data = load_dataset(save(tmp_path / "wand.npz", wand_arrays(y=np.repeat([7, 2**40], 6), class_names=None)))
    assert data.class_counts() == {"7": 6, str(2**40): 6}


def test_which_array_holds_the_groups_can_be_said(tmp_path):
    path = save(tmp_path / "set.npz", wand_arrays(subject=np.array(["one"] * 12), rate=np.array([25.0])))
    assert load_dataset(path).group_kind == "subject"
    assert load_dataset(path, group="session").group_kind == "session"


@pytest.mark.parametrize(
    "changes",
    [
        {"q": np.zeros((12, 15), np.int16)},
        {"q": np.zeros((12, 0, 6), np.int16)},
        {"q": None},
        {"scale": None},
        {"scale": np.ones(5)},
        {"y": np.zeros(11, int)},
        {"y": np.full(12, -1)},
        {"scale": None, "X": np.ones((12, 15))},
        {"y": np.zeros(12)},
        {"session": None},
        {"session": np.array(["08-17"])},
        {"channels": np.array(["acc_x_g"])},
        {"channels": np.arange(6)},
        {"q": None, "X": np.full((12, 15, 6), np.nan)},
    ],
)
def test_packed_windows_that_contradict_themselves_are_refused(tmp_path, changes):
    with pytest.raises(MotifError):
        load_dataset(save(tmp_path / "wand.npz", wand_arrays(**changes)), layout="packed")


def test_real_wand(shared_data):
    data = load_dataset(shared_data("wand_gestures"))
    assert data.X.shape[1:] == (6, 1, 150)
    still = data.subset(data.labels == "NoMotion").select_channels(["acc_x", "acc_y", "acc_z"])
    assert np.median(np.linalg.norm(still.X, axis=1)) == pytest.approx(9.8, abs=0.5)


def test_a_package_can_add_a_layout(tmp_path, monkeypatch):
    (tmp_path / "their_package.py").write_text(
        "from motif.recordings.dataset_readers import Layout\n"
        "LAYOUT = Layout('theirs', '*.theirs', lambda path: path.suffix == '.theirs', lambda path: 'read')\n"
        "OTHER = 1\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    points = [
        EntryPoint("theirs", "their_package:LAYOUT", "motif.dataset_readers"),
        EntryPoint("absent", "no_such_package:LAYOUT", "motif.dataset_readers"),
        EntryPoint("other", "their_package:OTHER", "motif.dataset_readers"),
    ]
    monkeypatch.setattr("motif.recordings._plugins.entry_points", lambda group: points)
    dataset_layouts.cache_clear()
    try:
        with pytest.warns(RuntimeWarning) as caught:
            layouts = dataset_layouts()
        assert "theirs" in layouts
        told = [str(warning.message) for warning in caught]
        assert [name for text in told for name in ("absent", "other") if f"{name!r}" in text] == ["absent", "other"]
        (tmp_path / "set.theirs").write_text("")
        assert load_dataset(tmp_path / "set.theirs") == "read"
    finally:
        dataset_layouts.cache_clear()
