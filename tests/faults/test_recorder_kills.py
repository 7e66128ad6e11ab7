"""A recorder is killed at random: nothing acknowledged is lost, at most 100 ms are not, samples are whole."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests.templates.gesture_samples import takes

from motif.templates import GestureDatabase, GestureRecorder

WRITER = Path(__file__).with_name("recorder_writer.py")
UNACKNOWLEDGED_S = 0.1

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="recorders are forked")


@pytest.fixture(scope="module")
def writers():
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, WRITER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
    with process:
        yield process
        process.stdin.close()


class Heard:
    """What a recorder said before it died."""

    def __init__(self, writers, folder, seed, n_lines):
        writers.stdin.write(f"{folder} {seed}\n")
        writers.stdin.flush()
        self.taken, self.acknowledged, self.kept, pid, killed, count = [], {}, {}, None, False, 0
        while True:
            word, *rest = writers.stdout.readline().split()
            count += 1
            if word == "pid":
                pid = int(rest[0])
            elif word == "took":
                self.taken.append(tuple(map(int, rest)))
            elif word == "ack":
                self.acknowledged[int(rest[0])] = int(rest[1])
            elif word == "kept":
                self.kept[int(rest[0])] = rest[1]
            elif word == "done":
                break
            if not killed and pid and (count >= n_lines or word == "ended"):
                self.killed_ns = time.monotonic_ns()
                os.kill(pid, signal.SIGKILL)
                killed = True

    def surely_on_disk(self, number):
        """Samples of a take that were handed in more than 100 ms before the kill."""
        limit = self.killed_ns - round(UNACKNOWLEDGED_S * 1e9)
        return max((n for take, n, at_ns in self.taken if take == number and at_ns < limit), default=0)


def kill(writers, tmp_path, n_kills):
    generator = random.Random(7)
    performed = takes("push", "twist", repetitions=3)
    found = {"interrupted": 0, "restored": 0, "kept": 0, "late": 0}
    for seed in range(n_kills):
        folder = tmp_path / str(seed)
        folder.mkdir()
        heard = Heard(writers, folder, seed, generator.randrange(5, 160))
        with GestureDatabase(folder / "gestures") as database:
            assert database.get_stats()["state"] == "healthy"
            for number, digest in heard.kept.items():
                assert [sample.hash for sample in database.samples(f"gesture {number}")] == [digest]
                found["kept"] += 1
            recorder = GestureRecorder(database=database, session_dir=folder / "sessions")
            refused = 0
            for take in recorder.recover():
                number = int(take.gesture.removeprefix("gesture "))
                assert take.n_samples >= heard.acknowledged.get(number, 0)
                found["late"] += take.n_samples < heard.surely_on_disk(number)
                check(take, performed[(seed + number) % len(performed)])
                found["interrupted"] += 1
                if (sample := recorder.restore(take)) is not None:
                    assert sample.hash in [each.hash for each in database.samples(take.gesture)]
                    assert len(database.samples(take.gesture)) == 1
                    found["restored"] += 1
                else:
                    refused += 1  # too little had been made of it: it stays until somebody removes it
            assert len(recorder.recover()) == refused
    return found


def check(take, performed):
    """What was recovered is what was sent, from its beginning, and nothing else."""
    _, times, values = performed
    for readings in take.readings():
        column = 0 if readings.channels[0].startswith("acc") else 3
        n = readings.n_samples
        np.testing.assert_array_equal(readings.time_ns, times[:n])
        np.testing.assert_array_equal(readings.values, values[:n, column : column + 3])


def test_killed_ten_times_while_recording_nothing_acknowledged_is_lost(writers, tmp_path):
    found = kill(writers, tmp_path, 10)
    assert found["interrupted"] >= 4, found
    assert found["late"] <= 1, found  # a busy machine may keep a thread from its turn; the slow test counts


@pytest.mark.slow
def test_killed_two_hundred_times_while_recording_nothing_acknowledged_is_lost(writers, tmp_path):
    found = kill(writers, tmp_path, 200)
    assert found["interrupted"] >= 100, found
    assert found["restored"] >= 50, found
    assert found["late"] <= 10, found
