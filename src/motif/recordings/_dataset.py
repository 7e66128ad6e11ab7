"""The `Dataset`: windows with labels, and where each of them was cut from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from motif.checks import is_number
from motif.errors import ColumnError, DtypeError, InputError, ShapeError, TooFewSamplesError
from motif.recordings._dataset_checks import check_labels, check_stretches, check_windows, integer_rows, text_rows

__all__ = ["Dataset", "concatenate"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Dataset:
    """Labelled windows that remember their subject and their place in time, so that no split can leak unseen.

    Frozen: its arrays cannot be written to. All are checked when it is made, so whoever holds one can rely on it.

    Raises
    ------
    ShapeError, DtypeError, NotFiniteError, LabelError, TooFewSamplesError
        The arrays disagree in length, `X` is not float32 or holds NaN, a label has no class, there are no windows.

    Examples
    --------
    >>> taps = Dataset(
    ...     name="taps", X=np.zeros((3, 6, 1, 50), np.float32), y=np.array([0, 1, 1]), class_names=("still", "tap"),
    ...     groups=np.array(["ann", "ann", "bob"]), group_kind="subject", stretch=np.array([0, 0, 1]),
    ...     start=np.array([0, 50, 0]), rate_hz=50.0, channels=("acc_x", "acc_y", "acc_z", "gyr_x", "gyr_y", "gyr_z"),
    ...     sensors=("wrist",))
    >>> taps.labels.tolist()
    ['still', 'tap', 'tap']
    >>> taps.subset([0, 2]).class_counts()
    {'still': 1, 'tap': 1}
    """

    name: str
    X: NDArray[np.float32]
    """(n, channels, sensors, samples), or (n, frames, features) for landmarks."""
    y: NDArray[np.int64]
    """(n,), index into `class_names`."""
    class_names: tuple[str, ...]
    groups: NDArray[np.str_]
    """(n,), the subject, session or recording block a window comes from."""
    group_kind: str
    """What a group is: `subject`, `session`, `block`, or `part` where a data set comes with its own division."""
    stretch: NDArray[np.int64]
    """(n,), which continuous stretch of recording a window was cut from."""
    start: NDArray[np.int64]
    """(n,), index of the window's first sample within its stretch."""
    rate_hz: float | None
    channels: tuple[str, ...]
    """Names along the channel axis, or of the features of a landmark window."""
    sensors: tuple[str, ...] = ()
    """Names along the sensor axis; empty for landmark windows."""
    notes: tuple[str, ...] = ()
    """What was dropped or assumed while reading, in sentences."""
    stretch_names: tuple[str, ...] = ()
    """What stretch 0, 1, … is called, such as the file it was read from; empty where nobody says."""

    def __post_init__(self) -> None:
        for field in ("class_names", "channels", "sensors", "notes", "stretch_names"):
            object.__setattr__(self, field, tuple(str(value) for value in getattr(self, field)))
        check_windows(self.X, self.channels, self.sensors)
        if self.rate_hz is not None and not (is_number(self.rate_hz) and 0 < self.rate_hz < np.inf):
            raise InputError(f"rate_hz is {self.rate_hz!r}; want samples a second above zero, or None if it is unknown")
        n = len(self.X)
        rows = {field: integer_rows(field, getattr(self, field), n) for field in ("y", "stretch", "start")}
        for field, values in {"X": self.X, "groups": text_rows("groups", self.groups, n), **rows}.items():
            object.__setattr__(self, field, _read_only(values))
        check_labels(self.y, self.class_names)
        check_stretches(self.stretch, self.stretch_names)

    def __repr__(self) -> str:
        groups = f"{len(self.group_names)} {self.group_kind}s"
        return f"<Dataset {self.name}: {self.n_windows} windows, {len(self.class_names)} classes, {groups}>"

    @property
    def n_windows(self) -> int:
        """Number of windows."""
        return len(self.X)

    @property
    def window_length(self) -> int:
        """Samples, or frames, in a window."""
        return int(self.X.shape[1] if self.X.ndim == 3 else self.X.shape[-1])

    @property
    def labels(self) -> NDArray[np.str_]:
        """(n,), the class name of each window."""
        return np.array(self.class_names)[self.y]

    @property
    def group_names(self) -> tuple[str, ...]:
        """The groups there are, sorted."""
        return tuple(str(group) for group in np.unique(self.groups))

    def stretch_name(self, number: int) -> str:
        """Return what a stretch is called; `stretch 3` where it has no name."""
        return (self.stretch_names[number] if self.stretch_names else "") or f"stretch {number}"

    def class_counts(self) -> dict[str, int]:
        """Return how many windows each class has, also those with none."""
        counts = np.bincount(self.y, minlength=len(self.class_names))
        return {name: int(count) for name, count in zip(self.class_names, counts, strict=True)}

    def describe(self) -> dict[str, Any]:
        """Return the facts of the data set as plain values, ready for JSON, a table or a report."""
        return {
            "name": self.name,
            "windows": self.n_windows,
            "shape": list(self.X.shape[1:]),
            "rate_hz": self.rate_hz,
            "window_s": self.window_length / self.rate_hz if self.rate_hz else None,
            "channels": list(self.channels),
            "sensors": list(self.sensors),
            "classes": self.class_counts(),
            "group_kind": self.group_kind,
            "groups": {group: int(np.sum(self.groups == group)) for group in self.group_names},
            "stretches": int(np.unique(self.stretch).size),
            "notes": list(self.notes),
        }

    def subset(self, indices: ArrayLike) -> Dataset:
        """Return the windows at `indices` (integers, or a mask of length n), in that order."""
        rows = np.asarray(indices)
        if rows.dtype == bool and rows.shape != (self.n_windows,):
            raise ShapeError("mask", got=rows.shape, want=f"({self.n_windows},)")
        if rows.dtype == bool:
            rows = np.flatnonzero(rows)
        if rows.size == 0:
            raise TooFewSamplesError(f"a subset of {self.name!r} needs at least one window; none is chosen")
        if rows.ndim != 1 or rows.dtype.kind not in "iu":
            raise DtypeError("indices", got=f"{rows.dtype} {rows.shape}", want="a list of integers or a mask")
        if rows.min() < -self.n_windows or rows.max() >= self.n_windows:
            raise InputError(
                f"indices go from {rows.min()} to {rows.max()}; {self.name!r} has {self.n_windows} windows"
            )
        per_window: dict[str, Any] = {
            field: getattr(self, field)[rows] for field in ("X", "y", "groups", "stretch", "start")
        }
        return replace(self, **per_window)

    def select_channels(self, names: Sequence[str]) -> Dataset:
        """Return the same windows with these channels (or features) alone, in this order."""
        columns = _positions(names, self.channels)
        X = self.X[:, :, columns] if self.X.ndim == 3 else self.X[:, columns]
        return replace(self, X=X, channels=tuple(names))

    def select_sensors(self, names: Sequence[str]) -> Dataset:
        """Return the same windows with these sensors alone, in this order."""
        return replace(self, X=self.X[:, :, _positions(names, self.sensors)], sensors=tuple(names))


def concatenate(datasets: Sequence[Dataset], *, name: str | None = None) -> Dataset:
    """Join data sets of one window shape; classes are matched by name, stretches stay apart.

    Raises
    ------
    ShapeError
        Windows, channels, sensors or rates differ.
    TooFewSamplesError
        There is nothing to join.
    """
    if not datasets:
        raise TooFewSamplesError("there is no data set to join; give at least one")
    first = datasets[0]
    class_names = tuple(dict.fromkeys(label for part in datasets for label in part.class_names))
    columns: dict[str, list[NDArray[Any]]] = {"X": [], "y": [], "groups": [], "stretch": [], "start": []}
    stretch_names: list[str] = []
    for part in datasets:
        _check_same_kind(first, part)
        numbers, stretch = np.unique(part.stretch, return_inverse=True)
        rows = {
            "X": part.X,
            "y": np.array([class_names.index(label) for label in part.class_names])[part.y],
            "groups": part.groups,
            "stretch": stretch + len(stretch_names),
            "start": part.start,
        }
        stretch_names += [part.stretch_names[number] if part.stretch_names else "" for number in numbers]
        for field, values in rows.items():
            columns[field].append(values)
    joined: dict[str, Any] = {field: np.concatenate(values) for field, values in columns.items()}
    notes = tuple(dict.fromkeys(note for part in datasets for note in part.notes))
    joined |= {"notes": notes, "stretch_names": tuple(stretch_names) if any(stretch_names) else ()}
    return replace(first, name=name or first.name, class_names=class_names, **joined)


def _check_same_kind(first: Dataset, other: Dataset) -> None:
    for field in ("channels", "sensors", "rate_hz", "group_kind"):
        if getattr(first, field) != getattr(other, field):
            raise InputError(
                f"{first.name!r} and {other.name!r} cannot be joined: their {field} are "
                f"{getattr(first, field)} and {getattr(other, field)}; select or resample first"
            )
    if first.X.shape[1:] != other.X.shape[1:]:
        raise ShapeError(f"a window of {other.name!r}", got=other.X.shape[1:], want=str(first.X.shape[1:]))


def _positions(names: Sequence[str], have: tuple[str, ...]) -> list[int]:
    for name in names:
        if name not in have:
            raise ColumnError(name, have=have)
    return [have.index(name) for name in names]


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
