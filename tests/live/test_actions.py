"""What each action does beyond the contract: notes end, keys miss the wrong window, servers may fail."""

import asyncio
import contextlib
import json
import shutil
import sys

import mido
import pytest
from pydantic import ValidationError
from tests.live import action_samples as samples
from tests.live.action_samples import EVENT

from motif.errors import ActionError, ConfigError
from motif.live.actions import (
    KeysAction,
    KeysMessage,
    KeysSettings,
    LogAction,
    LogMessage,
    LogSettings,
    MemoryPort,
    MidiAction,
    MidiMessage,
    MidiSettings,
    MqttAction,
    MqttMessage,
    MqttSettings,
    OscAction,
    OscMessage,
    OscSettings,
    WebhookAction,
    WebhookMessage,
    WebhookSettings,
    action_type,
    known_actions,
)
from motif.live.actions._keyboard import open_keyboard
from motif.live.actions._keyboard_x11 import X11Keyboard
from motif.live.actions._midi_port import open_port
from motif.sources import ManualClock, SystemClock

needs_x = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb to press keys on")


def sent(port):
    return [(m.type, *(getattr(m, part) for part in ("note", "control", "program") if hasattr(m, part))) for m in port]


async def midi(clock, **settings):
    port = MemoryPort()
    action = MidiAction(MidiSettings(**settings), clock=clock, port=lambda name, virtual: port)
    await action.open()
    return action, port


def test_a_note_ends_when_its_time_is_over():
    async def run():
        clock = ManualClock()
        action, port = await midi(clock, channel=3)
        await action.perform(EVENT, MidiMessage(note="C4", velocity=90, duration_s=0.5))
        await clock.until_asleep()
        await clock.advance(0.4)
        assert sent(port.messages) == [("note_on", 60)]
        await clock.advance(0.2)
        assert sent(port.messages) == [("note_on", 60), ("note_off", 60)]
        assert {message.channel for message in port.messages} == {2}
        assert port.messages[0].velocity == 90

    asyncio.run(run())


def test_a_note_that_is_struck_again_ends_first_and_then_once():
    async def run():
        clock = ManualClock()
        action, port = await midi(clock)
        for _ in range(2):
            await action.perform(EVENT, MidiMessage(note=60, duration_s=1.0))
            await clock.until_asleep()
            await clock.advance(0.6)
        assert sent(port.messages) == [("note_on", 60), ("note_off", 60), ("note_on", 60)]
        await clock.advance(0.6)
        assert sent(port.messages)[3:] == [("note_off", 60)]

    asyncio.run(run())


def test_a_note_without_an_end_sounds_until_the_gesture_comes_again_or_panic():
    async def run():
        action, port = await midi(ManualClock())
        held = MidiMessage(note=60, duration_s=None)
        for _ in range(3):
            await action.perform(EVENT, held)
        assert sent(port.messages) == [("note_on", 60), ("note_off", 60), ("note_on", 60)]
        await action.release()
        assert sent(port.messages)[3] == ("note_off", 60)
        silenced = [(m.channel, m.control) for m in port.messages[4:]]
        assert silenced == [(channel, control) for channel in range(16) for control in (123, 120)]
        await action.close()
        assert port.closed

    asyncio.run(run())


def test_controllers_and_programs_go_to_their_channel():
    async def run():
        action, port = await midi(ManualClock())
        await action.perform(EVENT, MidiMessage(control=7, value=99, channel=16))
        await action.perform(EVENT, MidiMessage(program=5))
        assert [bytes(m.bytes()).hex() for m in port.messages] == ["bf0763", "c005"]
        assert "controller 7 to 99" in action.describe(MidiMessage(control=7, value=99))
        assert "program 5" in action.describe(MidiMessage(program=5))
        assert "note 66" in action.describe(MidiMessage(note="F#4"))

    asyncio.run(run())


@pytest.mark.parametrize(("name", "number"), [("C-1", 0), ("C4", 60), ("a4", 69), ("Bb3", 58), ("G9", 127)])
def test_notes_have_the_numbers_of_the_standard(name, number):
    assert MidiMessage(note=name).note == number


@pytest.mark.parametrize("parts", [{}, {"note": 1, "control": 2}, {"note": "H4"}, {"note": "G#9"}, {"program": 128}])
def test_a_midi_message_is_one_thing_within_its_range(parts):
    with pytest.raises(ValidationError):
        MidiMessage(**parts)


def test_a_device_that_is_pulled_out_is_said():
    class Pulled(MemoryPort):
        def send(self, message):
            raise OSError("no such device")

    async def run():
        action = MidiAction(MidiSettings(), clock=ManualClock(), port=lambda name, virtual: Pulled())
        await action.open()
        with pytest.raises(ActionError, match="still plugged in"):
            await action.perform(EVENT, MidiMessage(note=1))
        await action.release()
        await action.close()

    asyncio.run(run())


class Backend:
    """A driver for mido, as its documents describe one: `MIDO_BACKEND` names the module."""

    @staticmethod
    def Output(name=None, virtual=False, **settings):
        if name == "taken":
            raise RuntimeError("device is busy")
        return mido.ports.BaseOutput(name)

    @staticmethod
    def get_devices(**settings):
        return [{"name": "synth", "is_input": False, "is_output": True}]


def test_ports_are_opened_by_name_and_a_wrong_name_lists_what_there_is(monkeypatch):
    monkeypatch.setitem(sys.modules, "a_driver_of_ours", Backend)
    before = mido.backend
    mido.set_backend("a_driver_of_ours", load=True)
    try:
        assert open_port(None, False).name == "synth"
        assert open_port("mine", True).name == "mine"
        with pytest.raises(ActionError, match="no MIDI port drum; there are synth"):
            open_port("drum", False)
        with pytest.raises(ActionError, match="busy"):
            open_port("taken", True)
    finally:
        mido.set_backend(before)


def test_without_a_driver_midi_says_what_to_install(monkeypatch):
    before = mido.backend
    mido.set_backend("mido.backends.a_driver_nobody_has")
    try:
        with pytest.raises(ActionError, match="pip install python-rtmidi"):
            open_port(None, False)
    finally:
        mido.set_backend(before)


@needs_x
def test_keys_go_to_the_window_they_are_meant_for_and_no_other():
    async def run():
        async with samples.x_server() as display:
            player, chat = samples.XWindow(display, "Player"), samples.XWindow(display, "Chat")
            keyboard = X11Keyboard(display)
            action = KeysAction(KeysSettings(window="^player"), clock=SystemClock(), keyboard=lambda: keyboard)
            await action.open()
            message = KeysMessage(keys=["ctrl+shift+p", "A", ".", "f5"], hold_s=0)
            with pytest.raises(ActionError, match="'Chat chat Chat' is in front"):
                await action.perform(EVENT, message)
            player.focus()
            await action.perform(EVENT, message)
            pressed = [*await asyncio.to_thread(player.keys, 7)]
            assert chat.n_waiting() == player.n_waiting() == 0
            with pytest.raises(ActionError, match="no key 'nokey'"):
                await action.perform(EVENT, KeysMessage(keys="ctrl+nokey"))
            await action.close()
            player.close()
            chat.close()
            return pressed

    control, shift, f5 = 0xFFE3, 0xFFE1, 0xFFC2
    assert asyncio.run(run()) == [control, shift, ord("p"), shift, ord("a"), ord("."), f5]


@needs_x
def test_keys_that_are_held_are_let_go_by_panic():
    async def run():
        async with samples.x_server() as display:
            window, clock = samples.XWindow(display, "Player"), ManualClock()
            action = KeysAction(KeysSettings(any_window=True), clock=clock, keyboard=lambda: X11Keyboard(display))
            await action.open()
            holding = asyncio.create_task(action.perform(EVENT, KeysMessage(keys="space", hold_s=5)))
            await clock.until_asleep()
            assert window.released == []
            await action.release()
            await asyncio.to_thread(window.keys, 1)
            assert window.released == [ord(" ")]
            holding.cancel()
            await asyncio.gather(holding, return_exceptions=True)
            await action.close()
            window.close()

    asyncio.run(run())


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # python-xlib forgets those it could not use
def test_wayland_and_machines_without_a_display_are_told_apart(monkeypatch):
    if sys.platform != "linux":
        pytest.skip("other systems have one keyboard")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ActionError, match="DISPLAY is not set"):
        open_keyboard()
    monkeypatch.setenv("DISPLAY", ":9999")
    with pytest.raises(ActionError, match="cannot be opened"):
        open_keyboard()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    with pytest.raises(ActionError, match="Wayland session"):
        open_keyboard()


@pytest.mark.parametrize(
    "settings", [{}, {"window": "a", "any_window": True}, {"window": "("}, {"window": "a", "keys": "b"}]
)
def test_keys_want_a_window_or_the_word_that_any_will_do(settings):
    with pytest.raises(ValidationError):
        KeysSettings(**settings)


@pytest.mark.parametrize(
    ("keys", "parts"), [("+", ["+"]), ("ctrl++", ["ctrl", "+"]), ("ctrl+a", ["ctrl", "a"]), ("a+", None), ("", None)]
)
def test_a_plus_can_be_a_key(keys, parts):
    from motif.live.actions._keys import _parts

    if parts is None:
        with pytest.raises(ValidationError):
            KeysMessage(keys=keys)
    else:
        assert _parts(KeysMessage(keys=keys).keys[0]) == parts


class HurriedClock(SystemClock):
    """Takes note of each wait and does not wait."""

    def __init__(self):
        super().__init__()
        self.waits = []

    async def sleep(self, seconds):
        self.waits.append(seconds)


def post(answers, **settings):
    """Return what a server got, the waits between, and the error."""

    async def run():
        clock = HurriedClock()
        async with samples.web_world(answers) as (where, heard):
            action = WebhookAction(WebhookSettings(**where, **settings), clock=clock)
            await action.open()
            message = WebhookMessage(fields={"who": "$device", "n": [1, "$gesture"]})
            (error,) = await asyncio.gather(action.perform(EVENT, message), return_exceptions=True)
            await action.close()
            return heard.all, clock.waits, error

    return asyncio.run(run())


def test_a_webhook_gets_the_event_and_what_the_map_adds():
    got, waits, error = post([200], headers={"X-Room": "stage"})
    assert error is None
    assert waits == []
    ((path, headers, body),) = got
    assert path == "/hook"
    assert headers["X-Room"] == "stage"
    assert body == EVENT.to_dict() | {"who": "phone", "n": [1, "swipe"]}


def test_a_webhook_is_tried_again_with_longer_waits():
    got, waits, error = post([503, 429, 200], retries=2)
    assert error is None
    assert (len(got), waits) == (3, [0.25, 0.5])


@pytest.mark.parametrize(
    ("answers", "settings", "message", "n_tries"),
    [
        ([500], {"retries": 1}, "it answered 500", 2),
        ([404], {}, "it answered 404", 1),
        ([307], {}, "redirects to http://127.0.0.1:9/elsewhere, which is not followed", 1),
    ],
)
def test_what_a_webhook_does_not_take_is_said(answers, settings, message, n_tries):
    got, _, error = post(answers, **settings)
    assert isinstance(error, ActionError)
    assert message in str(error)
    assert len(got) == n_tries


def test_an_answer_without_an_end_is_left_and_the_post_counts():
    async def serve(reader, writer):
        with contextlib.suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
                await writer.drain()
        writer.close()

    async def run():
        async with asyncio.timeout(20), await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            action = WebhookAction(WebhookSettings(url=url, retries=0), clock=ManualClock())
            await action.open()
            await action.perform(EVENT, WebhookMessage())
            await action.close()

    asyncio.run(run())


def test_what_is_a_key_in_a_webhooks_url_is_told_to_nobody():
    url = f"http://user:s3cret@127.0.0.1:{samples.free_port()}/T000/s3cret?token=s3cret"

    async def run():
        action = WebhookAction(WebhookSettings(url=url, retries=0), clock=ManualClock())
        await action.open()
        with pytest.raises(ActionError) as told:
            await action.perform(EVENT, WebhookMessage())
        await action.close()
        return f"{told.value} {action.describe(WebhookMessage())} {WebhookSettings(url=url)!r}"

    told = asyncio.run(run())
    assert "127.0.0.1" in told
    assert "s3cret" not in told


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://", "http://["])
def test_a_webhook_wants_the_url_of_a_server(url):
    with pytest.raises(ValidationError, match=r"http://|Invalid"):
        WebhookSettings(url=url)


def test_a_server_that_is_not_there_is_said():
    async def run():
        url = f"http://127.0.0.1:{samples.free_port()}/"
        action = WebhookAction(WebhookSettings(url=url, retries=0), clock=ManualClock())
        await action.open()
        with pytest.raises(ActionError, match="is the server running"):
            await action.perform(EVENT, WebhookMessage())
        await action.close()

    asyncio.run(run())


def test_osc_says_what_it_cannot_send():
    async def run():
        action = OscAction(OscSettings(port=9))
        await action.open()
        with pytest.raises(ActionError, match=r"no field of an event; want \$gesture"):
            await action.perform(EVENT, OscMessage(address="/a", arguments=["$speed"]))
        await action.close()
        nowhere = OscAction(OscSettings(host="no host of this name", port=9))
        with pytest.raises(ActionError, match="is not known"):
            await nowhere.open()

    asyncio.run(run())
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


def test_a_log_that_cannot_be_written_is_said(tmp_path):
    async def run():
        with pytest.raises(ActionError, match="choose another path"):
            await LogAction(LogSettings(path=tmp_path / "no" / "log")).open()

    asyncio.run(run())


def test_a_log_without_a_path_goes_to_standard_output(capsys):
    async def run():
        action = LogAction(LogSettings())
        await action.open()
        await action.perform(EVENT, LogMessage())
        await action.close()

    asyncio.run(run())
    assert json.loads(capsys.readouterr().out) == EVENT.to_dict()


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
        with pytest.raises(ActionError, match="cannot be reached"):
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
    ("model", "parts"),
    [(MqttMessage, {"topic": "a/#"}), (MqttMessage, {"topic": ""}), (MqttSettings, {"node": "a/b"})],
)
def test_topics_that_cannot_be_are_refused(model, parts):
    with pytest.raises(ValidationError):
        model(**parts)


def test_a_type_nobody_knows_lists_those_there_are():
    with pytest.raises(ConfigError, match="'smoke' is not known; want keys, log, midi, mqtt, osc, webhook"):
        action_type("smoke")


def test_a_package_can_bring_an_action_and_a_broken_one_is_named(tmp_path, monkeypatch):
    (tmp_path / "smoke.py").write_text("from motif.live.actions import LogAction as SmokeAction\n")
    info = tmp_path / "smoke-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: smoke\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[motif.actions]\nsmoke = smoke:SmokeAction\nfog = smoke:FogAction\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert action_type("smoke") is LogAction
    assert {"smoke", "fog"} < set(known_actions())
    with pytest.raises(ConfigError, match=r"'fog' \(smoke:FogAction\) cannot be loaded"):
        action_type("fog")


def test_secrets_are_not_shown():
    shown = repr(MqttSettings(password="s3cret")) + repr(WebhookSettings(url="http://a", headers={"Key": "s3cret"}))
    assert "s3cret" not in shown
