"""How wide each column of a table is, so that as few words as possible are broken."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["column_widths"]

_AROUND = 3
"""What stands between two columns: a line with a space on either side."""


def column_widths(columns: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """Return a width for each column of a table `width` wide, or None where it would break words of its head.

    The first column, which has names to copy, is as wide as they are.

    Parameters
    ----------
    columns : sequence of columns
        Each with its head first.

    Examples
    --------
    >>> column_widths([("run", "tcn_a_long_name"), ("started", "2026-03-01 09:30")], 40)
    [15, 16]
    >>> column_widths([("run", "tcn_a_long_name"), ("started", "2026-03-01 09:30")], 34)
    [15, 12]
    >>> column_widths([("run", "tcn_a_long_name"), ("started", "2026-03-01 09:30")], 20) is None
    True
    """
    from rich.cells import cell_len

    room = width - 1 - _AROUND * len(columns)
    whole = [max(cell_len(line) for cell in column for line in (cell.splitlines() or [""])) for column in columns]
    words = [max(map(cell_len, " ".join(column).split()), default=0) for column in columns]
    heads = [max(map(cell_len, column[0].split()), default=0) for column in columns]
    for widths in ([whole[0], *words[1:]], [whole[0], *heads[1:]]):
        if sum(widths) <= room:
            return _grown(widths, whole, room)
    return None


def _grown(widths: Sequence[int], wanted: Sequence[int], room: int) -> list[int]:
    """Return widths that share what room is left, the column first that lacks most."""
    grown = list(widths)
    for _ in range(min(room, sum(wanted)) - sum(widths)):
        lacking = [want - has for want, has in zip(wanted, grown, strict=True)]
        grown[lacking.index(max(lacking))] += 1
    return grown
