"""Whoever saves gestures is killed at random, or the disk is full: nothing acknowledged is lost, nothing is altered."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from motif.templates import GestureDatabase

WRITER = Path(__file__).with_name("database_writer.py")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are forked")


class Writer:
    """A process that forks writers, at the other end of a pipe; one writer at a time."""

    def __init__(self, process):
        self.process = process
        self.acknowledged = {}
        self.trained = {}

    def start(self, kind, folder, seed):
        self.process.stdin.write(f"{kind} {folder} {seed}\n")
        self.process.stdin.flush()
        self.pid, self.said = None, [""]

    def hear(self):
        line = self.process.stdout.readline().rstrip("\n")
        assert line, "the writers' process died"
        word, _, rest = line.partition(" ")
        self.said.append(line)
        if word == "pid":
            self.pid = int(rest)
        elif word == "ack":
            sample_id, sample_hash = rest.split(" ")
            self.acknowledged[sample_id] = sample_hash
        elif word == "trained":
            version, _, name = rest.partition(" ")
            self.trained[name] = int(version)
        return word

    def wait(self, *, acknowledgements=10**6):
        """Hear that many acknowledgements, or the end."""
        heard = 0
        while self.pid is None or (heard < acknowledgements and self.said[-1] != "closed"):
            assert not self.said[-1].startswith("failed"), self.said[-1]
            heard += self.hear() == "ack"

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        while self.hear() != "done":
            pass


@contextmanager
def writers(n=1):
    started = [
        subprocess.Popen(
            [sys.executable, WRITER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        for _ in range(n)
    ]
    try:
        yield [Writer(process) for process in started]
    finally:
        for process in started:
            process.stdin.close()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # whatever the test left alive
            process.wait()
            process.stdout.close()


def check(folder, writer):
    """All that was acknowledged is there, as it was; whatever else is there was on its way."""
    with GestureDatabase(folder) as database:
        stats = database.get_stats()
        found = {each.sample_id: each.hash for name in database.list_templates() for each in database.samples(name)}
        assert {sample_id: found.get(sample_id) for sample_id in writer.acknowledged} == writer.acknowledged
        assert len(found) <= len(writer.acknowledged) + 10
        assert stats["state"] == "healthy"
        assert stats["recovery"] is None
        assert database.verify() == ()
        for name, version in writer.trained.items():
            assert database.get_template(name).version >= version
        writer.acknowledged = found  # what survived once stays as it is
    left = [path.name for path in folder.iterdir()] + [path.name for path in (folder / "backups").glob("*")]
    assert [name for name in left if name.startswith((".", "corrupt"))] == []


def kill_again_and_again(folder, n, seed):
    generator = np.random.default_rng(seed)
    with writers() as (writer,):
        for number in range(n):
            writer.start("save", folder, seed + number)
            writer.wait(acknowledgements=int(generator.integers(0, 12)))
            if generator.random() < 0.7:
                time.sleep(float(generator.uniform(0, 0.02)))  # to any point of the next save
            writer.kill()
            check(folder, writer)
            if len(writer.acknowledged) > 300:
                return number + 1
    return n


def test_killed_again_and_again_nothing_acknowledged_is_lost(tmp_path):
    assert kill_again_and_again(tmp_path / "gestures", 12, seed=0) == 12


@pytest.mark.slow
def test_killed_two_hundred_times_nothing_acknowledged_is_lost(tmp_path):
    killed = 0
    while killed < 200:
        killed += kill_again_and_again(
            tmp_path / f"from {killed}".replace(" ", "-"), min(50, 200 - killed), 1000 + killed
        )
    assert killed == 200


def test_a_full_disk_says_so_keeps_what_was_saved_and_goes_on_later(tmp_path):
    with writers() as (writer,):
        writer.start("full", tmp_path / "gestures", 1)
        writer.wait()
        writer.kill()
        assert any(line.startswith("full") and "free some space" in line for line in writer.said)
        assert "readable True" in writer.said
        assert len(writer.acknowledged) > 10
        check(tmp_path / "gestures", writer)


def test_processes_that_save_at_once_lose_nothing(tmp_path):
    folder = tmp_path / "gestures"
    with writers(3) as three:
        for seed, writer in enumerate(three):
            writer.start("beside", folder, seed)
        with GestureDatabase(folder) as reader:
            revisions = [reader.revision]
            for writer in three:
                writer.wait()
                revisions.append(reader.revision)
        for writer in three:
            writer.kill()
        assert revisions == sorted(revisions)
        everything = Writer(None)
        for writer in three:
            everything.acknowledged |= writer.acknowledged
        assert len(everything.acknowledged) == 60
        check(folder, everything)
        with GestureDatabase(folder) as database:
            assert database.get_stats()["total_samples"] == 60
            assert database.revision == 3 * 30


def test_killed_while_recovering_it_recovers_all_the_same(tmp_path):
    folder = tmp_path / "gestures"
    generator = np.random.default_rng(8)
    with GestureDatabase(folder) as database:
        for seed in range(10):
            database.add_sample("push", {"acc_peak": float(seed), "duration_s": 1.0})
        expected = {each.sample_id: each.hash for each in database.samples("push")}
    (folder / "gestures.db").write_bytes(bytes(20_000))
    n_killed = 0
    with writers() as (writer,):
        for seed in range(40):
            writer.start("open", folder, seed)
            while writer.said[-1] != "opening":
                writer.hear()
            time.sleep(float(generator.uniform(0, 0.06)))
            os.kill(writer.pid, signal.SIGKILL)
            while writer.hear() != "done":
                pass
            n_killed += not any(line.startswith("opened") for line in writer.said)
            if n_killed == 6:
                break
    with GestureDatabase(folder) as database:
        assert {each.sample_id: each.hash for each in database.samples("push")} == expected
        assert database.get_stats()["state"] == "healthy"
        assert database.verify() == ()
    assert n_killed
    damaged = [path for path in folder.glob("corrupt-*/gestures.db") if path.read_bytes() == bytes(20_000)]
    assert damaged


def test_one_killed_while_it_holds_the_lock_stops_nobody(tmp_path):
    folder = tmp_path / "gestures"
    with writers(2) as (one, other):
        one.start("save", folder, 5)
        one.wait(acknowledgements=2)
        other.start("beside", folder, 6)
        one.kill()
        other.wait()
        other.kill()
        other.acknowledged |= one.acknowledged
        check(folder, other)


READER = """
import os, sys, _strptime  # what is imported later, another user may not be allowed to read
from motif.errors import WriteError
from motif.templates import GestureDatabase, _database_salvage
if os.getuid() == 0:
    os.setuid(65534)
database = GestureDatabase(sys.argv[1])
stats = database.get_stats()
print(database.list_templates(), stats["state"], "reading only" in stats["problem"])
for attempt in (lambda: database.add_sample("push", {"acc_peak": 4.0}), lambda: GestureDatabase(sys.argv[1] + "/new")):
    try:
        attempt()
    except WriteError as error:
        print("not written")
database.close()
"""


@pytest.fixture
def sealed_folder():
    """A folder below one that every user may enter, writable for nobody."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "gestures"
        with GestureDatabase(folder) as database:
            database.add_sample("push", {"acc_peak": 3.0})
            database.add_sample("lift", {"acc_peak": 3.0})
        Path(place).chmod(0o755)
        yield folder
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755)


def seal(folder):
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)


def read_sealed(folder):
    seal(folder)
    done = subprocess.run([sys.executable, "-c", READER, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_folder_that_cannot_be_written_to_is_read_and_says_so(sealed_folder):
    assert read_sealed(sealed_folder) == ["['lift', 'push'] degraded True", "not written", "not written"]


def test_a_damaged_file_in_such_a_folder_is_called_corrupted_and_a_backup_is_read(sealed_folder):
    (sealed_folder / "gestures.db").write_bytes(bytes(5000))
    assert read_sealed(sealed_folder)[0] == "['lift', 'push'] corrupted True"
