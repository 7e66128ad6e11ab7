"""How a reader is found, and how a third party adds one."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from tests.recordings.reader_samples import csv_table, recording

from motif.errors import ConfigError, FormatError, MissingFileError
from motif.recordings import Recording, _plugins, _registry, known_readers, read, read_streams


class DiaryReader:
    """A third party's format."""

    name = "diary"
    description = "a diary of one's movements"

    def sniff(self, path: Path) -> bool:
        return path.suffix == ".diary"

    def read(self, path: Path, **options: object) -> Recording:
        return recording()


class Incomplete:
    name = "incomplete"


@pytest.fixture
def installed(monkeypatch):
    """Pretend that packages with these entry points are installed."""

    def install(**values):
        points = [EntryPoint(name, value, _registry.GROUP) for name, value in values.items()]
        monkeypatch.setattr(_plugins, "entry_points", lambda group: points)
        known_readers.cache_clear()

    yield install
    monkeypatch.undo()
    known_readers.cache_clear()


def test_a_package_adds_a_reader_by_an_entry_point(installed, tmp_path):
    installed(diary="tests.recordings.test_readers_registry:DiaryReader")
    path = tmp_path / "mine.diary"
    path.write_text("walked")
    assert read(path, whatever="it takes").n_samples == recording().n_samples
    assert list(read_streams(path)) == ["mine"]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("no_such_package:Reader", "ModuleNotFoundError"),
        ("tests.recordings.test_readers_registry:Nothing", "AttributeError"),
        ("tests.recordings.test_readers_registry:Incomplete", "no name, description, sniff and read"),
        ("math:pi", "TypeError"),
    ],
)
def test_one_that_cannot_be_loaded_is_reported_and_left_out(value, says, installed, tmp_path):
    installed(broken=value)
    with pytest.warns(RuntimeWarning, match=f"'broken' .*{says}"):
        known = known_readers()
    assert "csv" in known
    assert "broken" not in known
    assert read(csv_table(tmp_path)).n_samples


def test_a_format_nobody_knows_is_an_error_that_lists_the_readers(tmp_path):
    path = tmp_path / "dance.xyz"
    path.write_text("?")
    with pytest.raises(
        FormatError, match=r"motif import --reader, read\(path, reader=…\)\); readers are\n  parquet: .*\n"
    ):
        read(path)


def test_of_a_folder_that_is_no_recording_a_file_is_asked_for(tmp_path):
    csv_table(tmp_path)
    with pytest.raises(FormatError, match="name a file in it"):
        read(tmp_path)


def test_a_reader_nobody_knows_is_an_error_that_lists_them(tmp_path):
    with pytest.raises(ConfigError, match=r"no reader is called 'excel'; there are .*csv"):
        read(csv_table(tmp_path), reader="excel")


def test_a_missing_path_suggests_what_is_there(tmp_path):
    csv_table(tmp_path)
    with pytest.raises(MissingFileError, match=r"did you mean walk\.csv"):
        read(tmp_path / "wlak.csv")
    with pytest.raises(MissingFileError, match=r"want a recording$"):
        read(tmp_path / "nowhere" / "else.csv")
