"""Settings in YAML: what stands in the way is one line that names the file."""

import os

import pytest

from motif.errors import ConfigError, MissingFileError
from motif.settings import read_text


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
