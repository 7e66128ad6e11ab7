"""What installed packages offer by entry points."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any

__all__ = ["installed"]


def installed(
    group: str, kind: type[Any], *, what: str, wrong: str, made: Callable[[Any], object] = lambda loaded: loaded
) -> list[Any]:
    """Return what packages offer in a group; one that cannot be loaded is left out with a warning that names it.

    Parameters
    ----------
    group : str
        Of the entry points.
    kind : type
        What each has to be.
    what, wrong : str
        How the warning calls one, and says that it is of another kind.
    made : callable
        From what an entry point loads to what is offered; the same where not given.
    """
    found = []
    for point in entry_points(group=group):
        try:
            offered = made(point.load())
        except (ImportError, AttributeError, TypeError, ValueError, OSError, RuntimeError) as error:
            _warn(what, point, f"{type(error).__name__}: {error}")
            continue
        if isinstance(offered, kind):
            found.append(offered)
        else:
            _warn(what, point, wrong)
    return found


def _warn(what: str, point: EntryPoint, problem: str) -> None:
    message = f"{what} {point.name!r} ({point.value}) is left out, {problem}"
    warnings.warn(f"{message}; update or remove the package it comes from", RuntimeWarning, stacklevel=4)
