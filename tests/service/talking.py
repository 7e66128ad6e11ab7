"""How tests talk to a stream."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect


def open_stream(port: int, **query: object) -> ClientConnection:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return connect(f"ws://127.0.0.1:{port}/v1/stream?{asked}", proxy=None)


def hear(connection: ClientConnection) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(connection.recv(timeout=30))
    return found


@contextmanager
def stalled_stream(port: int) -> Iterator[None]:
    """A client that asks until the service takes no more, as it reads none of the answers."""
    with socket.socket() as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.connect(("127.0.0.1", port))
        stalled.settimeout(1.0)
        stalled.sendall(
            f"GET /v1/stream?stream=stalled HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        assert b" 101 " in stalled.recv(100)
        said = b'{"end":true,"seq":1}'
        frame = bytes([0x81, 0x80 | len(said), 0, 0, 0, 0]) + said  # masked with zeros
        with contextlib.suppress(TimeoutError):
            while True:
                stalled.sendall(frame * 100)
        yield
