import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from rich.console import Console
from tests.templates.gesture_samples import readings, takes, taught
from tests.terminal.performer import Seat

from motif.templates import GestureDatabase, GestureRecorder
from motif.terminal import TrainingUI
from motif.terminal._views import MENU


@pytest.fixture
def database(tmp_path):
    with GestureDatabase(tmp_path / "gestures") as found:
        yield found


@pytest.fixture
def session_file(tmp_path):
    return tmp_path / "training_session.json"


def record(gesture, n):
    """Answers that record a gesture n times."""
    return ["1", (gesture, gesture), *[("", gesture)] * (n - 1), "d"]


def test_of_two_phones_the_menu_says_whose_motion_was_kept(database, session_file):
    seat = Seat(database, session_file, [*record("push", 1), "0"])
    put = seat.performer._put
    seat.performer._put = lambda each: [put(replace(each, device=device)) for device in ("ann", "bob")]
    assert "%, from ann." in seat.run().seen


def test_gestures_are_recorded_practised_and_looked_at_in_one_sitting(database, session_file, tmp_path):
    script = [
        *record("push", 3),
        *record("twist", 3),
        "2", ("push", "push"), ("", "push"), "d",
        "2", ("2", "twist"), "d",
        "4",
        "5",
        "0",
    ]  # fmt: skip
    seat = Seat(database, session_file, script).run()
    assert database.list_templates() == ["push", "twist"]
    assert [database.get_template(name).num_samples for name in ("push", "twist")] == [3, 3]
    assert seat.seen.count("Kept, quality") == 6
    assert "'push' version 1: consistency" in seat.seen
    assert seat.seen.count("Yes") == 3
    progress = seat.ui.session.gestures
    assert {name: (each.recorded, each.practised, each.correct) for name, each in progress.items()} == {
        "push": (3, 2, 2),
        "twist": (3, 1, 1),
    }
    assert "All of them are understood." in seat.seen
    assert "cache hit rate" in seat.seen
    assert "takes kept" in seat.seen
    assert "See you on stage" in seat.seen
    assert json.loads(session_file.read_text())["gestures"]["push"]["practised"] == 2
    assert len(list((tmp_path / "recording_sessions").rglob("*.parquet"))) == 6


def test_the_menu_shows_every_choice_the_progress_and_the_sensors(database, session_file):
    seat = Seat(database, session_file, [*record("push", 1), "0"]).run()
    for choice in MENU.values():
        assert choice in seat.seen
    assert "1/5" in seat.seen
    assert "100 Hz" in seat.seen
    assert "'push' needs more takes" in seat.seen


def test_a_take_without_movement_is_not_kept_and_says_why(database, session_file):
    seat = Seat(database, session_file, ["1", "push", "d", "0"]).run()
    assert "Not kept: nothing moved" in seat.seen
    assert seat.ui.session.of("push").refused == 1
    assert database.list_templates() == []


@pytest.mark.parametrize("batch_s", [0.7, 1.0])
def test_a_take_is_whole_however_long_the_phone_gathers_before_it_sends(database, session_file, batch_s):
    script = [*record("push", 3), *record("twist", 3), "2", ("push", "push"), "d", "2", ("twist", "twist"), "d", "0"]
    seat = Seat(database, session_file, script, batch_s=batch_s).run()
    taken = [sample.n_samples for name in ("push", "twist") for sample in database.samples(name)]
    assert taken == pytest.approx([200] * 6, abs=2)
    assert seat.seen.count("Yes") == 2


def test_the_last_take_can_be_undone_while_recording_and_from_the_list(database, session_file):
    script = ["1", ("push", "push"), ("", "push"), "u", "d", "3", "u", "u", "", "0"]
    seat = Seat(database, session_file, script).run()
    assert database.samples("push") == []
    assert seat.ui.session.of("push").recorded == 0
    assert seat.seen.count("The last take of 'push' is gone.") == 2
    assert "Nothing to undo" in seat.seen


def test_gestures_are_renamed_exported_and_deleted(database, session_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script = [
        *record("push", 3),
        "3",
        "r", "push", "shove",
        "e", "1", "",
        "x", "shove", "no",
        "x", "shove", "shove",
        "r", "1",
        "",
        "0",
    ]  # fmt: skip
    seat = Seat(database, session_file, script).run()
    assert database.list_templates() == []
    assert "'push' is 'shove' now." in seat.seen
    assert (tmp_path / "shove.json").exists()
    assert seat.seen.count("is deleted") == 1
    assert seat.ui.session.gestures == {}
    assert "There is no '1'" in seat.seen


def test_a_gesture_that_another_process_renames_goes_on_under_its_new_name(database, session_file):
    def rename(old, new):
        with GestureDatabase(database.folder) as elsewhere:
            elsewhere.rename_template(old, new)

    script = [
        "1", ("push", "push"), lambda: rename("push", "shove"), ("", "push"), ("", "push"), "d",
        *record("twist", 3),
        "2", ("1", "push"), lambda: rename("shove", "thrust"), ("", "push"), "d",
        lambda: rename("twist", "turn"), "4",
        "0",
    ]  # fmt: skip
    seat = Seat(database, session_file, script).run()
    assert {name: len(database.samples(name)) for name in database.list_templates()} == {"thrust": 3, "turn": 3}
    progress = seat.ui.session.gestures
    assert {name: (each.recorded, each.practised, each.correct) for name, each in progress.items()} == {
        "thrust": (3, 2, 2),
        "turn": (3, 0, 0),
    }
    assert seat.seen.count("Yes") == 2
    assert "'shove' is 'thrust' now." in seat.seen


def test_a_gesture_renamed_while_the_menu_was_away_keeps_its_figures(database, session_file):
    Seat(database, session_file, [*record("push", 3), "0"]).run()
    database.rename_template("push", "shove")
    seat = Seat(database, session_file, ["0"]).run()
    assert seat.ui.session.of("shove").recorded == 3


def test_a_gesture_that_another_process_deletes_is_practised_no_more(database, session_file):
    script = [*record("push", 3), "2", ("1", "push"), lambda: database.delete_template("push"), "", "0"]
    seat = Seat(database, session_file, script).run()
    assert "'push' was deleted." in seat.seen
    assert "See you on stage" in seat.seen


def test_a_name_that_is_taken_is_said_and_changes_nothing(database, session_file, tmp_path):
    recorder = GestureRecorder(database=database, session_dir=tmp_path / "sessions")
    taught(database, "push", "twist", repetitions=1, recorder=recorder)
    seat = Seat(database, session_file, ["3", "r", "push", "twist", "", "0"], sensors=False).run()
    assert "already" in seat.seen
    assert database.list_templates() == ["push", "twist"]


def test_what_was_taught_elsewhere_counts_in_the_menu(database, session_file, tmp_path):
    recorder = GestureRecorder(database=database, session_dir=tmp_path / "sessions")
    taught(database, "push", "twist", repetitions=3, recorder=recorder)
    seat = Seat(database, session_file, [*record("push", 1), "0"]).run()
    assert "twist" in seat.seen.partition("Your choice")[0]
    assert seat.seen.count("3/5") == 3
    assert "4 takes of 'push', 1 more are worth it" in seat.prompts[2]


def test_a_slip_of_the_finger_records_nothing_and_deletes_nothing(database, session_file):
    script = ["", "1", ("push", "push"), "q", "u", ("", "push"), "d", "3", "z", "x", "1", "psuh", "", "0"]
    seat = Seat(database, session_file, script).run()
    assert database.get_template("push").num_samples == 1
    assert "There is no ''" not in seat.seen
    assert seat.seen.count("Kept, quality") == 2
    assert "There is no 'q'" in seat.seen
    assert "There is no 'z'" in seat.seen
    assert "'push' is not deleted" in seat.seen


def test_one_take_is_said_in_the_singular_and_has_no_figures_yet(database, session_file):
    seat = Seat(database, session_file, [*record("push", 1), "3", "", "0"]).run()
    assert any(prompt.startswith("1 take of 'push'") for prompt in seat.prompts)
    assert "1 gesture, database healthy" in seat.seen
    assert "┃ samples ┃ understood ┃ consistency ┃" in seat.seen  # as `motif gestures list` has it
    assert "0.0%" not in seat.seen


def test_without_gestures_none_can_be_chosen(database, session_file):
    seat = Seat(database, session_file, ["3", "r", "x", "e", "", "0"]).run()
    assert not any("Which?" in prompt for prompt in seat.prompts)


def test_ordinary_movement_is_recorded_for_as_long_as_asked(database, session_file):
    seat = Seat(database, session_file, ["6", "soon", "6", "12", "0"]).run()
    (background,) = database.background()
    assert background.n_samples / background.rate_hz == pytest.approx(12, abs=0.5)
    assert seat.ui.session.background_s == pytest.approx(12, abs=0.5)
    assert "'soon' is no number" in seat.seen


@pytest.mark.parametrize("choice", ["1", "2", "6"])
def test_without_sensors_the_menu_says_so(database, session_file, choice):
    seat = Seat(database, session_file, [choice, "0"], sensors=False).run()
    assert "No sensors: none connected" in seat.seen


def test_practice_before_anything_was_taught_leads_to_recording(database, session_file):
    seat = Seat(database, session_file, ["2", "4", "3", "", "7", "0"]).run()
    assert "No gesture was taught yet: choose 1." in seat.seen
    assert "Nothing was practised yet" in seat.seen
    assert "There is no '7'" in seat.seen


def test_a_movement_that_is_not_understood_is_counted_and_hinted_at(database, session_file):
    script = [*record("push", 3), *record("twist", 3), "2", ("push", "twist"), "d", "2", "nobody", "4", "0"]
    seat = Seat(database, session_file, script).run()
    assert "I understood 'twist'" in seat.seen
    assert "is taken for 'twist'" in seat.seen
    (attempt,) = seat.ui.session.attempts
    assert (attempt.asked, attempt.heard) == ("push", "twist")


def test_a_crash_loses_nothing_and_the_next_run_resumes(database, session_file):
    with pytest.raises(RuntimeError):
        Seat(database, session_file, ["1", ("push", "push"), ("", "push"), RuntimeError("power cut")]).run()
    seat = Seat(database, session_file, ["0"]).run()
    assert "Resumed the session of 14 November 2023: 2 takes" in seat.seen
    assert seat.ui.session.of("push").recorded == len(database.samples("push")) == 2


def test_a_corrupt_session_file_gives_a_clear_message_and_a_fresh_session(database, session_file):
    session_file.write_text('{"version": 1, "gestures": {"push": {"recor')
    seat = Seat(database, session_file, ["0"]).run()
    assert "could not be read" in seat.seen
    assert "fresh session" in seat.seen
    (aside,) = session_file.parent.glob("training_session.corrupt-*.json")
    assert aside.read_text().endswith('"recor')
    assert json.loads(session_file.read_text())["gestures"] == {}


@pytest.mark.parametrize(("answer", "n_samples"), [("k", 1), ("x", 0), ("", 0)])
def test_a_take_cut_short_is_offered_at_the_next_start(database, session_file, tmp_path, answer, n_samples):
    recorder = GestureRecorder(database=database, session_dir=tmp_path / "recording_sessions")
    recorder.start_session("cut")
    recorder.start_recording("push")
    _, times, values = takes("push", repetitions=1)[0]
    for each in readings(times, values):
        recorder.add_sensor_reading(each)
    for journal in recorder._journal._journals.values():
        journal.sync()
    left = {path: path.read_bytes() for path in (tmp_path / "recording_sessions/cut").glob("*.arrows")}
    recorder.discard()
    for path, content in left.items():
        path.write_bytes(content)  # as a kill would have left it
    seat = Seat(database, session_file, [answer, "0"]).run()
    assert "A take of 'push' was cut short" in seat.seen
    assert len(database.samples("push")) == n_samples
    assert [path.exists() for path in left] == [answer == ""]


def test_no_more_input_ends_it_and_saves(database, session_file):
    assert "No more input. The session is saved." in Seat(database, session_file, []).run().seen
    assert session_file.exists()


def test_names_with_brackets_are_shown_as_they_are(database, session_file):
    database.add_sample("[red]wave[/]", {"duration_s": 1.0})
    assert "[red]wave[/]" in Seat(database, session_file, ["3", "", "0"], sensors=False).run().seen


def test_a_session_that_cannot_be_saved_is_said_and_work_goes_on(database, tmp_path):
    (tmp_path / "file").write_text("")
    seat = Seat(database, tmp_path / "file" / "session.json", ["4", "0"], sensors=False).run()
    assert "free some space or choose another place" in seat.seen
    assert "See you on stage" in seat.seen


def test_a_source_that_cannot_be_opened_is_said_and_the_rest_works(database, session_file):
    from motif.sources import ReplaySource

    screen = io.StringIO()
    source = ReplaySource(session_file.parent / "nothing.parquet")
    console = Console(file=screen, width=200)
    TrainingUI(source, database, session_file, ask=_answers("1", "0"), console=console).run()
    assert "nothing.parquet is not there" in " ".join(screen.getvalue().split())


def _answers(*answers):
    left = iter(answers)

    async def ask(prompt):
        return next(left)

    return ask


CHILD = """
import sys
from motif.templates import GestureDatabase
from motif.terminal import TrainingUI
TrainingUI(database=GestureDatabase(sys.argv[1]), session_file=sys.argv[2]).run()
print("LEFT")
"""


class Terminal:
    """The menu in a child process at a pseudo-terminal."""

    def __init__(self, database, session_file):
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(database.folder), str(session_file)],
            stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True, start_new_session=True,
            env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
        )  # fmt: skip
        os.close(theirs)
        self.seen = ""

    def until(self, text):
        while text not in self.seen:
            ready, _, _ = select.select([self._ours], [], [], 60)
            assert ready, f"{text!r} never came; seen: {self.seen}"
            try:
                piece = os.read(self._ours, 65536)
            except OSError:  # the child closed its end
                piece = b""
            assert piece, f"{text!r} never came; seen: {self.seen}"
            self.seen += piece.decode(errors="replace")

    def say(self, line):
        self.seen = ""
        os.write(self._ours, f"{line}\n".encode())

    def leave(self):
        code = self.process.wait(60)
        os.close(self._ours)
        return code


def test_it_runs_at_a_real_terminal_and_ctrl_c_leaves_it_whole(database, session_file):
    terminal = Terminal(database, session_file)
    terminal.until("Your choice")
    terminal.say("5")
    terminal.until("Your choice")
    assert "total recognitions" in terminal.seen
    assert "\x1b[" in terminal.seen  # in colour
    os.kill(terminal.process.pid, signal.SIGINT)
    terminal.until("LEFT")
    assert "The session is saved" in terminal.seen
    assert terminal.leave() == 0
    assert json.loads(session_file.read_text())["version"] == 1


def test_killed_at_a_real_terminal_the_session_is_whole_and_resumed(database, session_file):
    for run in range(3):
        terminal = Terminal(database, session_file)
        terminal.until("Your choice")
        os.kill(terminal.process.pid, signal.SIGKILL)
        assert terminal.leave() == -signal.SIGKILL
        assert json.loads(session_file.read_text())["n_resumed"] == run
