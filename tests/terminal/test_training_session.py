import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from motif.terminal._analytics import practice_of, sparkline
from motif.terminal._session import Attempt, TrainingSession
from motif.terminal._session_file import SessionFile
from motif.terminal._views import analytics_view

NOW_NS = 1_700_000_000_000_000_000


def tries(asked, *heard):
    return [
        Attempt(time_ns=i, asked=asked, heard=each, confidence=0.8, processing_time_ms=1)
        for i, each in enumerate(heard)
    ]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("recorded"), st.sampled_from("ab"), st.floats(0, 1)),
        st.tuples(st.sampled_from(["refused", "undone", "deleted"]), st.sampled_from("ab")),
        st.tuples(st.just("followed"), st.permutations(["a", "b", "«c»\n"])),
        st.tuples(st.just("lived"), st.floats(0, 100)),
        st.tuples(st.just("practised"), st.sampled_from([*tries("a", "a", None), *tries("b", "a")])),
    )
)


@given(steps=STEPS)
def test_a_session_comes_back_from_its_file_exactly(steps, tmp_path_factory):
    file = SessionFile(tmp_path_factory.mktemp("session") / "session.json")
    session = TrainingSession(started_ns=NOW_NS)
    for step, *values in steps:
        if step == "followed":
            session, _ = session.following(dict(zip(*values, "123", strict=True)))
        else:
            session = getattr(session, step)(*values)
    file.save(session)
    found, message = file.load(NOW_NS + 1)
    assert found == session.model_copy(update={"n_resumed": 1})
    assert "Resumed the session of 14 November 2023" in message


def test_progress_counts_what_was_done():
    session = TrainingSession().recorded("a", 0.5).recorded("a", 0.9).refused("a").undone("a")
    session = session.practised(tries("a", "a")[0]).practised(tries("a", "b")[0])
    progress = session.of("a")
    assert (progress.recorded, progress.refused, progress.practised, progress.correct) == (1, 1, 2, 1)
    assert (progress.recorded, progress.accuracy, progress.best_quality) == (1, 0.5, 0.9)
    assert session.deleted("a").gestures == {}


def test_figures_and_tries_go_with_a_gesture_whatever_it_is_called():
    session, names = TrainingSession().following({"a": "1", "b": "2", "c": "3"})
    assert names == {}
    session = session.recorded("a", 0.5).recorded("b", 0.6).recorded("c", 0.7).practised(tries("a", "b")[0])
    swapped, names = session.following({"b": "1", "a": "2", "d": "3"})
    assert names == {"a": "b", "b": "a", "c": "d"}
    assert {name: each.best_quality for name, each in swapped.gestures.items()} == {"b": 0.5, "a": 0.6, "d": 0.7}
    assert swapped.attempts == (tries("b", "a")[0],)
    instead, _ = session.following({"b": "1", "c": "3"})  # b was deleted before
    assert {name: each.best_quality for name, each in instead.gestures.items()} == {"b": 0.5, "c": 0.7}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b'{"version": 2}',
        b'{"version": 1, "surprise": 1}',
        b'{"gestures": {"a": {"recorded": -1}}}',
        b'{"attempts": [{"time_ns": NaN}]}',
        b"[" * 100_000,
    ],
)
def test_a_corrupt_file_is_said_and_kept_aside_and_the_session_is_fresh(content, tmp_path):
    path = tmp_path / "session.json"
    for run in range(2):  # twice in the same second: the first one aside is not written over
        path.write_bytes(content)
        session, message = SessionFile(path).load(NOW_NS)
        assert session == TrainingSession(started_ns=NOW_NS)
        assert "could not be read" in message
        assert "nothing of them is lost" in message
        aside = sorted(tmp_path.glob("session.corrupt-20231114-*.json"))
        assert len(aside) == run + 1
        assert all(each.read_bytes() == content for each in aside)
        assert not path.exists()


def test_a_file_too_large_for_a_session_is_not_read(tmp_path):
    path = tmp_path / "session.json"
    with path.open("wb") as file:
        file.truncate(20_000_000)
    assert "20,000,000 bytes" in SessionFile(path).load(NOW_NS)[1]


def test_the_file_is_json_that_others_can_read(tmp_path):
    SessionFile(tmp_path / "session.json").save(TrainingSession().recorded("wave", 0.9))
    assert json.loads((tmp_path / "session.json").read_text())["gestures"]["wave"]["recorded"] == 1


def test_practice_tells_what_is_least_understood_and_what_it_is_taken_for():
    attempts = tries("circle", *["circle"] * 8, "wave", None) + tries("wave", *["circle"] * 12, *["wave"] * 10)
    worst, best = practice_of(attempts)
    assert (worst.gesture, best.gesture) == ("circle", "wave")
    assert (worst.recent, worst.trend, worst.mistaken_for) == (0.8, "new", "wave")
    assert (best.recent, best.before, best.trend) == (1.0, 0.0, "better")
    assert best.history == (0, 0, 0.6, 1, 1)
    assert practice_of(tries("a", *"a" * 10, *"b" * 10))[0].trend == "worse"
    assert practice_of(tries("a", None))[0].mistaken_for == ""
    assert practice_of([]) == []


def test_a_sparkline_shows_the_latest():
    assert sparkline([0, 0.5, 1] * 10, width=3) == "▁▅█"


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_word_of_the_analytics_head_is_broken_however_narrow_the_window_is(width):
    names = ["push", "👋🏽 wave", "拍手拍手拍手", "x" * 200]
    practice = practice_of([attempt for name in names for attempt in tries(name, *[name, "push"] * 13)])
    screen = Console(file=io.StringIO(), width=width)
    screen.print(analytics_view(practice, width))
    seen = screen.file.getvalue()
    assert all(word in seen for word in ("gesture", "tries", "last 10", "trend", "taken for", "push", "wave", "拍手"))
    assert max(map(cell_len, seen.splitlines())) <= width
