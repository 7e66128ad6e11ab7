"""How tests talk to a stream."""

from __future__ import annotations

import json
from typing import Any

from websockets.sync.client import ClientConnection, connect


def open_stream(port: int, **query: object) -> ClientConnection:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return connect(f"ws://127.0.0.1:{port}/v1/stream?{asked}", proxy=None)


def hear(connection: ClientConnection) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(connection.recv(timeout=30))
    return found
