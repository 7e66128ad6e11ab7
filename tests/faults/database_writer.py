"""Forks processes that write to a gesture database and can be killed; one import serves them all.

For each line `kind folder seed` on stdin: forks a writer, prints `pid N`, then what the writer says (`ack ID HASH`, …),
then, once it is dead, `done`. A writer that has finished waits to be killed, so its pid is never reused.
"""

import os
import resource
import signal
import sys

import numpy as np

from motif.errors import MotifError, WriteError
from motif.templates import GestureDatabase, GestureSample

IMU = ("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z")


def say(text):
    os.write(1, f"{text}\n".encode())  # one write, so no line is torn


def sample(seed, n=40):
    values = np.random.default_rng(seed).normal(0, 3, (n, 6)).astype(np.float32)
    return GestureSample(values=values, channels=IMU, rate_hz=100.0, created_ns=seed)


def save(folder, seed):
    """Save samples one by one and in tens, train and rename meanwhile; acknowledge each."""
    database = GestureDatabase(folder)
    generator = np.random.default_rng(seed)
    for number in range(10):
        name = f"gesture {generator.integers(3)}"
        made = [
            sample(1000 * seed + 10 * number + each) for each in range(int(generator.choice([1, 10], p=[0.8, 0.2])))
        ]
        if generator.random() < 0.1:
            database.backup()
        ids = database.add_samples(name, made)
        for sample_id, each in zip(ids, made, strict=True):
            say(f"ack {sample_id} {each.hash}")
        if generator.random() < 0.2 and (template := database.train_template(name)):
            say(f"trained {template.version} {name}")
    database.close()
    say("closed")
    signal.pause()


def save_until_full(folder, seed):
    """Save until no more fits, say so, then find room again and save one more."""
    database = GestureDatabase(folder)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, most))
    number = 0
    try:
        while number < 1000:
            made = sample(1000 * seed + number, n=400)
            say(f"ack {database.add_sample('swipe', made)} {made.hash}")
            number += 1
    except WriteError as error:
        say(f"full {error}")
    say(f"readable {len(database.samples('swipe')) == number}")
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    made = sample(999_999)
    say(f"ack {database.add_sample('swipe', made)} {made.hash}")
    database.close()
    say("closed")
    signal.pause()


def save_beside_others(folder, seed):
    """Save 25 samples and remove every fifth, while others do the same."""
    database = GestureDatabase(folder)
    for number in range(25):
        made = sample(1000 * seed + number)
        name = f"gesture {number % 2}"
        sample_id = database.add_sample(name, made)
        if number % 5:
            say(f"ack {sample_id} {made.hash}")
        else:
            database.remove_sample(name, sample_id)
    database.close()
    say("closed")
    signal.pause()


def open_and_wait(folder, seed):
    """Open a damaged database, which takes a recovery."""
    say("opening")
    database = GestureDatabase(folder)
    say(f"opened {database.get_stats()['total_samples']}")
    say("closed")
    signal.pause()


def main():
    kinds = {"open": open_and_wait, "save": save, "full": save_until_full, "beside": save_beside_others}
    for line in sys.stdin:
        kind, folder, seed = line.rstrip("\n").split(" ")
        pid = os.fork()
        if pid == 0:
            say(f"pid {os.getpid()}")  # before anything else it says
            try:
                kinds[kind](folder, int(seed))
            except MotifError as error:
                say(f"failed {error}")
                signal.pause()
        os.waitpid(pid, 0)
        say("done")


if __name__ == "__main__":
    main()
