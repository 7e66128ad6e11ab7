"""Odd paths, settings and folders: an error of ours, or a sound data set, and nobody's data left out unsaid."""

import os

import numpy as np
import pytest
from tests.recordings.dataset_samples import dsads_arrays, handflow_arrays, phone_gestures, pocket_and_wrist, save

from motif.errors import ConfigError, FormatError, InputError, MissingFileError, MotifError
from motif.recordings import Annotation, Recording, default_split, load_dataset, read, windows_from_recordings

GESTURE = "aX,aY,aZ,gX,gY,gZ\n" + "1,2,3,4,5,6\n" * 119


@pytest.mark.parametrize("open_it", [read, load_dataset])
def test_a_path_that_cannot_be_is_an_error_of_ours(open_it, tmp_path):
    for odd in (3, None):
        with pytest.raises(ConfigError, match="give the name of a file"):
            open_it(odd)
    with pytest.raises(FormatError, match="check its name"):
        open_it(tmp_path / ("a" * 5000))
    with pytest.raises(MissingFileError, match="is not there"):
        open_it("a\0b")
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    with pytest.raises(MissingFileError, match="a link that leads nowhere"):
        open_it(loop)
    (tmp_path / "again").symlink_to(tmp_path)
    with pytest.raises(FormatError):
        open_it(tmp_path / "again")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no such permissions here")
def test_what_may_not_be_read_is_said_and_not_left_out(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    for name in ("flex", "punch"):
        (closed / f"{name}.csv").write_text(GESTURE)
    (closed / "wave.csv").symlink_to(closed / "wave.csv")  # nobody may read this, not even root
    with pytest.raises(FormatError, match=r"wave\.csv"):
        load_dataset(closed)
    if os.geteuid() != 0:
        closed.chmod(0)
        with pytest.raises(FormatError, match="cannot be looked at"):
            read(closed / "flex.csv")
        closed.chmod(0o700)


def test_a_damaged_file_in_a_folder_of_data_is_named_and_not_left_out(tmp_path):
    for subject in (1, 2):
        save(tmp_path / f"p{subject}.npz", dsads_arrays(subject))
    (tmp_path / "._p1.npz").write_bytes(b"what some systems leave beside")
    assert load_dataset(tmp_path).group_names == ("p1", "p2")
    whole = (tmp_path / "p2.npz").read_bytes()
    (tmp_path / "p2.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError, match=r"p2\.npz.*move it out of the folder"):
        load_dataset(tmp_path)


@pytest.mark.parametrize(("make", "half"), [(pocket_and_wrist, "s01"), (phone_gestures, "j")])
def test_every_file_of_a_folder_is_read(make, half, tmp_path):
    arrays = make()
    save(tmp_path / "a.npz", arrays)
    alone = load_dataset(tmp_path)
    arrays["subject"] = np.char.add("other ", arrays["subject"])
    save(tmp_path / "b.npz", arrays)
    both = load_dataset(tmp_path)
    assert both.n_windows == 2 * alone.n_windows
    assert {half, f"other {half}"} <= set(both.group_names)
    assert np.unique(both.stretch).size == 2 * np.unique(alone.stretch).size


@pytest.mark.parametrize(
    ("make", "settings"),
    [
        (pocket_and_wrist, {"window_s": "1"}),
        (pocket_and_wrist, {"window_s": 0}),
        (pocket_and_wrist, {"window_s": 1e4}),
        (pocket_and_wrist, {"window_s": np.nan}),
        (pocket_and_wrist, {"hop_s": "0.5"}),
        (pocket_and_wrist, {"hop_s": 0.0}),
        (pocket_and_wrist, {"rate_hz": "fast"}),
        (pocket_and_wrist, {"rate_hz": 0}),
        (pocket_and_wrist, {"rate_hz": np.inf}),
        (pocket_and_wrist, {"min_share": 2}),
        (pocket_and_wrist, {"device": "clock"}),
        (phone_gestures, {"length": 1.5}),
        (phone_gestures, {"length": "a"}),
        (phone_gestures, {"length": 10**9}),
        (phone_gestures, {"mode": "stream", "hop": 0}),
        (phone_gestures, {"mode": "stream", "hop": 1.5}),
        (phone_gestures, {"window_s": 1}),
        (handflow_arrays, {"window_s": 1}),
    ],
)
def test_a_setting_that_cannot_be_is_an_error_of_ours(make, settings, tmp_path):
    with pytest.raises(MotifError):
        load_dataset(save(tmp_path / "a.npz", make()), **settings)


@pytest.mark.parametrize("rate_hz", [0, -1, np.nan, np.inf, "fast"])
def test_a_rate_that_cannot_be_is_named(rate_hz, tmp_path):
    (tmp_path / "flex.csv").write_text(GESTURE)
    for open_it in (read, load_dataset):
        with pytest.raises(ConfigError, match="rate_hz="):
            open_it(tmp_path / "flex.csv", rate_hz=rate_hz)
    shake = Recording(
        values=np.zeros((300, 1)),
        time_ns=np.arange(300) * 10_000_000,
        channels=("acc_x",),
        units=("m/s²",),
        annotations=(Annotation(0, 10**9, "shake"),),
    )
    with pytest.raises(InputError, match="rate"):
        windows_from_recordings([shake], rate_hz=rate_hz)


def test_a_block_of_its_own_is_a_data_set(tmp_path):
    arrays = handflow_arrays(blocks=(4,), class_names=np.array(["none", "swipe", "touch"]))
    alone = load_dataset(save(tmp_path / "block4.npz", arrays))
    assert alone.group_names == ("4",)
    assert "no windows of touch" in alone.notes
    assert default_split(alone).folds


def test_other_people_with_all_five_units_are_read(tmp_path):
    for subject in (6, 7, 8):
        save(tmp_path / f"p{subject}.npz", dsads_arrays(subject, units=("T", "RA", "LA", "RL", "LL")))
    people = load_dataset(tmp_path)
    assert people.group_names == ("p6", "p7", "p8")
    assert people.X.shape[1:3] == (9, 5)
    assert people.select_sensors(people.sensors[:2]).X.shape[1:3] == (9, 2)


def test_a_person_who_lacks_a_gesture_is_read(tmp_path):
    arrays = phone_gestures(gesture_names=np.array(["left", "right", "tap"]))
    for mode in ("isolated", "stream"):
        some = load_dataset(save(tmp_path / "ni.npz", arrays), mode=mode, length=32)
        assert some.class_counts()["tap"] == 0
        assert "no windows of tap" in some.notes
