"""Settings in YAML: what stands in the way is one line that names the file."""

import os

import pytest
from pydantic import BaseModel

from motif.errors import ConfigError, MissingFileError
from motif.settings import read_text, validated


def test_a_file_of_settings_that_is_not_there_or_a_folder_is_missing(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere.yaml"):
        with pytest.raises(MissingFileError, match="a YAML file"):
            read_text(path, want="a YAML file")


def test_bytes_that_are_no_text_are_said(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="is no text"):
        read_text(tmp_path / "a.yaml", want="a YAML file")


def test_a_file_that_may_not_be_read_is_named(tmp_path):
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    with pytest.raises(ConfigError, match="cannot be read") as refused:
        read_text(loop, want="a YAML file")
    assert os.fspath(loop) in str(refused.value)


def test_a_key_that_stands_twice_is_said_and_an_alias_is_no_repetition():
    class Settings(BaseModel):
        first: dict[str, int] = {}
        second: dict[str, int] = {}

    assert validated(Settings, "first: &a {x: 1}\nsecond: *a", "a.yaml").second == {"x": 1}
    with pytest.raises(ConfigError, match=r"a\.yaml line 3, x: this key stands here before"):
        validated(Settings, "first:\n  x: 1\n  x: 2", "a.yaml")
