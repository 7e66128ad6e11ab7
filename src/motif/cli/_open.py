"""Open a path as whatever it is: a bundle, a data set or a recording."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from motif.bundles import BundleRecognizer
    from motif.recordings import Dataset, Recording

__all__ = ["check_channels", "of_groups", "open_data", "open_dataset", "open_path"]


_RATE_TOLERANCE = 0.05
"""Clocks differ, and so does the tempo of people, by more than this."""


def open_path(path: Path) -> BundleRecognizer | Dataset | Recording:
    """Return the bundle, data set or recording at `path`.

    Raises
    ------
    FormatError
        It is a gesture database.
    """
    from motif.errors import FormatError
    from motif.templates._database_files import Files

    if (path / "manifest.json").exists():
        from motif.bundles import load

        return load(path)
    if Files(path).database.exists():
        raise FormatError(path, "it is a gesture database", hint=f"look at it with motif gestures list -d {path}")
    return open_data(path)


def open_data(path: Path, *, kind: str | None = None, **options: Any) -> Dataset | Recording:
    """Return a data set where a layout recognizes `path`, a recording otherwise, or the `kind` asked for."""
    from motif.recordings import dataset_layouts, load_dataset, read

    if kind is None:  # an annotated recording could be cut into a data set; unasked, it stays a recording
        layouts = [layout for name, layout in dataset_layouts().items() if name != "recordings"]
        labelled = path.exists() and any(layout.recognizes(path) for layout in layouts)
        kind = "dataset" if labelled else "recording"
    given = {name: value for name, value in options.items() if value is not None}
    return load_dataset(path, **given) if kind == "dataset" else read(path, **given)


def open_dataset(path: Path, groups: str | Sequence[str] | None = None) -> Dataset:
    """Return the data set at `path`, or those of its groups that are named, as `of_groups` does.

    Raises
    ------
    LabelError
        There is no such group.
    """
    from motif.recordings import load_dataset

    return of_groups(load_dataset(path), groups)


def of_groups(data: Dataset, groups: str | Sequence[str] | None) -> Dataset:
    """Return the windows of the groups that are named; all where `groups` is None.

    A text, as the command line gives it, is a group where one is called that, otherwise names with commas between.

    Raises
    ------
    LabelError
        There is no such group.
    """
    import numpy as np

    from motif.errors import LabelError

    if groups is None:
        return data
    wanted = _split(groups, data.group_names) if isinstance(groups, str) else list(groups)
    if missing := sorted(set(wanted) - set(data.group_names)):
        raise LabelError(f"no {data.group_kind} {', '.join(missing)}; there are {', '.join(data.group_names)}")
    return data.subset(np.isin(data.groups, wanted))


def _split(groups: str, there: Sequence[str]) -> list[str]:
    return [groups] if groups in there else [group.strip() for group in groups.split(",")]


def check_channels(recognizer: BundleRecognizer, data: Dataset) -> None:
    """Raise ConfigError where windows hold other channels than the bundle learnt, or at another rate.

    The shape may be the same.
    """
    from motif.errors import ConfigError

    window = recognizer.config.window
    lone = len(window.sensors) < 2 and len(data.sensors) < 2  # no other could be meant, whatever it is called
    if window.channels and (window.channels != data.channels or not (lone or window.sensors == data.sensors)):
        raise ConfigError(
            f"{data.name} has channels {', '.join(data.channels)} of {', '.join(data.sensors) or 'no sensor'}; "
            f"the bundle learnt {', '.join(window.channels)} of {', '.join(window.sensors) or 'no sensor'}: "
            "select or rename them"
        )
    if window.rate_hz and data.rate_hz and abs(data.rate_hz / window.rate_hz - 1) > _RATE_TOLERANCE:
        raise ConfigError(
            f"{data.name} has {data.rate_hz:g} samples a second; the bundle learnt windows of "
            f"{window.n_samples / window.rate_hz:g} s at {window.rate_hz:g} Hz: make the data set again at that rate "
            "(motif import --as dataset --rate)"
        )
