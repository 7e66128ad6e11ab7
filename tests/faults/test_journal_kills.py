"""The journal's writer is killed at random, or its disk is full: every file opens, nothing acknowledged is lost."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from motif.recordings import finish, interrupted, recover

WRITER = Path(__file__).with_name("journal_writer.py")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are forked")


class Writers:
    """Writers at the other end of a pipe, one at a time."""

    def __init__(self, process):
        self.process = process

    def start(self, kind, path, seed):
        self.process.stdin.write(f"{kind} {path} {seed}\n")
        self.process.stdin.flush()
        self.acknowledged = 0
        self.said = []
        self.pid = None

    def hear(self):
        """Return the next line; keep what it acknowledges."""
        line = self.process.stdout.readline().strip()
        assert line, "the writers' process died"
        word, _, rest = line.partition(" ")
        self.said.append(line)
        if word == "pid":
            self.pid = int(rest)
        if word == "ack":
            self.acknowledged = int(rest)
        return word

    def kill_after(self, heard, last="closed"):
        """Kill −9 once `heard` acknowledgements came, or `last` was said; then hear what was still in the pipe."""
        count = 0
        while self.pid is None or (count < heard and self.said[-1] != last):
            count += self.hear() == "ack"
        os.kill(self.pid, signal.SIGKILL)
        while self.hear() != "done":
            pass


@pytest.fixture(scope="module")
def writers():
    with running() as found:
        yield found


@contextmanager
def running():
    process = subprocess.Popen([sys.executable, WRITER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        yield Writers(process)
        process.stdin.close()


def check(values, times, seed, at_least):
    n = len(values)
    assert n >= at_least
    i = np.arange(n)
    np.testing.assert_array_equal(values, np.column_stack([i, -0.5 * i, np.full(n, float(seed))]))
    np.testing.assert_array_equal(times, i * 1_000_000 + seed)


def test_killed_fifty_times_every_file_opens_and_nothing_acknowledged_is_lost(writers, tmp_path):
    generator = np.random.default_rng(20)
    found = {"nothing": 0, "journal": 0, "parquet": 0, "torn": 0}
    for seed in range(50):
        folder = tmp_path / str(seed)
        folder.mkdir()
        path = folder / "run.parquet"
        writers.start("record", path, seed)
        writers.kill_after(int(generator.integers(0, 15)))
        left = interrupted(folder)
        if left:
            whole = recover(left[0])
            check(whole.recording.values, whole.recording.time_ns, seed, writers.acknowledged)
            found["journal"] += 1
            found["torn"] += whole.n_bytes_dropped > 0
            assert finish(left[0]) == path
            assert list(folder.iterdir()) == [path]
        if not path.exists():
            assert writers.acknowledged == 0
            found["nothing"] += 1
            continue
        found["parquet"] += not left
        table = parquet.read_table(path)
        values = np.column_stack([table[name] for name in "abc"])
        check(values, table["time_ns"].to_numpy(), seed, writers.acknowledged)
        assert interrupted(folder) == ()
    assert found["journal"] >= 20, found


@pytest.mark.parametrize("seed", [0, 1])
def test_a_full_disk_keeps_what_was_acknowledged_and_takes_the_rest_later(writers, tmp_path, seed):
    path = tmp_path / "run.parquet"
    writers.start("full", path, seed)
    writers.kill_after(10**6, last="not-closed" if seed else "closed")
    assert any(line.startswith("full") and "free some space" in line for line in writers.said)
    assert "not-closed" in writers.said
    if seed:
        (left,) = interrupted(tmp_path)
        whole = recover(left)
        assert writers.acknowledged >= 1000
        assert whole.n_bytes_dropped == 0
        check(whole.recording.values, whole.recording.time_ns, seed, writers.acknowledged)
    else:
        table = parquet.read_table(path)
        check(np.column_stack([table[name] for name in "abc"]), table["time_ns"], seed, writers.acknowledged)
        assert list(tmp_path.iterdir()) == [path]
