import asyncio
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.cli._lines import line_of_readings, lines_of_recording, readings_of_line
from motif.cli._sources import open_source
from motif.cli._stdin_source import StdinSource
from motif.errors import InputError, MotifError
from motif.recordings import Readings, simulate_gesture_recordings
from motif.sources import Source, SourceState

VALUES = st.lists(
    st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=2, max_size=2), min_size=1, max_size=5
)


@given(values=VALUES, start_ns=st.integers(1 - 2**62, 2**62 - 100))
def test_readings_come_back_from_their_line_exactly(values, start_ns):
    given = Readings(device="«ph\none»", channels=("a", "b"), time_ns=start_ns + np.arange(len(values)), values=values)
    line = line_of_readings(given)
    found = readings_of_line(line)
    assert "\n" not in line
    assert (found.device, found.channels) == (given.device, given.channels)
    np.testing.assert_array_equal(found.time_ns, given.time_ns)
    np.testing.assert_array_equal(found.values, given.values)


@pytest.mark.parametrize(
    "line",
    ["", "[1]", "{}", "nonsense", '{"device": "a", "channels": ["a"], "time_ns": [0.5], "values": [[1]]}', "[" * 9999],
)
def test_a_line_that_is_no_reading_says_what_one_looks_like(line):
    with pytest.raises(InputError):
        readings_of_line(line)


def test_stdin_is_a_source_that_loses_nothing_and_counts_bad_lines():
    recording = simulate_gesture_recordings(1, 1, movements=["push"])[0]
    lines = ["", *lines_of_recording(recording, chunk_samples=1), "garbage", ""]
    assert len(lines) > 100  # more than are read ahead

    async def read():
        async with StdinSource(io.StringIO("\n".join(lines))) as source:
            assert isinstance(source, Source)
            return [each async for each in source], source

    found, source = asyncio.run(read())
    np.testing.assert_array_equal(np.concatenate([each.values for each in found]), recording.values)
    assert source.state is SourceState.STOPPED
    assert source.health().received == recording.n_samples
    assert "1 line was no reading" in source.health().message


def test_closing_stdin_ends_the_reading():
    async def read():
        source = StdinSource(io.StringIO(""))
        await source.open()
        await source.close()
        return [each async for each in source]

    assert asyncio.run(read()) == []


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("pigeon:", "want simulator, simulator-fast"),
        ("replay", "write replay:PATH"),
        ("sensor-logger:lan:x", "no number"),
        ("simulator:x", "no number"),
        ("mqtt:http://broker", "no broker's address"),
        ("mqtt:broker:99999999", "no usable port"),
        ("sensor-logger?token=.", "cannot be read"),
    ],
)
def test_a_source_that_cannot_be_says_what_can(text, hint):
    with pytest.raises(MotifError, match=hint):
        open_source(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("simulator:3", "simulator"),
        ("simulator-fast", "simulator"),
        ("replay:walk.parquet", "replay"),
        ("sensor-logger", "sensor-logger-http"),
        ("mqtt:127.0.0.1:1883/phones", "sensor-logger-mqtt"),
        ("websocket:127.0.0.1:8080", "websocket"),
        ("phyphox:127.0.0.1:8080", "phyphox"),
        ("stdin", "stdin"),
    ],
)
def test_every_spelling_gives_its_source_unopened(text, name):
    source = open_source(text)
    assert isinstance(source, Source)
    assert source.name == name
    assert source.state is SourceState.DISCONNECTED


def test_a_phones_link_is_kept_in_a_file_and_shown(tmp_path, capsys):
    token = tmp_path / "phone.token"
    first, again = (open_source(f"sensor-logger:127.0.0.1:9123?token={token}").url for _ in range(2))
    assert first == again
    assert first.startswith("http://127.0.0.1:9123/ingest/")
    assert first in capsys.readouterr().err.replace("\n", "")
    assert token.stat().st_mode & 0o077 == 0
    assert open_source("sensor-logger:9123").url != first


def test_a_brokers_address_may_say_everything():
    source = open_source("mqtt:wss://me:se%40cret@example.org:8884/socket?topic=a/b")
    settings = {name: str(value) for name, value in vars(source).items()}
    assert "example.org" in settings.values()
    assert "se@cret" in settings.values()
    assert "a/b" in settings.values()
