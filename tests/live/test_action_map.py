"""A map says what a gesture does; a mistake in it is named by line, key and wish."""

import pytest

from motif.errors import ConfigError, MissingFileError, SourceError
from motif.live import ActionMap
from motif.live.actions import OscAction, OscMessage
from motif.sources import ManualClock

GOOD = """
actions:
  visuals: {type: osc, port: 9000}
  synth:
    type: midi
    port: Stage
decks:
  a: {device: left phone}
gestures:
  swipe:
    action: visuals
    send: {address: /next, arguments: [1, $confidence]}
  circle:
    - {action: synth, send: {note: C4}, when: bar, cooldown_beats: 4}
    - {action: visuals, send: {address: /spin}, deck: a, locked_while_playing: true}
panic: {gesture: cross, resume: open}
tempo: {bpm: 126, tap: tap}
"""


def test_a_map_is_read_with_one_rule_or_many_for_a_gesture():
    found = ActionMap.from_yaml(GOOD)
    assert [len(rules) for rules in found.gestures.values()] == [1, 2]
    assert found.gestures["circle"][0].when == "bar"
    assert found.message(found.gestures["swipe"][0]) == OscMessage(address="/next", arguments=[1, "$confidence"])
    made = found.make_actions(ManualClock())
    assert isinstance(made["visuals"], OscAction)
    assert (found.panic.gesture, found.tempo.bpm, found.decks["a"].device) == ("cross", 126, "left phone")


def test_a_map_is_read_from_a_file(tmp_path):
    path = tmp_path / "map.yaml"
    with pytest.raises(MissingFileError, match="a YAML file that maps gestures"):
        ActionMap.load(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SourceError, match="UTF-8"):
        ActionMap.load(path)
    path.write_text(GOOD, encoding="utf-8")
    assert ActionMap.load(path) == ActionMap.from_yaml(GOOD)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "port: 9000",
            "port: 90000",
            "line 3, actions.visuals.port is 90000: Input should be less than or equal to 65535",
        ),
        ("port: 9000", "prot: 9000", "line 3, actions.visuals.port: Field required"),
        ("port: 9000", "port: 9000, speed: 1", "line 3, actions.visuals.speed: this key is not known"),
        ("type: osc, ", "", "line 3, actions.visuals: `type` is missing; want such as `type: osc`"),
        ("type: osc", "type: smoke", "line 3, actions.visuals: action type 'smoke' is not known; want keys, log"),
        ("/next", "next", "line 12, gestures.swipe.send.address: String should match"),
        (
            "action: visuals\n    send",
            "action: lights\n    send",
            "line 10, gestures.swipe: there is no action 'lights'",
        ),
        ("deck: a", "deck: b", "line 15, gestures.circle.1: there is no deck 'b'; `decks` has a"),
        ("deck: a, ", "", "line 15, gestures.circle.1: `plays` and `locked_while_playing` are of a deck"),
        (
            "$confidence]",
            "$confidenc]",
            "line 12, gestures.swipe.send.arguments: '$confidenc' is no field of an event; want $gesture",
        ),
        ("note: C4", "note: H4", "line 14, gestures.circle.0.send.note: 'H4' is no note; want a number"),
        ("note: C4", "note: C4, control: 7", "line 14, gestures.circle.0.send: want exactly one of note, control"),
        (
            "when: bar",
            "when: later",
            "line 14, gestures.circle.0.when is later: Input should be 'now', 'beat' or 'bar'",
        ),
        ("bpm: 126", "bpm: 1", "line 17, tempo.bpm is 1: Input should be greater than or equal to 20"),
        ("panic:", "panics:", "line 16, panics: this key is not known"),
        ("resume: open", "resume: cross", "line 16, panic.resume: 'cross' is also panic.gesture; want another gesture"),
        ("tap: tap", "tap: cross", "line 17, tempo.tap: 'cross' is also panic.gesture; want another gesture"),
        ("panic:", "decks: {}\npanic:", "decks: this key stands here before; want it once"),
        ("decks:\n  a: {device: left phone}", "decks: 7", "line 7, decks is 7: Input should be a valid dictionary"),
        (
            "swipe:\n    action: visuals\n",
            "swipe:\n    visuals: 1\n",
            "line 10, gestures.swipe.0.action: Field required",
        ),
    ],
)
def test_a_mistake_is_named_by_its_line_its_key_and_the_wish(before, after, message):
    assert before in GOOD
    with pytest.raises(ConfigError) as caught:
        ActionMap.from_yaml(GOOD.replace(before, after), name="live.yaml")
    assert "live.yaml line" in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["[1, 2]", "", "just words", "a: [", "a: &a [*a]", "{" * 1500, "a: 2020-13-45"])
def test_what_is_no_map_is_refused(text):
    with pytest.raises(ConfigError, match="the action map"):
        ActionMap.from_yaml(text)


def test_yaml_cannot_make_objects():
    with pytest.raises(ConfigError, match="no YAML"):
        ActionMap.from_yaml("actions: !!python/object/apply:os.system ['true']")
