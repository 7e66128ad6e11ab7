"""`ActionMap`: which gesture does what, and under which conditions. Read from YAML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, field_validator

from motif.errors import ConfigError, MissingFileError, SourceError
from motif.live.actions._action import Action, ActionModel
from motif.live.actions._registry import action_type
from motif.settings import line_of, problems, validated
from motif.sources import Clock

__all__ = ["ActionMap", "DeckSettings", "GestureRule", "PanicSettings", "TempoSettings"]

_Seconds = Annotated[float, Field(ge=0.0, le=3600.0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class GestureRule(_Part):
    """One thing a gesture does."""

    action: str
    """Name of one of the map's `actions`."""
    send: dict[str, Any] = {}
    """What that action is told: its own keys."""
    min_confidence: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """A gesture told with less does nothing."""
    hold_s: _Seconds = 0.0
    """How long the movement must have lasted."""
    cooldown_s: _Seconds = 0.0
    """How long the same gesture of the same device does nothing afterwards."""
    cooldown_beats: Annotated[float, Field(ge=0.0, le=1024.0)] = 0.0
    """The same in beats of the tempo; the longer of the two counts."""
    when: Literal["now", "beat", "bar"] = "now"
    """At once, or on the next beat or bar of the tempo."""
    devices: tuple[str, ...] = ()
    """Only these devices; any where left out."""
    deck: str | None = None
    """The deck it acts on: only its own device may."""
    plays: bool | None = None
    """Whether the deck plays once this was done; left out where that does not change it."""
    locked_while_playing: bool = False
    """While the deck plays, refuse it unless the gesture is made again within `confirm_s`."""
    confirm_s: _Seconds = 2.0
    """How long a refused gesture may be confirmed."""


class DeckSettings(_Part):
    """A deck, driven by one device."""

    device: str | None = None
    """Its device; the first that acts on it where left out."""


class TempoSettings(_Part):
    """What beats are."""

    bpm: Annotated[float, Field(ge=20.0, le=400.0)] = 120.0
    """Beats a minute, until they are tapped or set."""
    beats_per_bar: PositiveInt = 4
    """Beats of a bar."""
    tap: str | None = None
    """A gesture that taps the beat."""


class PanicSettings(_Part):
    """What stops everything."""

    gesture: str | None = None
    """Ends all notes, lets go of all keys and mutes all actions."""
    resume: str | None = None
    """The gesture that ends the mute."""
    min_confidence: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """For both of them."""


class ActionMap(_Part):
    """Which gesture does what."""

    actions: dict[str, dict[str, Any]] = {}
    """Names, each with a `type` and the settings of that type."""
    gestures: dict[str, tuple[GestureRule, ...]] = {}
    """Gestures and what each does: one thing, or a list."""
    decks: dict[str, DeckSettings] = {}
    """The decks that rules may name."""
    tempo: TempoSettings = TempoSettings()
    """Beats and bars."""
    panic: PanicSettings = PanicSettings()
    """What stops everything."""
    dry_run: bool = False
    """Say what would be done, and do nothing."""

    @field_validator("gestures", mode="before")
    @classmethod
    def _one_or_many(cls, gestures: Any) -> Any:
        if not isinstance(gestures, Mapping):
            return gestures
        return {name: [rule] if isinstance(rule, Mapping) else rule for name, rule in gestures.items()}

    @classmethod
    def from_yaml(cls, text: str, *, name: str = "the action map") -> Self:
        """Read a map from the text of a YAML file.

        Parameters
        ----------
        text : str
        name : str
            What messages call it.

        Raises
        ------
        ConfigError
            A key that is not known, a value that cannot be, a rule whose action or deck is not there; with the line.
        """
        found = validated(cls, text, name)
        found._check(text, name)
        return found

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a map from a YAML file.

        Raises
        ------
        MissingFileError, SourceError
            The file is not there, or cannot be read.
        ConfigError
            As `from_yaml`.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise MissingFileError(path, want="a YAML file that maps gestures to actions") from error
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"{path} cannot be read ({error}); want a YAML file in UTF-8") from error
        return cls.from_yaml(text, name=str(path))

    def make_actions(self, clock: Clock) -> dict[str, Action]:
        """Return the actions by name, not opened."""
        told: dict[str, list[str]] = {name: [] for name in self.actions}
        for gesture, rules in self.gestures.items():
            for rule in rules:
                told[rule.action].append(gesture)
        made = {}
        for name, settings in self.actions.items():
            kind = action_type(settings["type"])
            own = kind.Settings.model_validate({k: v for k, v in settings.items() if k != "type"})
            made[name] = kind.make(own, clock=clock, gestures=tuple(dict.fromkeys(told[name])))
        return made

    def message(self, rule: GestureRule) -> ActionModel:
        """Return what a rule sends."""
        return action_type(self.actions[rule.action]["type"]).Message.model_validate(rule.send)

    def _check(self, text: str, name: str) -> None:
        """Refuse settings and messages that their actions would refuse, and names that lead nowhere."""
        for action, settings in self.actions.items():
            kind = _type_of(settings, f"{name} line {line_of(text, ['actions', action])}, actions.{action}")
            own = {key: value for key, value in settings.items() if key != "type"}
            _checked(kind.Settings, own, text, name, ["actions", action])
        self._check_ours(text, name)
        for gesture, rules in self.gestures.items():
            for i, rule in enumerate(rules):
                path: list[str | int] = ["gestures", gesture, *([i] if len(rules) > 1 else [])]
                where = f"{name} line {line_of(text, path)}, {'.'.join(map(str, path))}"
                _known(rule.action, self.actions, "action", "actions", where)
                if rule.deck is not None:
                    _known(rule.deck, self.decks, "deck", "decks", where)
                elif rule.plays is not None or rule.locked_while_playing:
                    raise ConfigError(f"{where}: `plays` and `locked_while_playing` are of a deck; name it by `deck`")
                _checked(action_type(self.actions[rule.action]["type"]).Message, rule.send, text, name, [*path, "send"])

    def _check_ours(self, text: str, name: str) -> None:
        """Refuse a gesture that is to be two of the map's own: one of them would never be done."""
        ours: dict[str, str] = {}
        for section, key in (("panic", "gesture"), ("panic", "resume"), ("tempo", "tap")):
            gesture: str | None = getattr(getattr(self, section), key)
            part = f"{section}.{key}"
            if gesture is not None and (other := ours.setdefault(gesture, part)) != part:
                where = f"{name} line {line_of(text, [section, key])}, {part}"
                raise ConfigError(f"{where}: {gesture!r} is also {other}; want another gesture for one of them")


def _type_of(settings: Mapping[str, Any], where: str) -> type[Action]:
    if "type" not in settings:
        raise ConfigError(f"{where}: `type` is missing; want such as `type: osc`")
    try:
        return action_type(str(settings["type"]))
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error


def _known(wanted: str, there: Mapping[str, Any], what: str, section: str, where: str) -> None:
    if wanted not in there:
        have = ", ".join(there) or "none"
        raise ConfigError(f"{where}: there is no {what} {wanted!r}; `{section}` has {have}")


def _checked(model: type[BaseModel], values: Any, text: str, name: str, path: list[str | int]) -> None:
    try:
        model.model_validate(values)
    except ValidationError as error:
        raise ConfigError(problems(error, text, name, path)) from error
