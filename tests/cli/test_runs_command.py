import json
import sys

import pytest
from typer.testing import CliRunner

from motif.cli._app import app
from motif.tracking import create_tracker


def run(*arguments, code=0):
    result = CliRunner().invoke(app, ["runs", *(str(argument) for argument in arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.stderr
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("runs_command")
    for name, rate in (("slow", 0.1), ("quick", 0.2)):
        with create_tracker(use_tensorboard=False, runs_dir=home / "runs") as tracker:
            tracker.start_run(name, config={"architecture": "tcn", "lr": rate}, tags=["night"])
            tracker.log_metrics({"loss": rate, "val_accuracy": float("nan")})
            if name == "quick":
                tracker.log_confusion_matrix([0, 1, 1], [0, 1, 0], ["fist", "open"])
    (home / "runs/broken").mkdir()
    (home / "runs/broken/run.json").write_text("{")
    return home / "runs"


def test_the_list_shows_every_run_and_says_which_cannot_be_read(folder):
    result = run("list", "-d", folder, "--json")
    found = json.loads(result.stdout)
    assert {each["name"]: each["final"]["loss"] for each in found["runs"]} == {"slow": 0.1, "quick": 0.2}
    assert found["unreadable"] == [str(folder / "broken")]
    assert "broken" in result.stderr
    shown = run("list", "-d", folder).stdout
    assert "slow" in shown
    assert "finished" in shown
    assert "the folder of runs" in run("list", "-d", folder / "none", code=4).stderr


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_name_of_a_run_stands_on_one_line_however_narrow_the_terminal_is(tmp_path, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.chdir(tmp_path)
    name = "tcn_lr0.002_bs64_20260301-093000"
    with create_tracker(use_tensorboard=False) as tracker:
        tracker.start_run(name)
        tracker.log_metrics({"loss": 0.1, "val_loss": 0.2, "accuracy": 0.9, "val_accuracy": 0.8})
    shown = run("list").stdout
    assert name in shown
    assert "val_accuracy" in shown
    assert max(map(len, shown.splitlines())) <= width


def test_a_run_is_shown_with_its_settings_and_confusions(folder):
    found = json.loads(run("show", "quick", "-d", folder, "--json").stdout)
    assert (found["config"]["lr"], found["tags"], found["lost"]) == (0.2, ["night"], "nothing")
    assert found["steps"]["1"]["val_accuracy"] == "NaN"
    shown = run("show", folder / "quick").stdout
    assert "architecture: tcn" in shown
    assert "macro-F1 0.667" in shown
    assert "motif runs list" in run("show", "slowest", "-d", folder, code=4).stderr


def test_what_went_wrong_around_a_run_is_shown_with_its_reason(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with create_tracker(use_wandb=True, use_tensorboard=False, runs_dir=tmp_path) as tracker:
        tracker.start_run("alone")
    found = json.loads(run("show", "alone", "-d", tmp_path, "--json").stdout)
    assert found["failures"] == {"wandb": 1}
    assert "pip install 'motif[wandb]'" in found["problems"]["wandb"]
    assert "this needs 'wandb'" in run("show", "alone", "-d", tmp_path).stdout


def test_classes_of_one_name_and_odd_lines_of_an_older_run_are_shown(tmp_path):
    with create_tracker(use_tensorboard=False, runs_dir=tmp_path) as tracker:
        tracker.start_run("old")
        tracker.log_confusion_matrix([0, 1], [0, 1], ["a", "b"])
    record = json.loads((tmp_path / "old/run.json").read_text())
    record["evaluation"] |= {"class_names": ["a", "a"], "f1": {"a": 1.0}}
    (tmp_path / "old/run.json").write_text(json.dumps(record))
    with (tmp_path / "old/metrics.jsonl").open("a") as file:
        file.write('{"n":"x","time":0,"kind":"metrics","step":1,"values":[1]}\n')
    assert "old" in run("list", "-d", tmp_path).stdout
    shown = run("show", "old", "-d", tmp_path).stdout
    assert "1 damaged line " in shown
    assert shown.count("1.000") == 3


def test_runs_lie_side_by_side(folder):
    found = json.loads(run("compare", "slow", "quick", "-d", folder, "--json").stdout)
    assert found["differing"] == {"lr": [0.1, 0.2]}
    assert found["same"] == {"architecture": "tcn"}
    assert found["metrics"]["loss"] == [0.1, 0.2]
    shown = run("compare", "slow", "quick", "-d", folder).stdout
    assert "lr" in shown
    assert (
        "1 setting is the same" if len(found["same"]) == 1 else f"{len(found['same'])} settings are the same"
    ) in shown
    assert "at least two" in run("compare", "slow", "-d", folder, code=3).stderr


def test_runs_leave_for_other_programs(folder, tmp_path):
    run("export", tmp_path / "all.csv", "-d", folder)
    assert (tmp_path / "all.csv").read_text().splitlines()[0].startswith("run,status,step,")
    run("export", tmp_path / "one.json", "quick", "-d", folder)
    assert [each["name"] for each in json.loads((tmp_path / "one.json").read_text())["runs"]] == ["quick"]
