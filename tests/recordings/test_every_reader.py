"""The contract, on every reader that is discovered: a new one is tested the day it is added."""

from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.recordings.reader_samples import SAMPLES

from motif.errors import ConfigError, MissingFileError, MotifError
from motif.recordings import Reader, Recording, StreamReader, known_readers, read, read_streams
from motif.recordings.readers import BUILT_IN, _hdf5

CASES = [pytest.param(name, make, id=f"{name}-{i}") for name, makes in SAMPLES.items() for i, make in enumerate(makes)]
HDF5_CASES = {"deeplabcut-1", "deeplabcut-2", "sleap-0", "sleap-1", "netcdf-0", "netcdf-1"}
GARBAGE = [
    b"",
    b"\n",
    b"\x00" * 64,
    b"{",
    b"PK\x03\x04",
    b"PAR1",
    b"\x89HDF\r\n\x1a\n",
    b"\x93NUMPY",
    b"scorer,",
    b"a,b\n1,2\n",
]


@st.composite
def damage(draw):
    """Say how to break a file: cut it off, take a piece out, put bytes in, or change some."""
    kind = draw(st.sampled_from(["cut", "drop", "insert", "change"]))
    places = draw(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=8))
    return kind, places, draw(st.binary(min_size=1, max_size=8))


def broken(content: bytes, kind: str, places: list[float], junk: bytes) -> bytes:
    first = int(places[0] * len(content))
    if kind == "cut":
        return content[:first]
    if kind == "drop":
        return content[:first] + content[first + 4 * len(junk) :]
    if kind == "insert":
        return content[:first] + junk + content[first:]
    changed = bytearray(content)
    for i, place in enumerate(places):
        changed[int(place * len(content))] = junk[i % len(junk)]
    return bytes(changed)


def outcome(name: str, path: Path) -> Recording | MotifError:
    try:
        return read(path, reader=name)
    except MotifError as error:
        return error


def test_every_built_in_reader_has_a_sample():
    assert {reader.name for reader in BUILT_IN} == set(SAMPLES)


@pytest.mark.parametrize("reader", known_readers().values(), ids=known_readers().keys())
def test_a_reader_says_who_it_is(reader):
    assert isinstance(reader, Reader)
    assert known_readers()[reader.name] is reader
    assert len(reader.description) > 10


@pytest.mark.parametrize(("name", "make"), CASES)
def test_a_sample_is_recognized_by_its_own_reader(name, make, tmp_path):
    path = make(tmp_path)
    assert known_readers()[name].sniff(path)
    found = read(path)
    named = read(path, reader=name)
    assert isinstance(found, Recording)
    assert found.channels == named.channels
    np.testing.assert_array_equal(found.values, named.values)


@pytest.mark.parametrize(("name", "make"), CASES)
def test_reading_twice_gives_the_same_and_leaves_the_file_alone(name, make, tmp_path):
    path = make(tmp_path)
    before = path.read_bytes()
    first, second = read(str(path)), read(path)
    np.testing.assert_array_equal(first.values, second.values)
    np.testing.assert_array_equal(first.time_ns, second.time_ns)
    assert (first.annotations, dict(first.metadata)) == (second.annotations, dict(second.metadata))
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(("name", "make"), CASES)
def test_every_reader_takes_a_rate(name, make, tmp_path):
    assert read(make(tmp_path), rate_hz=50.0).rate_hz == pytest.approx(50.0, rel=1e-6)


@pytest.mark.parametrize(("name", "make"), CASES)
def test_an_option_it_does_not_have_is_named(name, make, tmp_path):
    path = make(tmp_path)
    with pytest.raises(ConfigError, match="'speed'"):
        read(path, speed=3)
    with pytest.raises(ConfigError, match="'speed'"):
        read_streams(path, speed=3)
    with pytest.raises(ConfigError, match="rate_hz=-1"):
        read(path, rate_hz=-1)


@pytest.mark.parametrize(("name", "make"), CASES)
def test_streams_are_recordings_by_name(name, make, tmp_path):
    path = make(tmp_path)
    streams = read_streams(path)
    assert streams
    assert all(isinstance(stream, Recording) and stream.n_samples for stream in streams.values())
    if not isinstance(known_readers()[name], StreamReader):
        assert list(streams) == [path.stem]


@pytest.mark.parametrize("name", known_readers())
@pytest.mark.parametrize("content", GARBAGE)
@pytest.mark.parametrize("suffix", [".csv", ".zip", ".h5", ""])
def test_garbage_is_sniffed_without_an_error_and_read_with_one_of_ours(name, content, suffix, tmp_path):
    path = tmp_path / f"garbage{suffix}"
    path.write_bytes(content)
    assert known_readers()[name].sniff(path) in (True, False)
    result = outcome(name, path)
    assert isinstance(result, Recording) or "garbage" in str(result)  # an error says which file


@pytest.mark.parametrize("name", known_readers())
def test_sniffing_a_folder_or_nothing_is_no_error(name, tmp_path):
    assert not known_readers()[name].sniff(tmp_path)
    assert not known_readers()[name].sniff(tmp_path / "nothing")
    with pytest.raises(MissingFileError):
        read(tmp_path / "nothing", reader=name)
    with pytest.raises(MotifError):
        read(tmp_path, reader=name)


@pytest.mark.parametrize(("name", "make"), [case for case in CASES if case.id not in HDF5_CASES])
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(how=damage())
def test_a_damaged_file_is_a_recording_or_an_error_of_ours(name, make, tmp_path, how):
    check_damaged(name, make, tmp_path, how)


@pytest.mark.parametrize(("name", "make"), [case for case in CASES if case.id in HDF5_CASES])
@settings(deadline=None, max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(how=damage())
def test_so_is_damaged_hdf5_which_costs_a_process_each_time(name, make, tmp_path, how):
    with mock.patch.object(_hdf5, "LIMIT_S", 4.0):  # the HDF5 library loops without end on some of them
        check_damaged(name, make, tmp_path, how)


def check_damaged(name, make, tmp_path, how):
    folder = tmp_path / "whole"
    folder.mkdir(exist_ok=True)
    whole = next(folder.iterdir(), None) or make(folder)
    content, (kind, places, junk) = whole.read_bytes(), how
    path = Path(tmp_path / f"damaged{whole.suffix}")
    path.write_bytes(broken(content, kind, places, junk))
    known_readers()[name].sniff(path)
    assert isinstance(outcome(name, path), Recording | MotifError)
