import pytest

from motif import errors
from motif.errors import MissingExtraError, MotifError
from motif.optional import require

ALL = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("error", ALL)
def test_every_error_is_ours_and_has_a_code_of_its_own(error):
    assert issubclass(error, MotifError)
    assert [other for other in ALL if other.code == error.code] == [error]


def test_a_missing_extra_names_the_install_line():
    with pytest.raises(MissingExtraError, match=r"pip install 'motif\[train\]'"):
        require("a_module_nobody_has.sub", extra="train")
    assert require("json", extra="train").loads("1") == 1


def test_a_broken_module_keeps_its_own_message(tmp_path, monkeypatch):
    (tmp_path / "broken_inside.py").write_text("import something_it_lacks")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="something_it_lacks"):
        require("broken_inside", extra="train")
