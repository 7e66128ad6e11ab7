"""A socket that listens, for a server to take."""

from __future__ import annotations

import socket

from motif.errors import SourceError

__all__ = ["listening_socket"]

_BACKLOG = 4096


def listening_socket(host: str, port: int, *, hint: str) -> socket.socket:
    """Listen on an address of this machine; port 0 takes any that is free.

    Raises
    ------
    SourceError
        The port is taken, or the address is not one of this machine; `hint` says what to do then.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, or asyncio leaves Nagle on
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or error
        raise SourceError(f"cannot listen on {host} port {port} ({reason}); {hint}") from error
    listener.setblocking(False)
    return listener
