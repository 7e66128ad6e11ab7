import errno
import os
import random
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest

from motif import bundles, files
from motif.errors import ConfigError, MissingFileError, WriteError
from motif.files import atomic_file, atomic_folder, check_place, replaced, write_bytes


def test_a_file_appears_when_it_is_whole_and_not_before(tmp_path):
    path = tmp_path / "new" / "a.bin"
    with atomic_file(path) as file:
        file.write(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"
    write_bytes(path, b"whole")
    assert path.read_bytes() == b"whole"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_is_on_the_disk_before_it_has_its_name_and_may_be_read_by_all(tmp_path, monkeypatch):
    done, fsync, rename = [], os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda file: (done.append(os.fstat(file).st_ino), fsync(file)))
    monkeypatch.setattr(Path, "replace", lambda old, new: (done.append(new), rename(old, new))[1])
    path = tmp_path / "a.bin"
    write_bytes(path, b"whole")
    assert done == [path.stat().st_ino, path, tmp_path.stat().st_ino]
    assert path.stat().st_mode & 0o777 == 0o644
    with atomic_folder(tmp_path / "folder", known_by="a") as folder:
        (folder / "a").touch()
    inside = [(tmp_path / "folder" / "a").stat().st_ino, tmp_path / "folder", tmp_path.stat().st_ino]
    assert done[3:] == inside
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o755


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.bin"
    write_bytes(path, b"old")
    with pytest.raises(WriteError, match="No space left"), atomic_file(path) as file:
        file.write(b"new")
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(ZeroDivisionError), atomic_file(path):
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_swapped_whole(tmp_path):
    path = tmp_path / "folder"
    for content in ("first", "second"):
        with atomic_folder(path, known_by="sort") as folder:
            (folder / "sort").touch()
            (folder / content).write_text(content)
        assert {file.name for file in path.iterdir()} == {"sort", content}
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_swapped_whole_where_the_system_cannot_exchange_two(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_exchanged", lambda one, other: False)
    test_a_folder_is_swapped_whole(tmp_path)


REPLACED_FOR_EVER = """
import itertools, sys
from pathlib import Path
from motif.files import atomic_folder
for i in itertools.count():
    with atomic_folder(sys.argv[1], known_by="a") as folder:
        for name in "abc":
            (folder / name).write_text(str(i))
    print(i, flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="two folders are exchanged in one step on Linux only")
@pytest.mark.parametrize("seed", range(8))
def test_whoever_replaces_a_folder_may_be_killed_at_any_moment(tmp_path, seed):
    path = tmp_path / "folder"
    with subprocess.Popen([sys.executable, "-c", REPLACED_FOR_EVER, path], stdout=subprocess.PIPE) as writer:
        for _ in range(3):
            said = int(writer.stdout.readline())
        select.select([], [], [], random.Random(seed).uniform(0, 0.02))
        writer.kill()
        said = max([said, *map(int, writer.stdout.read().split())])
    found = {file.name: int(file.read_text()) for file in path.iterdir()}
    assert set(found) == {"a", "b", "c"}
    assert len(set(found.values())) == 1
    assert found["a"] in (said, said + 1)


KILLED_BETWEEN_TWO_RENAMES = """
import os, sys
from pathlib import Path
from motif import files
files._exchanged = lambda one, other: False
with files.atomic_folder(sys.argv[1], known_by="old") as folder:
    (folder / "new").touch()
    rename = Path.replace
    def rename_and_die(self, target):
        rename(self, target)
        os._exit(9)
    Path.replace = rename_and_die
"""


@pytest.mark.parametrize("name", ["folder", "[ab]*"])
def test_a_kill_between_two_renames_is_told_and_loses_nothing(tmp_path, name):
    path = tmp_path / name
    with atomic_folder(path, known_by="old") as folder:
        (folder / "old").touch()
    command = [sys.executable, "-c", KILLED_BETWEEN_TWO_RENAMES, os.fspath(path)]
    assert subprocess.run(command, check=False).returncode == 9
    assert not path.exists()
    left = replaced(path)
    assert [file.name for file in left.iterdir()] == ["old"]
    with pytest.raises(MissingFileError, match=re.escape(left.name)):
        bundles.load(path)
    left.replace(path)
    assert replaced(path) is None


def test_a_folder_never_takes_the_place_of_a_file_or_a_link(tmp_path):
    (tmp_path / "file").write_text("precious")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        with pytest.raises(WriteError), atomic_folder(tmp_path / name, known_by="new") as folder:
            (folder / "new").touch()
    assert (tmp_path / "file").read_text() == "precious"
    assert (tmp_path / "link").is_symlink()
    assert {path.name for path in tmp_path.iterdir()} == {"file", "elsewhere", "link"}


def test_a_folder_never_takes_the_place_of_one_of_another_kind(tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(ConfigError, match=r"thesis\.txt"), atomic_folder(tmp_path, known_by="new"):
        pytest.fail("nothing should begin")
    late = tmp_path / "late"
    with pytest.raises(ConfigError, match="came"), atomic_folder(late, known_by="new") as folder:
        (folder / "new").touch()
        late.mkdir()
        (late / "came").touch()
    assert (tmp_path / "thesis.txt").read_text() == "precious"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["came", "late", "thesis.txt"]


def test_an_empty_folder_may_be_filled(tmp_path):
    (tmp_path / "made").mkdir()
    with atomic_folder(tmp_path / "made", known_by="new") as folder:
        (folder / "new").touch()
    assert (tmp_path / "made" / "new").exists()


def test_a_failed_folder_leaves_the_old_one(tmp_path):
    path = tmp_path / "folder"
    with atomic_folder(path, known_by="old") as folder:
        (folder / "old").touch()
    with pytest.raises(WriteError), atomic_folder(path, known_by="old") as folder:
        (folder / "new").touch()
        raise OSError(errno.ENOSPC, "No space left on device")
    assert [file.name for file in path.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_to_is_told_before_the_work(tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    check_place(tmp_path / "new" / "bundle", known_by="any")
    assert not any(tmp_path.iterdir())
    monkeypatch.setattr("tempfile.mkdtemp", full)
    with pytest.raises(WriteError, match="No space left"):
        check_place(tmp_path / "new" / "bundle", known_by="any")


def test_a_place_that_cannot_be_is_named(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(WriteError, match="file/below"), atomic_folder(file / "below", known_by="any"):
        pass
    with pytest.raises(WriteError, match="file/below"):
        write_bytes(Path(file) / "below", b"")
