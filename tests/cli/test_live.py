"""`motif live` from end to end: pipes, signals, notes, and what it refuses."""

import asyncio
import json
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest
from tests.live import action_samples as samples
from tests.live.teaching import GESTURES, SEED, rounds, teach
from typer.testing import CliRunner

from motif.cli._app import app
from motif.cli._lines import line_of_readings, lines_of_recording, readings_of_line
from motif.recordings import Readings, read
from motif.templates import GestureDatabase, TemplateClassifier

MOTIF = (sys.executable, "-m", "motif")


def run(*arguments, code=0, stdin=""):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.stderr
    return result


@pytest.fixture(scope="module")
def gestures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("live") / "gestures"
    teach(folder).close()
    return folder


@pytest.fixture(scope="module")
def lines():
    return "\n".join(lines_of_recording(rounds(0, 1)[0])) + "\n"


def action_map(folder, actions, **more):
    rules = {name: {"action": "out", "send": {"address": f"/{name}"}} for name in GESTURES}
    path = folder / "map.yaml"
    path.write_text(json.dumps({"actions": {"out": actions}, "gestures": rules} | more), encoding="utf-8")
    return path


def test_simulate_piped_into_live_ends_in_messages_to_a_real_osc_server(gestures, tmp_path):
    async def played():
        async with samples.osc_world() as (where, heard):
            actions = action_map(tmp_path, {"type": "osc", **where})
            arguments = (
                "-s",
                "stdin",
                "-g",
                str(gestures),
                "-a",
                str(actions),
                "--json",
                "--record",
                str(tmp_path / "raw"),
            )
            simulate = (*MOTIF, "simulate", "gestures", "-", "--seed", str(SEED), "--seconds", "50", "--speed", "0")
            reading, writing = os.pipe()
            first = await asyncio.create_subprocess_exec(*simulate, stdout=writing)
            os.close(writing)
            pipe = asyncio.subprocess.PIPE
            second = await asyncio.create_subprocess_exec(
                *MOTIF, "live", *map(str, arguments), stdin=reading, stdout=pipe, stderr=pipe
            )
            os.close(reading)
            out, err = await second.communicate()
            assert (await first.wait(), second.returncode) == (0, 0), err.decode()
            told = [json.loads(line) for line in out.splitlines()]
            events = [line["event"] for line in told if "event" in line]
            done = [line["action"] for line in told if "action" in line]
            return events, done, await heard.until(len(done)), err.decode()

    events, done, got, err = asyncio.run(played())
    assert len(events) >= 3
    assert [address for (address,) in got] == [f"/{event['gesture']}" for event in events]
    assert {each["status"] for each in done} == {"done"}
    assert "sample to action" in err
    assert read(tmp_path / "raw/simulated.parquet").duration_s == pytest.approx(50, abs=0.1)


def test_the_command_has_help_with_an_example():
    assert "motif live --gestures" in run("live", "--help").stdout


def test_a_dry_run_says_in_words_what_would_be_done(gestures, lines, tmp_path):
    actions = action_map(tmp_path, {"type": "osc", "port": 9}, panic={"gesture": "salto"})
    result = run("live", "-s", "stdin", "-g", gestures, "-a", actions, "--dry-run", stdin=lines)
    (first, *_) = result.stdout.splitlines()
    assert first.split("\t")[0] in GESTURES
    assert "planned out: OSC to 127.0.0.1:9" in result.stderr
    assert "'salto', which was not taught; there are push, shake, swipe_up, twist" in result.stderr
    assert "gestures, " in result.stderr.splitlines()[-1]


def test_too_little_confidence_is_no_gesture(gestures, lines):
    result = run("live", "-s", "stdin", "-g", gestures, "--min-confidence", 1, "--json", stdin=lines)
    assert result.stdout == ""
    assert ", 0 gestures" in result.stderr


def test_a_bundle_tells_what_windows_agree_on(tmp_path):
    rng = np.random.default_rng(0)
    turning = np.zeros((12, 6, 40)) + rng.normal(0, 0.2, (12, 6, 40))
    turning[:4, 3] += 5
    turning[4:8, 3] -= 5
    names = np.repeat(["left", "right", "rest"], 4)
    window = {"rate_hz": 50.0, "channels": ["acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z"]}
    bundle = TemplateClassifier(random_state=0).fit(turning, names).save(tmp_path / "bundle", window=window)
    motion = rng.normal(0, 0.2, (400, 6))
    motion[100:200, 3] += 5
    times = 10**18 + 20_000_000 * np.arange(400)
    stdin = line_of_readings(Readings(device="p", channels=tuple(window["channels"]), time_ns=times, values=motion))
    result = run("live", "-s", "stdin", "-b", bundle, "--json", stdin=stdin)
    events = [json.loads(line)["event"] for line in result.stdout.splitlines()]
    assert [event["gesture"] for event in events] == ["left"]
    assert events[0]["start_ns"] >= times[90]


def test_a_show_hears_what_is_taught_meanwhile_can_be_muted_and_ends_by_ctrl_c(tmp_path):
    folder = tmp_path / "gestures"
    teach(folder, n_samples=1).close()
    command = [*MOTIF, "live", "-s", f"simulator:{SEED}", "-g", str(folder)]
    show = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert show.stderr is not None
    next(line for line in show.stderr if line.startswith("live"))
    for expected in ("panic", "actions on"):
        show.send_signal(signal.SIGQUIT)
        next(line for line in show.stderr if line.startswith(expected))
    with GestureDatabase(folder) as database:
        database.rename_template("push", "shove")
    listening = next(line for line in show.stderr if line.startswith("listening"))
    assert "shove" in listening
    assert "push" not in listening
    show.send_signal(signal.SIGINT)
    rest = show.stderr.read()
    show.stderr.close()
    assert show.wait() == 0
    assert rest.splitlines()[-1].startswith("ended")
    assert "Traceback" not in rest


def scrollback(written):
    """Return the lines that a terminal shows in the end: carriage return, up, and erase are obeyed."""
    lines, row = [""], 0
    for text, up, erase in re.findall(r"([^\x1b\r\n]+|[\r\n])|\x1b\[(\d*)A|\x1b\[2(K)", written):
        if up:
            row -= int(up)
        elif erase:
            lines[row] = ""
        elif text == "\n":
            row += 1
            lines += [""] * (row == len(lines))
        elif text != "\r":
            lines[row] += text
    return lines


def test_on_a_terminal_every_line_of_a_show_stands_by_itself_and_stays(gestures, tmp_path):
    rules = action_map(tmp_path, {"type": "osc", "port": 9})
    screen, terminal = pty.openpty()
    command = [*MOTIF, "live", "-s", f"simulator:{SEED}", "-g", str(gestures), "-a", str(rules), "--dry-run"]
    narrow = {**os.environ, "COLUMNS": "20"}  # the health line takes several
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, env=narrow) as show:
        os.close(terminal)
        written = ""
        while not re.search("planned.*Hz.*Hz", written, re.DOTALL):
            written += os.read(screen, 65536).decode(errors="replace")
        show.send_signal(signal.SIGINT)
        with suppress(OSError):  # on Linux the end of a terminal is an error
            while more := os.read(screen, 65536):
                written += more.decode(errors="replace")
    os.close(screen)
    shown = scrollback(written)
    told = [line for line in shown if line.partition("\t")[0] in GESTURES]
    assert told
    assert sum("planned" in line and "OSC to" in line for line in shown) == len(told)
    assert "Hz" not in " ".join(shown)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 4, "gesture_database/gestures.db is not there; want the folder of a database; teach a gesture first"),
        (("-g", "here", "-b", "there"), 3, "want one of --gestures, a database you taught, and --bundle"),
        (("-g", "nowhere"), 4, "nowhere/gestures.db is not there; want the folder of a database"),
        (("-b", "nowhere"), 4, "nowhere"),
        (("-a", "nowhere.yaml", "-g", "."), 4, "want a YAML file that maps gestures to actions"),
    ],
)
def test_what_cannot_be_run_is_said(arguments, code, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in run("live", "-s", "stdin", *arguments, code=code).stderr


def test_a_folder_without_a_database_gets_none(tmp_path):
    run("live", "-s", "stdin", "-g", tmp_path, code=4)
    assert not list(tmp_path.iterdir())


def test_what_was_taught_without_naming_a_database_is_played_without_naming_one(lines, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    teach(tmp_path / "gesture_database").close()
    assert "push" in run("live", "-s", "stdin", stdin=lines).stdout


def test_an_action_that_is_not_there_is_said_before_the_show(gestures, lines, tmp_path):
    actions = action_map(tmp_path, {"type": "osc", "host": "no host of this name", "port": 9})
    assert "is not known" in run("live", "-s", "stdin", "-g", gestures, "-a", actions, code=4, stdin=lines).stderr


def test_a_stream_is_readings_line_by_line():
    out = run("simulate", "gestures", "-", "--seconds", 2, "--speed", 0).stdout
    readings = [readings_of_line(line) for line in out.splitlines()]
    assert sum(each.n_samples for each in readings if "gyr_x" in each.channels) == pytest.approx(200, abs=5)
    assert "cannot be streamed" in run("simulate", "quadruped", "-", code=3).stderr


def test_a_stream_that_nobody_reads_any_more_ends_quietly():
    stream = subprocess.Popen(
        [*MOTIF, "simulate", "gestures", "-", "--speed", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert stream.stdout is not None
    assert stream.stderr is not None
    stream.stdout.readline()
    stream.stdout.close()
    assert stream.stderr.read() == ""
    stream.stderr.close()
    stream.wait()


def test_when_nothing_came_until_ctrl_c_the_cause_is_said(gestures):
    command = [*MOTIF, "live", "-s", f"sensor-logger:127.0.0.1:{samples.free_port()}", "-g", str(gestures)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as show:
        next(line for line in show.stderr if line.startswith("live"))
        show.send_signal(signal.SIGINT)
        said = show.stderr.read()
    assert show.returncode == 4
    assert "nothing came: no message yet: does the phone reach" in said


def test_lines_that_are_no_readings_are_said_at_the_end(gestures):
    said = run("live", "-s", "stdin", "-g", gestures, code=4, stdin="garbage\n").stderr
    assert "1 line was no reading" in said
