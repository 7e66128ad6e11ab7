"""Labelled data sets on disk: find out how one lies there, read it, and write our own file."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from motif.errors import ConfigError, FormatError, MotifError
from motif.recordings._dataset import Dataset
from motif.recordings._existing import existing
from motif.recordings._plugins import installed
from motif.recordings.dataset_readers import BUILT_IN, Layout
from motif.recordings.dataset_readers._own import save_dataset

__all__ = ["dataset_layouts", "dataset_options", "load_dataset", "save_dataset"]


@cache
def dataset_layouts() -> Mapping[str, Layout]:
    """Return the layouts that can be read, by name: the built-in ones and those of installed packages.

    A package adds one by an entry point of the group `motif.dataset_readers` that loads a
    `motif.recordings.dataset_readers.Layout`; those are tried first. One that cannot be loaded is left out with a
    warning that names it.
    """
    added: list[Layout] = installed("motif.dataset_readers", Layout, what="layout", wrong="it is not a Layout")
    return {layout.name: layout for layout in added} | {layout.name: layout for layout in BUILT_IN}


def load_dataset(
    path: str | Path,
    *,
    layout: str | None = None,
    window_s: float | None = None,
    hop_s: float | None = None,
    **options: Any,
) -> Dataset:
    """Read labelled windows from a file or a folder, whatever layout they lie in.

    Parameters
    ----------
    path : str or Path
        A file or a folder.
    layout : str, optional
        A name of `dataset_layouts()`; found out by looking at names and keys when left out.
    window_s, hop_s : float, optional
        Length of a window and time between two window starts, in seconds, where the layout holds continuous
        recordings that are still to be cut.
    **options
        Further options of that layout, such as `device="watch"`.

    Returns
    -------
    Dataset
        Windows with labels, groups and their place in time. `notes` says what was dropped or assumed.

    Raises
    ------
    MissingFileError
        There is nothing at `path`.
    FormatError
        No layout fits, or the content is damaged.
    ConfigError
        The layout has no such option, or there is no such layout.

    Examples
    --------
    >>> load_dataset("recordings/dsads").subset([0, 1]).groups  # doctest: +SKIP
    array(['p1', 'p1'], dtype='<U2')
    """
    path = existing(path, want="a file or folder of labelled recordings")
    given = {"window_s": window_s, "hop_s": hop_s, **options}
    try:
        chosen = _by_name(layout) if layout is not None else _by_look(path)
        return chosen.read(path, **_known_options(chosen, given))
    except MotifError:
        raise
    except OSError as error:
        raise FormatError(
            path, f"it cannot be read ({error.strerror or error})", hint="check its permissions"
        ) from error


def dataset_options(path: str | Path) -> tuple[str, ...]:
    """Return the options that `load_dataset` takes for what lies at `path`, such as `window_s` where it is continuous.

    Raises
    ------
    MissingFileError, FormatError
        There is nothing at `path`, or no layout fits.
    """
    return _options(_by_look(existing(path, want="a file or folder of labelled recordings")))


def _options(layout: Layout) -> tuple[str, ...]:
    parameters = inspect.signature(layout.read).parameters.values()
    return tuple(parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY)


def _known_options(layout: Layout, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given, if the layout has them."""
    known = _options(layout)
    wanted = {name: value for name, value in given.items() if value is not None}
    for name in wanted:
        if name not in known:
            options = f"it has {', '.join(known)}" if known else "its windows come as they were recorded"
            raise ConfigError(f"layout {layout.name!r} has no option {name!r}; {options}")
    return wanted


def _by_name(name: str) -> Layout:
    layouts = dataset_layouts()
    if name not in layouts:
        raise ConfigError(f"there is no layout {name!r}; there are {', '.join(sorted(layouts))}")
    return layouts[name]


def _by_look(path: Path) -> Layout:
    layouts = dataset_layouts().values()
    for layout in layouts:
        if layout.recognizes(path):
            return layout
    known = "\n".join(f"  {layout.name}: {layout.describes}" for layout in layouts)
    raise FormatError(path, "its layout is unknown", hint=f"want one of\n{known}")
