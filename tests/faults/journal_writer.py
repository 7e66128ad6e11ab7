"""Forks journal writers that can be killed; one import serves them all.

For each line `kind path seed` on stdin: forks a writer, prints `pid N`, then what the writer says (`ack N`, `closed`…),
then, once it is dead, `done`. A writer that has closed its journal waits to be killed, so its pid is never reused.
"""

import os
import resource
import signal
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet

from motif.errors import WriteError
from motif.recordings._journal import Journal

CHANNELS = ("a", "b", "c")


def say(text):
    os.write(1, f"{text}\n".encode())  # one write, so no line is torn


def readings(first, n, seed):
    i = np.arange(first, first + n)
    return i * 1_000_000 + seed, np.column_stack([i, -0.5 * i, np.full(n, float(seed))])


def record(path, seed):
    """Record 12 batches of very different sizes, acknowledge each, close."""
    generator = np.random.default_rng(seed)
    journal = Journal(path, CHANNELS, ("", "", ""), session=str(seed))
    first = 0
    for _ in range(12):
        for _ in range(int(generator.integers(1, 4))):
            n = int(generator.choice([1, 10, 300, 8000], p=[0.4, 0.3, 0.2, 0.1]))
            journal.append(*readings(first, n, seed))
            first += n
        if generator.random() < 0.7:
            journal.sync()
        say(f"ack {journal.acknowledged}")
    journal.close()
    say(f"ack {first}")
    say("closed")
    signal.pause()


def record_until_full(path, seed):
    """Record until no more fits, say what was acknowledged, then find space again."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, most))
    journal = Journal(path, CHANNELS, ("", "", ""))
    first = 0
    try:
        while True:
            journal.append(*readings(first, 100, seed))
            first += 100
            journal.sync()
            say(f"ack {journal.acknowledged}")
    except WriteError as error:
        say(f"full {error}")
    try:
        journal.close()
    except WriteError:
        say("not-closed")
    if seed:
        signal.pause()  # to be killed while the disk is full
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    journal.close()
    say(f"ack {first}")
    say("closed")
    signal.pause()


def main():
    pyarrow.array(np.zeros(1))  # imports what Parquet will need before the fork, once for all writers
    kinds = {"record": record, "full": record_until_full}
    for line in sys.stdin:
        kind, path, seed = line.split()
        pid = os.fork()
        if pid == 0:
            say(f"pid {os.getpid()}")  # before anything else it says
            kinds[kind](Path(path), int(seed))
        os.waitpid(pid, 0)
        say("done")


if __name__ == "__main__":
    main()
