import pytest

from motif.templates import GestureDatabase, GestureRecorder


@pytest.fixture
def database(tmp_path):
    with GestureDatabase(tmp_path / "gestures") as found:
        yield found


@pytest.fixture
def recorder(database, tmp_path):
    found = GestureRecorder(database=database, session_dir=tmp_path / "sessions")
    yield found
    found.end_session()
