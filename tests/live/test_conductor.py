"""The rules of a map, step by step on a clock that is told to them."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.live.action_samples import EVENT

from motif.errors import ConfigError
from motif.live import ActionMap, Conductor, Tempo

S = 1_000_000_000
NOW = 1_700_000_000 * S


def conductor(rule="", rest=""):
    text = f"""
actions: {{lights: {{type: osc, port: 9000}}}}
gestures:
  swipe: {{action: lights, send: {{address: /a}}{", " + rule if rule else ""}}}
  hands_up: {{action: lights, send: {{address: /b}}}}
{rest}
"""
    return Conductor(ActionMap.from_yaml(text), phase_ns=NOW)


def refusal(conducting, seconds=0.0, **changes):
    (decision,) = conducting.decide(replace(EVENT, **changes), NOW + round(seconds * S))
    return decision.refused


def test_a_gesture_without_a_rule_does_nothing_and_one_with_a_rule_does_it_now():
    conducting = conductor()
    assert conducting.decide(replace(EVENT, gesture="nod"), NOW) == []
    (decision,) = conducting.decide(EVENT, NOW)
    assert (decision.action, decision.message.address, decision.due_ns, decision.refused) == ("lights", "/a", NOW, "")


def test_too_little_confidence_is_refused():
    assert refusal(conductor("min_confidence: 0.95")) == "confidence 0.93 < 0.95"
    assert refusal(conductor("min_confidence: 0.93")) == ""


def test_a_movement_must_have_been_held():
    assert refusal(conductor("hold_s: 0.6")) == "held for 0.50 s; want 0.6 s"
    assert refusal(conductor("hold_s: 0.5")) == ""


def test_only_the_devices_of_a_rule_count():
    assert "'phone' is not one of watch" in refusal(conductor("devices: [watch]"))
    assert refusal(conductor("devices: [watch, phone]")) == ""


def test_a_rule_cools_down_for_each_device_by_itself():
    conducting = conductor("cooldown_s: 2")
    assert refusal(conducting) == ""
    assert refusal(conducting, 1.5) == "cooling down for 0.50 s"
    assert refusal(conducting, 1.5, device="watch") == ""
    assert refusal(conducting, 2.0) == ""


def test_a_cooldown_in_beats_follows_the_tempo():
    conducting = conductor("cooldown_beats: 4")
    conducting.tempo.set(60)
    assert refusal(conducting) == ""
    assert refusal(conducting, 3.9) == "cooling down for 0.10 s"
    conducting.tempo.set(120)
    assert refusal(conducting, 4.0) == ""
    assert refusal(conducting, 6.0) == ""


@pytest.mark.parametrize(
    ("when", "seconds", "due"), [("beat", 0.6, 1.0), ("bar", 0.6, 2.0), ("beat", 1.0, 1.0), ("bar", 2.1, 4.0)]
)
def test_on_the_beat_or_the_bar(when, seconds, due):
    (decision,) = conductor(f"when: {when}").decide(EVENT, NOW + round(seconds * S))
    assert decision.due_ns == NOW + round(due * S)


def test_panic_mutes_everything_until_resumed():
    conducting = conductor(rest="panic: {gesture: cross, resume: open, min_confidence: 0.9}")
    assert "confidence" in refusal(conducting, gesture="cross", confidence=0.5)
    (decision,) = conducting.decide(replace(EVENT, gesture="cross"), NOW)
    assert (decision.action, decision.message, conducting.is_muted) == ("panic", None, True)
    assert "muted" in refusal(conducting)
    assert refusal(conducting, gesture="open") == ""
    assert refusal(conducting) == ""
    conducting.panic()
    assert "resume first" in refusal(conducting, gesture="hands_up")
    conducting.resume()
    assert refusal(conducting, gesture="hands_up") == ""


def test_thousands_of_devices_that_came_and_went_leave_nothing_behind():
    conducting = conductor("cooldown_s: 2, deck: a, locked_while_playing: true", "decks: {a: {}}")
    for i in range(5000):
        conducting.decks.release("a")
        conducting.decks.set_playing("a", i % 2 == 0)
        refusal(conducting, 3 * i, device=f"phone {i}")
    assert len(conducting._quiet_until_ns) + len(conducting._confirmed_until_ns) <= 2


@given(
    moments=st.lists(
        st.tuples(st.integers(0, 3 * S), st.sampled_from(["phone", "watch"]), st.floats(0, 1)), max_size=30
    ),
    cooldown=st.sampled_from(["cooldown_s: 1.5", "cooldown_beats: 4"]),
    when=st.sampled_from(["now", "beat", "bar"]),
)
def test_a_rule_never_acts_twice_within_its_cooldown_and_what_is_due_on_a_beat_is_due_on_the_next(
    moments, cooldown, when
):
    conducting = conductor(f"{cooldown}, when: {when}, min_confidence: 0.3")
    quiet_ns = 1.5 * S if cooldown == "cooldown_s: 1.5" else 4 * conducting.tempo.beat_s * S
    last_ns = {}
    now_ns = NOW
    for step_ns, device, confidence in moments:
        now_ns += step_ns
        (decision,) = conducting.decide(replace(EVENT, device=device, confidence=confidence), now_ns)
        if decision.refused:
            continue
        tempo = conducting.tempo
        next_ns = {"now": now_ns, "beat": tempo.next_beat_ns(now_ns), "bar": tempo.next_bar_ns(now_ns)}[when]
        assert decision.due_ns == next_ns
        n_beats = {"now": 0, "beat": 1, "bar": 4}[when]
        assert (decision.too_late_ns or next_ns) == next_ns + round(n_beats * tempo.beat_s * S)
        assert decision.due_ns - last_ns.get(device, -10 * S) >= quiet_ns
        last_ns[device] = decision.due_ns


@given(steps=st.lists(st.tuples(st.integers(0, S), st.sampled_from(["swipe", "cross", "open"])), max_size=30))
def test_between_a_panic_and_its_end_nothing_is_done(steps):
    conducting = conductor("when: bar", "panic: {gesture: cross, resume: open}")
    is_muted, now_ns = False, NOW
    for step_ns, gesture in steps:
        now_ns += step_ns
        (decision,) = conducting.decide(replace(EVENT, gesture=gesture), now_ns)
        is_muted = {"cross": True, "open": False}.get(gesture, is_muted)
        assert bool(decision.refused) == (is_muted and gesture == "swipe")


DECK = "decks: {a: {device: phone}, b: {}}"


def test_a_deck_listens_to_its_own_device():
    assert refusal(conductor("deck: a", DECK)) == ""
    assert refusal(conductor("deck: a", DECK), device="watch") == "deck a belongs to 'phone'"


def test_a_deck_without_a_device_belongs_to_the_first_until_released():
    conducting = conductor("deck: b", DECK)
    assert refusal(conducting, device="watch") == ""
    assert refusal(conducting) == "deck b belongs to 'watch'"
    conducting.decks.release("b")
    assert refusal(conducting) == ""


def test_a_playing_deck_is_locked_until_the_gesture_is_made_again_in_time():
    conducting = conductor("deck: a, locked_while_playing: true, confirm_s: 2", DECK)
    assert refusal(conducting) == ""
    conducting.decks.set_playing("a", True)
    assert "make the gesture again within 2.0 s" in refusal(conducting, 10)
    assert refusal(conducting, 11) == ""
    assert "again" in refusal(conducting, 12)  # each time anew
    assert "again" in refusal(conducting, 15)  # too late
    conducting.panic()
    conducting.resume()
    assert "again" in refusal(conducting, 16)  # a panic forgets what was asked
    conducting.decks.set_playing("a", False)
    assert refusal(conducting, 20) == ""


def test_a_rule_says_whether_its_deck_plays_afterwards():
    conducting = conductor("deck: a, plays: true", DECK)
    assert not conducting.decks.is_playing("a")
    refusal(conducting)
    assert conducting.decks.is_playing("a")
    with pytest.raises(ConfigError, match="no deck 'c'; want a, b"):
        conducting.decks.set_playing("c", True)


def test_a_gesture_taps_the_tempo():
    conducting = conductor("when: beat", "tempo: {bpm: 120, tap: tap}\npanic: {gesture: cross, min_confidence: 0.9}")
    for i in range(4):
        assert refusal(conducting, 10 + 0.4 * i, gesture="tap", confidence=0.5) == ""
    assert conducting.tempo.bpm == pytest.approx(150)
    (decision,) = conducting.decide(EVENT, NOW + round(11.5 * S))
    assert decision.due_ns == pytest.approx(NOW + 11.6 * S, abs=1000)


@given(bpm=st.floats(20, 400), phase=st.integers(-10 * S, 10 * S), now=st.integers(0, 1000 * S), bar=st.integers(1, 7))
@example(bpm=189.0, phase=0, now=318, bar=2)
def test_the_next_beat_is_never_past_never_far_and_on_the_grid(bpm, phase, now, bar):
    tempo = Tempo(bpm, beats_per_bar=bar, phase_ns=phase)
    beat, first = tempo.next_beat_ns(now), tempo.next_bar_ns(now)
    assert now <= beat <= now + tempo.beat_s * 1e9 + 1
    assert beat <= first
    assert first <= now + bar * tempo.beat_s * 1e9 + 1
    steps = (beat - phase) / (tempo.beat_s * 1e9)
    assert abs(steps - round(steps)) * tempo.beat_s < 1e-5


@given(bpm=st.floats(25, 390), n=st.integers(2, 12))
def test_tapping_finds_the_tempo(bpm, n):
    tempo = Tempo()
    for i in range(n):
        tempo.tap(NOW + round(i * 60e9 / bpm))
    assert tempo.bpm == pytest.approx(bpm, rel=1e-6)
    assert tempo.next_bar_ns(NOW) == pytest.approx(NOW, abs=1e4)


def test_taps_are_followed_to_another_tempo_and_up_to_400_beats_a_minute():
    tempo = Tempo()
    now = NOW
    for step_s in [1.0] * 10 + [0.5] * 8 + [0.1] * 8:
        now += round(step_s * S)
        tempo.tap(now)
        if now == NOW + 14 * S:
            assert tempo.bpm == pytest.approx(120)
    assert tempo.bpm == pytest.approx(400)


def test_a_long_pause_begins_a_new_series_of_taps():
    tempo = Tempo(100)
    tempo.tap(NOW)
    tempo.tap(NOW + 10 * S)
    assert tempo.bpm == pytest.approx(100)
    assert tempo.next_bar_ns(NOW + 10 * S) == NOW + 10 * S
    for bad in (10, 1000, float("nan")):
        with pytest.raises(ConfigError):
            tempo.set(bad)
    with pytest.raises(ConfigError):
        Tempo(beats_per_bar=0)
