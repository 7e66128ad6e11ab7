"""The journal: what it takes, what it refuses, and what stands when it was interrupted."""

import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from tests.full_disk import room_for

from motif.errors import (
    ConfigError,
    DtypeError,
    FormatError,
    InputError,
    MissingFileError,
    NotFiniteError,
    ShapeError,
    SourceError,
    WriteError,
)
from motif.files import CAN_CLAIM
from motif.recordings import Annotation, Journal, finish, interrupted, read, recover
from motif.recordings._durable_file import DurableFile

CHANNELS, UNITS = ("acc_x", "acc_y"), ("m/s²", "m/s²")
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "walk.parquet"


def some_readings(seed, n):
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(n, 2))
    values[generator.random((n, 2)) < 0.1] = np.nan
    return 1_700_000_000_000_000_000 + generator.integers(0, 10**9, n).cumsum(), values


def interrupted_copy(journal, tmp_path):
    """Return the stream as a kill would leave it now."""
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    return Path(shutil.copy(journal.stream_path, folder))


@given(seed=seeds, sizes=st.lists(st.integers(0, 20), max_size=6))
@settings(deadline=None, max_examples=15)
def test_what_went_in_stands_in_the_parquet_file(seed, sizes):
    with tempfile.TemporaryDirectory() as folder:
        times, values = some_readings(seed, sum(sizes))
        with Journal(
            Path(folder) / "a.parquet", CHANNELS, UNITS, subject="eva", session="1", metadata={"site": "knie ✓"}
        ) as journal:
            for stop, size in zip(np.cumsum(sizes), sizes, strict=True):
                journal.append(times[stop - size : stop], values[stop - size : stop])
                assert journal.sync() == stop
            journal.annotate("trot", 5, 9)
            journal.annotate("jump", 7)
            standing = recover(journal.stream_path)
        assert journal.n_missing == np.isnan(values).sum()
        table = parquet.read_table(journal.path)
        assert sorted(Path(folder).iterdir()) == [journal.path]
    np.testing.assert_array_equal(table["time_ns"], times)
    np.testing.assert_array_equal(np.column_stack([table[name] for name in CHANNELS]), values)
    np.testing.assert_array_equal(standing.recording.values, values)
    assert standing.n_bytes_dropped == 0
    assert standing.reason == ""
    assert standing.recording.subject == "eva"
    assert standing.recording.metadata == {"site": "knie ✓"}


def test_annotations_survive_without_any_reading(path, tmp_path):
    with Journal(path, CHANNELS, UNITS) as journal:
        journal.annotate("Tür ↯", 3, 4)
        journal.sync()
        found = recover(interrupted_copy(journal, tmp_path))
    assert found.recording.annotations == (Annotation(3, 4, "Tür ↯"),)
    assert found.n_samples == 0


def torn_journal(folder):
    """Return (content, where each batch ends) of a journal of three batches of 4 samples."""
    with Journal(folder / "torn.parquet", CHANNELS, UNITS) as journal:
        ends = [journal.stream_path.stat().st_size]
        for i in range(3):
            journal.append(*some_readings(i, 4))
            journal.sync()
            ends.append(journal.stream_path.stat().st_size)
        return journal.stream_path.read_bytes(), ends


def test_cut_at_any_byte_every_whole_batch_stands(tmp_path):
    content, ends = torn_journal(tmp_path)
    cut = tmp_path / "cut.journal.arrows"
    for length in range(ends[1] - 3, ends[2] + 3):  # all of the second batch, and both its ends
        cut.write_bytes(content[:length])
        found = recover(cut)
        whole = sum(end <= length for end in ends[1:])
        assert (found.n_batches, found.n_samples) == (whole, 4 * whole)
        assert found.n_bytes_dropped == length - ends[whole]
        assert bool(found.reason) == bool(found.n_bytes_dropped)


def test_a_tail_of_zeros_or_noise_costs_only_the_tail(tmp_path):
    content, ends = torn_journal(tmp_path)
    noise = np.random.default_rng(0).bytes(300)
    for tail in (bytes(300), noise, b"\xff\xff\xff\xff" + noise, content[ends[1] : ends[2]][:-24] + bytes(24)):
        broken = tmp_path / "tail.journal.arrows"
        broken.write_bytes(content[: ends[2]] + tail)
        found = recover(broken)
        assert found.n_samples == 8
        assert found.n_bytes_dropped == len(tail)
        assert found.reason


def test_a_journal_that_was_not_closed_is_read_and_says_what_it_lost(tmp_path):
    content, ends = torn_journal(tmp_path)
    left = tmp_path / "left.journal.arrows"
    left.write_bytes(content)
    assert read(left).n_samples == 12
    assert read(left).metadata["journal"] == "not closed; no bytes lost"
    left.write_bytes(content[: ends[2] + 50])
    torn = read(left, rate_hz=None)
    assert torn.n_samples == 8
    assert torn.metadata["journal"] == "not closed; 50 bytes lost: the last batch was not written to its end"
    left.write_bytes(content[:50])
    with pytest.raises(FormatError, match="no Arrow stream"):
        read(left)


def test_a_changed_byte_never_changes_a_reading_unseen(tmp_path):
    def rows(times, values):
        return set(zip(times.tolist(), *np.nan_to_num(values, nan=-99.0).T.tolist(), strict=True))

    content, ends = torn_journal(tmp_path)
    good = rows(*map(np.concatenate, zip(*(some_readings(i, 4) for i in range(3)), strict=True)))
    generator = np.random.default_rng(0)
    broken = tmp_path / "broken.journal.arrows"
    for where in range(ends[1], ends[2], 3):  # of the second batch, its header, times, values and marks
        changed = bytearray(content)
        changed[where] ^= int(generator.integers(1, 256))
        broken.write_bytes(bytes(changed))
        found = recover(broken)
        assert rows(found.recording.time_ns, found.recording.values) <= good
        assert found.n_samples == 12 or found.n_bytes_dropped


def test_readings_that_come_while_others_are_written_are_written_next(path, monkeypatch):
    journal, write = Journal(path, CHANNELS, UNITS), DurableFile.append

    def write_slowly(file, piece):
        if not file_is_busy:
            file_is_busy.append(True)
            journal.append(2, [0.5, 0.25])
        write(file, piece)

    file_is_busy = []
    monkeypatch.setattr(DurableFile, "append", write_slowly)
    journal.append(1, [0.5, 0.25])
    journal.sync()
    journal.close()
    assert parquet.read_table(path)["time_ns"].to_pylist() == [1, 2]


def test_a_journal_that_is_left_keeps_what_came_for_who_finds_it(path):
    journal = Journal(path, CHANNELS, UNITS)
    journal.append(1, [0.5, 0.25])
    journal.leave()
    assert interrupted(path.parent) == (journal.stream_path,)
    assert recover(journal.stream_path).n_samples == 1


def test_the_parquet_file_is_on_the_disk_before_it_has_its_name(path, monkeypatch):
    done, fsync, rename = [], os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda file: (done.append(os.fstat(file).st_ino), fsync(file)))
    monkeypatch.setattr(Path, "replace", lambda old, new: (done.append(new), rename(old, new))[1])
    with Journal(path, CHANNELS, UNITS) as journal:
        journal.append(1, [0.5, 0.25])
    assert done.index(path.stat().st_ino) < done.index(path)


def test_readings_reach_the_disk_on_their_own(path):
    with Journal(path, CHANNELS, UNITS) as journal:
        start = time.monotonic()
        journal.append(1, [0.5, 0.25])
        while journal.acknowledged == 0 and time.monotonic() < start + 5.0:
            os.sched_yield()
        assert recover(journal.stream_path).n_samples == 1


def test_many_threads_may_append(path):
    with Journal(path, CHANNELS, UNITS) as journal:

        def work(k):
            for i in range(200):
                journal.append(1000 * k + i, [float(k), float(i)])

        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert journal.sync() == 800
    table = parquet.read_table(path)
    assert len(set(table["time_ns"].to_pylist())) == 800
    for k in range(4):
        mine = [i for who, i in zip(table["acc_x"].to_pylist(), table["acc_y"].to_pylist(), strict=True) if who == k]
        assert mine == sorted(mine)


def test_the_stream_goes_only_once_the_parquet_file_stands(path, tmp_path):
    journal = Journal(path, CHANNELS, UNITS)
    journal.append(1, [0.5, 0.25])
    path.mkdir()  # in the way of the file to come
    (path / "something").touch()
    with pytest.raises(OSError, match="was not written"):
        journal.close()
    assert recover(journal.stream_path).n_samples == 1
    (path / "something").unlink()
    path.rmdir()
    assert journal.close() == journal.close() == path
    assert parquet.read_table(path).num_rows == 1
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(InputError, match="closed"):
        journal.append(2, [0.5, 0.25])


def test_a_full_disk_refuses_new_readings_and_loses_none_it_took(path):
    with Journal(path, CHANNELS, UNITS) as journal:
        journal.append(*some_readings(0, 10))
        journal.sync()
        with room_for(journal.stream_path.stat().st_size + 500):
            journal.append(*some_readings(1, 1000))
            with pytest.raises(WriteError, match="free some space"):
                journal.sync()
            with pytest.raises(WriteError, match="free some space"):
                journal.append(*some_readings(2, 1))
            found = recover(journal.stream_path)
            assert (found.n_samples, found.n_bytes_dropped, journal.acknowledged) == (10, 0, 10)
        assert journal.sync() == 1010
        journal.append(*some_readings(2, 1))
    assert parquet.read_table(path).num_rows == 1011


def test_a_folder_that_is_none_cannot_hold_a_journal(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match="choose another place"):
        Journal(tmp_path / "file" / "walk.parquet", CHANNELS, UNITS)
    with pytest.raises(WriteError, match="choose another place"):
        Journal(tmp_path / f"{'a' * 300}.parquet", CHANNELS, UNITS)


def test_no_readings_at_all_are_fine(path):
    with Journal(path, CHANNELS, UNITS) as journal:
        assert journal.append([], []) == 0
        assert journal.append(np.empty(0, np.int64), np.empty((0, 2))) == 0
    assert parquet.read_table(path).num_rows == 0


def test_a_folder_tells_its_interrupted_journals_and_finishes_them(path, tmp_path):
    with Journal(path, CHANNELS, UNITS) as journal:
        journal.append(*some_readings(1, 5))
        journal.sync()
        left = interrupted_copy(journal, tmp_path)
        assert interrupted(left.parent) == (left,)
        assert interrupted(tmp_path) == ()  # the other one is being written
        with pytest.raises(SourceError, match="being written"):
            finish(journal.stream_path)
    done = finish(left)
    assert done == left.with_name("walk.parquet")
    assert parquet.read_table(done).num_rows == 5
    assert not left.exists()


def test_a_name_in_use_is_not_written_over(path):
    with Journal(path, CHANNELS, UNITS), pytest.raises(ConfigError, match=r"walk\.journal\.arrows is there already"):
        Journal(path, CHANNELS, UNITS)
    with pytest.raises(ConfigError, match=r"walk\.parquet is there already"):
        Journal(path, CHANNELS, UNITS)
    with pytest.raises(ConfigError, match=r"\.parquet, not 'walk\.csv'"):
        Journal(path.with_suffix(".csv"), CHANNELS, UNITS)
    with pytest.raises(ShapeError, match="units"):
        Journal(path.with_name("b.parquet"), CHANNELS, UNITS[:1])


def test_of_two_that_begin_at_the_same_moment_one_is_refused_and_none_is_written_over(path):
    start = threading.Barrier(8)
    begun, refused = [], []

    def begin():
        start.wait()
        try:
            begun.append(Journal(path, CHANNELS, UNITS))
        except (ConfigError, SourceError) as error:
            refused.append(error)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(begun), len(refused)) == (1, 7)
    begun[0].append(1, [0.5, 0.25])
    begun[0].close()
    assert list(path.parent.iterdir()) == [path]
    assert parquet.read_table(path).num_rows == 1


def test_a_file_that_is_there_is_never_begun_again(tmp_path):
    path = tmp_path / "a.journal.arrows"
    path.write_text("precious")
    with pytest.raises(SourceError, match="begun by somebody else"):
        DurableFile(path, b"new")
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


def test_a_memory_card_without_links_holds_a_journal_too(path, monkeypatch):
    def refuse(*_):
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    with Journal(path, CHANNELS, UNITS) as journal:
        journal.append(1, [0.5, 0.25])
        with pytest.raises(SourceError, match="begun by somebody else"):
            DurableFile(journal.stream_path, b"new")
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(not CAN_CLAIM, reason="no locks here")
def test_what_a_kill_left_beside_is_cleaned_away_and_what_is_held_stays(path, tmp_path):
    stale = tmp_path / ".walk.journal.arrows.x1y2z3"
    other = tmp_path / ".walk.journals.x1y2z3"
    for left in (stale, other):
        left.write_bytes(b"half")
    held = DurableFile(tmp_path / ".walk.journal.arrows.held", b"half")
    with Journal(path, CHANNELS, UNITS) as journal:
        assert not stale.exists()
        (tmp_path / ".walk.parquet.part").write_bytes(b"half a Parquet file")
        journal.append(1, [0.5, 0.25])
    held.close()
    assert sorted(tmp_path.iterdir()) == sorted([path, other, held.path])
    assert parquet.read_table(path).num_rows == 1


def test_a_folder_with_a_journal_that_may_not_be_read_is_told_all_the_same(tmp_path):
    (tmp_path / "a.journal.arrows").mkdir()
    assert interrupted(tmp_path) == (tmp_path / "a.journal.arrows",)
    with pytest.raises(FormatError, match="cannot be read"):
        finish(tmp_path / "a.journal.arrows")


def test_bad_readings_are_refused_and_good_ones_stay(path):
    with Journal(path, CHANNELS, UNITS) as journal:
        journal.append([1, 2], [[0.0, 1.0], [2.0, np.nan]])
        with pytest.raises(ShapeError, match=r"\(1, 2\) for 1 time"):
            journal.append(1, [0.0, 1.0, 2.0])
        with pytest.raises(ShapeError, match="2 time"):
            journal.append([1, 2], [[0.0, 1.0]])
        with pytest.raises(DtypeError, match="time_ns"):
            journal.append(1.5, [0.0, 1.0])
        with pytest.raises(DtypeError, match="values"):
            journal.append(1, ["a", "b"])
        with pytest.raises(NotFiniteError, match=r"\(1, 0\)"):
            journal.append([1, 2], [[0.0, 1.0], [np.inf, 0.0]])
        with pytest.raises(InputError, match="since 1970"):
            journal.append(2**63 - 1, [0.0, 1.0])
        with pytest.raises(InputError, match="before its start"):
            journal.annotate("x", 5, 4)
        with pytest.raises(InputError, match="UTF-8"):
            journal.annotate("\ud800", 5)
        assert journal.sync() == 2
        assert journal.n_missing == 1


def test_what_is_no_journal_is_refused_by_name(tmp_path):
    with pytest.raises(MissingFileError, match=r"gone\.journal\.arrows"):
        recover(tmp_path / "gone.journal.arrows")
    with pytest.raises(MissingFileError, match="folder of recordings"):
        interrupted(tmp_path / "gone")
    with pytest.raises(FormatError, match="cannot be read"):
        recover(tmp_path)
    other = tmp_path / "other.journal.arrows"
    other.write_bytes(b"hello, this is not Arrow at all")
    with pytest.raises(FormatError, match="no Arrow stream"):
        recover(other)
    with pyarrow.ipc.new_stream(other, pyarrow.schema([("a", pyarrow.int8())])):
        pass
    with pytest.raises(FormatError, match="not written by a journal"):
        recover(other)
    with pyarrow.ipc.new_stream(other, pyarrow.schema([("a", pyarrow.int8())], {"motif.journal": "{}"})):
        pass
    with pytest.raises(FormatError, match="version None"):
        recover(other)
    with pytest.raises(FormatError, match="this is no journal"):
        finish(other.rename(tmp_path / "other.arrows"))
