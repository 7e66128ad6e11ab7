import asyncio
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motif.cli._lines import line_of_readings, lines_of_recording, readings_of_line
from motif.cli._sources import open_source
from motif.cli._stdin_source import StdinSource
from motif.errors import ConfigError, InputError
from motif.recordings import Readings, simulate_gesture_recordings
from motif.sources import Source, SourceState

VALUES = st.lists(
    st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=2, max_size=2), min_size=1, max_size=5
)


@given(values=VALUES, start_ns=st.integers(-(2**62), 2**62))
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
    lines = [*lines_of_recording(recording, chunk_samples=7), "garbage", ""]

    async def read():
        async with StdinSource(io.StringIO("\n".join(lines))) as source:
            assert isinstance(source, Source)
            return [each async for each in source], source

    found, source = asyncio.run(read())
    np.testing.assert_array_equal(np.concatenate([each.values for each in found]), recording.values)
    assert source.state is SourceState.STOPPED
    assert source.health().received == recording.n_samples
    assert "1 lines were no readings" in source.health().message


def test_closing_stdin_ends_the_reading():
    async def read():
        source = StdinSource(io.StringIO(""))
        await source.open()
        await source.close()
        return [each async for each in source]

    assert asyncio.run(read()) == []


@pytest.mark.parametrize(
    ("text", "hint"),
    [("pigeon:", "want simulator, simulator-fast"), ("replay", "write replay:PATH"), ("sensor-logger:x", "no number")],
)
def test_a_source_that_cannot_be_says_what_can(text, hint):
    with pytest.raises(ConfigError, match=hint):
        open_source(text)
