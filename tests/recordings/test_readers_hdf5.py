"""HDF5 is read by a child process: what it does not bring back in time, or alive, is an error of ours."""

import subprocess
import sys

import h5py
import numpy as np
import pytest
from tests.recordings import reader_samples as samples

from motif.errors import FormatError
from motif.recordings import read
from motif.recordings.readers import _hdf5
from motif.recordings.readers._hdf5 import array, opened, outline, texts


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "some.h5"
    with h5py.File(path, "w") as some:
        some["group/numbers"] = np.arange(6.0).reshape(2, 3)
        some["group/names"] = ["nose", "tail"]
        some["group"].attrs.update({"text": "a", "bytes": np.void(b"\x80\x02."), "whole": 3, "many": np.arange(3)})
        some["linked"] = h5py.ExternalLink("other.h5", "/secret")
        some["nothing"] = h5py.Empty("f8")
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["secret"] = np.ones(3)
    return path


def test_what_comes_back_is_what_lies_in_the_file(file):
    with opened(file) as found:
        assert list(found) == ["group", "nothing"]
        group = found["group"]
        assert group.attrs == {"text": "a", "bytes": b"\x80\x02.", "whole": 3, "many": [0, 1, 2]}
        np.testing.assert_array_equal(array(found["group/numbers"]), np.arange(6.0).reshape(2, 3))
        assert texts(group["names"]) == ("nose", "tail")
        assert len(group) == 2


@pytest.mark.parametrize(("name", "says"), [("linked", "no /linked"), ("group", "is a group"), ("nothing", "is empty")])
def test_links_to_other_files_groups_and_nothing_are_no_numbers(file, name, says):
    with pytest.raises(FormatError, match=says), opened(file) as found:
        array(found[name])


def test_numbers_that_lie_in_another_file_are_not_read(file):
    layout = h5py.VirtualLayout((3,), "f8")
    layout[:] = h5py.VirtualSource(file.with_name("other.h5"), "secret", (3,))
    with h5py.File(file, "a") as some:
        some.create_virtual_dataset("virtual", layout)
    with pytest.raises(FormatError, match="in another file"), opened(file) as found:
        array(found["virtual"])


def test_a_file_that_takes_without_end_is_given_up(file, monkeypatch):
    monkeypatch.setattr(_hdf5, "LIMIT_S", 0.001)  # less than any process takes to start
    with pytest.raises(FormatError, match=r"did not open within 0\.001 s"), opened(file):
        pytest.fail("it cannot have been opened")


def test_a_file_that_makes_the_library_crash_is_an_error_of_ours(file, tmp_path, monkeypatch):
    crash = tmp_path / "crash.py"
    crash.write_text("import os; os.abort()")
    monkeypatch.setattr(_hdf5, "_CHILD", crash)
    with pytest.raises(FormatError, match="crash"), opened(file):
        pytest.fail("it cannot have been opened")


def test_a_process_of_one_file_ends_with_its_reading(file):
    with opened(file) as found:
        child = found._child
        assert child._process.poll() is None
    assert child._process.poll() is not None


def test_an_outline_follows_the_file(file):
    assert set(outline(file)) == {"group", "nothing"}
    with h5py.File(file, "a") as some:
        some["more"] = 1.0
    assert set(outline(file)) == {"group", "nothing", "more"}
    assert outline(file.with_name("nowhere.h5")) is None


def test_this_process_never_loads_the_library(tmp_path):
    path = samples.sleap_analysis(tmp_path)
    code = f"import sys; from motif.recordings import read; read({str(path)!r}); print('h5py' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert read(path).n_samples == samples.N_ROWS
