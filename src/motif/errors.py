"""Every error motif raises on purpose.

MotifError
├── InputError            (ValueError)   what the caller passed
│   ├── ShapeError                       an array of another shape
│   ├── DtypeError                       an array of another type
│   ├── NotFiniteError                   NaN or infinity where a number is needed
│   ├── UnitError                        a unit we don't know, or not of this quantity
│   ├── ColumnError                      a column or channel that is not there
│   ├── LabelError                       a label outside the classes, too few classes, an empty class
│   ├── TooFewSamplesError               fewer samples than the method needs
│   ├── UnknownModelError                a model that is not loaded
│   └── ConfigError                      a setting that cannot be
├── SourceError           (OSError)      a file, a device, a peer
│   ├── MissingFileError                 a path that is not there
│   ├── FormatError                      a file that is not what it should be
│   ├── ActionError                      something outside that did not do what a gesture asked for
│   ├── WriteError                       a file that could not be written whole
│   └── DatabaseError                    a database that another program holds, or of a newer motif
├── BundleError           (ValueError)   a saved recognizer we cannot or will not read
└── MissingExtraError     (ImportError)  an optional dependency

A message names the value, the wish and the next step. `code` is stable: scripts and the wire rely on it, and
`docs/errors.md` has a section on each.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "ActionError",
    "BundleError",
    "ColumnError",
    "ConfigError",
    "DatabaseError",
    "DtypeError",
    "FormatError",
    "InputError",
    "LabelError",
    "MissingExtraError",
    "MissingFileError",
    "MotifError",
    "NotFiniteError",
    "ShapeError",
    "SourceError",
    "TooFewSamplesError",
    "UnitError",
    "UnknownModelError",
    "WriteError",
]


class MotifError(Exception):
    """Base of all errors motif raises on purpose."""

    code: ClassVar[str] = "motif"


class InputError(MotifError, ValueError):
    """What the caller passed cannot be used."""

    code = "input"


class ShapeError(InputError):
    """An array has another shape than the one asked for."""

    code = "shape"

    def __init__(self, name: str, *, got: tuple[int, ...], want: str) -> None:
        super().__init__(f"{name} has shape {got}; want {want}")


class DtypeError(InputError):
    """An array has another type than the one asked for."""

    code = "dtype"

    def __init__(self, name: str, *, got: object, want: str) -> None:
        super().__init__(f"{name} has dtype {got}; want {want}")


class NotFiniteError(InputError):
    """An array holds NaN or infinity where only numbers will do."""

    code = "not-finite"

    def __init__(self, name: str, *, count: int, first: tuple[int, ...]) -> None:
        super().__init__(
            f"{name} holds {count} values that are NaN or infinite, the first at index {first}; "
            "drop these windows or fill the gaps first (motif.signals.fill_gaps)"
        )

    @classmethod
    def of(cls, name: str, bad: NDArray[np.bool_]) -> NotFiniteError:
        """Return the error for an array, given where it holds what is no finite number."""
        places = bad.nonzero()
        return cls(name, count=len(places[0]), first=tuple(int(axis[0]) for axis in places))


class UnitError(InputError):
    """A unit is unknown or measures something else."""

    code = "unit"

    def __init__(self, unit: str, *, want: str) -> None:
        super().__init__(f"unit {unit!r} is not usable here; want {want}")


class ColumnError(InputError):
    """A column or channel is missing."""

    code = "column"

    def __init__(self, missing: str, *, have: tuple[str, ...], where: str = "") -> None:
        place = f"{where} has " if where else ""
        super().__init__(f"{place}no column {missing!r}; there are {', '.join(map(repr, have)) or 'none'}")


class LabelError(InputError):
    """Labels and classes do not fit together."""

    code = "label"


class TooFewSamplesError(InputError):
    """There are fewer samples than the method needs."""

    code = "too-few-samples"


class UnknownModelError(InputError):
    """A service was asked for a model that it has not loaded."""

    code = "unknown-model"

    def __init__(self, wanted: str, *, have: tuple[str, ...]) -> None:
        super().__init__(f"no model {wanted} is loaded; there are {', '.join(have) or 'none'}")


class ConfigError(InputError):
    """A setting cannot be."""

    code = "config"


class SourceError(MotifError, OSError):
    """A file, a device or a peer failed."""

    code = "source"


class MissingFileError(SourceError):
    """A path is not there."""

    code = "missing-file"

    def __init__(self, path: str | Path, *, want: str) -> None:
        super().__init__(f"{path} is not there; want {want}")


class FormatError(SourceError):
    """A file is not what it should be."""

    code = "format"

    def __init__(self, path: str | Path, problem: str, *, hint: str) -> None:
        super().__init__(f"{path}: {problem}; {hint}")


class WriteError(SourceError):
    """A file could not be written whole; what stood there before still stands."""

    code = "write"

    def __init__(self, path: str | Path, cause: OSError) -> None:
        super().__init__(
            f"{path} was not written ({cause.strerror or cause}); "
            "nothing was changed: free some space or choose another place, then try again"
        )


class ActionError(SourceError):
    """Something outside did not do what a gesture asked for."""

    code = "action"


class DatabaseError(SourceError):
    """A database cannot be used as it is."""

    code = "database"

    def __init__(self, path: str | Path, problem: str, *, hint: str) -> None:
        super().__init__(f"{path}: {problem}; {hint}")


class BundleError(MotifError, ValueError):
    """A saved recognizer cannot or must not be read."""

    code = "bundle"


class MissingExtraError(MotifError, ImportError):
    """An optional dependency is not installed."""

    code = "missing-extra"

    def __init__(self, module: str, *, extra: str = "", install: str = "") -> None:
        install = install or f"pip install 'motif[{extra}]'"
        super().__init__(f"this needs {module!r}, which is not installed; run: {install}")
