"""The same network is the same file: no date, no address in memory, no order of a set comes into it."""

import os
import subprocess
import sys

import pytest

from motif.learning import keras, keras_bytes, onnx_bytes
from motif.networks._model import build

PROGRAM = """
import hashlib
from motif.learning import keras, keras_bytes, onnx_bytes, seeded
k = keras()
with seeded(3):
    windows = k.Input((8, 3), name="windows")
    x = k.layers.BatchNormalization(name="even")(k.layers.Conv1D(4, 3, name="seen")(windows))
    x = k.layers.GlobalAveragePooling1D(name="mean")(k.layers.Activation("relu", name="bent")(x))
    model = k.Model(windows, k.layers.Dense(3, activation="softmax", name="said")(x), name="small")
said = [hashlib.sha256(content).hexdigest() for content in (keras_bytes(model), onnx_bytes(model))]
"""


def test_two_processes_write_the_same_network_as_the_same_bytes(tmp_path):
    """This process, whatever it did before, and one that does nothing else."""
    here = {}
    exec(PROGRAM, here)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM + "print(*said)"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == here["said"]
    assert len(here["said"]) == 2


@pytest.mark.parametrize("shape", [(6, 63), (3, 1, 32)], ids=["hand", "sensor"])
def test_a_network_written_again_by_the_same_process_is_the_same_graph(shape):
    model = build("cnn1d", shape, 3)
    assert onnx_bytes(model) == onnx_bytes(model)


@pytest.mark.parametrize("shape", [(12, 84), (3, 1, 32)], ids=["hand", "sensor"])
def test_what_was_built_before_does_not_change_the_file(shape):
    assert keras_bytes(build("cnn1d", shape, 3)) == keras_bytes(build("cnn1d", shape, 3))


def test_the_names_that_a_caller_gets_of_keras_go_on():
    dense = keras().layers.Dense
    first = dense(1).name
    build("cnn1d", (3, 1, 32), 3)
    assert dense(1).name != first


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
