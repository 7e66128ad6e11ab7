import io
import json
import logging
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from motif.errors import ConfigError, WriteError
from motif.telemetry import log_to, logger, run_context


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_an_event_is_one_json_line_with_time_run_level_and_context(tmp_path):
    file = tmp_path / "logs" / "run.jsonl"
    with log_to(file), run_context("run-1", phone="left"):
        logger("recordings").warning("gap marked", seconds=0.4, unit="µT")
    (event,) = lines(file)
    assert datetime.fromisoformat(event.pop("time")).tzinfo == UTC
    assert event == {
        "event": "gap marked",
        "level": "warning",
        "logger": "motif.recordings",
        "phone": "left",
        "run_id": "run-1",
        "seconds": 0.4,
        "unit": "µT",
    }


def test_runs_have_names_of_their_own_that_end_with_the_block(tmp_path):
    file = tmp_path / "run.jsonl"
    with log_to(file):
        with run_context() as first:
            logger("motif.a").info("one")
        with run_context() as second:
            logger("motif.a").info("two")
        logger("motif").info("three")
    assert first != second
    assert [event.get("run_id") for event in lines(file)] == [first, second, None]


def test_less_important_events_are_left_out_and_lines_are_added(tmp_path):
    file = tmp_path / "run.jsonl"
    for level in ("debug", "error", "debug"):
        with log_to(file, level=level):
            logger("a").debug(level)
    assert [event["event"] for event in lines(file)] == ["debug", "debug"]


def test_an_exception_stays_on_its_line(tmp_path):
    file = tmp_path / "run.jsonl"
    with log_to(file):
        try:
            raise ZeroDivisionError("by hand")
        except ZeroDivisionError:
            logger("a").exception("failed")
    (event,) = lines(file)
    assert "ZeroDivisionError: by hand" in event["exception"]


def test_a_terminal_gets_readable_lines():
    terminal = io.StringIO()
    with log_to(terminal=terminal):
        logger("a").info("window dropped", reason="gap")
        logging.getLogger("motif.plain").info("from the standard library")
    assert "window dropped" in terminal.getvalue()
    assert "reason=gap" in terminal.getvalue()
    assert "from the standard library" in terminal.getvalue()


def test_a_wrong_level_and_a_wrong_place_say_so(tmp_path):
    with pytest.raises(ConfigError, match="'loud'"), log_to(level="loud"):
        pass
    with pytest.raises(WriteError), log_to(tmp_path):
        pass


def test_importing_configures_nothing_and_prints_nothing():
    code = (
        "import logging, structlog, motif.telemetry as t; t.logger('a').warning('unheard');"
        "assert not logging.getLogger().handlers and not structlog.is_configured()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == ""
