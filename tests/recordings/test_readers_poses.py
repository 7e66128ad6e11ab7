"""DeepLabCut, SLEAP, movement and bare arrays."""

import pickle

import h5py
import numpy as np
import pytest
import xarray
from tests.recordings import reader_samples as samples

from motif.errors import ConfigError, FormatError
from motif.recordings import read
from motif.recordings.readers._pickled_names import pickled_names


def test_deeplabcut_channels_units_and_time(tmp_path):
    mouse = read(samples.deeplabcut_csv(tmp_path), rate_hz=25)
    assert mouse.channels == ("nose.x", "nose.y", "nose.likelihood", "tail.x", "tail.y", "tail.likelihood")
    assert mouse.units == ("px", "px", "", "px", "px", "")
    assert mouse.rate_hz == pytest.approx(25)
    assert mouse.channel("nose.x")[1] == 1.5


def test_a_rate_nobody_said_is_said_to_be_assumed(tmp_path):
    path = samples.deeplabcut_csv(tmp_path)
    assert read(path).metadata["rate"] == "30 Hz: assumed, the file does not say"
    assert read(path, rate_hz=25).metadata["rate"] == "25 Hz: as asked"


@pytest.mark.parametrize("make", [samples.deeplabcut_csv, samples.deeplabcut_fixed_h5, samples.deeplabcut_table_h5])
def test_a_point_nobody_saw_is_missing_and_its_likelihood_stays(make, tmp_path):
    mouse = read(make(tmp_path))
    assert np.isnan(mouse.channel("tail.x")).all()
    assert not mouse.channel("tail.likelihood").any()
    assert not np.isnan(mouse.channel("nose.x")).any()


def test_frames_that_are_left_out_leave_a_hole_in_time(tmp_path):
    path = samples.deeplabcut_csv(tmp_path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:5] + lines[10:]))
    assert np.diff(read(path, rate_hz=10).time_ns).tolist()[1] == 600_000_000


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("bodyparts,", "parts,"), "no header levels bodyparts and coords"),
        (("coords,x,", "coords,"), "header lines have 6, 5 columns"),
        (("0.99", "sure"), "not a table of 6 numbers"),
        (("\n1,", "\none,"), "not a table of 6 numbers"),
    ],
)
def test_a_damaged_deeplabcut_table_is_named(change, says, tmp_path):
    path = samples.deeplabcut_csv(tmp_path)
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(FormatError, match=says):
        read(path)


def test_a_frame_of_hdf5_is_chosen_by_key(tmp_path):
    path = samples.deeplabcut_fixed_h5(tmp_path)
    assert read(path, key="df").n_samples == samples.N_ROWS
    with pytest.raises(FormatError, match="tracks"):
        read(path, key="tracks")


def test_hdf5_that_holds_objects_is_not_read(tmp_path):
    path = samples.deeplabcut_fixed_h5(tmp_path)
    with h5py.File(path, "a") as file:
        del file["df/block0_values"]
        file.create_dataset("df/block0_values", (1,), dtype=h5py.vlen_dtype(np.uint8))[0] = np.frombuffer(
            b"cos\n", np.uint8
        )
    with pytest.raises(FormatError):
        read(path)


def test_hdf5_that_claims_too_much_is_refused_before_it_is_read(tmp_path):
    path = samples.deeplabcut_fixed_h5(tmp_path)
    with h5py.File(path, "a") as file:
        del file["df/block0_values"]
        file.create_dataset("df/block0_values", (2**40, 6), dtype="f8", chunks=(1024, 6))
    with pytest.raises(FormatError, match="claims 6,597,069,766,656 entries"):
        read(path)


@pytest.mark.parametrize("protocol", range(6))
def test_names_are_read_out_of_any_pickle_of_names(protocol):
    names = [("scorer", "nose", "x"), ("scorer", "nose", "y"), ("scorer", "Schwänzchen", "x"), (), ("a",), ("b", "c")]
    assert pickled_names(pickle.dumps(names, protocol=protocol)) == names


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_would_run_code_is_refused_and_not_run(protocol, tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("code in a file was run",))

    trap = pickle.dumps([Trap()], protocol=protocol)
    with pytest.raises(ValueError, match="could run code"):
        pickled_names(trap)
    path = samples.deeplabcut_table_h5(tmp_path)
    with h5py.File(path, "a") as file:
        file["df_with_missing/table"].attrs["values_block_0_kind"] = np.void(trap)
    with pytest.raises(FormatError):
        read(path)


@pytest.mark.parametrize("data", [b"I1\n.", b"(I1\n(I2\n.", b"."])
def test_a_pickle_that_is_no_list_is_refused(data):
    with pytest.raises((ValueError, IndexError)):
        pickled_names(data)


def test_sleap_analysis_lays_tracks_by_name(tmp_path):
    mice = read(samples.sleap_analysis(tmp_path))
    assert mice.channels[:3] == ("a.nose.x", "a.nose.y", "a.nose.likelihood")
    raw = np.arange(2 * 2 * 3 * samples.N_ROWS, dtype=float).reshape(2, 2, 3, samples.N_ROWS)
    np.testing.assert_array_equal(mice.channel("b.ear.y"), raw[1, 1, 1])
    assert (mice.channel("b.tail.likelihood") == 0.5).all()


def test_sleap_labels_prefer_what_a_person_placed(tmp_path):
    mice = read(samples.sleap_labels(tmp_path))
    assert mice.channels[:3] == ("a.nose.x", "a.nose.y", "a.nose.likelihood")  # nodes in the skeleton's order
    assert mice.n_samples == 4  # frames 0 … 3, of which 1 and 2 were not labelled
    assert np.isnan(mice.values[1:3]).all()
    assert mice.channel("a.nose.x")[[0, 3]].tolist() == [0.0, 100.0]
    assert mice.channel("a.nose.likelihood")[[0, 3]].tolist() == [0.9, 1.0]
    assert np.isnan(mice.channel("a.tail.x")[0])
    assert mice.channel("b.nose.y")[3] == 6.0
    with pytest.raises(ConfigError, match="no frame of video 2"):
        read(tmp_path / "mouse.slp", video=2)


def test_older_sleap_labels_began_counting_pixels_half_a_pixel_earlier(tmp_path):
    path = samples.sleap_labels(tmp_path)
    with h5py.File(path, "a") as file:
        file["metadata"].attrs["format_id"] = 1.0
        instances = file["instances"][...]
        instances["track"] = -1
        file["instances"][...] = instances
    mice = read(path)
    assert mice.channel("a.nose.x")[3] == 99.5
    assert mice.channel("a.nose.y")[3] == 100.5


@pytest.mark.parametrize(
    ("field", "number", "says"), [("frame_idx", 2**40, "frames of"), ("instance_id_end", 2**63, "")]
)
def test_sleap_labels_that_claim_too_much_are_refused(field, number, says, tmp_path):
    path = samples.sleap_labels(tmp_path)
    with h5py.File(path, "a") as file:
        frames = file["frames"][...]
        frames[field][-1] = number
        file["frames"][...] = frames
    if says:
        with pytest.raises(FormatError, match=says):
            read(path)
    else:
        assert read(path).n_samples == 4


def test_sleap_analysis_whose_names_do_not_fit_is_refused(tmp_path):
    path = samples.sleap_analysis(tmp_path)
    with h5py.File(path, "a") as file:
        del file["node_names"]
        file["node_names"] = np.array([b"nose"])
    with pytest.raises(FormatError, match="are named"):
        read(path)


def test_key_points_of_movement_are_read(tmp_path):
    position = np.arange(5 * 2 * 3 * 2, dtype=float).reshape(5, 2, 3, 2)
    dataset = xarray.Dataset(
        {
            "position": (("time", "space", "keypoints", "individuals"), position),
            "confidence": (("time", "keypoints", "individuals"), position[:, 0] / 100),
        },
        coords={
            "time": np.arange(5) / 50,
            "space": ["x", "y"],
            "keypoints": ["nose", "ear", "tail"],
            "individuals": ["a", "b"],
        },
        attrs={"fps": 50.0, "time_unit": "seconds", "source_software": "LightningPose", "ds_type": "poses"},
    )
    dataset.to_netcdf(tmp_path / "moved.nc", engine="h5netcdf")
    mice = read(tmp_path / "moved.nc")
    np.testing.assert_array_equal(mice.channel("b.ear.y"), position[:, 1, 1, 1])
    np.testing.assert_array_equal(mice.channel("a.tail.likelihood"), position[:, 0, 2, 0] / 100)
    assert mice.rate_hz == pytest.approx(50)
    assert mice.metadata["source_software"] == "LightningPose"


@pytest.mark.parametrize(
    ("shape", "channels"),
    [
        ((5,), ("channel_0",)),
        ((5, 2), ("channel_0", "channel_1")),
        ((5, 2, 2), ("point_0.x", "point_0.y", "point_1.x", "point_1.y")),
        ((5, 1, 1, 3), ("point_0.x", "point_0.y", "point_0.z")),
        ((5, 2, 1, 2), ("track_0.point_0.x", "track_0.point_0.y", "track_1.point_0.x", "track_1.point_0.y")),
    ],
)
def test_bare_arrays_get_numbered_names(shape, channels, tmp_path):
    array = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    np.save(tmp_path / "a.npy", array)
    bare = read(tmp_path / "a.npy", rate_hz=10)
    assert bare.channels == channels
    np.testing.assert_array_equal(bare.values.ravel(), array.ravel())


def test_a_bare_array_takes_names_and_a_unit(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((5, 2)))
    assert read(tmp_path / "a.npy", channels=["acc_x", "acc_y"], unit="m/s²").units == ("m/s²", "m/s²")
    with pytest.raises(FormatError, match="as many channels"):
        read(tmp_path / "a.npy", channels=["acc_x"])


@pytest.mark.parametrize("array", [np.zeros((2, 2, 2, 2, 2)), np.array(["a"]), np.zeros((3, 0)), np.array(3.0)])
def test_an_array_of_another_kind_is_refused(array, tmp_path):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(FormatError, match="want numbers, time first"):
        read(tmp_path / "a.npy")


@pytest.mark.parametrize(
    ("file", "n_samples", "n_channels"),
    [
        ("testDLC_csv_table.csv", 97, 42),
        ("testDLC_csv_table_madlc.csv", 97, 84),
        ("testDLC_csv_table_multi.csv", 98, 84),
        ("testDLC_h5_table.h5", 100, 42),
        ("testDLC_h5_table_madlc.h5", 100, 84),
        ("testDLC_h5_table_multi.h5", 100, 84),
        ("testDLC_square_arena.h5", 451, 42),
        ("testDLC_sleap.analysis.h5", 101, 42),
        ("testDLC_sleap.slp", 101, 42),
        ("testDLC_sleap_table.npy", 100, 28),
    ],
)
def test_real_pose_files_are_read_whole(file, n_samples, n_channels, shared_data):
    mouse = read(shared_data("pose_files") / file)
    assert (mouse.n_samples, mouse.n_channels) == (n_samples, n_channels)


def test_two_real_formats_of_one_program_agree(shared_data):
    folder = shared_data("pose_files")
    for table, hdf5 in (("testDLC_csv_table_madlc.csv", "testDLC_h5_table_madlc.h5"),):
        csv, h5 = read(folder / table), read(folder / hdf5)
        assert set(csv.channels) == set(h5.channels)
        assert "mouse_black_tail.Nose.x" in csv.channels
    analysis, labels = read(folder / "testDLC_sleap.analysis.h5"), read(folder / "testDLC_sleap.slp")
    np.testing.assert_allclose(analysis.values, labels.select(analysis.channels).values, equal_nan=True)


@pytest.mark.parametrize("file", ["testDLC_h5_table.h5", "testDLC_h5_table_madlc.h5", "testDLC_h5_table_multi.h5"])
def test_our_reading_of_fixed_hdf5_equals_that_of_pandas(file, shared_data):
    """pandas is trusted with these files, which we know."""
    import pandas

    path = shared_data("pose_files") / file
    frame = pandas.read_hdf(path)
    mouse = read(path)
    names = [".".join(column[1:]) for column in frame.columns]
    ours = mouse.select(names).values
    theirs = frame.to_numpy()
    seen = ~np.isnan(ours)
    np.testing.assert_array_equal(ours[seen], theirs[seen])
    assert (theirs[~seen] == 0).all() or np.isnan(theirs[~seen]).all()
