"""Gestures to an MQTT broker that comes and goes, and to Home Assistant."""

import asyncio
import json

import pytest
from pydantic import ValidationError
from tests.live import action_samples as samples
from tests.live.action_samples import EVENT

from motif.errors import ActionError
from motif.live.actions import MqttAction, MqttMessage, MqttSettings
from motif.sources import ManualClock, SystemClock


def test_home_assistant_finds_the_device_and_hears_each_gesture():
    async def run():
        port = samples.free_port()
        async with (
            samples.broker(port),
            samples.listening(port, "homeassistant/device/+/config", "stage/phone-1/#") as heard,
        ):
            settings = MqttSettings(port=port, node="phone-1", base="stage", name="My phone")
            action = MqttAction(settings, clock=SystemClock(), gestures=("swipe", "big circle"))
            await action.open()
            await action.perform(EVENT, MqttMessage())
            await action.perform(EVENT, MqttMessage(topic="stage/phone-1/own", payload={"sure": "$confidence"}))
            await action.perform(EVENT, MqttMessage(topic="stage/phone-1/whole"))
            await action.close()
            return dict(await heard.until(7))

    said = asyncio.run(run())
    config = json.loads(said["homeassistant/device/phone-1/config"])
    assert config["device"]["identifiers"] == ["motif_phone-1"]
    assert config["device"]["name"] == "My phone"
    assert config["origin"]["name"] == "motif"
    event = config["components"]["gesture"]
    assert (event["platform"], event["event_types"]) == ("event", ["swipe", "big circle"])
    assert event["state_topic"] == "stage/phone-1/event"
    assert event["unique_id"]
    trigger = config["components"]["trigger_big_circle"]
    assert (trigger["platform"], trigger["automation_type"]) == ("device_automation", "trigger")
    assert (trigger["topic"], trigger["payload"]) == ("stage/phone-1/gesture", "big circle")
    assert {"type", "subtype"} <= set(trigger)
    assert json.loads(said["stage/phone-1/event"])["event_type"] == "swipe"
    assert said["stage/phone-1/gesture"] == "swipe"
    assert json.loads(said["stage/phone-1/own"]) == {"sure": 0.93}
    assert json.loads(said["stage/phone-1/whole"]) == EVENT.to_dict()
    assert said["stage/phone-1/availability"] == "offline"  # the last word


def test_the_broker_keeps_for_who_comes_later_what_it_is_asked_to_and_no_gesture():
    async def run():
        port = samples.free_port()
        async with samples.broker(port):
            action = MqttAction(MqttSettings(port=port), clock=SystemClock())
            await action.open()
            async with samples.listening(port, "motif/motif/kept") as first:
                await action.perform(EVENT, MqttMessage())
                await action.perform(EVENT, MqttMessage(topic="motif/motif/kept", payload="yes", retain=True))
                await first.until(1)
            async with samples.listening(port, "motif/#") as heard:
                await action.perform(EVENT, MqttMessage(topic="motif/motif/now", payload="yes"))
                got = await heard.until(1)
                while ("motif/motif/now", "yes") not in got:
                    await heard.until(len(got) + 1)
            await action.close()
            return got

    assert dict(asyncio.run(run())) == {f"motif/motif/{name}": "yes" for name in ("kept", "now")} | {
        "motif/motif/availability": "online"
    }


def test_home_assistant_is_told_again_when_it_was_started_again():
    async def run():
        import aiomqtt

        port = samples.free_port()
        async with samples.broker(port), samples.listening(port, "homeassistant/device/motif/config") as heard:
            action = MqttAction(MqttSettings(port=port), clock=SystemClock())
            await action.open()
            await heard.until(1)
            async with aiomqtt.Client("127.0.0.1", port) as home_assistant:
                await home_assistant.publish("homeassistant/status", "online")
            await heard.until(2)
            await action.close()

    asyncio.run(run())


def test_a_broker_that_dies_is_said_and_found_again():
    async def run():
        port, clock = samples.free_port(), ManualClock()
        settings = MqttSettings(port=port)
        action = MqttAction(settings, clock=clock)
        with pytest.raises(ActionError, match=f"{port} cannot be reached, it refuses the connection; is it running"):
            await action.open()
        async with samples.broker(port):
            await action.open()
            await action.perform(EVENT, MqttMessage())
        await clock.until_asleep()  # the connection was lost, it waits to try again
        with pytest.raises(ActionError, match="the broker is gone"):
            await action.perform(EVENT, MqttMessage())
        async with samples.broker(port), samples.listening(port, "motif/motif/#") as heard:
            await clock.advance(1.0)
            await heard.until(1)
            await action.perform(EVENT, MqttMessage())
            assert ("motif/motif/gesture", "swipe") in await heard.until(3)
            await action.close()

    asyncio.run(run())


@pytest.mark.parametrize("host", ["", "a..b"])
def test_a_broker_whose_name_cannot_be_is_said_at_once(host):
    async def run():
        async with asyncio.timeout(20):
            with pytest.raises(ActionError, match="cannot be reached"):
                await MqttAction(MqttSettings(host=host), clock=ManualClock()).open()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("model", "parts"), [(MqttMessage, {"topic": "a/#"}), (MqttMessage, {"topic": ""}), (MqttSettings, {"node": "a/b"})]
)
def test_topics_that_cannot_be_are_refused(model, parts):
    with pytest.raises(ValidationError):
        model(**parts)
