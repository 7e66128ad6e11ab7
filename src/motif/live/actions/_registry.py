"""The actions there are: ours, and those of installed packages."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points

from motif.errors import ConfigError
from motif.live.actions._action import Action

__all__ = ["action_type", "known_actions"]

_GROUP = "motif.actions"
_OURS = {
    "keys": "KeysAction",
    "log": "LogAction",
    "midi": "MidiAction",
    "mqtt": "MqttAction",
    "osc": "OscAction",
    "webhook": "WebhookAction",
}


def known_actions() -> tuple[str, ...]:
    """Return the types of actions, as a map names them; packages add theirs to the entry points `motif.actions`."""
    return tuple(sorted({*_OURS, *(point.name for point in entry_points(group=_GROUP))}))


def action_type(name: str) -> type[Action]:
    """Return the class of a type.

    Raises
    ------
    ConfigError
        There is no such type, or its package is broken.
    """
    if name in _OURS:
        ours: type[Action] = getattr(import_module(f"motif.live.actions._{name}"), _OURS[name])
        return ours
    for point in entry_points(group=_GROUP, name=name):
        try:
            found: type[Action] = point.load()
        except (ImportError, AttributeError) as error:
            raise ConfigError(f"action type {name!r} ({point.value}) cannot be loaded: {error}") from error
        return found
    raise ConfigError(f"action type {name!r} is not known; want {', '.join(known_actions())}")
