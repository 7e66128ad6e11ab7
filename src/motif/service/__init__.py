"""The HTTP, WebSocket and MQTT face of bundles: `motif serve`. No training framework is ever loaded here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.service._app import Service
    from motif.service._server import open_service, running, serve
    from motif.service._settings import Role, ServiceSettings, load_settings
    from motif.service._shelf import Model, Shelf
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_app": ("Service",),
            "_server": ("open_service", "running", "serve"),
            "_settings": ("Role", "ServiceSettings", "load_settings"),
            "_shelf": ("Model", "Shelf"),
        },
    )

__all__ = ["Model", "Role", "Service", "ServiceSettings", "Shelf", "load_settings", "open_service", "running", "serve"]
