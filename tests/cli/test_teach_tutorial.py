"""The tutorial's commands run as they stand, one after the other, in a folder of their own."""

import json
import re
import shlex
from pathlib import Path

from typer.testing import CliRunner

from motif.cli._app import app
from motif.recordings import read
from motif.terminal._views import MENU

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/teach.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_a_gesture_is_taught_and_told_live_by_the_tutorials_commands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = {}
    for line in "".join(BLOCK.findall(PAGE.read_text(encoding="utf-8"))).splitlines():
        program, *arguments = shlex.split(line)
        assert program == "motif"
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, (line, result.stderr)
        said[line] = result
    assert len(said) == 10
    (told,) = (result for line, result in said.items() if line.startswith("motif live"))
    events = [line["event"] for line in map(json.loads, told.stdout.splitlines()) if "event" in line]
    recording = read(tmp_path / "performance/person01.parquet")
    made = [mark for mark in recording.annotations if mark.label in ("push", "twist")]
    heard = [
        mark
        for mark in made
        if any(
            event["gesture"] == mark.label and event["start_ns"] < mark.stop_ns and event["end_ns"] > mark.start_ns
            for event in events
        )
    ]
    assert len(made) == 14
    assert len(heard) >= 10
    (listed,) = (result for line, result in said.items() if line.startswith("motif gestures list"))
    assert "push" in listed.stdout
    assert "twist" in listed.stdout
    (verified,) = (result for line, result in said.items() if line.startswith("motif gestures verify"))
    assert "2 gestures, 10 samples" in verified.stderr
    assert (tmp_path / "stage_database/gestures.db").exists()


def test_the_picture_shows_the_menu_as_it_is_and_fetches_nothing():
    picture = (ROOT / "docs/images/teach.svg").read_text(encoding="utf-8")
    shown = picture.replace("&#160;", " ")
    for choice in MENU.values():
        assert choice in shown
    assert "@font-face" not in picture
    assert "acc 100 Hz" in shown
