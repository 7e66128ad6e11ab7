import contextlib
import json
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from tests.full_disk import room_for
from typer.testing import CliRunner

from motif.cli._app import EXIT_CODES, app
from motif.learning import keras
from motif.recordings import load_dataset, read, save_dataset, write_parquet
from motif.tracking import list_runs

COMMANDS = (
    "demo",
    "simulate",
    "import",
    "info",
    "train",
    "evaluate",
    "predict",
    "pair",
    "record",
    "teach",
    "gestures",
    "runs",
    "logs",
    "serve",
    "personalize",
    "compare",
    "sweep",
    "convert",
    "discover",
    "label",
    "synchrony",
)
QUICK = ("--architecture", "cnn1d", "--epochs", "3", "--folds", "2")


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.stderr
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="module")
def gestures(folder):
    path = folder / "gestures.npz"
    run("simulate", "gestures", path, "--people", 3, "--repetitions", 2)
    return path


@pytest.fixture(scope="module")
def pair(folder):
    run("simulate", "pair", folder / "pair", "--seconds", 60)
    return folder / "pair"


@pytest.fixture(scope="module")
def trained(folder, gestures):
    report = folder / "report.html"
    asked = ("train", gestures, folder / "bundle", *QUICK, "--report", report, "--track", "--json")
    with contextlib.chdir(folder):  # where the run is kept
        result = run("--log", folder / "log.jsonl", *asked)
    return folder / "bundle", json.loads(result.stdout), report


@pytest.mark.parametrize("group", ["gestures", "logs", "pack", "runs"])
def test_the_line_about_a_group_names_each_of_its_commands(group):
    (about,) = (each.typer_instance for each in app.registered_groups if each.name == group)
    said = run(group, "--help").stdout
    for command in about.registered_commands:
        name = command.name or command.callback.__name__.removesuffix("_command")
        assert re.search(rf"[:,]\s+{name}\b", said), name


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    assert f"motif {command}" in run(command, "--help").stdout


@pytest.mark.parametrize("command", ["teach", "live", "record"])
def test_help_on_a_terminal_of_80_columns_cuts_no_source_short(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert "…" not in run(command, "--help").stdout


def test_training_prints_figures_and_leaves_a_bundle_and_a_report(trained):
    bundle, found, report = trained
    assert 0 <= found["accuracy_min"] <= found["accuracy"] <= found["accuracy_max"] <= 1
    assert found["n_folds"] == 2
    assert found["bundle_MB"] < 2
    assert found["largest_difference_from_training"] < 1e-4
    assert (bundle / "manifest.json").exists()
    assert "<html" in report.read_text(encoding="utf-8")


def test_a_tracked_training_keeps_what_its_folds_say(trained, folder, gestures):
    _, found, _ = trained
    (kept,), _ = list_runs(folder / "logs" / "runs")
    for name in ("accuracy", "macro_f1", "ece", "macro_f1_min", "macro_f1_max"):
        assert kept.final[f"folds/{name}"] == pytest.approx(found[name])
    judged = kept.record.evaluation
    assert np.sum(judged.confusion) == load_dataset(gestures).n_windows
    assert judged.macro_f1 == kept.final["evaluation/macro_f1"]
    assert set(judged.f1) == set(load_dataset(gestures).class_names)
    assert 0 <= kept.final["evaluation/ece"] <= 1
    assert {"confusion_matrix.png", "reliability.png"} <= {file.name for file in kept.folder.iterdir()}
    assert kept.record.sessions[0].machine["backend"] == keras().config.backend()


def test_evaluating_says_when_the_figures_flatter(trained, gestures):
    bundle, _, _ = trained
    result = run("evaluate", bundle, gestures, "--json")
    found = json.loads(result.stdout)
    assert found["trained_on"] == ["person01", "person02", "person03"]
    assert "flatter" in result.stderr
    assert found["baseline"]["accuracy"] < 0.2


def test_evaluating_strangers_prints_a_table_and_a_report(trained, folder):
    bundle, _, _ = trained
    strangers, report = folder / "strangers.npz", folder / "strangers.html"
    data = load_dataset(run_simulated(folder, seed=5))
    save_dataset(data.subset(np.flatnonzero(data.groups == "person01")), strangers)
    result = run("evaluate", bundle, strangers, "--report", report, "--groups", "person01")
    assert "never looks" in result.stdout
    assert "<html" in report.read_text(encoding="utf-8")


def run_simulated(folder, *, seed):
    path = folder / f"seed{seed}.npz"
    run("simulate", "gestures", path, "--people", 2, "--repetitions", 1, "--seed", seed)
    return path


def test_predicting_a_recording_gives_a_line_a_window(trained, folder):
    bundle, _, _ = trained
    run("simulate", "gestures", folder / "live", "--people", 1, "--repetitions", 1, "--continuous")
    (recording,) = (folder / "live").iterdir()
    result = run("predict", bundle, recording, "--hop", 0.5, "--json")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    left_out = int((re.findall(r"(\d+) windows are left out", result.stderr) or [0])[0])
    assert len(answers) + left_out == pytest.approx(read(recording).duration_s / 0.5, abs=3)
    assert len(answers) > left_out
    assert answers[1]["start_s"] - answers[0]["start_s"] == pytest.approx(0.5, abs=0.02)
    assert all(0 <= answer["confidence"] <= 1 for answer in answers)
    assert "no unit" not in result.stderr
    plain = replace(read(recording), units=("",) * len(read(recording).units))
    write_parquet(plain, folder / "plain.parquet")
    assert "says no unit of acc_x" in run("predict", bundle, folder / "plain.parquet").stderr


def test_what_the_only_sensor_is_called_does_not_matter(trained, folder, gestures):
    save_dataset(replace(load_dataset(gestures), sensors=("board",)), folder / "board.npz")
    run("predict", trained[0], folder / "board.npz")


def test_windows_of_another_rate_are_refused(trained, folder, gestures):
    save_dataset(replace(load_dataset(gestures), rate_hz=50.0), folder / "slow.npz")
    assert "windows of 1 s at 100 Hz" in run("predict", trained[0], folder / "slow.npz", code=3).stderr


def test_predicting_windows_gives_the_truth_beside(trained, gestures):
    bundle, _, _ = trained
    assert "truth" in run("predict", bundle, gestures).stdout
    first = json.loads(run("predict", bundle, gestures, "--json").stdout.splitlines()[0])
    assert first["truth"] in load_dataset(gestures).class_names


def test_info_knows_bundles_data_sets_and_recordings(trained, gestures, pair):
    bundle, _, _ = trained
    kinds = [
        json.loads(run("info", path, "--json").stdout)["kind"] for path in (bundle, gestures, pair / "first.parquet")
    ]
    assert kinds == ["bundle", "data set", "recording"]
    assert "swipe_left" in run("info", gestures).stdout


def test_info_shows_a_dash_for_a_channel_without_a_unit(folder, pair):
    told = read(pair / "first.parquet")
    write_parquet(replace(told, units=("",) * len(told.units)), folder / "unitless.parquet")
    assert "–, –, –" in run("info", folder / "unitless.parquet").stdout


@pytest.mark.parametrize("suffix", [".parquet", ".npz", ".nc"])
def test_importing_keeps_every_sample(folder, pair, suffix):
    source, out = pair / "first.parquet", folder / f"imported{suffix}"
    found = json.loads(run("import", source, out, "--json").stdout)
    assert found["samples"] == read(source).n_samples
    np.testing.assert_array_equal(read(out).time_ns, read(source).time_ns)


def test_importing_says_what_was_left_out_and_assumed(folder, pair):
    told = {
        "left out": "NewWristMotion",
        "stale readings left out": "0",
        "rate": "30 Hz: assumed, the file does not say",
        "device": "watch",
    }
    told |= {"platform": "android", "platform known from": "nothing: assumed"}
    write_parquet(replace(read(pair / "first.parquet"), metadata=told), folder / "watch.parquet")
    said = run("import", folder / "watch.parquet", folder / "watch.npz").stderr
    assert [line.split("  ")[0].strip() for line in said.splitlines() if "note" in line] == [
        "note left out: NewWristMotion",
        "note rate 30 Hz: assumed, the file does not say",
        "note nothing says whose signs it has, android's are assumed: see docs/data.md",
    ]


def test_importing_says_where_a_clock_was_set_back(folder):
    hour = [f"2026-10-25 02:{minute:02d}:00" for minute in range(60)]
    (folder / "autumn.csv").write_text("\n".join(["date,acc_x", *(f"{at},1" for at in hour * 2)]) + "\n")
    said = " ".join(run("import", folder / "autumn.csv", folder / "autumn.parquet").stderr.split())
    assert "note time zone UTC: assumed" in said
    assert "note time runs back by 3540.0 s at sample 60" in said


def test_what_was_coded_labels_a_recording_that_becomes_a_data_set(folder, pair):
    coded, walk = folder / "coded.csv", folder / "walk.parquet"
    coded.write_text(
        "Observation id,Subject,Behavior,Behavior type,Start (s),Stop (s)\n"
        "day,rex,walk,STATE,2,22\nday,rex,rest,STATE,22,42\nday,rex,look,STATE,40,43\nday,tom,walk,STATE,0,9\n"
    )
    asked = ("import", pair / "first.parquet", walk, "--labels", coded)
    assert "several subjects: there are 'rex', 'tom'" in " ".join(run(*asked, code=3).stderr.split())
    said = run(*asked, "--subject", "rex", "--offset", -2).stderr
    assert "1 of 3 codings begin during another" in " ".join(said.split())
    first = read(walk).time_ns[0]
    spans = [(mark.label, round((mark.start_ns - first) / 1e9, 6)) for mark in read(walk).annotations]
    assert spans == [("walk", 0.0), ("rest", 20.0), ("look", 38.0)]
    run("import", walk, folder / "walk.npz", "--as", "dataset", "--window", 1)
    data = load_dataset(folder / "walk.npz")
    assert data.class_names == ("look", "rest", "walk")
    assert np.bincount(data.y)[2] > 30
    for wrong in (("--as", "dataset"), ("--window", 1)):
        said = " ".join(run(*asked[:2], folder / "no.npz", *asked[3:], *wrong, code=3).stderr.split())
        assert "--labels is for a recording" in said
    assert "give a file of them" in " ".join(run(*asked[:3], "--offset", 3, code=3).stderr.split())


def test_training_names_a_class_of_which_there_are_no_windows(folder, gestures, tmp_path):
    data = load_dataset(gestures)
    save_dataset(replace(data, class_names=(*data.class_names, "tickle")), tmp_path / "tickle.npz")
    asked = ("train", tmp_path / "tickle.npz", tmp_path / "out", "--folds", 0, "--epochs", 1)
    assert "no windows of tickle" in run(*asked, "--architecture", "cnn1d").stderr


def test_importing_a_data_set_writes_our_own(folder, gestures):
    run("import", gestures, folder / "again.npz", "--as", "dataset")
    np.testing.assert_array_equal(load_dataset(folder / "again.npz").X, load_dataset(gestures).X)


def test_a_column_map_serves_data_sets_too(folder):
    rows = [f"{10 * i};1,0;{'shake' if i < 200 else 'still'}" for i in range(400)]
    (folder / "long.csv").write_text("\n".join(["stamp;accX [g];gesture", *rows]))
    (folder / "long.yaml").write_text("{time: stamp, time_unit: ms, label: gesture}")
    run("import", folder / "long.csv", folder / "long.npz", "--as", "dataset", "--columns", folder / "long.yaml")
    assert load_dataset(folder / "long.npz").class_names == ("shake", "still")


@pytest.mark.parametrize("mover", ["quadruped", "hand"])
def test_simulating_is_repeatable(folder, mover):
    files = [folder / f"{mover}{i}.npz" for i in range(2)]
    for file in files:
        run("simulate", mover, file, "--people", 2, "--repetitions", 1, "--seed", 4)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_log_gets_one_json_object_a_line(trained):
    events = [json.loads(line) for line in trained[0].with_name("log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [event["event"] for event in events] == ["data set opened", "fold judged", "fold judged", "bundle written"]
    assert len({event["run_id"] for event in events}) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("info", "nowhere.npz"), 4, "nowhere.npz"),
        (("train", "nowhere.npz", "out"), 4, "nowhere.npz"),
        (("evaluate", "nowhere", "nowhere.npz"), 4, "nowhere"),
        (("train", "{gestures}", "{folder}/b", "--architecture", "perceptron"), 3, "perceptron"),
        (("train", "{gestures}", "{folder}/b", "--folds", 0, "--report", "r.html"), 3, "--folds 0"),
        (("train", "{gestures}", "{folder}/b", "--config", "nowhere.yaml"), 4, "nowhere.yaml"),
        (("evaluate", "{bundle}", "{gestures}", "--groups", "nobody"), 3, "nobody"),
        (("import", "{pair}/first.parquet", "{folder}/x.wav"), 3, ".wav"),
        (("predict", "{bundle}", "{pair}/first.parquet", "--hop", "-1"), 3, "hop_s"),
        (("simulate", "hand", "{folder}/h", "--continuous"), 3, "--continuous"),
        (("simulate", "cat", "{folder}/h"), 2, ""),
    ],
)
def test_a_wrong_wish_is_one_line_and_an_exit_code(trained, gestures, pair, folder, arguments, code, words):
    places = {"gestures": gestures, "pair": pair, "folder": folder, "bundle": trained[0]}
    before = sorted(folder.iterdir())
    result = run(*(str(argument).format(**places) for argument in arguments), code=code)
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(folder.iterdir()) == before


def test_the_kind_of_error_decides_the_exit_code():
    assert sorted(EXIT_CODES.values()) == [3, 4, 5, 6]


def test_debug_shows_the_traceback():
    done = subprocess.run([sys.executable, "-m", "motif", "--debug", "info", "nowhere"], capture_output=True, text=True)
    assert "Traceback" in done.stderr


def test_a_full_disk_is_said_and_leaves_nothing(gestures, tmp_path):
    with room_for(1000):
        result = run("import", gestures, tmp_path / "copy.npz", "--as", "dataset", code=4)
    assert "was not written" in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_truncated_bundle_is_refused(trained, gestures, tmp_path):
    import shutil

    copy = shutil.copytree(trained[0], tmp_path / "copy")
    (copy / "model.onnx").write_bytes((copy / "model.onnx").read_bytes()[:-1])
    assert "copy the bundle again" in run("evaluate", copy, gestures, code=5).stderr


@pytest.mark.slow
def test_the_demo_goes_the_whole_way(tmp_path):
    found = json.loads(run("demo", "--out", tmp_path, "--json").stdout)
    assert found["accuracy"] > 0.7
    assert found["replay"]["found"] > 0.5 * found["replay"]["annotated"]


@pytest.mark.no_cover  # it passes through what others look at
def test_a_small_demo_leaves_data_a_bundle_and_a_report(tmp_path):
    small = ("--people", 4, "--repetitions", 2, "--epochs", 2)
    said = run("demo", "--out", tmp_path, *small)
    assert "replay a stranger" in said.stdout
    assert said.stderr.splitlines()[-1].startswith("next ")
    assert {file.name for file in tmp_path.iterdir()} == {"gestures.npz", "bundle", "report.html"}
