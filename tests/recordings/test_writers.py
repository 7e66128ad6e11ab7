"""What is written comes back exactly."""

import subprocess
import sys

import numpy as np
import pyarrow
import pytest
import xarray
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pyarrow import parquet
from tests.recordings.reader_samples import poses, recording

from motif.errors import FormatError, InputError, WriteError
from motif.recordings import Annotation, Recording, read, write_netcdf, write_npz, write_parquet
from motif.recordings._header import header_of, recording_of

WRITERS = [(write_parquet, "parquet"), (write_npz, "npz"), (write_netcdf, "nc")]
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
NAME = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)


@st.composite
def recordings(draw):
    names = draw(st.lists(NAME, min_size=1, max_size=4, unique=True))
    n_samples = draw(st.integers(0, 6))
    numbers = st.floats(allow_infinity=False, allow_nan=True)
    times = st.integers(-(2**61), 2**61)
    spans = draw(st.lists(st.tuples(times, st.integers(0, 10**12), TEXT), max_size=3))
    return Recording(
        values=draw(hnp.arrays(np.float64, (n_samples, len(names)), elements=numbers)),
        time_ns=draw(hnp.arrays(np.int64, n_samples, elements=times)),
        channels=tuple(names),
        units=tuple(draw(TEXT) for _ in names),
        annotations=tuple(Annotation(start, start + length, label) for start, length, label in spans),
        subject=draw(TEXT),
        session=draw(TEXT),
        metadata=draw(st.dictionaries(TEXT, TEXT, max_size=3)),
    )


def same(a, b):
    np.testing.assert_array_equal(a.values, b.values)
    np.testing.assert_array_equal(a.time_ns, b.time_ns)
    for part in ("channels", "units", "annotations", "subject", "session"):
        assert getattr(a, part) == getattr(b, part)
    assert dict(a.metadata) == dict(b.metadata)


@pytest.mark.parametrize(("write", "suffix"), WRITERS)
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(original=recordings())
def test_any_recording_comes_back_exactly(write, suffix, original, tmp_path):
    same(read(write(original, tmp_path / f"any.{suffix}")), original)


@pytest.mark.parametrize(("write", "suffix"), WRITERS)
@pytest.mark.parametrize("make", [recording, poses])
def test_motion_and_key_points_come_back_exactly(write, suffix, make, tmp_path):
    original = make()
    path = write(original, tmp_path / "new" / f"some.{suffix}")
    same(read(path), original)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_our_own_files_are_written_and_read_without_pandas(tmp_path):
    script = """
import sys
from motif.recordings import Journal, Recording, read

with Journal("walk.parquet", ["acc_x"], ["m/s²"]) as journal:
    journal.append([1, 2], [[0.5], [0.25]])
    journal.sync()
    assert read(journal.stream_path).n_samples == 2
assert read(read("walk.parquet").to_parquet("again.parquet")).values.tolist() == [[0.5], [0.25]]
assert "pandas" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)


def test_a_parquet_file_with_missing_entries_is_refused(tmp_path):
    table = parquet.read_table(write_parquet(recording(), tmp_path / "own.parquet"))
    column = pyarrow.array([None, *range(1, table.num_rows)], pyarrow.float64())
    parquet.write_table(table.set_column(1, "acc_x", column), tmp_path / "own.parquet")
    with pytest.raises(FormatError, match="not whole Parquet"):
        read(tmp_path / "own.parquet")


def test_to_parquet_is_write_parquet(tmp_path):
    same(read(recording().to_parquet(tmp_path / "a.parquet")), recording())


@pytest.mark.parametrize(("write", "suffix"), WRITERS)
def test_what_cannot_be_written_leaves_the_old_file(write, suffix, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("old")
    with pytest.raises(WriteError, match="was not written"):
        write(recording(), blocked / f"a.{suffix}")
    assert blocked.read_text() == "old"


def test_key_points_lie_as_movement_expects_them(tmp_path):
    original = poses()
    path = write_netcdf(original, tmp_path / "poses.nc")
    with xarray.open_dataset(path, engine="h5netcdf") as dataset:
        assert dataset.position.dims == ("time", "space", "keypoints", "individuals")
        assert dataset.confidence.dims == ("time", "keypoints", "individuals")
        assert dataset.attrs["ds_type"] == "poses"
        assert dataset.attrs["fps"] == pytest.approx(30)
        tail_y = dataset.position.sel(space="y", keypoints="tail").squeeze("individuals")
        np.testing.assert_array_equal(tail_y, original.channel("tail.y"))


def test_other_motion_lies_as_time_by_channel(tmp_path):
    path = write_netcdf(recording(), tmp_path / "imu.nc")
    with xarray.open_dataset(path, engine="h5netcdf") as dataset:
        np.testing.assert_array_equal(dataset.motion.sel(channel="acc_x"), recording().channel("acc_x"))
        assert dataset.units.values.tolist() == ["m/s²", "m/s²", "rad/s"]


def test_thousands_of_annotations_fit(tmp_path):
    marks = tuple(Annotation(i, i, "a rather long label") for i in range(5_000))
    original = Recording(values=np.zeros((1, 1)), time_ns=[0], channels=("a",), units=("",), annotations=marks)
    for write, suffix in WRITERS:
        assert read(write(original, tmp_path / f"a.{suffix}")).annotations == marks


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "version None"),
        ('{"motif_recording": 99}', "version 99"),
        ('{"motif_recording": 1}', "lacks or garbles 'channels'"),
        (header_of(recording()).replace('"swipe"', '"swipe", 1'), "lacks or garbles"),
        (header_of(recording()).replace('"acc_x", ', ""), "channels has shape"),
    ],
)
def test_a_header_that_is_not_ours_is_named(header, says):
    with pytest.raises(InputError, match=says):
        recording_of(recording().values, recording().time_ns, header)


@pytest.mark.parametrize(
    ("suffix", "says"), [("npz", "write it again with motif"), ("parquet", "as CSV and read that")]
)
def test_files_of_others_are_refused_with_a_next_step(suffix, says, tmp_path):
    import pyarrow
    from pyarrow import parquet

    path = tmp_path / f"other.{suffix}"
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    parquet.write_table(pyarrow.table({"x": [1, 2]}), tmp_path / "other.parquet")
    with pytest.raises(FormatError, match=says):
        read(path)


def test_arrays_of_objects_are_refused_since_they_could_run_code(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("code in a file was run",))

    np.save(tmp_path / "trap.npy", np.array([Trap()], dtype=object))
    with pytest.raises(FormatError, match="allow_pickle=False"):
        read(tmp_path / "trap.npy")
    np.savez(tmp_path / "trap.npz", values=np.array([Trap()], dtype=object), time_ns=np.zeros(1, int), header="{}")
    with pytest.raises(FormatError, match="allow_pickle=False"):
        read(tmp_path / "trap.npz")
