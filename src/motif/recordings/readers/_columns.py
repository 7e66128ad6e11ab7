"""Which column of a table is what: said by a `ColumnMap`, or guessed from the header, never silently."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from motif.errors import ConfigError, UnitError
from motif.signals import canonical_unit

__all__ = ["ColumnMap", "TimeUnit", "channel_and_unit", "column_map", "standard_unit", "time_column"]

TimeUnit = Literal["s", "ms", "µs", "us", "ns", "iso"]

_STANDARD = {"g": "m/s²", "mg": "m/s²", "cm/s²": "m/s²", "ft/s²": "m/s²", "deg/s": "rad/s", "mdeg/s": "rad/s"}
_STANDARD |= {"rpm": "rad/s", "nT": "µT", "mT": "µT", "T": "µT", "G": "µT", "mG": "µT"}
_TIME = re.compile(r"(time|timestamp|epoch|t|seconds|seconds_elapsed|elapsed|millis|micros|datetime|date)", re.I)
_TIME_UNITS: dict[str, TimeUnit] = {
    "s": "s", "sec": "s", "seconds": "s", "seconds_elapsed": "s",
    "ms": "ms", "millis": "ms", "us": "us", "µs": "us", "micros": "us", "ns": "ns",
}  # fmt: skip
_BRACKETED = re.compile(r"^(?P<name>.*?)[\s_]*[\[(](?P<unit>[^\])]*)[\])]$")
_AXIS = re.compile(
    r"^(?P<device>.+[.])?(?P<what>a|acc|accel|accelerometer|acceleration|g|gyr|gyro|gyroscope|rotationrate|m|mag|magnetometer)"
    r"[ _.-]?(?P<axis>[xyz])$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", use_attribute_docstrings=True))
class ColumnMap:
    """What the columns of a table are; whatever is not said is guessed from the header."""

    time: str | None = None
    """Name of the time column."""
    time_unit: TimeUnit | None = None
    """`s`, `ms`, `us`, `ns`, or `iso` for dates such as 2026-11-21T08:00:00.5Z."""
    channels: dict[str, str] | None = None
    """Channel to column, such as `acc_x: "Accel X"`; without it every column of numbers is a channel."""
    units: str | dict[str, str] | None = None
    """The unit of all channels, or of each; g, deg/s and G become m/s², rad/s and µT."""
    label: str | None = None
    """A column of words: each run of one word becomes an annotation."""
    delimiter: str | None = None
    decimal: Literal[".", ","] = "."


def column_map(said: ColumnMap | Mapping[str, Any] | str | Path | None) -> ColumnMap:
    """Return the map that a caller gave as an object, a dict, or a YAML or JSON file.

    Raises
    ------
    ConfigError
        The file cannot be read, or says something a map does not have.
    """
    if isinstance(said, ColumnMap):
        return said
    source = "columns"
    if isinstance(said, str | Path):
        source = str(said)
        try:
            content = Path(said).read_text(encoding="utf-8")
            said = json.loads(content) if source.endswith(".json") else yaml.safe_load(content)
        except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
            raise ConfigError(f"{source} is no column map ({error}); write it as YAML or JSON") from error
    try:
        return TypeAdapter(ColumnMap).validate_python(said or {})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise ConfigError(f"{source}: {where}: {first['msg']}; see motif.recordings.ColumnMap") from error


def time_column(names: Sequence[str]) -> tuple[str, TimeUnit | None] | None:
    """Return the column that looks like time, with the unit its name says; None where there is none.

    Examples
    --------
    >>> time_column(["timestamp_ms", "acc_x"])
    ('timestamp_ms', 'ms')
    """
    for name in names:
        bracketed = _BRACKETED.match(name)
        stem, unit = (bracketed["name"], bracketed["unit"]) if bracketed else (name, "")
        base, _, suffix = stem.lower().rpartition("_")
        if not unit and suffix in _TIME_UNITS and base:
            stem, unit = base, suffix
        if _TIME.fullmatch(stem):
            return name, _TIME_UNITS.get(unit.lower() or stem.lower())
    return None


def channel_and_unit(column: str) -> tuple[str, str]:
    """Return what we call a column and the unit its name gives: `aX [g]` is `acc_x` in g.

    Examples
    --------
    >>> channel_and_unit("Gyro Y (deg/s)")
    ('gyr_y', 'deg/s')
    """
    bracketed = _BRACKETED.match(column)
    name, unit = (bracketed["name"], bracketed["unit"]) if bracketed else (column, "")
    axis = _AXIS.match(name)
    if axis:
        what = {"a": "acc", "g": "gyr", "r": "gyr", "m": "mag"}[axis["what"][0].lower()]
        name = f"{axis['device'] or ''}{what}_{axis['axis'].lower()}"
    try:
        return name, canonical_unit(unit)
    except UnitError:
        return column, ""  # brackets that say something else


def standard_unit(unit: str) -> str:
    """Return the unit motif keeps this quantity in: g becomes m/s², deg/s rad/s, G µT; others stay.

    Raises
    ------
    UnitError
        The unit is unknown.
    """
    canonical = canonical_unit(unit)
    return _STANDARD.get(canonical, canonical)
