"""Forks recorders that can be killed; one import serves them all.

For each line `folder seed` on stdin: forks a recorder, prints `pid N`, then what it says of each take (`took` so many
readings at some time, `ack` of so many on the disk, `kept` the sample of this hash), then, once it is dead, `done`.
"""

import os
import signal
import sys
import time

import numpy as np
from tests.templates.gesture_samples import readings, takes

from motif.templates import GestureDatabase, GestureRecorder


def say(text):
    os.write(1, f"{text}\n".encode())  # one write, so no line is torn


def record(folder, seed, performed):
    """Record takes one after the other, at ten times the speed of a phone, and say what is safe."""
    database = GestureDatabase(f"{folder}/gestures")
    recorder = GestureRecorder(database=database, session_dir=f"{folder}/sessions")
    recorder.start_session("killed")
    for number in range(3):
        _, times, values = performed[(seed + number) % len(performed)]
        recorder.start_recording(f"gesture {number}")
        for each in readings(times, values):
            recorder.add_sensor_reading(each)
            say(f"took {number} {recorder.n_readings} {time.monotonic_ns()}")
            time.sleep(0.01 * each.n_samples / 10)
            say(f"ack {number} {recorder.acknowledged}")
        sample = recorder.stop_recording()
        say(f"kept {number} {sample.hash}")
    say("ended")
    signal.pause()


def main():
    performed = takes("push", "twist", repetitions=3)
    folder, seed = None, None
    warm = GestureRecorder(auto_save=False)
    warm.start_recording("warm")
    for each in readings(*performed[0][1:]):
        warm.add_sensor_reading(each)
    assert warm.stop_recording() is not None  # imports and compiles before the fork what recorders will need
    np.zeros(1)
    for line in sys.stdin:
        folder, seed = line.split()
        pid = os.fork()
        if pid == 0:
            say(f"pid {os.getpid()}")  # before anything else it says
            record(folder, int(seed), performed)
        os.waitpid(pid, 0)
        say("done")


if __name__ == "__main__":
    main()
