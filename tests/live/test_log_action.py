"""Events as lines of JSON."""

import asyncio
import json

import pytest
from tests.live.action_samples import EVENT

from motif.errors import ActionError
from motif.live.actions import LogAction, LogMessage, LogSettings


def test_a_log_that_cannot_be_written_is_said(tmp_path):
    async def run():
        with pytest.raises(ActionError, match="choose another path"):
            await LogAction(LogSettings(path=tmp_path / "no" / "log")).open()

    asyncio.run(run())


def test_lines_are_added_to_those_of_earlier_runs(tmp_path):
    async def run():
        action = LogAction(LogSettings(path=tmp_path / "log"))
        await action.open()
        await action.perform(EVENT, LogMessage())
        await action.close()

    asyncio.run(run())
    asyncio.run(run())
    assert [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()] == [EVENT.to_dict()] * 2


def test_a_log_without_a_path_goes_to_standard_output(capsys):
    async def run():
        action = LogAction(LogSettings())
        await action.open()
        await action.perform(EVENT, LogMessage())
        await action.close()

    asyncio.run(run())
    assert json.loads(capsys.readouterr().out) == EVENT.to_dict()
