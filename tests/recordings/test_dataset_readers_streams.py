"""Continuous recordings that are cut into windows: phone and watch, phone gestures, annotated recordings."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recordings.dataset_samples import phone_gestures, pocket_and_wrist, save

from motif.errors import (
    ColumnError,
    ConfigError,
    FormatError,
    InputError,
    LabelError,
    MotifError,
    TooFewSamplesError,
)
from motif.recordings import (
    Annotation,
    Recording,
    by_block,
    check_leaks,
    default_split,
    load_dataset,
    windows_from_recordings,
    write_npz,
)

MS = 1_000_000


def test_phone_and_watch_are_aligned_in_time(tmp_path):
    data = load_dataset(save(tmp_path / "both.npz", pocket_and_wrist()), window_s=1.0, hop_s=0.5)
    assert data.X.shape[1:] == (6, 2, 100)
    assert (data.sensors, data.channels[3]) == (("phone", "watch"), "gyr_x")
    np.testing.assert_allclose(data.X[:, :, 0], data.X[:, :, 1], atol=1e-3)


def test_windows_know_their_execution_and_subject(tmp_path):
    data = load_dataset(save(tmp_path / "both.npz", pocket_and_wrist()), device="watch")
    assert data.sensors == ("watch",)
    assert np.unique(data.stretch).size == 3
    assert data.group_names == ("s01", "s02")
    assert set(data.start[data.stretch == 0]) == set(range(0, 501, 50))


def test_labels_follow_the_signal(tmp_path):
    data = load_dataset(save(tmp_path / "both.npz", pocket_and_wrist()), device="phone", min_share=1.0)
    seconds = data.X[:, 0, 0] / 0.5 / 1000
    assert seconds[data.labels == "SEATED"].max() < 3.0
    assert seconds[data.labels == "WALKING"].min() >= 3.0 - 1e-6
    assert "no class for at least 100%" in data.notes[0]


def test_an_execution_without_its_watch_is_left_out(tmp_path):
    arrays = pocket_and_wrist(device=np.array(["sp", "sw", "sp", "sw", "sp", "other"]))
    data = load_dataset(save(tmp_path / "both.npz", arrays))
    assert "1 executions lack" in data.notes[0]


def test_a_pause_of_the_phone_is_not_filled(tmp_path):
    arrays = pocket_and_wrist(1)
    arrays["t_rel_ms"][300:600] += 2000
    data = load_dataset(save(tmp_path / "both.npz", arrays), device="phone")
    assert any("reach into a gap" in note for note in data.notes)


@pytest.mark.parametrize(
    ("changes", "options", "error"),
    [
        ({}, {"device": "ring"}, ConfigError),
        ({}, {"rate_hz": -1.0}, ConfigError),
        ({}, {"min_share": 0.0}, ConfigError),
        ({}, {"window_s": 60.0}, TooFewSamplesError),
        ({}, {"window_s": -1.0}, MotifError),
        ({"offsets": np.array([0, 5])}, {}, FormatError),
        ({"offsets": np.array([0.0, 5.0])}, {}, FormatError),
        ({"scale": np.ones(5)}, {}, FormatError),
        ({"y": np.full(3600, 2)}, {}, FormatError),
        ({"device": np.array(["sp"])}, {}, FormatError),
        ({"device": np.array(["ring"] * 6)}, {}, TooFewSamplesError),
    ],
)
def test_phone_and_watch_that_cannot_be_read_are_refused(tmp_path, changes, options, error):
    path = save(tmp_path / "both.npz", pocket_and_wrist(**changes))
    with pytest.raises(error):
        load_dataset(path, **options)


def test_real_phone_and_watch(shared_data):
    data = load_dataset(shared_data("sp_sw_har"))
    assert data.X.shape[1:] == (6, 2, 100)
    assert data.group_kind == "subject"
    seated = data.subset(data.labels == "SEATED").select_channels(["acc_x", "acc_y", "acc_z"])
    assert np.median(np.linalg.norm(seated.X, axis=1)) == pytest.approx(9.8, abs=0.3)
    split = default_split(data)
    assert "5 folds" in split.how
    assert check_leaks(data, split) == ()
    assert check_leaks(data, by_block(data, 3)) == ()


def test_an_isolated_gesture_stands_in_the_middle_of_its_window(tmp_path):
    data = load_dataset(save(tmp_path / "phone.npz", phone_gestures()), length=40)
    assert data.X.shape == (9, 9, 1, 40)
    np.testing.assert_array_equal(data.X[1, 0, 0], np.arange(195, 235))
    assert data.start[:3].tolist() == [45, 195, 335]
    assert data.labels.tolist() == ["left"] * 3 + ["right"] * 3 + ["left"] * 3
    assert data.stretch.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_a_window_never_leaves_its_sequence(tmp_path):
    data = load_dataset(save(tmp_path / "phone.npz", phone_gestures()), length=200)
    assert data.start.tolist() == [0, 115, 200] * 3


def test_the_stream_has_rests(tmp_path):
    data = load_dataset(save(tmp_path / "phone.npz", phone_gestures()), mode="stream", length=20, hop=10)
    assert data.class_names == ("rest", "left", "right")
    middle = (data.stretch == 0) & (data.start == 60)
    assert data.labels[middle].tolist() == ["left"]
    assert data.class_counts()["rest"] > data.class_counts()["left"]


@pytest.mark.parametrize(
    ("changes", "options", "error"),
    [
        ({}, {"mode": "some"}, ConfigError),
        ({}, {"length": 0}, ConfigError),
        ({}, {"length": 500}, FormatError),
        ({}, {"mode": "stream", "length": 500}, TooFewSamplesError),
        ({}, {"window_s": 1.0}, ConfigError),
        ({"active": np.zeros(1200, int)}, {}, FormatError),
        ({"x": np.zeros((1200, 8), np.float32)}, {}, FormatError),
        ({"x": np.full((1200, 9), np.nan, np.float32)}, {}, FormatError),
        ({"gesture": np.array([0, 1, 2])}, {}, FormatError),
        ({"offsets": np.array([0, 400, 400, 1200])}, {}, FormatError),
    ],
)
def test_phone_gestures_that_cannot_be_read_are_refused(tmp_path, changes, options, error):
    path = save(tmp_path / "phone.npz", phone_gestures(**changes))
    with pytest.raises(error):
        load_dataset(path, **options)


def test_a_short_sequence_is_left_out_and_counted(tmp_path):
    arrays = phone_gestures(offsets=np.array([0, 100, 800, 1200]))
    data = load_dataset(save(tmp_path / "phone.npz", arrays), length=150)
    assert any("shorter than 150" in note for note in data.notes)


def test_real_phone_gestures(shared_data):
    isolated = load_dataset(shared_data("uhh_imu_gestures"))
    assert isolated.X.shape[1:] == (9, 1, 64)
    assert min(isolated.class_counts().values()) >= 10
    assert load_dataset(shared_data("uhh_imu_gestures"), mode="stream").class_names[0] == "rest"
    assert check_leaks(isolated, default_split(isolated)) == ()


def recording(labels, subject="ann", rate_hz=50.0, seconds=10.0, sensors=("",), **changes):
    n = int(seconds * rate_hz)
    time_ns = (np.arange(n) * 1e9 / rate_hz).astype(np.int64)
    channels = tuple(f"{sensor}{'.' if sensor else ''}acc_{axis}" for sensor in sensors for axis in "xyz")
    facts = {
        "values": np.tile(time_ns[:, None] / 1e9, (1, len(channels))) + np.arange(len(channels)) * 100,
        "time_ns": time_ns,
        "channels": channels,
        "units": ("m/s²",) * len(channels),
        "annotations": tuple(Annotation(int(a * 1e9), int(b * 1e9), label) for a, b, label in labels),
        "subject": subject,
    }
    return Recording(**facts | changes)


def test_annotations_become_windows():
    data = windows_from_recordings([recording([(0, 4, "walk"), (4, 10, "run")])], 1.0, 0.5, min_share=1.0)
    assert data.X.shape[1:] == (3, 1, 50)
    assert data.rate_hz == 50.0
    assert data.start.tolist() == [25 * i for i in range(19) if i != 7]  # the one from 3.5 to 4.5 s is of both
    for window, label in zip(data.X, data.labels, strict=True):
        seconds = window[0, 0]
        assert label == ("walk" if seconds[-1] < 4 else "run")


def test_unlabelled_time_is_left_out_or_background():
    marked = [recording([(2, 4, "wave"), (5, 5, "click")])]
    alone = windows_from_recordings(marked, 1.0)
    beside = windows_from_recordings(marked, 1.0, background="nothing")
    assert set(alone.labels) == {"wave"}
    assert beside.class_names == ("nothing", "wave")
    assert beside.class_counts()["nothing"] > beside.class_counts()["wave"]
    assert "1 annotation marks a moment" in alone.notes[-1]


def test_sensors_are_told_apart_by_the_point_in_their_name():
    data = windows_from_recordings([recording([(0, 10, "walk")], sensors=("hip", "wrist"))], channels=["acc_y"])
    assert (data.sensors, data.channels) == (("hip", "wrist"), ("acc_y",))
    np.testing.assert_allclose(data.X[:, 0, 1] - data.X[:, 0, 0], 300, rtol=1e-4)


def test_groups_are_people_else_sessions_else_recordings():
    walk = [(0, 10, "walk")]
    assert windows_from_recordings([recording(walk), recording(walk, "bob")]).group_names == ("ann", "bob")
    assert windows_from_recordings([recording(walk, "", session="monday")]).group_kind == "session"
    assert windows_from_recordings([recording(walk, ""), recording(walk)]).group_kind == "recording"


def test_recordings_of_other_rates_share_a_grid():
    data = windows_from_recordings([recording([(0, 10, "walk")]), recording([(0, 10, "walk")], rate_hz=100.0)])
    assert data.rate_hz == 50.0
    assert np.unique(data.stretch).size == 2
    np.testing.assert_allclose(np.diff(data.X, axis=-1), 0.02, atol=2e-3)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: windows_from_recordings([]), TooFewSamplesError),
        (lambda: windows_from_recordings([recording([])]), LabelError),
        (lambda: windows_from_recordings([recording([(1, 1, "a")])]), LabelError),
        (lambda: windows_from_recordings([recording([(0, 9, "a")])], 20.0), TooFewSamplesError),
        (lambda: windows_from_recordings([recording([(0, 9, "a")])], channels=["gyr_x"]), ColumnError),
        (
            lambda: windows_from_recordings(
                [recording([(0, 9, "a")], channels=("a.x", "b.y", "c.z"))],
            ),
            ColumnError,
        ),
        (
            lambda: windows_from_recordings([recording([(0, 9, "a")]), recording([(0, 9, "a")], units=("g",) * 3)]),
            InputError,
        ),
    ],
)
def test_recordings_that_cannot_be_cut_are_refused(make, error):
    with pytest.raises(error):
        make()


def test_a_folder_of_recordings_is_a_data_set(tmp_path):
    write_npz(recording([(0, 5, "walk"), (5, 10, "run")]), tmp_path / "one.npz")
    write_npz(recording([(0, 10, "walk")], "bob"), tmp_path / "two.npz")
    (tmp_path / ".hidden").write_text("")
    data = load_dataset(tmp_path, window_s=2.0, hop_s=1.0)
    assert data.group_names == ("ann", "bob")
    assert {data.stretch_name(stretch) for stretch in data.stretch} == {"one.npz", "two.npz"}
    assert data.X.shape[1:] == (3, 1, 100)
    assert load_dataset(tmp_path / "two.npz").group_names == ("bob",)


def test_a_folder_without_recordings_is_said(tmp_path):
    with pytest.raises(FormatError, match="no recording"):
        load_dataset(tmp_path, layout="recordings")


@pytest.mark.parametrize(("make", "layout"), [(pocket_and_wrist, "sp_sw_har"), (phone_gestures, "uhh")])
def test_damaged_streams_are_errors_of_ours(tmp_path_factory, make, layout):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **make())
    content = buffer.getvalue()

    @given(data=st.data())
    @settings(deadline=None, max_examples=40)
    def damaged(data):
        changed = bytearray(content)
        for _ in range(data.draw(st.integers(1, 3))):
            changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
        file = tmp_path_factory.mktemp("damaged") / "set.npz"
        file.write_bytes(changed[: data.draw(st.integers(len(changed) // 2, len(changed)))])
        try:
            load_dataset(file, layout=layout)
        except MotifError:
            return

    damaged()


def write_take(path, *, header="time [ms],accX [g],accY,accZ", rows=150):
    path.parent.mkdir(parents=True, exist_ok=True)
    table = np.column_stack([np.arange(rows) * 10, np.random.default_rng(0).normal(size=(rows, 3))])
    np.savetxt(path, table, delimiter=",", header=header, comments="")


def test_a_gesture_a_file_is_labelled_by_its_folder(tmp_path):
    for label in ("swipe left", "Kreis ○"):
        for take in ("01.csv", "02.csv"):
            write_take(tmp_path / label / take)
    data = load_dataset(tmp_path, window_s=0.5)
    assert data.class_names == ("Kreis ○", "swipe left")
    assert (data.group_kind, len(data.group_names)) == ("recording", 4)
    assert data.stretch_names[-1] == "swipe left/02.csv"


def test_a_folder_for_each_person_tells_who_moved(tmp_path):
    for person in ("p1", "p2"):
        for label in ("shake", "still"):
            write_take(tmp_path / person / label / "01.csv", header="t,a,b,c")
    columns = {"time_unit": "ms", "channels": {"acc_x": "a", "acc_y": "b"}, "units": "m/s²"}
    data = load_dataset(tmp_path, columns=columns)
    assert (data.group_kind, data.group_names) == ("subject", ("p1", "p2"))
    assert (data.class_names, data.channels) == (("shake", "still"), ("acc_x", "acc_y"))
    assert data.notes == ("columns left out: c",)


def test_a_take_that_no_reader_knows_is_named(tmp_path):
    for label in ("shake", "still"):
        write_take(tmp_path / label / "01.csv")
    (tmp_path / "still" / "02.csv").touch()
    assert "1 that no reader knows were left out: still/02.csv" in load_dataset(tmp_path).notes


def test_a_take_without_its_channel_is_named(tmp_path):
    write_take(tmp_path / "shake" / "01.csv")
    write_take(tmp_path / "still" / "01.csv", header="time [ms],accX [g],accY,light")
    with pytest.raises(ColumnError, match=r"still/01\.csv has no column 'acc_z'"):
        load_dataset(tmp_path)


def test_a_take_of_several_gestures_is_not_labelled_by_its_folder(tmp_path):
    marks = (Annotation(0, 500 * MS, "shake"), Annotation(500 * MS, 1000 * MS, "still"))
    walk = Recording(
        values=np.zeros((100, 1)),
        time_ns=np.arange(100) * 10 * MS,
        channels=("acc_x",),
        units=("m/s²",),
        annotations=marks,
    )
    (tmp_path / "p1").mkdir()
    write_npz(walk, tmp_path / "p1" / "walk.npz")
    with pytest.raises(FormatError, match="annotated with several classes"):
        load_dataset(tmp_path)


def test_a_long_table_is_cut_by_the_labels_its_map_names(tmp_path):
    rows = [f"{10 * i},1.0,{'shake' if i < 200 else 'still'}" for i in range(400)]
    (tmp_path / "long.csv").write_text("\n".join(["stamp,accX,gesture", *rows]))
    columns = {"time": "stamp", "time_unit": "ms", "label": "gesture"}
    data = load_dataset(tmp_path / "long.csv", layout="recordings", columns=columns)
    assert data.class_names == ("shake", "still")
    assert data.notes == ("nothing says the units of acc_x: m/s², rad/s and µT are assumed",)


def test_people_in_one_table_are_groups_of_their_own(tmp_path):
    rows = [f"{10 * (i % 200)},{i // 200 + 7},{i % 7},{'shake' if i % 200 < 100 else 'still'}" for i in range(600)]
    (tmp_path / "herd.csv").write_text("\n".join(["time_ms,Animal ID,accX [g],gesture", *rows]))
    data = load_dataset(tmp_path, window_s=0.5, columns={"label": "gesture"})
    assert (data.group_kind, data.group_names, data.channels) == ("subject", ("7", "8", "9"), ("acc_x",))
    assert data.stretch_names == ("herd.csv: 7", "herd.csv: 8", "herd.csv: 9")
    assert data.notes == ()


def test_a_take_without_a_folder_of_its_person_names_them_itself(tmp_path):
    for gesture, who in (("shake", "ann"), ("shake", "bo"), ("still", "ann"), ("still", "bo")):
        (tmp_path / gesture).mkdir(exist_ok=True)
        rows = [f"{10 * i},{who},{i % 7}" for i in range(200)]
        (tmp_path / gesture / f"{who}.csv").write_text("\n".join(["time_ms,subject,accX [g]", *rows]))
    assert load_dataset(tmp_path, window_s=0.5).group_names == ("ann", "bo")


def test_windows_are_in_the_units_that_bundles_speak_of():
    still = Recording(
        values=np.ones((100, 1)),
        time_ns=np.arange(100) * 10 * MS,
        channels=("acc_z",),
        units=("g",),
        annotations=(Annotation(0, 1000 * MS, "still"),),
    )
    np.testing.assert_allclose(windows_from_recordings([still], 0.5).X, 9.80665, rtol=1e-6)
