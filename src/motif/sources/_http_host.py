"""By which name a caller knows this machine."""

from __future__ import annotations

__all__ = ["host_of"]


def host_of(netloc: str) -> str:
    """Return the name or address in `name:port` or `[address]:port`."""
    if netloc.startswith("["):
        return netloc[1:].partition("]")[0].lower()
    return netloc.partition(":")[0].lower()
