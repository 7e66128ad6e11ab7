import json
import signal
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from motif.cli._app import app
from motif.recordings import by_device, read, simulate_gesture_recordings, write_parquet


def run(*arguments, code=0, stdin=None):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.stderr
    return result


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    recording = simulate_gesture_recordings(1, 1, movements=["push", "twist"])[0]
    return recording, write_parquet(recording, tmp_path_factory.mktemp("record") / "walk.parquet")


def test_a_replay_is_recorded_on_one_grid_with_its_marks(walk, tmp_path):
    recording, path = walk
    found = json.loads(run("record", tmp_path / "out.parquet", "-s", f"replay-fast:{path}", "--json").stdout)
    again = read(tmp_path / "out.parquet")
    assert again.channels == recording.channels
    assert found["samples"] == again.n_samples == pytest.approx(recording.n_samples, abs=3)
    assert set(np.diff(again.time_ns)) == {10_000_000}
    assert again.annotations == recording.annotations
    assert again.units == recording.units
    at, first = np.unique(recording.time_ns, return_index=True)  # the simulated phone repeats times, as phones do
    times = (again.time_ns - at[0], at - at[0])  # as floats, times of today would round to 256 ns
    expected = [np.interp(*times, each) for each in recording.values[first].T]
    whole = ~np.isnan(again.values).any(axis=1)
    np.testing.assert_allclose(again.values[whole], np.transpose(expected)[whole], atol=1e-9)
    assert whole.mean() > 0.9


def test_a_folder_gets_every_device_each_sensor_as_it_came(tmp_path):
    lines = [
        json.dumps({"device": f"phone {i % 2}", "channels": [f"{stem}_x"], "time_ns": [i + 1], "values": [[i]]})
        for i, stem in enumerate(["gyr", "gyr", "acc", "acc", "gyr"])
    ]
    said = json.loads(run("record", tmp_path / "all", "-s", "stdin", "--json", stdin="\n".join(lines)).stdout)
    assert said == {"paths": [str(tmp_path / "all" / f"{stem}.parquet") for stem in ("gyr", "acc")], "samples": 5}
    apart = by_device(read(tmp_path / "all" / "gyr.parquet"))
    assert {name: found.values.ravel().tolist() for name, found in apart.items()} == {"phone 0": [0, 4], "phone 1": [1]}
    assert "nothing came" in run("record", tmp_path / "none", "-s", "stdin", code=4, stdin="").stderr


def test_recording_stops_after_its_time(walk, tmp_path):
    run("record", tmp_path / "out.parquet", "-s", "simulator", "--seconds", 0.5, "--channels", "gyr_x,gyr_y,gyr_z")
    assert read(tmp_path / "out.parquet").duration_s < 2


def test_a_source_that_says_nothing_is_an_error_and_writes_nothing(tmp_path):
    result = run("record", tmp_path / "out.parquet", "-s", "stdin", "--json", code=4, stdin="")
    assert json.loads(result.stdout) == {"path": None, "samples": 0}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["out.parquet", "all/"])
def test_when_nothing_came_the_cause_is_said(tmp_path, out):
    said = run("record", f"{tmp_path}/{out}", "-s", "phyphox:127.0.0.1:1", "--seconds", 0.5, code=4).stderr
    assert "nothing came, nothing was written: " in said
    assert "trying again in" in said.splitlines()[-1]


def test_landmarks_are_recorded_as_they_come(tmp_path):
    hand = [f"hand_{i}_{axis}" for i in range(21) for axis in ("x", "y", "z", "fourth")]
    lines = [
        json.dumps({"device": "camera", "channels": hand, "time_ns": [i * 33_000_000], "values": [[i / 100] * 84]})
        for i in range(20)
    ]
    run("record", tmp_path / "out.parquet", "-s", "stdin", stdin="\n".join(lines))
    found = read(tmp_path / "out.parquet")
    assert found.channels == tuple(hand)
    np.testing.assert_array_equal(found.values[:, 5], np.arange(20) / 100)


def test_a_recording_is_not_written_over(walk, tmp_path):
    _, path = walk
    before = path.read_bytes()
    assert "is there already" in run("record", path, "-s", "simulator-fast", code=3).stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["class.2026/", "there.2026"])
def test_a_folder_may_have_a_dot_in_its_name(tmp_path, name):
    (tmp_path / "there.2026").mkdir()
    line = json.dumps({"device": "phone", "channels": ["gyr_x"], "time_ns": [1], "values": [[1]]})
    run("record", f"{tmp_path}/{name}", "-s", "stdin", stdin=line)
    assert read(tmp_path / name / "gyr.parquet").n_samples == 1


def test_a_name_that_is_neither_a_recording_nor_a_folder_is_refused(tmp_path):
    line = json.dumps({"device": "phone", "channels": ["gyr_x"], "time_ns": [1], "values": [[1]]})
    assert "parquet" in run("record", tmp_path / "class.2026", "-s", "stdin", stdin=line, code=3).stderr


@pytest.mark.parametrize(("number", "out"), [("INT", "out.parquet"), ("TERM", "out.parquet"), ("TERM", "all.2026/")])
def test_a_signal_ends_a_recording_in_the_background_of_a_shell_and_keeps_it(tmp_path, number, out):
    """A shell lets what it starts with `&` ignore SIGINT."""
    command = f"trap '' INT; exec '{sys.executable}' -m motif record '{tmp_path}/{out}' -s simulator --json"
    with subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while "Hz" not in (line := process.stderr.readline()):
            assert line, "it ended by itself"
        process.send_signal(signal.Signals[f"SIG{number}"])
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    stored = [read(path) for path in tmp_path.rglob("*.parquet") if path.name != "annotation.parquet"]
    assert json.loads(stdout)["samples"] == sum(each.n_samples for each in stored) > 50
    assert not list(tmp_path.rglob("*.arrows"))
