"""Whatever happens to the database's files: it is noticed, they are kept, what can be had is had, and it is said."""

import logging
import os
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from motif.errors import DatabaseError
from motif.templates import GestureDatabase, GestureSample
from motif.templates import _database_schema as schema

IMU = ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")
PAGE = 4096


def sample(seed):
    return GestureSample.of(np.random.default_rng(seed).normal(0, 3, (60, 6)), IMU, 100.0, created_ns=seed)


def fill(folder, n=24):
    """Teach, back up, teach more; return all hashes by gesture. Closing makes the last backup."""
    with GestureDatabase(folder) as database:
        for seed in range(n):
            database.add_sample(f"gesture {seed % 4}", sample(seed))
        database.train_template("gesture 0")
        database.backup()
        return content(database)


def content(database):
    return {name: [each.hash for each in database.samples(name)] for name in database.list_templates()}


def overwrite(path, generator, n_pages=1):
    size = path.stat().st_size
    with path.open("r+b") as file:
        for page in generator.choice(max(1, size // PAGE), n_pages, replace=False):
            file.seek(int(page) * PAGE)
            file.write(generator.bytes(min(PAGE, size)))


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    folder = tmp_path_factory.mktemp("taught") / "gestures"
    return folder, fill(folder)


@pytest.fixture
def folder(taught, tmp_path):
    return Path(shutil.copytree(taught[0], tmp_path / "gestures"))


def said(caplog):
    return [record for record in caplog.records if "RECOVERING" in record.getMessage()]


def check_recovered(folder, expected, caplog, damaged):
    """Open it: the damage was noticed, said, set aside, and nothing is lost."""
    with GestureDatabase(folder) as database:
        stats = database.get_stats()
        assert content(database) == expected
        assert database.verify() == ()
        database.add_sample("after", sample(999))
        assert database.get_template("gesture 0").version == 1
    assert said(caplog)
    assert said(caplog)[0].levelno >= logging.ERROR
    assert stats["state"] == "healthy", stats["problem"]
    assert stats["recovery"]["lost"] == []
    (aside,) = [folder / name for name in stats["set_aside"]]
    assert (aside / "gestures.db").read_bytes() == damaged
    caplog.clear()
    with GestureDatabase(folder) as database:
        assert (database.get_stats()["state"], said(caplog)) == ("healthy", [])
        assert set(database.list_templates()) == {*expected, "after"}


@pytest.mark.parametrize("seed", range(6))
def test_overwritten_pages_are_noticed_set_aside_and_restored(taught, folder, caplog, seed):
    generator = np.random.default_rng(seed)
    overwrite(folder / "gestures.db", generator, n_pages=1 + seed % 3)
    check_recovered(folder, taught[1], caplog, (folder / "gestures.db").read_bytes())


@pytest.mark.slow
def test_every_page_is_watched(taught, tmp_path, caplog):
    n_pages = (taught[0] / "gestures.db").stat().st_size // PAGE
    assert n_pages > 20
    for page in range(n_pages):
        folder = Path(shutil.copytree(taught[0], tmp_path / str(page)))
        for content_of_page in (os.urandom(PAGE), bytes(PAGE)):
            with (folder / "gestures.db").open("r+b") as file:
                file.seek(page * PAGE)
                file.write(content_of_page)
        check_recovered(folder, taught[1], caplog, (folder / "gestures.db").read_bytes())
        shutil.rmtree(folder)


@pytest.mark.parametrize("seed", range(4))
def test_one_flipped_bit_is_noticed_wherever_it_is(taught, folder, caplog, seed):
    generator = np.random.default_rng(seed)
    damaged = bytearray((folder / "gestures.db").read_bytes())
    damaged[int(generator.integers(100, len(damaged)))] ^= 1 << int(generator.integers(8))
    (folder / "gestures.db").write_bytes(damaged)
    check_recovered(folder, taught[1], caplog, bytes(damaged))


@pytest.mark.parametrize("junk", [b"", b"hello", b"SQLite format 3\0" + bytes(84), bytes(9000)], ids=len)
def test_a_file_that_is_no_database_is_noticed(taught, folder, caplog, junk):
    (folder / "gestures.db").write_bytes(junk)
    check_recovered(folder, taught[1], caplog, junk)


@pytest.mark.parametrize("share", [0.3, 0.7, 0.999])
def test_a_truncated_file_is_noticed(taught, folder, caplog, share):
    path = folder / "gestures.db"
    os.truncate(path, int(path.stat().st_size * share))
    check_recovered(folder, taught[1], caplog, path.read_bytes())


def test_an_older_copy_of_a_page_is_noticed(tmp_path, caplog):
    folder = tmp_path / "gestures"
    expected = fill(folder)
    old = (folder / "gestures.db").read_bytes()
    with GestureDatabase(folder) as database:
        database.delete_template("gesture 3")
        expected = content(database)
    new = (folder / "gestures.db").read_bytes()
    (changed, *_) = [at for at in range(PAGE, len(old), PAGE) if old[at : at + PAGE] != new[at : at + PAGE]]
    mixed = new[:changed] + old[changed : changed + PAGE] + new[changed + PAGE :]
    (folder / "gestures.db").write_bytes(mixed)
    (folder / "gestures.head").unlink()
    with GestureDatabase(folder) as database:
        assert database.get_stats()["recovery"]["reasons"]
        assert content(database) == expected
    assert said(caplog)


def test_a_file_that_is_gone_comes_back_from_the_newest_backup(taught, folder, caplog):
    (folder / "gestures.db").unlink()
    with GestureDatabase(folder) as database:
        assert content(database) == taught[1]
        assert database.get_stats()["state"] == "healthy"
    assert said(caplog)


def test_a_damaged_backup_is_passed_over(taught, folder, caplog):
    newest = sorted((folder / "backups").iterdir())[-1]
    with GestureDatabase(folder) as database:
        database.add_sample("late", sample(500))
        expected = content(database)
        late = database.backup()
    overwrite(late, np.random.default_rng(1), 2)
    overwrite(folder / "gestures.db", np.random.default_rng(2), 1)
    with GestureDatabase(folder) as database:
        stats = database.get_stats()
        assert stats["recovery"]["restored_from"] == newest.name
        kept = content(database)
        lost = {name for name in expected if kept.get(name) != expected[name]}
        assert lost <= {"late"}
        assert bool(lost) == bool(stats["recovery"]["lost"]) == (stats["state"] == "degraded")


@pytest.mark.parametrize("seed", range(3))
def test_without_any_backup_what_can_be_read_is_kept_and_the_rest_is_named(tmp_path, caplog, seed):
    folder = tmp_path / "gestures"
    expected = fill(folder)
    shutil.rmtree(folder / "backups")
    overwrite(folder / "gestures.db", np.random.default_rng(seed))
    with GestureDatabase(folder) as database:
        stats = database.get_stats()
        assert stats["state"] == "degraded"
        assert stats["recovery"]["restored_from"] == "nothing"
        known = {each for hashes in expected.values() for each in hashes}
        kept = {each for hashes in content(database).values() for each in hashes}
        assert kept <= known
        assert len(kept) >= len(known) - 8
        assert database.verify() == ()
    assert said(caplog)


def test_damage_while_it_is_open_is_met_and_recovered(taught, folder, caplog):
    with GestureDatabase(folder) as database:
        (found,) = database._store.read(lambda c: c.execute("SELECT id FROM samples LIMIT 1").fetchall())
        with sqlite3.connect(folder / "gestures.db") as stranger:
            stranger.execute("UPDATE samples SET motion = zeroblob(length(motion)) WHERE id = ?", (found["id"],))
        stranger.close()
        assert content(database) == taught[1]
        assert database.get_stats()["state"] == "healthy"
    assert said(caplog)


def test_one_that_has_it_open_goes_on_in_the_recovered_file(taught, folder, caplog):
    with GestureDatabase(folder) as one:
        one.add_sample("before", sample(700))
        expected = content(one)
        overwrite(folder / "gestures.db", np.random.default_rng(4), 5)
        with GestureDatabase(folder) as other:
            assert other.get_stats()["recovery"] is not None
            found = content(other)
            assert {name for name in expected if found.get(name) != expected[name]} <= {"before"}
            for seed in range(3):
                one.add_sample("after", sample(800 + seed))
                other.add_sample("after", sample(900 + seed))
            assert content(one) == content(other)
        one.add_sample("after", sample(999))
        assert len(one.samples("after")) == 7
    with GestureDatabase(folder) as database:
        assert len(database.samples("after")) == 7
        assert database.get_stats()["state"] == "healthy"
    assert said(caplog)


def copy_of_a_killed_one(source, target):
    """Copy the files as a kill would leave them: the log is not in the database yet."""
    target.mkdir()
    for name in ("gestures.db", "gestures.db-wal", "gestures.head"):
        shutil.copy(source / name, target / name)
    shutil.copytree(source / "backups", target / "backups")


def test_a_lost_write_ahead_log_is_noticed(tmp_path, caplog, monkeypatch):
    folder = tmp_path / "gestures"
    with GestureDatabase(folder) as database:
        database.add_sample("early", sample(1))
        database.backup()
        monkeypatch.setattr(database._store, "_settle", lambda: None)
        database.add_samples("late", [sample(seed) for seed in range(2, 9)])
        expected = content(database)
        for seed in range(3):
            copy_of_a_killed_one(folder, tmp_path / f"killed {seed}")
        copy_of_a_killed_one(folder, tmp_path / "whole")
    with GestureDatabase(tmp_path / "whole") as database:
        assert content(database) == expected
        assert database.get_stats()["recovery"] is None
    for seed in range(3):
        killed = tmp_path / f"killed {seed}"
        log = killed / "gestures.db-wal"
        if seed == 0:
            log.unlink()
        else:
            overwrite(log, np.random.default_rng(seed))
        caplog.clear()
        with GestureDatabase(killed) as database:
            stats = database.get_stats()
            assert said(caplog)
            assert "early" in content(database)
            assert stats["state"] == ("healthy" if content(database) == expected else "degraded")
            assert stats["recovery"]["lost"] or content(database) == expected


def test_a_backup_copied_into_place_is_taken_as_it_is(tmp_path, caplog):
    folder = tmp_path / "gestures"
    with GestureDatabase(folder) as database:
        database.add_sample("early", sample(1))
        backup = database.backup()
        expected = content(database)
        database.add_sample("late", sample(2))
    shutil.copy(backup, folder / "gestures.db")
    with GestureDatabase(folder) as database:
        assert content(database) == expected
    assert said(caplog) == []


def test_a_newer_schema_is_left_alone(folder):
    with sqlite3.connect(folder / "gestures.db") as stranger:
        stranger.execute("PRAGMA user_version = 99")
    stranger.close()
    before = (folder / "gestures.db").read_bytes()
    with pytest.raises(DatabaseError, match="newer motif"):
        GestureDatabase(folder)
    assert (folder / "gestures.db").read_bytes() == before


def test_an_older_schema_is_brought_up_to_date_in_database_and_backups(taught, folder, monkeypatch):
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 2)
    monkeypatch.setitem(schema.MIGRATIONS, 1, "ALTER TABLE samples ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'")
    with GestureDatabase(folder) as database:
        assert content(database) == taught[1]
        assert database.verify() == ()
        assert database._store.read(lambda c: c.execute("SELECT DISTINCT mood FROM samples").fetchall())[0][0] == "calm"
    overwrite(folder / "gestures.db", np.random.default_rng(3))
    for backup in sorted((folder / "backups").iterdir())[1:]:
        backup.unlink()
    with GestureDatabase(folder) as database:
        assert {name: len(hashes) for name, hashes in content(database).items()}.keys() == taught[1].keys()
        assert database.verify() == ()


def test_a_failed_migration_changes_nothing(folder, monkeypatch):
    before = (folder / "gestures.db").read_bytes()
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 2)
    monkeypatch.setitem(schema.MIGRATIONS, 1, "CREATE TABLE x (y); INSERT INTO nowhere VALUES (1)")
    with pytest.raises(DatabaseError, match="cannot be brought from schema 1 to 2"):
        GestureDatabase(folder)
    assert (folder / "gestures.db").read_bytes() == before
