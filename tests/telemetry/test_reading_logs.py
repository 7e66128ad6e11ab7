"""Logs read back: whatever stands in the file, polars and plain Python say the same of it."""

import csv
import json
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.errors import ConfigError, MissingExtraError, MissingFileError, SourceError
from motif.telemetry import _log_lines as log_lines
from motif.telemetry import _log_summary as log_summary
from motif.telemetry import _log_table as log_table
from motif.telemetry import (
    compare_logs,
    find_errors,
    grep_log,
    log_to,
    logger,
    run_context,
    summarize_log,
    write_csv,
)

values = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(), st.text(max_size=8))
TRICKY = rb'{"n": -Infinity, "event": "\": NaN, \\", "level": "x\\", "time" : NaN}'
names = st.sampled_from(["time", "timestamp", "level", "event", "msg", "logger", "run_id", "n", "é"])
objects = st.dictionaries(names, values | st.lists(values, max_size=2), max_size=5).map(
    lambda o: json.dumps(o).encode()
)
odd = (b"5", b"[1]", b'"x"', b"null", b"{}", b"  ", b'{"event": "a"} {"event": "b"}', b'{"event": NaN}', TRICKY)
garbage = st.binary(max_size=12).map(lambda b: b.replace(b"\n", b"")) | st.sampled_from(odd)


def slow_summary(content):
    """What a summary counts, in plain Python."""
    whole, _, rest = content.rpartition(b"\n")
    lines, events, levels, damaged = 0, Counter(), Counter(), 0
    for line, is_whole in [*((line, True) for line in whole.split(b"\n")), (rest, False)]:
        found = log_lines.json_object(line)
        if found is not None:
            lines += 1
            first = next((found[name] for name in ("event", "message", "msg") if found.get(name) is not None), None)
            events += Counter([first] if isinstance(first, str) else [])
            level = found.get("level")
            levels += Counter([level.lower()] if isinstance(level, str) else [])
        elif line.strip() and is_whole:
            damaged += 1
    return lines, damaged, events, levels


@given(lines=st.lists(objects | garbage, max_size=12), ended=st.booleans(), piece=st.integers(1, 80))
def test_a_summary_is_what_plain_python_counts(lines, ended, piece, tmp_path_factory):
    content = b"\n".join(lines) + b"\n" * ended
    path = tmp_path_factory.mktemp("log") / "any.jsonl"
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_lines, "PIECE_BYTES", piece)
        patch.setattr(log_table, "SMALL_BYTES", 40)
        summary = summarize_log(path)
    n, damaged, events, levels = slow_summary(content)
    assert (summary.lines, summary.damaged, summary.bytes) == (n, damaged, len(content))
    assert all(summary.events[event] >= count for event, count in events.items())
    assert all(summary.levels[level] >= count for level, count in levels.items())
    assert list(grep_log("", path)) == [line.decode(errors="replace") for line in content.split(b"\n") if line]


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "logs" / "run.jsonl"
    log = logger("live")
    with log_to(path):
        for i in range(3):
            with run_context(f"run{i}"):
                log.info("gesture recognized", name="wave", confidence=0.5 + i / 10)
                log.warning("window dropped", reason="gap")
        try:
            raise OSError("the phone is gone")
        except OSError:
            log.exception("source lost", device="phone")
        log.error("source lost", device="watch")
        log.info("error is only a word here", level_of="error")
    with path.open("ab") as file:
        file.write(b'Traceback (most recent call last):\n{"event": "torn')
    return path


def test_a_real_log_is_summed_up(log):
    summary = summarize_log(log)
    assert (summary.lines, summary.damaged, summary.torn_bytes, summary.errors) == (9, 1, 15, 2)
    assert summary.levels == {"info": 4, "warning": 3, "error": 2}
    assert summary.events["window dropped"] == 3
    assert summary.error_events == {"source lost": 2}
    assert len(summary.runs) == 3
    assert summary.first < summary.last
    assert summary.loggers == {"motif.live": 9}


def test_errors_come_with_everything_that_was_logged(log):
    first, second = find_errors(log)
    assert (first.event, first.logger, first.fields["device"]) == ("source lost", "motif.live", "phone")
    assert "OSError: the phone is gone" in first.fields["exception"]
    assert second.fields["device"] == "watch"


def test_grep_finds_lines_as_they_stand(log):
    assert [json.loads(line)["confidence"] for line in grep_log(r'"confidence": 0\.[67]', log)] == [0.6, 0.7]
    assert len(list(grep_log("TRACEBACK", log, ignore_case=True))) == 2
    assert list(grep_log("torn", log)) == ['{"event": "torn']
    with pytest.raises(ConfigError, match="no regular expression"):
        list(grep_log("(", log))


def test_logs_of_a_folder_lie_side_by_side(log, tmp_path):
    (log.parent / "other.jsonl").write_text('{"event": "fsq config", "fsq_levels": [8, 6, 5], "seed": 7, "x": {}}\n')
    (log.parent / "notes.txt").write_text("not a log")
    rows = compare_logs(log.parent)
    assert [(row["log"], row["lines"], row["errors"]) for row in rows] == [("other.jsonl", 1, 0), ("run.jsonl", 9, 2)]
    read = list(csv.DictReader(write_csv(rows, tmp_path / "logs.csv").read_text().splitlines()))
    assert (read[0]["last.fsq_levels"], read[0]["last.seed"], read[1]["last.confidence"]) == ("[8, 6, 5]", "7", "0.7")
    assert "last.x" not in read[0]
    with pytest.raises(MissingFileError, match="jsonl"):
        compare_logs(tmp_path / "nowhere")


def test_what_cannot_be_read_says_so(tmp_path, monkeypatch):
    with pytest.raises(MissingFileError, match="one JSON object a line"):
        summarize_log(tmp_path / "none.jsonl")
    with pytest.raises(SourceError, match="cannot be read"):
        summarize_log(tmp_path)
    (tmp_path / "a.jsonl").write_text("{}\n")
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtraError, match=r"motif\[service\]"):
        summarize_log(tmp_path / "a.jsonl")


def test_names_without_number_and_lines_without_end_cost_no_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(log_summary, "MOST_KEPT", 3)
    monkeypatch.setattr(log_lines, "PIECE_BYTES", 64)
    monkeypatch.setattr(log_lines, "LONGEST_LINE_BYTES", 256)
    path = tmp_path / "odd.jsonl"
    path.write_bytes(b"".join(b'{"event": "%d"}\n' % i for i in range(8)) + b"x" * 1000 + b'\n{"event": "0"}\n')
    summary = summarize_log(path)
    assert len(summary.events) == 4
    assert summary.events["(others)"] + sum(summary.events[name] for name in map(str, range(8))) == 9
    assert summary.lines == 9
    assert summary.damaged >= 1
    assert max(map(len, log_lines.pieces(path))) < 512


def test_what_is_no_number_is_written_so_that_every_reader_takes_the_line(tmp_path):
    with log_to(tmp_path / "odd.jsonl"):
        logger("live").info("scored", ece=float("nan"), bounds=(1, float("-inf")), made=object, path=tmp_path)
    (line,) = (tmp_path / "odd.jsonl").read_text().splitlines()

    def refuse(name):
        raise ValueError(name)

    found = json.loads(line, parse_constant=refuse)
    assert (found["ece"], found["bounds"], found["path"]) == ("NaN", [1, "-Infinity"], tmp_path.as_posix())
