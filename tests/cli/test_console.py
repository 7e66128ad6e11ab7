"""What commands print, whoever gave things their names."""

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from motif.cli._app import app
from motif.cli._console import print_table, say, shown
from motif.cli._live_session import LiveSession
from motif.live import EngineConfig, Event
from motif.templates import GestureDatabase

OBEYED = "wave\x1b]0;mine\x07\x9b2J\r"
SHOWN = r"wave\x1b]0;mine\x07\x9b2J\x0d"


def test_a_terminal_shows_names_and_does_not_obey_them(capsys):
    say("[green]kept[/] ", OBEYED)
    print_table(OBEYED, (OBEYED,), [(OBEYED,)])
    event = Event(gesture=OBEYED, device=OBEYED, start_ns=0, end_ns=0, decided_ns=0, confidence=1.0)
    LiveSession(as_json=False, database=None, config=EngineConfig()).show_event(event)
    said = capsys.readouterr()
    assert said.err == f"kept {SHOWN}\n"
    assert said.out.count(SHOWN) == 5
    assert not set(OBEYED) & set(said.out + said.err) & set("\x1b\x07\x9b\r")


def test_what_stands_in_a_log_is_shown_and_not_obeyed(tmp_path):
    log = tmp_path / "run.jsonl"
    log.write_text(json.dumps({"event": "failed", "level": "error", "why": OBEYED}) + "\n")
    assert SHOWN in CliRunner().invoke(app, ["logs", "errors", str(log), "--verbose"], catch_exceptions=False).stdout


@pytest.mark.parametrize("text", ["two\nlines\t and a tab", "größer, 手, 🙂"])
def test_what_a_terminal_can_show_stays_as_it_is(text):
    assert shown(text) == text


def test_what_cannot_be_written_is_shown_all_the_same():
    assert shown("\ud800") == r"\ud800"


def test_brackets_in_the_head_of_a_table_are_no_markup(capsys):
    print_table("one", ("[/wave]",), [(1,)])
    assert "[/wave]" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize(
    ("door", "arguments", "shown"),
    [
        ("main", ["gestures", "list"], "wave ?"),
        ("main", ["gestures", "list", "--json"], r"wave \u624b"),
        ("main", ["gestures", "restore", "--help"], "gestures-?.db"),
        ("conv2d_main", ["pack", "list", "--artifacts", "手"], "?, 0 packs"),
    ],
)
def test_a_letter_that_the_output_cannot_encode_is_replaced(door, arguments, shown, encoding, tmp_path):
    with GestureDatabase(tmp_path / "gesture_database") as database:
        database.add_sample("wave 手", {"duration_s": 0.5})
    command = [sys.executable, "-c", f"from motif.cli import {door}; {door}()", *arguments]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, encoding=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    assert shown in done.stdout


@pytest.mark.parametrize("n", [900, 36_000])
def test_of_an_hour_each_window_is_a_line_whose_time_can_be_told_from_the_next(capsys, n):
    print_table("said", ("start_s", "label"), [(3000 + i / 10, "wave") for i in range(n)])
    rows = [line for line in capsys.readouterr().out.splitlines() if "wave" in line]
    assert len(rows) == len({line.split("wave")[0] for line in rows}) == n
    assert len({line.index("wave") for line in rows}) == 1
