"""Which column of a table is what: said by a `ColumnMap`, or guessed from the header, never silently."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError, field_validator
from pydantic.dataclasses import dataclass

from motif.errors import ConfigError, UnitError
from motif.signals import canonical_unit
from motif.signals._units import quantity

__all__ = [
    "ColumnMap",
    "TimeUnit",
    "channel_and_unit",
    "column_map",
    "sensor_unit",
    "standard_unit",
    "subject_column",
    "time_column",
    "time_unit",
]

TimeUnit = Literal["s", "ms", "µs", "us", "ns", "min", "h", "iso"]

_STANDARD = {"g": "m/s²", "mg": "m/s²", "cm/s²": "m/s²", "ft/s²": "m/s²", "deg/s": "rad/s", "mdeg/s": "rad/s"}
_STANDARD |= {"rpm": "rad/s", "nT": "µT", "mT": "µT", "T": "µT", "G": "µT", "mG": "µT"}
_TIME = re.compile(r"(time|timestamp|epoch|t|seconds|seconds_elapsed|elapsed|millis|micros|datetime|date)", re.I)
_TIME_WORDS: dict[TimeUnit, str] = {
    "s": "s sec secs second seconds seconds_elapsed",
    "ms": "ms msec millis millisecond milliseconds",
    "us": "us µs μs usec micros microsecond microseconds",
    "ns": "ns nsec nanos nanosecond nanoseconds",
    "min": "min mins minute minutes",
    "h": "h hr hrs hour hours",
}
_TIME_UNITS = {word: unit for unit, words in _TIME_WORDS.items() for word in words.split()}
_SUBJECT = re.compile(r"(subject|participant|person|proband|animal|individual)[ _-]?(id|no|nr|number|name|code)?", re.I)
_BRACKETED = re.compile(r"^(?P<name>.*?)[\s_]*[\[(](?P<unit>[^\])]*)[\])]$")
_ENDING = re.compile(r"^(?P<name>.+?)[\s_/,]+(?P<unit>[^\W\d_]+)$")
_AXIS = re.compile(
    r"^(?P<device>.+[.])?(?P<what>a|acc|accel|accelerometer|acceleration|g|gyr|gyro|gyroscope|rotationrate|m|mag|magnetometer)"
    r"[ _.-]?(?P<axis>[xyz])$",
    re.IGNORECASE,
)
_SENSOR = re.compile(r"(.+[.])?(?P<what>acc|gyr|mag)_[xyz]")
_QUANTITY = {"acc": "acceleration", "gyr": "angular rate", "mag": "magnetic field"}
_EXAMPLES = {"acc": "m/s² or g", "gyr": "rad/s or deg/s", "mag": "µT or G"}


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", use_attribute_docstrings=True))
class ColumnMap:
    """What the columns of a table are; whatever is not said is guessed from the header."""

    time: str | None = None
    """Name of the time column."""
    time_unit: TimeUnit | None = None
    """`s`, `ms`, `us`, `ns`, `min`, `h`, or `iso` for dates such as 2026-11-21T08:00:00.5Z."""
    channels: dict[str, str] | None = None
    """Channel to column, such as `acc_x: "Accel X"`; without it every column of numbers is a channel."""
    units: str | dict[str, str] | None = None
    """The unit of all channels, or of each; g, deg/s and G become m/s², rad/s and µT. G of an acceleration is g."""
    label: str | None = None
    """A column of words: each run of one word becomes an annotation."""
    subject: str | None = None
    """A column that says whose motion a row is, such as a person or an animal; a data set keeps them apart."""
    delimiter: str | None = None
    """One character between entries; told from the header where it is not said."""
    decimal: Literal[".", ","] | None = None
    """What stands before the fraction; told from the entries where it is not said."""

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, delimiter: str | None) -> str | None:
        if delimiter is not None and not re.fullmatch(r"[\t !#-~]", delimiter):
            raise ValueError(f"{delimiter!r} cannot separate entries; give one character, such as ';' or a tab")
        return delimiter


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


def time_column(names: Sequence[str]) -> tuple[str, str | None] | None:
    """Return the column that looks like time, with the unit its name says; None where there is none.

    Examples
    --------
    >>> time_column(["timestamp_ms", "acc_x"])
    ('timestamp_ms', 'ms')
    """
    return next(((name, time_unit(name)) for name in names if _TIME.fullmatch(_stem_and_unit(name)[0])), None)


def subject_column(names: Sequence[str]) -> str | None:
    """Return the column that looks like whose motion a row is; None where there is none.

    Examples
    --------
    >>> subject_column(["time", "Subject ID", "acc_x"])
    'Subject ID'
    """
    return next((name for name in names if _SUBJECT.fullmatch(name)), None)


def time_unit(column: str) -> str | None:
    """Return the unit of time that a name says, in its own words where we do not know it; None where it says none.

    Examples
    --------
    >>> time_unit("Time [minutes]"), time_unit("Time [fortnights]"), time_unit("Time")
    ('min', 'fortnights', None)
    """
    stem, unit = _stem_and_unit(column)
    return _TIME_UNITS.get((unit or stem).lower(), unit or None)


def _stem_and_unit(column: str) -> tuple[str, str]:
    bracketed = _BRACKETED.match(column)
    stem, unit = (bracketed["name"], bracketed["unit"].strip()) if bracketed else (column, "")
    ending = _ENDING.match(stem)
    if not unit and ending and ending["unit"].lower() in _TIME_UNITS and stem.lower() != "t_min":  # the least of t
        return ending["name"], ending["unit"]
    return stem, unit


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


def sensor_unit(channel: str, unit: str) -> str:
    """Return the canonical unit of a channel: `G` is g where it is an acceleration, gauss elsewhere.

    Raises
    ------
    UnitError
        The unit is unknown, or measures something else than the sensor that the channel is named after.

    Examples
    --------
    >>> sensor_unit("acc_x", "G"), sensor_unit("mag_x", "G")
    ('g', 'G')
    """
    canonical = canonical_unit(unit)
    sensor = _SENSOR.fullmatch(channel)
    if not sensor or not canonical:
        return canonical
    what = sensor["what"]
    if what == "acc":
        canonical = {"G": "g", "mG": "mg"}.get(canonical, canonical)
    if quantity(canonical) != _QUANTITY[what]:
        raise UnitError(
            unit,
            want=f"a unit of {_QUANTITY[what]} for {channel!r}, such as {_EXAMPLES[what]}; "
            "say the unit, or another name for the column, in a column map "
            "(`units`, `channels`; motif import --columns FILE)",
        )
    return canonical


def standard_unit(unit: str) -> str:
    """Return the unit motif keeps this quantity in: g becomes m/s², deg/s rad/s, G µT; others stay.

    Raises
    ------
    UnitError
        The unit is unknown.
    """
    canonical = canonical_unit(unit)
    return _STANDARD.get(canonical, canonical)
