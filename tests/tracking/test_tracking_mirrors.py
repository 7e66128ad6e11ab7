"""TensorBoard and Weights & Biases show what we keep; whatever fails there, training goes on."""

import json
import os
import struct
import subprocess
import sys

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tests.tracking.wandb_service import wandb_service

from motif.learning import keras
from motif.networks import NetworkClassifier
from motif.telemetry import log_to
from motif.tracking import ExperimentTracker, TrackingConfig, read_run
from motif.tracking._graph import nodes
from motif.tracking._keras import keras_callback

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def windows():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 16, 3)).astype(np.float32), np.array([0, 1] * 20)
    X[y == 1] *= 5
    return X, y


@pytest.fixture(scope="module")
def shown(windows, tmp_path_factory):
    """A network of ours, trained with everything on: the folder, and what TensorBoard reads of it."""
    folder = tmp_path_factory.mktemp("shown")
    X, y = windows
    with ExperimentTracker(TrackingConfig.of({"tensorboard": {"log_dir": folder / "tb"}})) as tracker:
        tracker.start_run("shown", config={"architecture": "cnn1d", "network": {"units": [4]}, "augment": False})
        recognizer = NetworkClassifier("cnn1d", epochs=2, random_state=0)
        recognizer.fit(X, y, callbacks=tracker.get_keras_callbacks())
        probabilities = recognizer.predict_proba(X)
        tracker.log_confusion_matrix(y, probabilities.argmax(axis=1), ["still", "a $name$ with_signs"])
        tracker.log_reliability(y, probabilities)
        tracker.log_artifact(__file__, "test")
        assert tracker.failures == {}
    events = EventAccumulator(str(folder / "tb/shown"), size_guidance={"images": 0, "histograms": 0})
    return folder, events.Reload(), recognizer


def test_tensorboard_reads_every_number_back_as_the_record_has_it(shown):
    folder, events, recognizer = shown
    run = read_run(folder / "runs/shown")
    assert [step for step, values in run.steps.items() if "loss" in values] == [1, 2, 3, 4]
    kept = {step: values["loss"] for step, values in run.steps.items()}
    assert {event.step: event.value for event in events.Scalars("loss")} == pytest.approx(kept)
    assert [epoch.loss for epoch in recognizer.history_] == list(kept.values())
    assert {"accuracy", "val_loss", "val_accuracy", "learning_rate"} <= set(run.steps[1])
    assert "val_loss" not in run.steps[3]
    assert {"machine/cpu_percent", "evaluation/ece", "f1/still"} <= set(events.Tags()["scalars"])


def test_tensorboard_shows_pictures_weights_the_graph_and_hyperparameters(shown):
    folder, events, recognizer = shown
    assert set(events.Tags()["images"]) == {"confusion_matrix", "reliability"}
    image = events.Images("confusion_matrix")[0]
    assert image.encoded_image_string == (folder / "runs/shown/confusion_matrix.png").read_bytes()
    assert image.encoded_image_string.startswith(PNG)
    assert struct.unpack(">II", image.encoded_image_string[16:24]) == (image.width, image.height)

    weights = {variable.path: variable for variable in recognizer.model_.trainable_weights}
    drawn = [name.removeprefix("weights/") for name in events.Tags()["histograms"]]
    assert set(drawn) >= set(weights)
    assert all(
        events.Histograms(f"weights/{name}")[-1].histogram_value.num == v.value.size for name, v in weights.items()
    )

    graph = events.Graph()
    assert {node.name for node in graph.node} == {operation.name for operation in recognizer.model_.operations}
    assert {name for node in graph.node for name in node.input} <= {node.name for node in graph.node}
    assert "_hparams_/session_start_info" in events.summary_metadata
    start = events.summary_metadata["_hparams_/session_start_info"].plugin_data.content
    assert b"network.units" in start


def test_the_graph_follows_branches_models_in_models_and_subclasses():
    k = keras()
    entry = k.Input((4,))
    inner = k.Sequential([k.layers.Dense(3, name="a")], name="inner")
    left, right = inner(entry), k.layers.Dense(3, name="b")(entry)
    model = k.Model(entry, k.layers.Add(name="sum")([left, right]))
    found = {node.name: node for node in nodes(model)}
    assert found["sum"].inputs == ("inner", "b")
    assert found["sum"].shape == (None, 3)
    assert found["b"].n_weights == 15

    class Own(k.Model):
        def __init__(self):
            super().__init__()
            self.first, self.second = k.layers.Dense(2, name="first"), k.layers.Dense(2, name="second")

        def call(self, x):
            return self.second(self.first(x))

    assert [(node.name, node.inputs) for node in nodes(Own())] == [("first", ()), ("second", ("first",))]


class Broken:
    """A mirror at which everything fails, or everything but opening."""

    name = "broken"

    def __init__(self, *, opens):
        self.opens = opens

    def open(self, run, folder):
        if not self.opens:
            raise OSError("no way in")

    def __getattr__(self, name):
        raise RuntimeError(f"no {name} today")


@pytest.mark.parametrize("opens", [True, False])
def test_a_mirror_that_fails_is_counted_logged_once_and_left_alone(tracker_in, tmp_path, windows, monkeypatch, opens):
    monkeypatch.setattr(ExperimentTracker, "_mirrors", lambda self: [Broken(opens=opens)])
    X, y = windows
    with log_to(tmp_path / "log.jsonl"), tracker_in() as tracker:
        tracker.start_run("alone")
        for step in range(3):
            tracker.log_metrics({"loss": 1.0}, step)
        tracker.log_confusion_matrix(y, y)
        tracker.log_weights({"w": X})
    run = read_run(tmp_path / "runs/alone")
    logged = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["part"] for line in logged if "part" in line] == ["broken"]
    assert run.record.failures["broken"] >= 6 if opens else run.record.failures == {"broken": 1}
    reason = "no metrics today" if opens else "no way in"
    assert run.record.problems == tracker.problems == {"broken": reason}
    assert run.status == "finished"
    assert run.final["loss"] == 1.0


FULL = """
import resource, signal, sys
from motif.tracking import create_tracker, read_run
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with create_tracker(log_dir=sys.argv[1]) as tracker:
    tracker.start_run("full")
    tracker.log_metrics({"loss": 1.0})
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400, most))
    for step in range(2, 500):
        tracker.log_metrics({"loss": float(step)})
    tracker.log_confusion_matrix([0, 1], [0, 1])
    assert tracker.step == 499, tracker.step
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    tracker.log_metrics({"loss": 0.0})
"""


def test_a_full_disk_costs_lines_and_not_the_training(tmp_path):
    subprocess.run([sys.executable, "-c", FULL, tmp_path / "tensorboard"], check=True)
    run = read_run(tmp_path / "runs/full")
    assert run.status == "finished"
    assert run.final["loss"] == 0.0
    assert run.loss.missing >= 490
    assert not run.loss.damaged
    assert run.record.failures["record"] >= 490
    events = EventAccumulator(str(tmp_path / "tensorboard/full")).Reload()
    assert events.Scalars("loss")[-1].value == 0.0


def test_a_folder_that_cannot_be_written_is_said_before_training(tmp_path):
    from motif.errors import WriteError
    from motif.tracking import create_tracker

    (tmp_path / "runs").write_text("a file")
    with pytest.raises(WriteError), create_tracker(log_dir=tmp_path / "tensorboard") as tracker:
        tracker.start_run("nowhere")


def test_keras_tells_what_it_measured_and_a_second_fit_counts_on(tracker_in, tmp_path, windows):
    X, y = windows
    k = keras()
    model = k.Sequential([k.layers.Flatten(), k.layers.Dense(2, "softmax")])
    model.compile(k.optimizers.SGD(0.25), "sparse_categorical_crossentropy", metrics=["accuracy"])
    with tracker_in() as tracker:
        tracker.start_run("keras")
        for _ in range(2):
            history = model.fit(X, y, epochs=2, validation_split=0.25, callbacks=[keras_callback(tracker)], verbose=0)
    steps = read_run(tmp_path / "runs/keras").steps
    assert list(steps) == [1, 2, 3, 4]
    assert {name: values[-1] for name, values in history.history.items()} == pytest.approx(
        {name: value for name, value in steps[4].items() if name != "learning_rate"}
    )
    assert steps[4]["learning_rate"] == 0.25


@pytest.mark.parametrize(("module", "extra"), [("wandb", "wandb"), ("tensorboardX", "train")])
def test_a_mirror_that_is_not_installed_is_told_with_the_line_that_installs_it(
    tracker_in, tmp_path, monkeypatch, module, extra
):
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with tracker_in(use_wandb=module == "wandb", use_tensorboard=module == "tensorboardX") as tracker:
        tracker.start_run("bare")
        (reason,) = tracker.problems.values()
        assert reason.endswith(f"is not installed; run: pip install 'motif[{extra}]'")
        (kept,) = read_run(tmp_path / "runs/bare").record.problems.values()
        assert kept == reason
    with tracker_in() as tracker:
        tracker.start_run("bare", resume=True)
        assert tracker.problems == {}
    assert read_run(tmp_path / "runs/bare").record.problems
    assert list(tracker_in().problems) == []


def test_a_record_needs_no_tensorflow_and_no_framework(tmp_path):
    code = """
import sys
from motif.tracking import create_tracker
with create_tracker(log_dir=sys.argv[1]) as tracker:
    tracker.start_run("light")
    tracker.log_metrics({"loss": 1.0})
    assert tracker.failures == {}
print([name for name in ("tensorflow", "keras", "jax", "torch", "wandb", "matplotlib") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


WANDB = """
import sys
from motif.tracking import ExperimentTracker, TrackingConfig
mirrors = {"tensorboard": {"enabled": False}, "wandb": {"enabled": True, "timeout_s": 2}}
with ExperimentTracker(TrackingConfig.of(mirrors | {"runs_dir": "runs"})) as tracker:
    tracker.start_run("hands", config={"lr": 0.1})
    tracker.log_metrics({"a_loss_nobody_else_has": 0.5})
    tracker.log_weights({"w": [1.0, float("nan")], "empty": []})
    tracker.log_confusion_matrix([0, 1], [0, 1])
    tracker.log_artifact("setup.txt")
"""


@pytest.fixture
def run_apart(tmp_path, monkeypatch):
    """Return what runs a script with W&B in a process whose home and network are the test's own."""
    (tmp_path / "setup.txt").write_text("")
    for variable in ("WANDB_API_KEY", "WANDB_MODE", "NETRC"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    def run(*, address="http://127.0.0.1:9", key=False, before=""):
        monkeypatch.setenv("WANDB_BASE_URL", address)
        if key:
            monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
        done = subprocess.run([sys.executable, "-c", before + WANDB], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        found = read_run(tmp_path / "runs/hands")
        assert (found.status, found.final["a_loss_nobody_else_has"]) == ("finished", 0.5)
        return found

    return run


def test_without_a_key_weights_and_biases_writes_into_the_run(run_apart):
    run = run_apart()
    (written,) = run.folder.glob("wandb/offline-run-*/*.wandb")
    assert b"a_loss_nobody_else_has" in written.read_bytes()
    assert run.record.failures == {}


def test_with_a_key_weights_and_biases_is_sent_what_was_logged_and_nothing_else(run_apart):
    with wandb_service(stalls=False) as (address, sent):
        run = run_apart(address=address, key=True)
    everything = "".join(sent)
    assert run.record.failures == {}
    assert "a_loss_nobody_else_has" in everything
    assert "evaluation/macro_f1" in everything
    for private in (
        "requirements.txt",
        "wandb-metadata.json",
        "output.log",
        f'"{os.uname().nodename}"',
        "no main file",
    ):
        assert private not in everything


@pytest.mark.parametrize(
    ("why", "how"),
    [
        pytest.param("no network", {"key": True}, marks=pytest.mark.slow),
        ("no key", {"before": "import os; os.environ['WANDB_MODE'] = 'online'"}),
        ("not installed", {"before": "import sys; sys.modules['wandb'] = None"}),
    ],
)
def test_nobody_needs_weights_and_biases(run_apart, why, how):
    run = run_apart(**how)
    assert run.record.failures == {"wandb": 1}, why
    assert run.record.problems.keys() == {"wandb"}
    if why == "not installed":
        assert "pip install 'motif[wandb]'" in run.record.problems["wandb"]
    assert not list(run.folder.glob("wandb/*-run-*"))


def test_a_service_that_stalls_is_waited_for_no_longer_than_it_may(run_apart):
    with wandb_service(stalls=True) as (address, _):
        assert run_apart(address=address, key=True).record.failures == {"wandb": 1}
