"""`Conductor`: what an event shall do, and when; no I/O, and the time is told to it."""

from __future__ import annotations

from dataclasses import dataclass

from motif.live._action_map import ActionMap, GestureRule
from motif.live._decks import Decks
from motif.live._event import Event
from motif.live._tempo import Tempo
from motif.live.actions._action import ActionModel

__all__ = ["Conductor", "Decision"]

_Key = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one rule for one event."""

    event: Event
    action: str
    """Name of the action; `panic`, `resume` and `tap` are ours."""
    message: ActionModel | None
    due_ns: int
    """When it is to be performed."""
    refused: str = ""
    """Why it is not; empty where it is."""
    too_late_ns: int | None = None
    """From when on it is not performed: the beat or bar after the one it waits for; None where it waits for none."""


class Conductor:
    """Applies the rules of a map to events.

    Parameters
    ----------
    rules : ActionMap
    phase_ns : int
        The time of a first beat of a bar.
    """

    def __init__(self, rules: ActionMap, *, phase_ns: int = 0) -> None:
        self._map = rules
        self.tempo = Tempo(rules.tempo.bpm, beats_per_bar=rules.tempo.beats_per_bar, phase_ns=phase_ns)
        """Beats; set or tap it at any time."""
        self.decks = Decks({name: deck.device for name, deck in rules.decks.items()})
        """Say here which deck plays."""
        self.is_muted = False
        """Whether nothing is performed, after a panic."""
        self._messages = {
            (gesture, i): rules.message(rule)
            for gesture, several in rules.gestures.items()
            for i, rule in enumerate(several)
        }
        self._quiet_until_ns: dict[_Key, int] = {}
        self._confirmed_until_ns: dict[_Key, int] = {}

    def panic(self) -> None:
        """Mute all actions until `resume`."""
        self.is_muted = True
        self._confirmed_until_ns.clear()

    def resume(self) -> None:
        """End the mute."""
        self.is_muted = False

    def decide(self, event: Event, now_ns: int) -> list[Decision]:
        """Return what becomes of each rule of the event's gesture."""
        if (ours := self._ours(event, now_ns)) is not None:
            return [ours]
        self._forget_what_is_over(now_ns)
        decisions = []
        for i, rule in enumerate(self._map.gestures.get(event.gesture, ())):
            key = (event.gesture, i, event.device)
            refused = self._refusal(rule, event, key, now_ns)
            due_ns, too_late_ns = now_ns, None
            if not refused:
                due_ns, too_late_ns = self._due_ns(rule, now_ns)
                self._take_note(rule, key, due_ns)
            message = self._messages[event.gesture, i]
            decisions.append(Decision(event, rule.action, message, due_ns, refused, too_late_ns))
        return decisions

    def _ours(self, event: Event, now_ns: int) -> Decision | None:
        """Return the decision where the gesture is one of the map's own."""
        panic = self._map.panic
        name = {panic.gesture: "panic", panic.resume: "resume", self._map.tempo.tap: "tap"}.get(event.gesture)
        if name is None:
            return None
        if name != "tap" and event.confidence < panic.min_confidence:
            return Decision(event, name, None, now_ns, f"confidence {event.confidence:.2f} < {panic.min_confidence}")
        if name == "tap":
            self.tempo.tap(now_ns)
        elif name == "resume":
            self.resume()
        else:
            self.panic()
        return Decision(event, name, None, now_ns)

    def _refusal(self, rule: GestureRule, event: Event, key: _Key, now_ns: int) -> str:
        lasted_s = (event.end_ns - event.start_ns) / 1e9
        if self.is_muted:
            return "all actions are muted since the panic; resume first"
        if event.confidence < rule.min_confidence:
            return f"confidence {event.confidence:.2f} < {rule.min_confidence}"
        if rule.devices and event.device not in rule.devices:
            return f"{event.device!r} is not one of {', '.join(rule.devices)}"
        if lasted_s < rule.hold_s:
            return f"held for {lasted_s:.2f} s; want {rule.hold_s} s"
        if now_ns < self._quiet_until_ns.get(key, now_ns):
            return f"cooling down for {(self._quiet_until_ns[key] - now_ns) / 1e9:.2f} s"
        if rule.deck is not None and not self.decks.claim(rule.deck, event.device):
            return f"deck {rule.deck} belongs to {self.decks.device_of(rule.deck)!r}"
        return self._lock(rule, key, now_ns)

    def _lock(self, rule: GestureRule, key: _Key, now_ns: int) -> str:
        if not rule.locked_while_playing or rule.deck is None or not self.decks.is_playing(rule.deck):
            return ""
        if self._confirmed_until_ns.pop(key, None) is not None:
            return ""
        self._confirmed_until_ns[key] = now_ns + round(rule.confirm_s * 1e9)
        return f"deck {rule.deck} plays; make the gesture again within {rule.confirm_s} s to confirm"

    def _due_ns(self, rule: GestureRule, now_ns: int) -> tuple[int, int | None]:
        """Return when it is due, and when it is too late."""
        if rule.when == "now":
            return now_ns, None
        if rule.when == "beat":
            due_ns, n_beats = self.tempo.next_beat_ns(now_ns), 1
        else:
            due_ns, n_beats = self.tempo.next_bar_ns(now_ns), self.tempo.beats_per_bar
        return due_ns, due_ns + round(n_beats * self.tempo.beat_s * 1e9)

    def _forget_what_is_over(self, now_ns: int) -> None:
        """Keep what still counts alone: of devices that came and went nothing is left."""
        for until_ns in (self._quiet_until_ns, self._confirmed_until_ns):
            for key in [key for key, end_ns in until_ns.items() if end_ns < now_ns]:
                del until_ns[key]

    def _take_note(self, rule: GestureRule, key: _Key, due_ns: int) -> None:
        quiet_s = max(rule.cooldown_s, rule.cooldown_beats * self.tempo.beat_s)
        if quiet_s:
            self._quiet_until_ns[key] = due_ns + round(quiet_s * 1e9)
        if rule.deck is not None and rule.plays is not None:
            self.decks.set_playing(rule.deck, rule.plays)
