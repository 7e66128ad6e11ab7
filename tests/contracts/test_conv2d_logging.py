"""The contract of `conv2d.logging` and of `conv2d-logs`: names, and the lines as they are documented."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from motif.errors import ConfigError
from motif.telemetry import config_hash

LOGS = Path(sys.executable).with_name("conv2d-logs")


@pytest.fixture
def file(tmp_path):
    from conv2d.logging.structured import log_fsq_config, setup_logging

    file = tmp_path / "logs" / "experiment.jsonl"
    log = setup_logging(name="conv2d", output_file=file)
    log.log_config({"name": "dogs", "seed": 42})
    log.log_seed(42)
    log_fsq_config(levels=[8, 6, 5], embedding_dim=64, codebook_size=240)
    log.log_fsq_config(levels=[8, 6, 5], embedding_dim=64, codebook_size=240)
    log.log_clustering("gmm", [30, 12], silhouette=0.5)
    log.count("interpolated", 3)
    log.count("fallback")
    try:
        raise ValueError("no motion")
    except ValueError:
        log.exception("window refused", window=3)
    log.close()
    log.close()
    return file


def test_lines_carry_time_settings_seeds_and_levels(file):
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["event"] for line in lines] == [
        "config",
        "seed",
        "fsq config",
        "fsq config",
        "clustering",
        "window refused",
        "counters",
    ]
    assert all(line["time"].endswith("Z") and line["logger"] == "motif.conv2d" for line in lines)
    assert {line["config_hash"] for line in lines} == {config_hash({"seed": 42, "name": "dogs"})}
    assert all(line["seed"] == 42 for line in lines[1:])
    assert (lines[2]["fsq_levels"], lines[2]["codebook_size"], lines[2]["embedding_dim"]) == ([8, 6, 5], 240, 64)
    assert (lines[4]["n_clusters"], lines[4]["sizes"], lines[4]["silhouette"]) == (2, [30, 12], 0.5)
    assert (lines[6]["interpolated"], lines[6]["fallback"]) == (3, 1)


def test_a_codebook_that_cannot_be_is_refused_and_a_failure_is_logged(tmp_path):
    from conv2d.logging.structured import setup_logging

    with pytest.raises(ConfigError, match="240"), setup_logging(output_file=tmp_path / "a.jsonl") as log:
        log.log_fsq_config(levels=[8, 6, 5], embedding_dim=64, codebook_size=512)
    (line,) = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert (line["event"], line["level"]) == ("failed", "error")
    assert "ConfigError" in line["exception"]


def command(*arguments, code=0):
    done = subprocess.run([LOGS, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done.stdout


def test_the_commands_run_as_documented(file, tmp_path):
    assert "fsq config" in command("summary", file)
    assert json.loads(command("summary", file, "--json"))["levels"] == {"info": 6, "error": 1}
    assert "window refused" in command("errors", file)
    assert "1 error in" in command("errors", file)
    verbose = command("errors", file, "--verbose")
    assert "ValueError: no motion" in verbose
    assert "window: 3" in verbose
    assert json.loads(command("errors", file, "--json"))["kinds"][0]["count"] == 1
    assert json.loads(command("grep", "clustering", file))["n_clusters"] == 2
    assert command("grep", "nothing like this", file, code=1) == ""
    command("compare", file.parent, "--output", tmp_path / "out.csv")
    assert "experiment.jsonl" in (tmp_path / "out.csv").read_text()
    assert "1 log in" in command("compare", file.parent)
    assert json.loads(command("compare", file.parent, "--json"))["logs"][0]["last.seed"] == 42
    command("summary", tmp_path / "none", code=4)
