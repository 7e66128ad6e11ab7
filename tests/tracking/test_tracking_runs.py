"""The record that is ours: what it holds, what a kill leaves of it, how it is read back."""

import csv
import json
import math
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.errors import (
    ConfigError,
    FormatError,
    InputError,
    LabelError,
    MissingFileError,
    ShapeError,
    TooFewSamplesError,
)
from motif.learning import keras
from motif.telemetry import json_ready
from motif.tracking import TrackingConfig, compare_runs, export_runs, list_runs, read_run
from motif.tracking._environment import environment
from motif.tracking._lines import LineWriter, read_lines
from motif.tracking._names import checked_name
from motif.tracking._values import as_number

numbers = st.floats(allow_nan=True, allow_infinity=True)


def test_a_run_holds_what_it_was_made_with(tracker_in, tmp_path):
    model = tmp_path / "model.keras"
    model.write_bytes(b"weights")
    with tracker_in(project="hands") as tracker:
        name = tracker.start_run("first", config={"model": {"units": (8, 4)}, "seed": np.int64(7)}, tags=["quick"])
        tracker.log_metrics({"loss": np.float32(0.5), "val_loss": np.array([0.25])})
        tracker.log_artifact(model)
        tracker.add_tags("kept", "quick")
    run = read_run(tmp_path / "runs" / name)
    record, session = run.record, run.record.sessions[0]
    assert (run.status, record.project, record.tags) == ("finished", "hands", ["quick", "kept"])
    assert record.config == {"model": {"units": [8, 4]}, "seed": 7}
    assert record.seeds["seed"] == 7
    assert run.steps == {1: {"loss": 0.5, "val_loss": 0.25}}
    assert record.artifacts[0].path == model.as_posix()
    assert session.machine["packages"]["numpy"] == np.__version__
    assert len(session.commit["sha"]) == 40
    assert {"machine/cpu_percent", "machine/process_memory_MB"} <= set(run.machine[-1])


def test_the_steps_of_a_run_are_put_together_once(tracker_in, tmp_path):
    with tracker_in() as tracker:
        name = tracker.start_run("once")
        tracker.log_metrics({"loss": 0.5})
    run = read_run(tmp_path / "runs" / name)
    assert run.steps == {1: {"loss": 0.5}}
    assert run.steps is run.steps


def test_the_backend_is_told_though_keras_was_not_imported_yet(monkeypatch):
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    assert environment()["backend"] == "jax"
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert environment()["backend"] == "torch"


def test_the_backend_is_the_one_keras_was_imported_with(monkeypatch):
    in_use = keras().config.backend()
    monkeypatch.setenv("KERAS_BACKEND", "none of them")
    assert environment()["backend"] == in_use


def test_the_hash_of_an_artefact_is_the_one_sha256sum_prints(tracker_in, tmp_path):
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "a").write_bytes(b"1")
    (bundle / "b").write_bytes(b"22")
    with tracker_in() as tracker:
        tracker.start_run("hashes")
        tracker.log_artifact(bundle / "b", "weights")
        tracker.log_artifact(bundle, "bundle")
        tracker.log_artifact(bundle / "b", "weights")
        with pytest.raises(MissingFileError, match="nothing"):
            tracker.log_artifact(tmp_path / "nothing")
    weights, whole = sorted(read_run(tmp_path / "runs/hashes").record.artifacts, key=lambda a: a.bytes)
    printed = subprocess.run(["sha256sum", "a", "b"], cwd=bundle, capture_output=True, check=True).stdout
    hashed = subprocess.run(["sha256sum"], input=printed, capture_output=True, check=True).stdout
    assert (weights.sha256, weights.bytes) == (printed.splitlines()[1].split()[0].decode(), 2)
    assert (whole.sha256, whole.bytes) == (hashed.split()[0].decode(), 3)


@given(values=st.dictionaries(st.text(max_size=5), numbers, max_size=4))
def test_any_number_comes_back_from_the_lines(values, tmp_path_factory):
    path = tmp_path_factory.mktemp("lines") / "metrics.jsonl"
    writer = LineWriter(path)
    writer.append("metrics", 3, json_ready(values))
    writer.close()
    (line,), loss = read_lines(path)
    assert not loss
    back = {name: as_number(value) for name, value in line.values.items()}
    assert back.keys() == values.keys()
    assert all(back[name] == v or (math.isnan(v) and math.isnan(back[name])) for name, v in values.items())


@given(cut=st.integers(1, 400))
def test_whatever_is_cut_off_the_lines_before_stand_and_writing_goes_on(cut, tmp_path_factory):
    path = tmp_path_factory.mktemp("lines") / "metrics.jsonl"
    writer = LineWriter(path)
    for step in range(1, 6):
        writer.append("metrics", step, {"loss": 1 / step})
    writer.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: max(0, len(whole) - cut)])
    kept = path.read_bytes().count(b"\n")
    again = LineWriter(path)
    assert [line.step for line in again.before] == list(range(1, kept + 1))
    again.append("metrics", 9, {})
    again.close()
    lines, loss = read_lines(path)
    assert [line.step for line in lines] == [*range(1, kept + 1), 9]
    assert not loss


def test_damage_inside_is_counted_and_the_rest_is_read(tmp_path):
    path = tmp_path / "metrics.jsonl"
    writer = LineWriter(path)
    for step in range(1, 5):
        writer.append("metrics", step, {})
    writer.close()
    first, *_, fourth = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + b"\x00\xff{}\n" + b'{"n": 1}\n' + fourth + b'{"n": 5, "ti')
    lines, loss = read_lines(path)
    assert [line.step for line in lines] == [1, 4]
    assert (loss.torn_bytes, loss.damaged, loss.missing) == (12, 2, 0)
    assert str(loss) == "12 bytes of an unfinished line, 2 damaged lines"
    path.write_bytes(first + fourth)
    assert str(read_lines(path)[1]) == "2 lines that were never written"


@pytest.mark.parametrize(
    "odd",
    [
        {"values": [1]},
        {"values": {"loss": None}},
        {"values": {"loss": "low"}},
        {"values": {"loss": [1]}},
        {"n": "x"},
        {"n": None},
        {"step": "first"},
        {"step": 1.5},
        {"time": "now"},
        {"kind": 3},
        {"spy": 1},
    ],
    ids=str,
)
def test_a_line_of_other_types_is_damaged_and_hides_no_run(tracker_in, tmp_path, odd):
    for name in ("bad", "good"):
        with tracker_in() as tracker:
            tracker.start_run(name)
            tracker.log_metrics({"loss": 0.5})
    line = {"n": 9, "time": 0, "kind": "metrics", "step": 2, "values": {}} | odd
    with (tmp_path / "runs/bad/metrics.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    runs, damaged = list_runs(tmp_path / "runs")
    assert not damaged
    assert {run.name: (run.final["loss"], run.loss.damaged) for run in runs} == {"bad": (0.5, 1), "good": (0.5, 0)}
    with tracker_in() as tracker:
        tracker.start_run("bad", resume=True)
        assert tracker.step == 1


KILLED = """
import sys
from motif.tracking import create_tracker
tracker = create_tracker(log_dir=sys.argv[1])
tracker.start_run("killed", config={"seed": 1})
step = 0
while True:
    step += 1
    tracker.log_metrics({"loss": 1 / step}, step)
    print(step, flush=True)
"""


def test_a_killed_run_opens_again_says_so_and_goes_on(tracker_in, tmp_path):
    child = subprocess.Popen([sys.executable, "-c", KILLED, tmp_path / "tensorboard"], stdout=subprocess.PIPE)
    told = [int(child.stdout.readline()) for _ in range(20)]
    folder = tmp_path / "runs/killed"
    assert read_run(folder).status == "running"
    with pytest.raises(ConfigError, match="another process"), tracker_in() as tracker:
        tracker.start_run("killed", resume=True)
    child.send_signal(signal.SIGKILL)
    told += [int(step) for step in child.stdout.read().split()]
    child.wait()
    child.stdout.close()
    run = read_run(folder)
    assert run.status == "killed"
    assert set(told) <= set(run.steps)
    with (folder / "metrics.jsonl").open("ab") as file:
        file.write(b'{"n": 99')
    with tracker_in() as tracker:
        tracker.start_run("killed", config={"seed": 2}, resume=True)
        assert tracker.step == max(run.steps)
        tracker.log_metrics({"loss": 0.0})
    after = read_run(folder)
    assert after.status == "finished"
    assert after.steps == run.steps | {max(run.steps) + 1: {"loss": 0.0}}
    assert [session.lost for session in after.record.sessions] == [{}, {"torn_bytes": 8}]
    assert after.record.config == {"seed": 2}
    with tracker_in() as tracker:
        tracker.start_run("killed", tags=["again"], resume=True)
    assert (read_run(folder).record.config, read_run(folder).record.tags) == ({"seed": 2}, ["again"])


def test_a_run_that_raises_has_failed_and_a_second_of_its_name_is_another(tracker_in, tmp_path):
    with pytest.raises(RuntimeError), tracker_in() as tracker:
        tracker.start_run("twice")
        raise RuntimeError("out of ideas")
    with tracker_in() as tracker:
        assert tracker.start_run("twice") == "twice_2"
        assert tracker.start_run("third") == "third"
    assert [read_run(tmp_path / "runs" / name).status for name in ("twice", "twice_2", "third")] == [
        "failed",
        "finished",
        "finished",
    ]


def test_what_cannot_be_is_said_at_once(tracker_in, tmp_path):
    tracker = tracker_in()
    with pytest.raises(ConfigError, match="call start_run"):
        tracker.log_metrics({"loss": 1})
    with pytest.raises(ConfigError, match="cannot be called"):
        tracker.start_run("../..")
    with tracker:
        tracker.start_run("bad")
        with pytest.raises(InputError, match="metric 'loss' is 'low'"):
            tracker.log_metrics({"loss": "low"})
        with pytest.raises(LabelError, match="holds class 2"):
            tracker.log_confusion_matrix([0, 2], [0, 1], ["a", "b"])
        with pytest.raises(LabelError, match="holds 'c'"):
            tracker.log_confusion_matrix(["a", "c"], ["a", "b"], ["a", "b"])
        with pytest.raises(LabelError, match="holds 'a' twice; give each class a name of its own"):
            tracker.log_confusion_matrix([0, 1], [0, 1], ["a", "a"])
        with pytest.raises(ShapeError, match="y_pred"):
            tracker.log_confusion_matrix([0, 1], [0], ["a", "b"])
    with pytest.raises(ConfigError, match=r"tracking\.wandb\.mode='loud'"):
        TrackingConfig.of({"wandb": {"mode": "loud"}})
    (tmp_path / "runs/bad/run.json").write_text('{"schema_version": 2}')
    with pytest.raises(FormatError, match="newer motif"):
        read_run(tmp_path / "runs/bad")
    with pytest.raises(MissingFileError):
        read_run(tmp_path / "runs/none")


def test_a_tracker_that_is_off_keeps_nothing(tmp_path, monkeypatch):
    from motif.tracking import ExperimentTracker

    monkeypatch.chdir(tmp_path)
    with ExperimentTracker(TrackingConfig(enabled=False)) as tracker:
        assert tracker.start_run(config={"architecture": "gru", "batch": 8}).startswith("gru_bs8_")
        tracker.log_metrics({"loss": 1})
        tracker.log_confusion_matrix([0], [0])
        tracker.log_reliability([0], [[1.0, 0.0]])
        assert (tracker.get_keras_callbacks(), tracker.run_dir, tracker.failures) == ([], None, {})
    assert list(tmp_path.iterdir()) == []


@given(name=st.text(min_size=1) | st.text("é.-", min_size=100, max_size=150))
def test_no_name_leads_out_of_the_folder(name):
    try:
        safe = checked_name(name)
    except ConfigError:
        return
    assert safe == Path(safe).name
    assert safe not in (".", "..")
    assert len(safe.encode()) <= 120
    assert checked_name(safe) == safe


def test_two_runs_lie_side_by_side_and_leave_as_csv_and_json(tracker_in, tmp_path):
    for name, rate in (("slow", 0.1), ("quick", 0.2)):
        with tracker_in() as tracker:
            tracker.start_run(name, config={"model": {"name": "tcn", "units": [4]}, "lr": rate})
            for step in (1, 2):
                tracker.log_metrics({"loss": rate / step} | ({"extra": math.nan} if name == "quick" else {}))
    (tmp_path / "runs/broken").mkdir()
    (tmp_path / "runs/broken/run.json").write_text("{")
    runs, damaged = list_runs(tmp_path / "runs")
    assert {run.name for run in runs} == {"slow", "quick"}
    assert [path.name for path in damaged] == ["broken"]
    runs.sort(key=lambda run: run.name)
    found = compare_runs(runs)
    assert found.differing == {"lr": [0.2, 0.1]}
    assert found.same == {"model.name": "tcn", "model.units": [4]}
    assert found.metrics["loss"] == [0.1, 0.05]
    assert found.metrics["extra"][1] is None
    with pytest.raises(ConfigError, match="at least two"):
        compare_runs(runs[:1])

    rows = list(csv.DictReader(export_runs(runs, tmp_path / "runs.csv").read_text().splitlines()))
    assert (rows[0]["run"], rows[0]["step"], float(rows[0]["loss"])) == ("quick", "1", 0.2)
    assert rows[0]["config.model.units"] == "[4]"
    told = json.loads(export_runs(runs, tmp_path / "runs.json").read_text())["runs"]
    assert told[0]["final"] == {"loss": 0.1, "extra": "NaN"}
    with pytest.raises(ConfigError, match=r"\.csv or \.json"):
        export_runs(runs, tmp_path / "runs.xml")
    with pytest.raises(MissingFileError, match="the folder of runs"):
        list_runs(tmp_path / "nowhere")


def test_what_stands_in_a_run_may_be_odd(tracker_in, tmp_path):
    with tracker_in() as tracker:
        tracker.start_run("odd", config={1: float("nan"), "shape": {2}, "made": object, "path": tmp_path})
        tracker.log_metrics({"loss": np.nan, "deep/name with spaces": -np.inf}, step=np.int64(-3))
        tracker.log_confusion_matrix(np.array([True, False]), np.array([True, True]))
        assert read_run(tracker.run_dir).status == "running"
        shutil.rmtree(tracker.run_dir)
        tracker.log_metrics({"loss": 2.0})
        tracker.add_tags("the folder was removed")
    assert read_run(tmp_path / "runs/odd").record.config == {
        "1": "NaN",
        "shape": [2],
        "made": "<class 'object'>",
        "path": tmp_path.as_posix(),
    }


def test_labels_as_names_or_numbers_give_the_same_figures():
    from motif.tracking._judged import compared

    numbers = compared([0, 2, 1, 1], [0, 1, 1, 1], ["fist", "none", "open"])
    named = compared(["fist", "open", "none", "none"], ["fist", "none", "none", "none"], None)
    assert numbers == named
    assert numbers.f1 == {"fist": 1.0, "none": 0.8, "open": 0.0}
    assert compared([0, 2], [0, 2], None).class_names == ["0", "1", "2"]
    with pytest.raises(TooFewSamplesError):
        compared([], [], ["a"])


def test_a_gpu_is_told_where_the_driver_tells_of_one(tmp_path, monkeypatch):
    from motif.tracking._machine import gpu_names, machine_sample

    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpu_names() == []
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\nprintf 'Tesla T4, 35, 1024\\nOdd one, [N/A], 7\\n'\n")
    driver.chmod(0o755)
    assert gpu_names() == ["Tesla T4"]
    assert {"machine/gpu0_percent": 35.0, "machine/gpu0_memory_MB": 1024.0}.items() <= machine_sample().items()
    driver.write_text("#!/bin/sh\nexit 9\n")
    assert gpu_names() == []
