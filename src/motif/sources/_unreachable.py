"""Why a peer cannot be reached, in words: libraries hand on an error's number, or nothing but its kind."""

from __future__ import annotations

import re

__all__ = ["why_unreachable"]


def why_unreachable(error: BaseException) -> str:
    """Return what a sentence about the peer goes on with.

    Examples
    --------
    >>> why_unreachable(ConnectionRefusedError(111, "Connection refused"))
    'refuses the connection'
    >>> why_unreachable(OSError(113, "No route to host"))
    'cannot be used: No route to host'
    """
    causes: list[BaseException] = [error]
    while (before := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(before)
    if any(isinstance(each, ConnectionRefusedError) for each in causes):
        return "refuses the connection"
    if any(isinstance(each, TimeoutError) for each in causes):
        return "does not answer"
    return "cannot be used: " + (re.sub(r"^\[[^]]*\] ", "", str(error)) or type(error).__name__)
