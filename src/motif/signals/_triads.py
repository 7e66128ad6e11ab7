"""Which channels belong together: the three axes of one quantity."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["triads"]


def triads(channels: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """Return the channels that are x, y and z of one quantity, by their names.

    Parameters
    ----------
    channels
        Names such as `acc_x`; those without both partners are left out.

    Returns
    -------
    dict
        From the quantity (`acc`) to the positions of its three axes.

    Examples
    --------
    >>> triads(["acc_x", "acc_y", "acc_z", "pressure"])
    {'acc': (0, 1, 2)}
    """
    position = {name: index for index, name in enumerate(channels)}
    found = {}
    for name in channels:
        quantity, _, axis = name.rpartition("_")
        axes = [f"{quantity}_{letter}" for letter in "xyz"]
        if axis == "x" and all(each in position for each in axes):
            x, y, z = (position[each] for each in axes)
            found[quantity] = (x, y, z)
    return found
