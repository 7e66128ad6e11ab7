"""The prototype's `templates.json`: read with patience, taken in once, left where it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from motif.errors import FormatError, InputError
from motif.files import write_bytes
from motif.templates._backups import stamp
from motif.templates._database_changes import Change
from motif.templates._database_rows import (
    add_samples,
    add_version,
    checked_name,
    ensure_gesture,
    gesture_id,
    not_among,
    sample_rows,
)
from motif.templates._database_training import Figures, judge
from motif.templates._sample import GestureSample
from motif.templates._sensor_features import SensorFeatures

__all__ = ["Prototype", "digest_of", "keep_rejected", "read_prototype", "take_in"]


@dataclass(frozen=True, slots=True)
class Prototype:
    """What a `templates.json` holds."""

    gestures: Mapping[str, list[GestureSample]]
    metadata: Mapping[str, Mapping[str, Any]]
    rejected: list[dict[str, Any]] = field(default_factory=list)
    """Entries that cannot be used: `name`, `reason` and the `entry` itself."""


def read_prototype(content: Any, path: Path) -> Prototype:
    """Return the gestures of a parsed `templates.json`; entries that cannot be used are told apart, not raised.

    Parameters
    ----------
    content
        `{name: {"samples": [feature dict, …], "metadata": {…}}}`, or a list of such objects with a `"name"`.
    path : Path
        What to call it.

    Raises
    ------
    FormatError
        It is neither an object nor a list.
    """
    if not isinstance(content, dict | list):
        raise FormatError(path, f"holds {type(content).__name__}", hint="want gestures by name, or a list of them")
    gestures: dict[str, list[GestureSample]] = {}
    metadata: dict[str, Mapping[str, Any]] = {}
    rejected: list[dict[str, Any]] = []
    for name, entry in _entries(content):
        try:
            checked_name(name)
            if not isinstance(entry, dict) or not isinstance(entry.get("samples"), list):
                raise InputError("it has no list of samples")
            facts = entry.get("metadata")
            metadata[name] = _finite(facts) if isinstance(facts, dict) else {}
        except (InputError, ValueError) as error:
            rejected.append({"name": name, "reason": str(error), "entry": entry})
            continue
        samples = gestures.setdefault(name, [])
        for sample in entry["samples"]:
            try:
                samples.append(_sample(sample))
            except InputError as error:
                rejected.append({"name": name, "reason": str(error), "entry": sample})
    return Prototype(gestures, metadata, rejected)


def take_in(change: Change, prototype: Prototype, digest: str) -> int:
    """Write the samples that no earlier `templates.json` of this database held; return how many there were.

    A sample that somebody removed since does not come back. A gesture that is new keeps its version and its figures, or
    is judged.
    """
    notes = change.notes.setdefault("prototype", {"files": [], "seen": {}})
    if digest in notes["files"]:
        return 0
    notes["files"].append(digest)
    seen = notes["seen"]
    new = {name: not_among(samples, seen.get(name, ()), 16) for name, samples in prototype.gestures.items()}
    for name, samples in new.items():
        known = gesture_id(change, name)
        if known is None and (samples or name not in seen):
            gesture = ensure_gesture(change, name, metadata=prototype.metadata[name])
            add_samples(change, gesture, samples)
            figures = _figures(name, prototype)
            version = prototype.metadata[name].get("version")
            is_version = isinstance(version, int) and not isinstance(version, bool) and 0 < version < 2**31
            add_version(change, gesture, figures, sample_rows(change, gesture), version=version if is_version else 1)
        elif known is not None:
            add_samples(change, known, samples)
    for name, samples in prototype.gestures.items():
        seen[name] = sorted(sample.hash[:16] for sample in samples)
    return sum(map(len, new.values()))


def keep_rejected(folder: Path, rejected: list[dict[str, Any]], time_ns: int) -> Path:
    """Write what could not be used to a file of its own and return its path."""
    path = folder / f"templates.rejected-{stamp(time_ns)}.json"
    write_bytes(path, json.dumps(rejected, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace"))
    return path


def digest_of(content: bytes) -> str:
    """Return what a `templates.json` is known by."""
    return sha256(content).hexdigest()


def _entries(content: dict[str, Any] | list[Any]) -> Iterator[tuple[Any, Any]]:
    if isinstance(content, dict):
        yield from content.items()
    else:
        for entry in content:
            yield (entry.get("name") if isinstance(entry, dict) else None), entry


def _sample(features: Any) -> GestureSample:
    """Return a sample of features in whatever unit they are: they are kept as they were, and not called impossible."""
    if not isinstance(features, dict) or not features:
        raise InputError("a sample is not an object with features")
    known = SensorFeatures.from_dict(features)
    if problems := known.unusable():
        raise InputError("; ".join(problems))
    return GestureSample(features=known, created_ns=0, group="prototype")


def _finite(facts: dict[str, Any]) -> dict[str, Any]:
    json.dumps(facts, allow_nan=False)
    return facts


def _figures(name: str, prototype: Prototype) -> Figures:
    """Return the figures that stand in the metadata, and judge what does not."""
    judged = Figures(0.0, 0.0, cross_validated=False)
    if prototype.gestures[name]:
        judged = judge(name, prototype.gestures, run_cross_validation=True)
    facts = prototype.metadata[name]
    return Figures(
        _share(facts, ("consistency_score", "consistency"), judged.consistency),
        _share(facts, ("accuracy",), judged.accuracy),
        judged.cross_validated,
        judged.confusions,
        judged.more_samples,
    )


def _share(facts: Mapping[str, Any], names: tuple[str, ...], otherwise: float) -> float:
    for name in names:
        value = facts.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            return float(value)
    return otherwise
