"""OSC: the types of its arguments, and what cannot be sent."""

import asyncio

import pytest
from pydantic import ValidationError
from tests.live import action_samples as samples
from tests.live.action_samples import EVENT

from motif.errors import ActionError
from motif.live.actions import OscAction, OscMessage, OscSettings


def test_osc_says_what_it_cannot_send():
    async def run():
        nowhere = OscAction(OscSettings(host="no host of this name", port=9))
        with pytest.raises(ActionError, match="is not known"):
            await nowhere.open()

    asyncio.run(run())
    with pytest.raises(ValidationError, match=r"no field of an event; want \$gesture"):
        OscMessage(address="/a", arguments=["$speed"])
    for address in ("a", "/a b", "/a/*"):
        with pytest.raises(ValidationError):
            OscMessage(address=address)


def test_an_osc_message_of_an_event_has_its_values():
    message = OscMessage(address="/a", arguments=[1, "$gesture", "$confidence"])
    assert message.of(EVENT).arguments == (1, "swipe", 0.93)
    assert OscAction(OscSettings(port=9)).describe(message.of(EVENT)) == "OSC to 127.0.0.1:9 /a 1 swipe 0.93"


def test_osc_keeps_the_types_of_its_arguments():
    async def run():
        async with samples.osc_world() as (where, heard):
            action = OscAction(OscSettings(**where))
            await action.open()
            await action.perform(EVENT, OscMessage(address="/a", arguments=[1, 0.5, True, "x", "$gesture"]))
            await action.close()
            return await heard.until(1)

    ((address, *arguments),) = asyncio.run(run())
    assert address == "/a"
    assert arguments == [1, 0.5, True, "x", "swipe"]
    assert [type(each) for each in arguments] == [int, float, bool, str, str]
