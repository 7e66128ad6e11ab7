"""Gestures of a simulated person as takes: what a phone sends while one is made."""

import numpy as np

from motif.recordings import Readings, simulate_gesture_recordings

ACC, GYR = ("acc_x", "acc_y", "acc_z"), ("gyr_x", "gyr_y", "gyr_z")


def takes(*gestures, repetitions=5, seed=0, margin_s=0.2):
    """Return (gesture, times, values (n, 6)) of each movement that one person makes."""
    (recording,) = simulate_gesture_recordings(1, repetitions, movements=gestures, random_state=seed)
    found = []
    for mark in recording.annotations:
        piece = recording.slice_time(mark.start_ns - round(margin_s * 1e9), mark.stop_ns + round(margin_s * 1e9))
        at, first = np.unique(piece.time_ns, return_index=True)
        found.append((mark.label, at, piece.values[first]))
    return found


def readings(time_ns, values, *, chunk=10, device="phone"):
    """Return the readings of accelerometer and gyroscope, in turn, as a phone sends them."""
    found = []
    for start in range(0, len(time_ns), chunk):
        piece = slice(start, start + chunk)
        for channels, columns in ((ACC, slice(0, 3)), (GYR, slice(3, 6))):
            found.append(
                Readings(device=device, channels=channels, time_ns=time_ns[piece], values=values[piece, columns])
            )
    return found


def begin(recorder, gesture, time_ns, values):
    """Record one take, and do not stop."""
    recorder.start_recording(gesture)
    for each in readings(time_ns, values):
        assert recorder.add_sensor_reading(each)


def record(recorder, gesture, time_ns, values):
    """Record one take, and return what `stop_recording` gives."""
    begin(recorder, gesture, time_ns, values)
    return recorder.stop_recording()


def taught(database, *gestures, repetitions=5, seed=0, recorder):
    """Record every take of some gestures into a database."""
    for gesture, time_ns, values in takes(*gestures, repetitions=repetitions, seed=seed):
        assert record(recorder, gesture, time_ns, values) is not None, recorder.problem
    return database
