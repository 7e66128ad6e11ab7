"""How Home Assistant finds a device that makes gestures: its MQTT discovery of whole devices.

References
----------
Home Assistant, "MQTT", *Device discovery payload* (since 2024.11); "MQTT Event"; "MQTT Device trigger".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from motif import __version__

__all__ = ["discovery", "plain"]


def discovery(node: str, name: str, gestures: Sequence[str], base: str) -> dict[str, Any]:
    """Return what is published, retained, to `<prefix>/device/<node>/config`.

    An event entity carries all gestures with their confidence; a device trigger for each makes automations a choice in
    a menu.
    """
    triggers = {
        f"trigger_{plain(gesture)}": {
            "platform": "device_automation",
            "automation_type": "trigger",
            "type": "gesture",
            "subtype": gesture,
            "topic": f"{base}/{node}/gesture",
            "payload": gesture,
        }
        for gesture in gestures
    }
    event = {
        "platform": "event",
        "unique_id": f"motif_{node}_gesture",
        "name": "Gesture",
        "icon": "mdi:gesture",
        "state_topic": f"{base}/{node}/event",
        "event_types": list(gestures),
        "availability_topic": f"{base}/{node}/availability",
    }
    return {
        "device": {"identifiers": [f"motif_{node}"], "name": name, "manufacturer": "motif", "sw_version": __version__},
        "origin": {"name": "motif", "sw_version": __version__},
        "components": {"gesture": event, **triggers},
    }


def plain(text: str) -> str:
    """Return `text` with only what may stand in a topic of Home Assistant."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", text)
