import errno
from pathlib import Path

import pytest

from motif.errors import WriteError
from motif.files import atomic_file, atomic_folder, write_bytes


def test_a_file_appears_when_it_is_whole_and_not_before(tmp_path):
    path = tmp_path / "new" / "a.bin"
    with atomic_file(path) as file:
        file.write(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"
    write_bytes(path, b"whole")
    assert path.read_bytes() == b"whole"
    assert list(path.parent.iterdir()) == [path]


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
        with atomic_folder(path) as folder:
            (folder / content).write_text(content)
        assert [file.name for file in path.iterdir()] == [content]
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_folder_leaves_the_old_one(tmp_path):
    path = tmp_path / "folder"
    with atomic_folder(path) as folder:
        (folder / "old").touch()
    with pytest.raises(WriteError), atomic_folder(path) as folder:
        (folder / "new").touch()
        raise OSError(errno.ENOSPC, "No space left on device")
    assert [file.name for file in path.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_is_named(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(WriteError, match="file/below"), atomic_folder(file / "below"):
        pass
    with pytest.raises(WriteError, match="file/below"):
        write_bytes(Path(file) / "below", b"")
