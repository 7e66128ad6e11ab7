"""Backups: when they are made, how long they are kept, whatever the clock does."""

import shutil
from pathlib import Path

import pytest

from motif.errors import DatabaseError, FormatError, MissingFileError, WriteError
from motif.templates import GestureDatabase, _database_lock, _database_recovery
from motif.templates._backups import backups_in

HOUR_S = 3600
DAY_S = 24 * HOUR_S


class Clock:
    """Stands still until it is moved."""

    def __init__(self):
        self.now_s = 1_790_000_000

    def __call__(self):
        return self.now_s * 10**9


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def database(tmp_path, clock):
    with GestureDatabase(tmp_path / "gestures", clock=clock) as opened:
        yield opened


def teach(database, name="push"):
    return database.add_sample(name, {"acc_peak": 3.0})


def numbers(database):
    return [backup.number for backup in database.list_backups()]


def test_the_first_change_makes_a_backup_and_then_the_interval_counts(database, clock):
    assert numbers(database) == []
    teach(database)
    assert numbers(database) == [1]
    clock.now_s += 299
    teach(database)
    assert numbers(database) == [1]
    clock.now_s += 1
    teach(database)
    assert numbers(database) == [1, 2]
    database.AUTO_BACKUP_INTERVAL = 10
    clock.now_s += 10
    teach(database)
    assert numbers(database) == [1, 2, 3]
    name = database.get_stats()["last_backup"]
    assert name.startswith("gestures-2026")
    assert "-000003-" in name
    assert (database.folder / "backups" / name).is_file()


def test_closing_backs_up_what_changed_since(tmp_path, clock):
    with GestureDatabase(tmp_path, clock=clock) as database:
        teach(database)
        teach(database)
    with GestureDatabase(tmp_path, clock=clock) as database:
        assert numbers(database) == [1, 2]
        assert database.list_backups()[-1].revision == database.revision
    with GestureDatabase(tmp_path, clock=clock) as database:
        assert numbers(database) == [1, 2]


def test_so_many_are_kept(database, clock):
    database.MAX_BACKUP_COUNT = 3
    for _ in range(6):
        teach(database)
        clock.now_s += HOUR_S
    assert numbers(database) == [4, 5, 6]
    database.MAX_BACKUP_COUNT = 0
    database.backup()
    assert numbers(database) == [7]


def test_so_long_they_are_kept(database, clock):
    for _ in range(4):
        teach(database)
        clock.now_s += 10 * DAY_S
    assert numbers(database) == [1, 2, 3, 4]
    teach(database)
    assert numbers(database) == [2, 3, 4, 5]
    clock.now_s += 1000 * DAY_S
    teach(database)
    assert numbers(database) == [6]


def test_class_attributes_may_be_assigned(tmp_path, clock, monkeypatch):
    monkeypatch.setattr(GestureDatabase, "MAX_BACKUP_COUNT", 2)
    monkeypatch.setattr(GestureDatabase, "AUTO_BACKUP_INTERVAL", 0)
    with GestureDatabase(tmp_path, clock=clock) as database:
        for _ in range(4):
            teach(database)
        assert numbers(database) == [3, 4]


@pytest.mark.parametrize("jump_s", [-HOUR_S, HOUR_S])
def test_a_jump_of_the_clock_neither_stops_backups_nor_mixes_up_their_order(database, clock, jump_s):
    for _ in range(3):
        teach(database)
        clock.now_s += 300
    clock.now_s += jump_s
    for _ in range(3):
        teach(database)
        clock.now_s += 300
    assert numbers(database) == [1, 2, 3, 4, 5, 6]
    revisions = [backup.revision for backup in database.list_backups()]
    assert revisions == sorted(revisions)
    database.MAX_BACKUP_COUNT = 2
    database.backup()
    assert numbers(database) == [6, 7]


def test_the_newest_is_restored_after_a_jump_back(tmp_path, clock):
    with GestureDatabase(tmp_path, clock=clock) as database:
        teach(database, "early")
        clock.now_s -= HOUR_S
        teach(database, "late")
        names = [backup.path.name for backup in database.list_backups()]
        assert names != sorted(names)
    (tmp_path / "gestures.db").write_bytes(b"")
    with GestureDatabase(tmp_path, clock=clock) as database:
        assert database.list_templates() == ["early", "late"]


def test_the_only_whole_one_is_never_removed(database, clock):
    teach(database)
    clock.now_s += 400
    teach(database)
    first, second = (backup.path for backup in database.list_backups())
    second.write_bytes(b"damaged")
    from motif.templates._backups import prune

    assert prune(database.folder / "backups", most=1, days=30, now_ns=clock() + 10**18) == [second]
    assert [backup.path for backup in database.list_backups()] == [first]


def test_other_files_in_the_folder_are_no_backups(database):
    teach(database)
    for name in ("gestures-x.db", "gestures-20269999T000000Z-000009-r1.db", "notes.txt"):
        (database.folder / "backups" / name).touch()
    assert numbers(database) == [1]


def test_a_backup_can_be_restored_and_that_can_be_gone_back_on(database, clock):
    teach(database, "early")
    early = database.backup()
    teach(database, "late")
    database.train_template("late")
    other = GestureDatabase(database.folder, clock=clock)
    revision = database.revision
    assert database.restore(early) == early
    assert database.list_templates() == other.list_templates() == ["early"]
    assert database.revision > revision
    assert database.get_stats()["state"] == "healthy"
    assert database.verify() == ()
    before = [backup for backup in database.list_backups() if backup.revision == revision]
    other.restore(before[0].path)
    assert database.list_templates() == ["early", "late"]
    teach(database, "more")
    assert other.list_templates() == ["early", "late", "more"]
    other.close()


def test_restoring_without_a_name_takes_the_newest_whole_one(database):
    with pytest.raises(MissingFileError):
        database.restore()
    teach(database)
    newest = database.backup()
    assert database.restore() == newest


def test_a_damaged_or_missing_backup_is_not_restored(database, tmp_path):
    teach(database)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(database.backup().read_bytes()[:9000])
    with pytest.raises(FormatError, match="damaged"):
        database.restore(damaged)
    with pytest.raises(MissingFileError):
        database.restore(tmp_path / "nowhere.db")
    assert database.list_templates() == ["push"]


def test_no_room_for_a_backup_stops_no_change(database, caplog):
    (database.folder / "backups").write_text("a file where the folder should be")
    teach(database)
    assert database.list_templates() == ["push"]
    assert "no backup of the gesture database" in caplog.text
    with pytest.raises(WriteError):
        database.backup()


def test_a_recovery_without_room_leaves_all_as_it_is_and_reads_a_backup(tmp_path, monkeypatch, clock):
    with GestureDatabase(tmp_path, clock=clock) as database:
        teach(database)
    damaged = bytes(8192)
    (tmp_path / "gestures.db").write_bytes(damaged)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_database_recovery, "install", full)
    database = GestureDatabase(tmp_path, clock=clock)
    stats = database.get_stats()
    assert (stats["state"], database.list_templates()) == ("corrupted", ["push"])
    assert "No space left" in stats["problem"]
    with pytest.raises(WriteError):
        teach(database)
    database.close()
    assert (tmp_path / "gestures.db").read_bytes() == damaged
    monkeypatch.undo()
    with GestureDatabase(tmp_path, clock=clock) as database:
        assert (database.get_stats()["state"], database.list_templates()) == ("healthy", ["push"])


def test_without_room_and_without_a_backup_it_says_so(tmp_path, monkeypatch, clock):
    (tmp_path / "gestures.db").write_bytes(bytes(8192))
    monkeypatch.setattr(_database_recovery, "install", lambda *_: Path("/dev/null/x").touch())
    with pytest.raises(WriteError):
        GestureDatabase(tmp_path, clock=clock)


def test_a_damaged_lock_is_replaced_and_a_held_one_is_waited_for(tmp_path, clock, monkeypatch):
    (tmp_path / "gestures.lock").write_bytes(b"no database" * 1000)
    with GestureDatabase(tmp_path, clock=clock) as one, GestureDatabase(tmp_path, clock=clock) as other:
        teach(one)
        monkeypatch.setattr(_database_lock, "BUSY_TIMEOUT_S", 0.01)
        other._store._lock.close()
        with one._store.locked(), pytest.raises(DatabaseError, match="another one has been writing"):
            teach(other)
        teach(other)


def test_files_that_vanish_while_it_is_open_come_back(tmp_path, clock):
    with GestureDatabase(tmp_path / "a", clock=clock) as database:
        teach(database)
        for path in (tmp_path / "a").glob("gestures.db*"):
            path.unlink()
        assert database.list_templates() == ["push"]
        shutil.rmtree(tmp_path / "a")
        assert database.list_templates() == []
        teach(database, "new")
        assert database.list_templates() == ["new"]


def test_the_backups_of_a_folder_that_is_not_there_are_none(tmp_path):
    assert backups_in(tmp_path / "nowhere") == []
