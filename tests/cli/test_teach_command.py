import json
import re
import signal
import subprocess
import sys

import httpx
import pytest
from tests.cli.test_pair_command import MESSAGE
from tests.live.action_samples import free_port
from typer.testing import CliRunner

from motif.cli._app import app
from motif.recordings import simulate_gesture_recordings, write_parquet
from motif.templates import GestureDatabase


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.stderr
    return result


@pytest.fixture(scope="module")
def performance(tmp_path_factory):
    recording = simulate_gesture_recordings(1, 5, movements=["push", "twist"])[0]
    return write_parquet(recording, tmp_path_factory.mktemp("teach") / "performance.parquet")


def test_marked_movements_of_a_replay_teach_a_gesture(performance, tmp_path):
    for name, n in (("push", 4), ("twist", 3)):
        result = run(
            "teach", name, "--samples", n, "--marks", name, "-s", f"replay-fast:{performance}",
            "-d", tmp_path / "db", "--json",
        )  # fmt: skip
        found = json.loads(result.stdout)
        assert (found["kept"], found["samples"], found["version"]) == (n, n, 1)
        assert 0 < found["consistency"] <= 1
    with GestureDatabase(tmp_path / "db") as database:
        assert database.list_templates() == ["push", "twist"]


def test_a_countdown_goes_before_each_take(performance, tmp_path):
    result = run(
        "teach", "push", "--samples", 1, "--seconds", 1.5, "--countdown", 0.1, "-s", f"replay:{performance}",
        "-d", tmp_path / "db",
    )  # fmt: skip
    assert "push, 1 of 1" in result.stderr
    assert "kept" in result.stderr


def test_fewer_samples_than_asked_for_is_said(performance, tmp_path):
    result = run(
        "teach", "push", "--samples", 9, "--marks", "push", "-s", f"replay-fast:{performance}", "-d", tmp_path / "db",
        code=4,
    )  # fmt: skip
    assert "5 kept" in result.stderr
    assert "fewer than asked for" in result.stderr


def test_marks_that_never_come_are_not_waited_for(tmp_path):
    said = run("teach", "push", "-s", "simulator-fast", "--marks", "no such move", "-d", tmp_path / "db", code=4).stderr
    assert "no more marks of 'no such move' came; there were circle_ccw" in said


def test_one_sample_is_kept_and_said(performance, tmp_path):
    taught = ["teach", "push", "--samples", 1, "--marks", "push", "-s", f"replay-fast:{performance}"]
    said = run(*taught, "-d", tmp_path / "db").stderr
    assert f"push: 1 so far; how well it is taught shows from {GestureDatabase.MIN_TRAINING_SAMPLES} on" in said


def test_what_was_kept_is_counted_also_before_it_can_be_judged(performance, tmp_path):
    taught = ["teach", "push", "--samples", 2, "--marks", "push", "-s", f"replay-fast:{performance}"]
    found = json.loads(run(*taught, "-d", tmp_path / "db", "--json").stdout)
    assert (found["kept"], found["samples"], found["version"]) == (2, 2, 0)
    assert (found["consistency"], found["accuracy"]) == (None, None)


def test_where_nothing_was_kept_no_figures_of_earlier_takes_are_shown(performance, tmp_path):
    taught = ["teach", "push", "-s", f"replay-fast:{performance}", "-d", tmp_path / "db"]
    run(*taught, "--samples", 2, "--marks", "push")
    said = run(*taught, "--samples", 1, "--countdown", 0.2, "--seconds", 0.3, code=4).stderr
    assert "0 kept" not in said
    assert "understood" not in said


def test_a_backup_of_all_that_was_taught_stands_when_teaching_ends(performance, tmp_path):
    run("teach", "push", "--samples", 2, "--marks", "push", "-s", f"replay-fast:{performance}", "-d", tmp_path / "db")
    with GestureDatabase(tmp_path / "db") as database:
        assert database.list_backups()[-1].revision == database.revision


def test_of_the_first_gesture_it_is_said_that_live_wants_another(performance, tmp_path):
    said = {
        name: run(
            "teach", name, "--samples", 1, "--marks", name, "-s", f"replay-fast:{performance}", "-d", tmp_path / "db"
        ).stderr
        for name in ("push", "twist")
    }
    assert "teach one more before motif live" in said["push"]
    assert "before motif live" not in said["twist"]


def phone_teaching(folder):
    """`motif teach` with a source that listens on this machine."""
    source = f"sensor-logger:127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "motif", "teach", "wave", "--samples", "2", "-s", source, "-d", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def said_until(process, text):
    said = ""
    while text not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    return said


def test_nothing_is_counted_down_before_the_phone_sends(tmp_path):
    with phone_teaching(tmp_path / "db") as process:
        said = said_until(process, "no message yet: does the phone reach")
        assert "1 of 2" not in said
        assert httpx.post(re.search(r"http://\S+/ingest/\S+", said)[0], json=MESSAGE).status_code == 200
        said_until(process, "wave, 1 of 2")
        process.send_signal(signal.SIGINT)
        assert "interrupted" in process.stderr.read()
    assert process.returncode == 4


def test_ctrl_c_before_anything_came_is_told_with_the_cause(tmp_path):
    with phone_teaching(tmp_path / "db") as process:
        said_until(process, "no message yet")
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 4
    assert "fewer than asked for: sensors: no message yet: does the phone reach" in said


def test_a_source_that_cannot_be_leaves_no_database(tmp_path):
    run("teach", "push", "-s", "nonsense:1", "-d", tmp_path / "db", code=3)
    assert not (tmp_path / "db").exists()


def test_a_source_that_ends_ends_the_teaching(performance, tmp_path):
    result = run(
        "teach", "wave", "--countdown", 0.2, "--seconds", 0.3, "-s", f"replay-fast:{performance}",
        "-d", tmp_path / "db", "--json", code=4,
    )  # fmt: skip
    assert json.loads(result.stdout)["kept"] == 0


def test_without_a_name_the_menu_opens_and_its_session_lies_beside_the_gestures(performance, tmp_path):
    arguments = ["teach", "-s", f"replay-fast:{performance}", "-d", str(tmp_path / "db")]
    result = CliRunner().invoke(app, arguments, input="3\n\n5\n0\n")
    assert result.exit_code == 0
    assert "Just live with it for a minute" in result.stdout
    assert "total recognitions" in result.stdout
    assert (tmp_path / "db/training_session.json").exists()


def test_ordinary_movement_is_recorded_for_so_long_by_the_devices_clock(performance, tmp_path):
    found = run("teach", "--background", 5, "-s", f"replay-fast:{performance}", "-d", tmp_path / "db", "--json")
    with GestureDatabase(tmp_path / "db") as database:
        (sample,) = database.background()
        assert database.list_templates() == []
    assert json.loads(found.stdout)["background_s"] == sample.n_samples / sample.rate_hz == pytest.approx(5, abs=0.3)


def test_without_any_movement_there_is_no_background(tmp_path):
    result = CliRunner().invoke(
        app, ["teach", "--background", "5", "-s", "stdin", "-d", str(tmp_path / "db")], input=""
    )
    assert result.exit_code == 4
    assert "nothing kept" in result.stderr


def test_a_gesture_of_one_sample_is_listed_with_what_is_worth_recording(performance, tmp_path):
    folder = tmp_path / "db"
    run("teach", "push", "--samples", 1, "--marks", "push", "-s", f"replay-fast:{performance}", "-d", folder)
    (row,) = json.loads(run("gestures", "list", "-d", folder, "--json").stdout)["gestures"]
    assert (row["num_samples"], row["more_samples"]) == (1, 2)
    assert "–" in run("gestures", "list", "-d", folder).stdout
