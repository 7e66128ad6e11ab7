"""The `.ts` text format of the UEA and UCR archives: a small parser of its published description."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError

__all__ = ["TimeSeries", "parse_ts"]

_MAX_BYTES = 2 << 30
_HINT = "want the .ts format of timeseriesclassification.com: @ headers, @data, then a case a line"


@dataclass(frozen=True, slots=True, eq=False)
class TimeSeries:
    """The cases of one `.ts` file."""

    name: str
    class_names: tuple[str, ...]
    """As the header declares them, or as they occur."""
    cases: list[NDArray[np.float64]]
    """Each (dimensions, samples), NaN where a value is missing."""
    labels: list[str]


def parse_ts(path: Path) -> TimeSeries:
    """Read a file of labelled cases without time stamps.

    Dimensions are separated by colons, samples by commas, the class comes last; a missing value is `?`.

    Raises
    ------
    FormatError
        There is no class label, there are time stamps, a value is no number, dimensions differ in number or length.

    References
    ----------
    Bagnall et al. (2018), "The UEA multivariate time series classification archive", arXiv:1811.00075.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise FormatError(path, f"it is larger than {_MAX_BYTES:,} bytes", hint="split it")
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise FormatError(path, f"it is not text ({error})", hint=_HINT) from error
    header: dict[str, list[str]] = {}
    cases: list[NDArray[np.float64]] = []
    labels: list[str] = []
    in_data = False
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith(("#", "%")):
            continue
        if not in_data:
            key, *values = text.split()
            in_data = key.lower() == "@data"
            header[key.lower()] = values
            continue
        if len(cases) == 0:
            _check_header(path, header)
        case, label = _case(path, number, text)
        if cases and len(case) != len(cases[0]):
            raise FormatError(path, f"line {number} has {len(case)} dimensions, not {len(cases[0])}", hint=_HINT)
        cases.append(case)
        labels.append(label)
    if not cases:
        raise FormatError(path, "it holds no case after @data", hint=_HINT)
    declared = header.get("@classlabel", ["true"])[1:]
    class_names = tuple(dict.fromkeys(declared)) or tuple(sorted(set(labels)))
    unknown = sorted(set(labels) - set(class_names))
    if unknown:
        raise FormatError(path, f"class {unknown[0]!r} is not declared by @classLabel", hint="correct the header")
    return TimeSeries(" ".join(header.get("@problemname", [path.stem])), class_names, cases, labels)


def _check_header(path: Path, header: dict[str, list[str]]) -> None:
    if header.get("@timestamps", ["false"])[:1] == ["true"]:
        raise FormatError(path, "its values have time stamps", hint="only evenly sampled cases can be read")
    if "@targetlabel" in header or [value.lower() for value in header.get("@classlabel", ["true"])[:1]] != ["true"]:
        raise FormatError(path, "its cases have no class", hint="want @classLabel true, as in classification problems")


def _case(path: Path, number: int, text: str) -> tuple[NDArray[np.float64], str]:
    *dimensions, label = text.split(":")
    try:
        values = [
            np.array([np.nan if value.strip() in ("?", "NaN") else float(value) for value in dimension.split(",")])
            for dimension in dimensions
        ]
    except ValueError as error:
        raise FormatError(path, f"line {number}: {error}", hint=_HINT) from error
    if not values or len({len(dimension) for dimension in values}) != 1:
        raise FormatError(path, f"line {number} has no dimension, or some of different lengths", hint=_HINT)
    return np.stack(values), label.strip()
