"""Column names out of a pickle, without unpickling it.

pandas keeps the column names of a PyTables table as a pickled list of tuples of texts. `pickletools.genops` only splits
a pickle into its instructions; the few that build lists, tuples and texts are followed here, and any other, such as one
that would call a function, ends the reading.
"""

from __future__ import annotations

import pickletools
from typing import Any

__all__ = ["pickled_names"]

_MARK = object()
_TEXTS = {
    "UNICODE",
    "BINUNICODE",
    "SHORT_BINUNICODE",
    "STRING",
    "BINSTRING",
    "SHORT_BINSTRING",
    "INT",
    "BININT1",
    "BININT",
}
_NOTHING = {"PROTO", "FRAME"}


def pickled_names(data: bytes) -> list[Any]:
    r"""Return the list of tuples of texts that a pickle describes.

    Raises
    ------
    ValueError
        It holds anything but lists, tuples, texts and whole numbers.

    Examples
    --------
    >>> pickled_names(b"(lp0\n(VNose\nVx\ntp1\na.")
    [('Nose', 'x')]
    """
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    for code, argument, _ in pickletools.genops(data):
        if code.name == "STOP":
            break
        _follow(code.name, argument, stack, memo)
    if len(stack) != 1 or not isinstance(stack[0], list):
        raise ValueError("the column names are not a list")
    return stack[0]


def _follow(code: str, argument: Any, stack: list[Any], memo: dict[int, Any]) -> None:
    if code == "MARK":
        stack.append(_MARK)
    elif code in _TEXTS:
        stack.append(argument)
    elif code in ("LIST", "TUPLE"):
        items = _since_mark(stack)
        stack.append(items if code == "LIST" else tuple(items))
    elif code in ("EMPTY_LIST", "EMPTY_TUPLE"):
        stack.append([] if code == "EMPTY_LIST" else ())
    elif code in ("TUPLE1", "TUPLE2", "TUPLE3"):
        size = int(code[-1])
        stack[-size:] = [tuple(stack[-size:])]
    elif code == "APPEND":
        stack[-2].append(stack.pop())
    elif code == "APPENDS":
        items = _since_mark(stack)
        stack[-1].extend(items)
    elif code in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
        memo[len(memo) if code == "MEMOIZE" else argument] = stack[-1]
    elif code in ("GET", "BINGET", "LONG_BINGET"):
        stack.append(memo[argument])
    elif code not in _NOTHING:
        raise ValueError(f"the column names hold {code}, which could run code and is not followed")


def _since_mark(stack: list[Any]) -> list[Any]:
    at = len(stack) - 1 - stack[::-1].index(_MARK)
    items = stack[at + 1 :]
    del stack[at:]
    return items
