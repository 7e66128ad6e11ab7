"""`motif train --config` and `motif evaluate`: from a file to a judged bundle, and what stands in the way."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from tests.cli.test_cli import run
from tests.full_disk import room_for

from motif.bundles import load
from motif.cli._held_out import judged_rows
from motif.cli._open import open_dataset
from motif.cli._run import _checkpoints, open_data
from motif.cli._training_file import TrainingFile
from motif.errors import LabelError
from motif.files import write_bytes
from motif.networks import NetworkClassifier
from motif.recordings import holdout, load_dataset, save_dataset, simulate_hand
from motif.settings import read_settings
from motif.tracking import list_runs

ROOT = Path(__file__).parents[2]
GESTURES = ["none", "swipe_left", "close_fist"]
TRAINING = {"epochs": 2, "patience": None, "refit": False}


def write_config(folder, **sections):
    given = {
        "data": {"path": str(folder / "hands.npz"), "held_out": 0.34},
        "model": {"architecture": "cnn1d"},
        "training": {**TRAINING, "checkpoints": str(folder / "checkpoints")},
        "evaluation": {"folds": 0, "report": str(folder / "reports")},
        "tracking": {"tensorboard": {"log_dir": str(folder / "logs" / "tensorboard")}},
        "output": str(folder / "bundle"),
    }
    for section, values in sections.items():
        given[section] = given[section] | values if isinstance(values, dict) else values
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(given), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    save_dataset(simulate_hand(3, 3, gestures=GESTURES, random_state=0), folder / "hands.npz")
    return folder


@pytest.fixture(scope="module")
def trained(folder):
    config = write_config(folder)
    return config, json.loads(run("train", "--config", config, "--json").stdout)


def test_the_file_beside_the_scripts_says_what_is_done_without_one():
    given = read_settings(TrainingFile, ROOT / "config" / "config.yaml")
    assert NetworkClassifier(**given.settings).get_params() == NetworkClassifier(random_state=0).get_params()
    assert (given.data.path, given.data.held_out) == (None, 0.2)
    assert given.tracking == TrainingFile().tracking
    written = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    for name, section in written.items():
        if isinstance(section, dict) and name != "tracking":
            assert set(section) == set(type(getattr(given, name)).model_fields), name


def test_training_by_a_file_judges_what_it_held_out(trained, folder):
    _, found = trained
    assert found["held_out"].startswith("held out by subject")
    assert 0 <= found["held_out_macro_f1"] <= 1
    facts = load(folder / "bundle").config.data
    assert len(facts["groups"]) == 2
    assert not (folder / "checkpoints").exists() or not list((folder / "checkpoints").iterdir())


def test_what_was_tracked_is_a_run_with_its_matrix_and_bundle(trained, folder):
    (kept,), _ = list_runs(folder / "logs" / "runs")
    assert kept.record.name.startswith("cnn1d_lr0.002_bs64_")
    assert kept.record.config["training"]["epochs"] == 2
    assert kept.record.status == "finished"
    assert kept.record.artifacts
    stored = json.dumps(kept.record.model_dump(mode="json"))
    assert "confusion" in stored


def test_evaluating_judges_the_held_out_windows_alone(trained, folder):
    config, found = trained
    result = run("evaluate", "--config", config, "--save-report", "--json")
    said = json.loads(result.stdout)
    data = load_dataset(folder / "hands.npz")
    (fold,) = holdout(data, 0.34).folds
    assert said["n"] == len(fold.test)
    assert said["macro_f1"] == pytest.approx(found["held_out_macro_f1"], abs=1e-6)
    assert "what training never saw" in said["how"]
    assert (said["warning"], said["trained_on"]) == (None, [])
    assert {row["index"] for row in said["wrong"]} <= set(fold.test.tolist())
    for name in ("report.html", "report.md", "report.json", "wrong.csv"):
        assert (folder / "reports" / name).stat().st_size
    assert not result.stderr.count("flatter")


@pytest.mark.slow
def test_the_figures_on_windows_it_learnt_from_are_said_to_flatter(trained, folder):
    data = load_dataset(folder / "hands.npz")
    learnt = folder / "learnt.npz"
    save_dataset(data.subset(np.isin(data.groups, load(folder / "bundle").config.data["groups"])), learnt)
    assert "flatter" in run("evaluate", folder / "bundle", learnt).stderr
    run("train", learnt, folder / "flattered", "--folds", 0, "--epochs", 1, "--architecture", "cnn1d")
    recognizer, same = load(folder / "flattered"), load_dataset(learnt)
    rows, how, warning = judged_rows(recognizer, same)
    assert len(rows) == same.n_windows
    assert how == "all these windows at once"
    assert "these very windows" in warning


@pytest.mark.slow
def test_two_bundles_are_compared_and_doubt_is_split(trained, folder):
    other = folder / "other seed"
    run("train", "--config", trained[0], "--seed", 1, "--no-track", folder / "hands.npz", other)
    arguments = ("evaluate", folder / "bundle", folder / "hands.npz", "--against", other, "--member", other, "--json")
    found = json.loads(run(*arguments).stdout)
    assert found["comparison"]["second"] == str(other)
    assert found["uncertainty"]["epistemic"]["right"] > 0
    plain = run("evaluate", folder / "bundle", folder / "hands.npz", "--report", folder / "one.html")
    assert "never looks" in plain.stdout
    assert "<html" in (folder / "one.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_bundles_of_other_classes_are_not_compared(trained, folder, tmp_path):
    save_dataset(simulate_hand(2, 3, gestures=["none", "open_hand"], random_state=0), tmp_path / "two.npz")
    run("train", tmp_path / "two.npz", tmp_path / "two", "--folds", 0, "--epochs", 1, "--architecture", "cnn1d")
    refused = run("evaluate", folder / "bundle", folder / "hands.npz", "--against", tmp_path / "two", code=3)
    assert "want bundles of the same classes" in refused.stderr
    unknown = run("evaluate", folder / "bundle", tmp_path / "two.npz", code=3).stderr
    assert "open_hand, which the bundle was never taught" in unknown


@pytest.mark.slow
def test_without_data_hands_are_simulated_and_that_is_said(tmp_path):
    config = write_config(tmp_path, data={"path": None, "people": 2, "repetitions": 2, "held_out": 0.0})
    result = run("train", "--config", config, "--no-track", "--epochs", 1)
    assert "people who never were" in result.stderr
    assert "simulated hand" in result.stdout
    assert not (tmp_path / "logs").exists()


class CutShortError(Exception):
    pass


@pytest.mark.slow
def test_a_training_that_was_cut_short_goes_on_in_the_same_run(folder, tmp_path, monkeypatch):
    from motif.networks import _training

    shutil.copy(folder / "hands.npz", tmp_path)
    config = write_config(tmp_path, training={"epochs": 3})
    original, calls = _training.Run.epoch, []

    def epoch(self, examples, augment, number):
        calls.append(number)
        if calls == [1, 2, 3]:
            raise CutShortError
        return original(self, examples, augment, number)

    monkeypatch.setattr(_training.Run, "epoch", epoch)
    with pytest.raises(CutShortError):
        run("train", "--config", config)
    (cut,), _ = list_runs(tmp_path / "logs" / "runs")
    assert cut.record.status == "failed"
    resumed = run("train", "--config", config)
    assert "goes on from" in resumed.stderr
    assert calls == [1, 2, 3, 3]
    (kept,), _ = list_runs(tmp_path / "logs" / "runs")
    assert kept.record.status == "finished"
    assert len(kept.record.sessions) == 2


@pytest.mark.slow
def test_a_damaged_checkpoint_is_named_with_the_way_out(folder, tmp_path, monkeypatch):
    from motif.networks import _training

    shutil.copy(folder / "hands.npz", tmp_path)
    config = write_config(tmp_path)

    def interrupted(*_):
        raise CutShortError

    monkeypatch.setattr(_training.Run, "finish", interrupted)
    with pytest.raises(CutShortError):
        run("train", "--config", config, "--no-track")
    monkeypatch.undo()
    (checkpoint,) = (tmp_path / "checkpoints").rglob("*.npz")
    checkpoint.write_bytes(checkpoint.read_bytes()[:-100])
    refused = run("train", "--config", config, "--no-track", code=4).stderr
    assert "it is damaged" in refused
    assert "delete it" in refused
    checkpoint.unlink()
    run("train", "--config", config, "--no-track")


def test_a_full_disk_while_saving_checkpoints_ends_the_training_with_a_line(folder, tmp_path):
    shutil.copy(folder / "hands.npz", tmp_path)
    config = write_config(tmp_path)
    with room_for(20_000):
        result = run("train", "--config", config, "--no-track", code=4)
    assert "was not written" in result.stderr
    assert not (tmp_path / "bundle").exists()
    assert not list((tmp_path / "checkpoints").rglob("*.npz"))


def test_a_training_is_said_to_go_on_where_something_was_saved_and_not_before(folder, tmp_path, capsys):
    file = read_settings(TrainingFile, write_config(tmp_path))
    place = _checkpoints(file, "these windows")
    write_bytes(place / "run.txt", b"a run that was cut short while it was judged")
    assert _checkpoints(file, "these windows") == place
    assert "goes on" not in capsys.readouterr().err
    write_bytes(place / "first.npz", b"")
    assert _checkpoints(file, "these windows") == place
    assert "goes on from" in capsys.readouterr().err


def test_a_folder_of_logs_that_cannot_be_written_is_found_before_anything_is_judged(folder, tmp_path):
    shutil.copy(folder / "hands.npz", tmp_path)
    (tmp_path / "logs").touch()
    config = write_config(tmp_path, data={"held_out": 0.0}, evaluation={"folds": 1})
    result = run("--log", tmp_path / "events", "train", "--config", config, "--epochs", 1, code=4)
    assert str(tmp_path / "logs") in result.stderr
    assert not (tmp_path / "events").exists() or "data set opened" not in (tmp_path / "events").read_text()


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"training": {"epochs": 0}}, "training.epochs"),
        ({"training": {"epoch": 3}}, "this key is not known"),
        ({"data": {"held_out": 0.9}}, "data.held_out"),
        ({"model": {"architecture": "perceptron"}}, "perceptron"),
        ({"data": {"groups": ["person09"]}}, "person09"),
        ({"data": {"path": None, "people": 2, "repetitions": 1, "groups": ["person03"]}}, "person03"),
        ({"tracking": {"wandb": {"enable": True}}}, "this key is not known"),
    ],
)
def test_a_file_that_cannot_be_is_refused_by_name(folder, tmp_path, sections, words):
    shutil.copy(folder / "hands.npz", tmp_path)
    assert words in run("train", "--config", write_config(tmp_path, **sections), "--no-track", code=3).stderr


def test_groups_named_on_the_line_are_judged_alone(trained):
    refused = run("evaluate", "--config", trained[0], "--groups", "nobody", code=3)
    assert "no subject nobody" in refused.stderr
    found = json.loads(run("evaluate", "--config", trained[0], "--groups", "person01", "--json").stdout)
    assert [group["group"] for group in found["per_group"]] == ["person01"]


@pytest.fixture(scope="module")
def with_commas(tmp_path_factory):
    """Hands of three people, two of whose names hold a comma."""
    hands = simulate_hand(3, 1, gestures=GESTURES, random_state=0)
    names = np.array(["ann, left", "ann, right", "bob"])
    path = tmp_path_factory.mktemp("commas") / "hands.npz"
    return save_dataset(replace(hands, groups=names[np.unique(hands.groups, return_inverse=True)[1]]), path)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("ann, left",), ("ann, left",)),
        (["bob", "ann, right"], ("ann, right", "bob")),
        ("ann, left", ("ann, left",)),
        ("bob", ("bob",)),
    ],
)
def test_a_group_is_found_whose_name_holds_a_comma(with_commas, asked, found):
    assert open_dataset(with_commas, asked).group_names == found
    if isinstance(asked, str):
        assert open_data(TrainingFile.model_validate({"data": {"path": with_commas}}), asked).group_names == found
    else:
        named = TrainingFile.model_validate({"data": {"path": with_commas, "groups": asked}})
        assert open_data(named).group_names == found


def test_names_on_the_line_are_divided_at_commas_and_those_of_a_file_are_not(folder, with_commas):
    assert open_dataset(folder / "hands.npz", "person01, person02").group_names == ("person01", "person02")
    with pytest.raises(LabelError, match="no subject ann; there are"):
        open_dataset(with_commas, "bob,ann")
    with pytest.raises(LabelError, match="no subject person01,person02; there are"):
        open_dataset(folder / "hands.npz", ["person01,person02"])


def test_a_run_says_on_which_groups_it_was_to_train_though_judging_them_failed(with_commas, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where the run is kept
    run("train", with_commas, "bundle", "--groups", "ann, left", "--folds", 9, "--track", code=3)
    (kept,), _ = list_runs("logs/runs")
    assert kept.record.config["data"]["groups"] == ["ann, left"]
    assert kept.status == "failed"


def test_nothing_to_train_on_or_judge_is_said():
    assert "give DATASET and OUT" in run("train", code=3).stderr
    assert "give BUNDLE and DATASET" in run("evaluate", code=3).stderr
