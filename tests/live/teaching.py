"""A simulated person: what is taught, and what is done afterwards."""

import itertools

import numpy as np

from motif.recordings.simulator import simulate_gesture_stream
from motif.templates import GestureDatabase, GestureSample

GESTURES = ("twist", "push", "swipe_up", "shake")
SEED = 3


def samples_of(recording, gestures=GESTURES):
    """Yield (gesture, motion) for each gesture of a recording."""
    for mark in recording.annotations:
        if mark.label in gestures:
            start, stop = np.searchsorted(recording.time_ns, [mark.start_ns, mark.stop_ns])
            yield mark.label, recording.values[start:stop]


def rounds(n_skipped, n, seed=SEED):
    return list(itertools.islice(simulate_gesture_stream(random_state=seed), n_skipped, n_skipped + n))


def teach(folder, n_samples=3):
    """Return a database of what the person did later on, so that the beginning is new to it."""
    database = GestureDatabase(folder)
    for recording in rounds(3, n_samples):
        for name, motion in samples_of(recording):
            database.add_sample(name, GestureSample.of(motion, recording.channels, 100.0))
    return database
