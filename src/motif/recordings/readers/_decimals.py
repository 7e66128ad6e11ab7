"""Whether a table writes 1.5 or 1,5: told from its entries where they leave no doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable

from motif.recordings.readers._tables import is_number

__all__ = ["decimal_mark"]

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def decimal_mark(entries: Iterable[str]) -> str | None:
    """Return what stands before fractions; None where commas could also be something else.

    Examples
    --------
    >>> decimal_mark(["0", "1.5"]), decimal_mark(["0", "1,5"]), decimal_mark(["0", "1,500"])
    ('.', ',', None)
    """
    entries = list(entries)
    commas = [entry for entry in entries if "," in entry and is_number(entry, ",")]
    if not commas:
        return "."
    points = any("." in entry and is_number(entry) for entry in entries)
    thousands = all(_THOUSANDS.fullmatch(entry.strip()) for entry in commas)
    return None if points or thousands else ","
