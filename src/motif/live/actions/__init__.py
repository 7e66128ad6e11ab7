"""What gestures do: MIDI, OSC, keystrokes, webhooks, MQTT with Home Assistant, lines of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.live.actions._action import Action, ActionModel
    from motif.live.actions._keyboard import Keyboard
    from motif.live.actions._keys import KeysAction, KeysMessage, KeysSettings
    from motif.live.actions._log import LogAction, LogMessage, LogSettings
    from motif.live.actions._midi import MidiAction, MidiMessage, MidiSettings
    from motif.live.actions._midi_port import MemoryPort, MidiPort
    from motif.live.actions._mqtt import MqttAction, MqttMessage, MqttSettings
    from motif.live.actions._osc import OscAction, OscMessage, OscSettings
    from motif.live.actions._registry import action_type, known_actions
    from motif.live.actions._webhook import WebhookAction, WebhookMessage, WebhookSettings
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_action": ("Action", "ActionModel"),
            "_keyboard": ("Keyboard",),
            "_keys": ("KeysAction", "KeysMessage", "KeysSettings"),
            "_log": ("LogAction", "LogMessage", "LogSettings"),
            "_midi": ("MidiAction", "MidiMessage", "MidiSettings"),
            "_midi_port": ("MemoryPort", "MidiPort"),
            "_mqtt": ("MqttAction", "MqttMessage", "MqttSettings"),
            "_osc": ("OscAction", "OscMessage", "OscSettings"),
            "_registry": ("action_type", "known_actions"),
            "_webhook": ("WebhookAction", "WebhookMessage", "WebhookSettings"),
        },
    )

__all__ = [
    "Action",
    "ActionModel",
    "Keyboard",
    "KeysAction",
    "KeysMessage",
    "KeysSettings",
    "LogAction",
    "LogMessage",
    "LogSettings",
    "MemoryPort",
    "MidiAction",
    "MidiMessage",
    "MidiPort",
    "MidiSettings",
    "MqttAction",
    "MqttMessage",
    "MqttSettings",
    "OscAction",
    "OscMessage",
    "OscSettings",
    "WebhookAction",
    "WebhookMessage",
    "WebhookSettings",
    "action_type",
    "known_actions",
]
