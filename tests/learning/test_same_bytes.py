"""The same network is the same file: no date, no address in memory, no order of a set comes into it."""

import os
import subprocess
import sys

CHILD = """
import hashlib, sys
from motif.learning import keras, keras_bytes, onnx_bytes
k = keras()
k.utils.set_random_seed(3)
windows = k.Input((8, 3), name="windows")
x = k.layers.Activation("relu")(k.layers.BatchNormalization()(k.layers.Conv1D(4, 3)(windows)))
model = k.Model(windows, k.layers.Dense(3, activation="softmax")(k.layers.GlobalAveragePooling1D()(x)))
for content in (keras_bytes(model), onnx_bytes(model)):
    print(hashlib.sha256(content).hexdigest())
"""


def test_two_processes_write_the_same_network_as_the_same_bytes(tmp_path):
    said = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", CHILD],
            cwd=folder,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        said.append(done.stdout.split())
    assert said[0] == said[1]
    assert len(said[0]) == 2


def test_what_differs_between_two_runs_of_keras_is_written_alike():
    from motif.learning._export import _lasting

    texts = [
        b'{"date_saved": "2026-11-21@19:12:53", "a": {"shared_object_id": 140554}, "b": {"shared_object_id": 7}, '
        b'"c": {"shared_object_id": 140554}}',
        b'{"date_saved": "2031-01-02@03:04:05", "a": {"shared_object_id": 99}, "b": {"shared_object_id": 140554}, '
        b'"c": {"shared_object_id": 99}}',
    ]
    first, second = map(_lasting, texts)
    assert first == second
    assert b'"a": {"shared_object_id": 0}, "b": {"shared_object_id": 1}, "c": {"shared_object_id": 0}' in first
