"""The raw readings of a live run, whatever devices call themselves and wherever they are to be kept."""

import asyncio

import pytest

from motif.errors import WriteError
from motif.live import RawJournals
from motif.recordings import Readings, read
from motif.sources import ManualClock


def readings(device, time_ns=1_000):
    return Readings(device=device, channels=("acc_x",), time_ns=[time_ns], values=[[9.8]])


def test_a_device_cannot_name_a_file_outside_of_the_folder(tmp_path):
    journals = RawJournals(tmp_path / "raw")
    for device in ("../../outside", "/", "..", "\x00"):
        journals.append(readings(device))
    paths = journals.close()
    assert len(paths) == 4
    assert {path.parent for path in paths} == {tmp_path / "raw"}


def test_names_without_end_do_not_take_all_files_and_threads(tmp_path, monkeypatch):
    monkeypatch.setattr("motif.live._raw_journals._MOST_JOURNALS", 3)
    journals = RawJournals(tmp_path)
    for device in "abc":
        journals.append(readings(device))
    with pytest.raises(WriteError, match="3 devices and sensors"):
        journals.append(readings("d"))
    journals.append(readings("a"))
    assert len(journals.close()) == 3


def test_of_a_show_with_many_guests_all_are_recorded_as_those_who_left_give_way(tmp_path, monkeypatch):
    monkeypatch.setattr("motif.live._raw_journals._MOST_JOURNALS", 3)
    clock = ManualClock()
    journals = RawJournals(tmp_path, clock=clock)
    for guest in range(10):
        journals.append(readings(f"guest {guest}"))
        asyncio.run(clock.advance(40))
        journals.append(readings("host", 1_000 + guest))
    journals.append(readings("guest 0"))  # back again
    assert len(journals._journals) == 3
    paths = journals.close()
    assert sorted(path.name for path in paths) == sorted(
        ["host.parquet", "guest_0-2.parquet", *(f"guest_{guest}.parquet" for guest in range(10))]
    )
    assert read(tmp_path / "host.parquet").n_samples == 10


@pytest.mark.parametrize("folder", ["file", "file/below"])
def test_a_file_in_the_place_of_the_folder_is_said(tmp_path, folder):
    (tmp_path / "file").touch()
    with pytest.raises(WriteError):
        RawJournals(tmp_path / folder).append(readings("a"))
