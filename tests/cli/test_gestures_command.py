import json
import os
import pty
import subprocess
import sys

import pytest
from tests.templates.gesture_samples import taught
from typer.testing import CliRunner

from motif.cli._app import app
from motif.templates import GestureDatabase, GestureRecorder


def run(*arguments, code=0):
    result = CliRunner().invoke(app, ["gestures", *(str(argument) for argument in arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.stderr
    return result


def rows_of(table):
    """What stands in the second column, by the first."""
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines()]
    return {row[0]: row[1] for row in cells if len(row) > 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("gestures")
    with GestureDatabase(home / "db") as database:
        taught(database, "push", "twist", repetitions=3, recorder=GestureRecorder(database=database, session_dir=home))
        database.train_template("push")
    return home / "db"


def test_info_of_a_database_says_how_to_look_at_it(folder):
    said = CliRunner().invoke(app, ["info", str(folder)])
    assert said.exit_code == 4
    assert f"it is a gesture database; look at it with motif gestures list -d {folder}" in said.stderr.replace("\n", "")


def test_the_list_shows_every_gesture(folder):
    found = json.loads(run("list", "-d", folder, "--json").stdout)
    assert found["state"] == "healthy"
    assert [(each["name"], each["num_samples"], each["version"]) for each in found["gestures"]] == [
        ("push", 3, 1),
        ("twist", 3, 0),
    ]
    assert "twist" in run("list", "-d", folder).stdout


def test_a_gesture_is_shown_with_its_samples(folder):
    found = json.loads(run("show", "push", "-d", folder, "--json").stdout)
    assert len(found["samples"]) == 3
    assert found["samples"][0]["seconds"] > 0.5
    assert found["up_to_date"] is True
    shown = run("show", "push", "-d", folder).stdout
    assert rows_of(shown)["consistency"] == f"{found['consistency_score']:.0%}"
    assert rows_of(shown)["understood"] == f"{found['accuracy']:.0%}"
    assert rows_of(shown)["up to date"] == "yes"
    assert rows_of(run("show", "twist", "-d", folder).stdout)["understood"] == "–"
    assert f"{found['samples'][0]['seconds']:.2f} s" in shown
    assert found["samples"][0]["hash"] in shown
    assert not {"True", "False", *found} & set(shown.split()) - {"version", "samples"}
    assert "there are 'push', 'twist'" in run("show", "shove", "-d", folder, code=3).stderr


@pytest.mark.parametrize("suffix", ["json", "zip"])
def test_what_is_exported_can_be_imported_elsewhere(folder, tmp_path, suffix):
    file, other = tmp_path / f"all.{suffix}", tmp_path / "other"
    assert json.loads(run("export", file, "-d", folder, "--json").stdout)["bytes"] > 1000
    found = json.loads(run("import", file, "-d", other, "--json").stdout)
    assert sorted(each["name"] for each in found["gestures"]) == ["push", "twist"]
    hashes = [each["hash"] for each in json.loads(run("show", "push", "-d", folder, "--json").stdout)["samples"]]
    assert [e["hash"] for e in json.loads(run("show", "push", "-d", other, "--json").stdout)["samples"]] == hashes
    one = tmp_path / f"one.{suffix}"
    run("export", one, "--gesture", "twist", "-d", folder)
    assert "twist: 3 samples" in run("import", one, "-d", tmp_path / "third").stderr


def test_a_prototypes_file_can_be_imported(tmp_path):
    file = tmp_path / "templates.json"
    file.write_text(json.dumps({"wave": {"samples": [{"duration_s": 0.5}], "metadata": {}}}))
    run("import", file, "-d", tmp_path / "db")
    assert "wave" in run("list", "-d", tmp_path / "db").stdout


def test_verifying_says_healthy_or_what_was_lost(folder, tmp_path):
    assert "2 gestures, 6 samples" in run("verify", "-d", folder).stderr
    with GestureDatabase(tmp_path / "db") as database:
        database.add_sample("wave", {"duration_s": 0.5})
    for path in (tmp_path / "db").rglob("*.db"):
        path.write_bytes(b"\0" * path.stat().st_size)  # the backups too: nothing can be recovered
    result = run("verify", "-d", tmp_path / "db", "--json", code=4)
    found = json.loads(result.stdout)
    assert found["state"] != "healthy"
    assert found["problems"]
    assert found["set_aside"]
    assert "recovered earlier from nothing" in run("verify", "-d", tmp_path / "db").stderr


def test_a_backup_brings_back_what_was_deleted(tmp_path):
    with GestureDatabase(tmp_path / "db") as database:
        database.add_sample("wave", {"duration_s": 0.5})
        backup = database.backup()
        database.delete_template("wave")
    listed = json.loads(run("restore", "--list", "-d", tmp_path / "db", "--json").stdout)["backups"]
    assert backup.name in [each["name"] for each in listed]
    assert backup.name in run("restore", "--list", "-d", tmp_path / "db").stdout
    found = json.loads(run("restore", backup, "-d", tmp_path / "db", "--json").stdout)
    assert found["gestures"] == ["wave"]
    assert "is there" in run("restore", tmp_path / "nothing.db", "-d", tmp_path / "db", code=4).stderr.replace(
        "not ", ""
    )


def waving(folder, *, n_samples=3):
    with GestureDatabase(folder) as database:
        database.add_samples("wave", [{"duration_s": 0.5 + 0.1 * i} for i in range(n_samples)])
    return folder


def test_a_gesture_gets_another_name_and_undo_takes_it_back(tmp_path):
    folder = waving(tmp_path / "db")
    found = json.loads(run("rename", "wave", "greet", "-d", folder, "--json").stdout)
    assert found == {"renamed": "wave", "name": "greet", "gestures": ["greet"]}
    assert "'greet' is 'hi' now" in run("rename", "greet", "hi", "-d", folder).stderr
    assert "no gesture 'wave'; there are 'hi'" in run("rename", "wave", "bye", "-d", folder, code=3).stderr
    assert "undone rename 'greet' to 'hi'; gestures now: greet" in run("undo", "-d", folder).stderr
    found = json.loads(run("undo", "-d", folder, "--json").stdout)
    assert found == {"undone": "rename 'wave' to 'greet'", "gestures": ["wave"]}


def test_a_gesture_is_deleted_and_brought_back(tmp_path):
    folder = waving(tmp_path / "db")
    said = run("delete", "wave", "-d", folder, "--yes").stderr
    assert f"deleted 'wave' and its 3 samples; motif gestures undo -d {folder} brings them back" in said
    assert "no gesture 'wave'; there are none" in run("delete", "wave", "-d", folder, "--yes", code=3).stderr
    assert "undone delete 'wave'; gestures now: wave" in run("undo", "-d", folder).stderr
    found = json.loads(run("delete", "wave", "-d", folder, "--yes", "--json").stdout)
    assert found == {"deleted": "wave", "samples": 3, "gestures": []}


def test_samples_that_are_not_learnt_from_go_too_and_are_counted(tmp_path):
    folder = waving(tmp_path / "db", n_samples=5)
    with GestureDatabase(folder) as database:
        database.add_sample("wave", {"duration_s": 90.0})
        assert database.train_template("wave").num_outlying == 1
    assert "its 6 samples" in run("delete", "wave", "-d", folder, "--yes").stderr


def test_where_nothing_was_changed_nothing_is_undone(tmp_path):
    GestureDatabase(tmp_path / "db").close()
    assert "nothing to undo" in run("undo", "-d", tmp_path / "db").stderr
    assert json.loads(run("undo", "-d", tmp_path / "db", "--json").stdout) == {"undone": None, "gestures": []}


def test_nothing_is_deleted_where_nobody_can_be_asked(tmp_path):
    folder = waving(tmp_path / "db", n_samples=1)
    assert "'wave' and its 1 sample would be deleted" in run("delete", "wave", "-d", folder, code=3).stderr
    assert "wave" in run("list", "-d", folder).stdout


@pytest.mark.parametrize(("answer", "code", "left"), [("n", 1, ["wave"]), ("y", 0, [])])
def test_on_a_terminal_one_is_asked_before_a_gesture_is_deleted(tmp_path, answer, code, left):
    folder = waving(tmp_path / "db")
    screen, terminal = pty.openpty()
    os.write(screen, f"{answer}\n".encode())
    command = [sys.executable, "-m", "motif", "gestures", "delete", "wave", "-d", folder]
    done = subprocess.run(command, stdin=terminal, capture_output=True, text=True)
    os.close(terminal)
    os.close(screen)
    assert "delete 'wave' and its 3 samples? [y/N]" in done.stderr
    assert done.returncode == code
    with GestureDatabase(folder) as database:
        assert database.list_templates() == left


@pytest.mark.parametrize("command", ["list", "verify", "restore", "undo"])
def test_a_folder_that_is_not_there_is_not_made(tmp_path, command):
    assert "teach a gesture first" in run(command, "-d", tmp_path / "none", code=4).stderr
    assert not (tmp_path / "none").exists()
    assert "teach a gesture first" in run(command, "-d", tmp_path, code=4).stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "command", ["list", "show", "rename", "delete", "undo", "export", "import", "verify", "restore"]
)
def test_every_command_has_help_with_an_example(command):
    assert f"motif gestures {command}" in run(command, "--help").stdout
