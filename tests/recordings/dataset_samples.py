"""Small twins of packed data sets, in the layouts of the real ones."""

import numpy as np


def handflow_arrays(n=20, blocks=(0, 1, 2, 3), **changes):
    rng = np.random.default_rng(0)
    arrays = {
        "q": rng.integers(1, 1000, (n, 12, 21, 3)).astype(np.int16),
        "scale": np.float32(1e-3),
        "y": np.repeat([0, 1], n // 2).astype(np.int8),
        "class_names": np.array(["none", "swipe"]),
        "source": np.array(["right"] * n),
        "seq_id": np.tile(np.arange(n // 2), 2).astype(np.int32),
        "n_zero_frames": np.zeros(n, np.int16),
        "block": np.tile(np.repeat(blocks, -(-n // 2 // len(blocks)))[: n // 2], 2).astype(np.int8),
    }
    return arrays | changes


def dsads_arrays(subject=1, units=("T", "RA"), **changes):
    rng = np.random.default_rng(subject)
    channels = [f"{unit}_{axis}{kind}" for unit in units for kind in ("acc", "gyro", "mag") for axis in "xyz"]
    arrays = {
        "q": rng.integers(-99, 99, (len(channels), 3, 4, 5)).astype(np.int16),
        "scale": np.arange(1, len(channels) + 1, dtype=np.float32),
        "channels": np.array(channels),
        "activity_names": np.array(["sit", "walk", "jump"]),
        "subject": np.array([subject]),
        "rate": np.array(25.0),
    }
    return arrays | changes


def pocket_and_wrist(n_executions=3, seconds=6.0, lag_ms=40, **changes):
    """Two devices that see the same ramp over absolute time, the watch starting later."""
    rows = [(f"s{1 + e // 2:02}", e, device) for e in range(n_executions) for device in ("sp", "sw")]
    n = int(seconds * 100)
    t_rel = np.arange(n) * 10
    ramp = [t_rel + (lag_ms if device == "sw" else 0) for _, _, device in rows]
    arrays = {
        "q": np.concatenate([np.tile(r, (6, 1)) for r in ramp], axis=1).astype(np.int16),
        "scale": np.full(6, 0.5),
        "t_rel_ms": np.tile(t_rel, len(rows)).astype(np.int32),
        "t0_ms": np.array([1_000_000 * e + (lag_ms if device == "sw" else 0) for _, e, device in rows]),
        "y": np.tile(np.repeat([0, 1], n // 2), len(rows)).astype(np.int8),
        "offsets": np.arange(len(rows) + 1) * n,
        "class_names": np.array(["SEATED", "WALKING"]),
        "channels": np.array(["acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"]),
        "subject": np.array([subject for subject, _, _ in rows]),
        "execution": np.array([execution for _, execution, _ in rows]),
        "device": np.array([device for _, _, device in rows]),
    }
    return arrays | changes


def phone_gestures(**changes):
    n = 400
    active = np.zeros(3 * n, np.int8)
    for sequence in range(3):
        for first in (50, 200, 340):
            active[sequence * n + first : sequence * n + first + 30] = 1
    arrays = {
        "x": np.tile(np.arange(3 * n, dtype=np.float32)[:, None], (1, 9)),
        "active": active,
        "offsets": np.arange(4) * n,
        "subject": np.array(["j", "j", "l"]),
        "gesture": np.array([0, 1, 0], np.int8),
        "gesture_names": np.array(["left", "right"]),
        "channels": np.array([f"{kind}_{axis}" for kind in ("fused", "gyro", "acc") for axis in "xyz"]),
    }
    return arrays | changes


def save(path, arrays):
    np.savez_compressed(path, **{key: value for key, value in arrays.items() if value is not None})
    return path


def wand_arrays(**changes):
    rng = np.random.default_rng(0)
    arrays = {
        "q": rng.integers(-100, 100, (12, 15, 6)).astype(np.int16),
        "scale": np.full(6, 0.01),
        "y": np.repeat([0, 1], 6).astype(np.int8),
        "session": np.tile(["08-17", "08-23"], 6),
        "rep": np.tile([1, 10, 2], 4),
        "class_names": np.array(["Circle", "Wave"]),
        "channels": np.array(["acc_x_g", "acc_y_g", "acc_z_g", "gyro_roll", "gyro_pitch", "gyro_yaw"]),
    }
    return arrays | changes
