"""Gestures as one file to hand on: JSON, or a zip with the motion beside it. Written whole, read with suspicion."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motif.errors import FormatError, InputError
from motif.files import write_bytes
from motif.templates._sample import GestureSample
from motif.templates._strict_json import MAX_BYTES, parse_json, read_bytes

__all__ = ["ArchivedGesture", "read_archive", "write_archive"]

_FORMAT = "motif-gestures"
_VERSION = 1
_INDEX = "gestures.json"
_MOTION = re.compile(r"motion/\d{6}\.f32")
_MAX_FILES = 20_000
_MAX_UNPACKED = 256 << 20
_MAX_RATIO = 200
_HINT = "export it again with the same version of motif"


@dataclass(frozen=True, slots=True)
class ArchivedGesture:
    """One gesture of an archive."""

    name: str
    kind: str
    """`gesture`, or `background` for ordinary movement."""
    version: int
    figures: dict[str, Any]
    """As `GestureTemplate` has them: accuracy, consistency_score, …"""
    metadata: dict[str, Any]
    samples: tuple[GestureSample, ...]


def write_archive(path: str | Path, gestures: Sequence[ArchivedGesture]) -> None:
    """Write gestures to a `.json` or a `.zip`.

    Raises
    ------
    InputError
        The name ends otherwise.
    WriteError
        It could not be written; what stood there still does.
    """
    path = Path(path)
    if path.suffix.lower() == ".json":
        write_bytes(path, _document(gestures, lambda _, motion: base64.b64encode(motion).decode()))
    elif path.suffix.lower() == ".zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:

            def beside(number: int, motion: bytes) -> str:
                name = f"motion/{number:06d}.f32"
                archive.writestr(zipfile.ZipInfo(name), motion, zipfile.ZIP_DEFLATED)
                return name

            document = _document(gestures, beside)
            archive.writestr(zipfile.ZipInfo(_INDEX), document, zipfile.ZIP_DEFLATED)
        write_bytes(path, packed.getvalue())
    else:
        raise InputError(f"{path.name} ends in {path.suffix!r}; want .json or .zip")


def read_archive(path: Path) -> tuple[list[ArchivedGesture] | None, Any]:
    """Return the gestures of a `.json` or a `.zip`; of a JSON without our mark None, and what it says.

    Raises
    ------
    FormatError, MissingFileError
        It is damaged, was altered, or holds what no archive of ours holds.
    """
    if path.suffix.lower() == ".zip":
        members = _zip_members(path)
        content = parse_json(members.pop(_INDEX), path)
        return _gestures(path, content, lambda name: members[name]), None
    content = parse_json(read_bytes(path), path)
    if not isinstance(content, dict) or "format" not in content:
        return None, content
    return _gestures(path, content, lambda text: base64.b64decode(text, validate=True)), None


def _document(gestures: Sequence[ArchivedGesture], put_motion: Callable[[int, bytes], str]) -> bytes:
    number = 0
    entries = []
    for gesture in gestures:
        samples = []
        for sample in gesture.samples:
            entry = sample.to_facts() | {"hash": sample.hash, "n_samples": sample.n_samples, "motion": None}
            if sample.values is not None:
                number += 1
                entry["motion"] = put_motion(number, sample.values.astype("<f4").tobytes())
            samples.append(entry)
        entries.append({
            "name": gesture.name, "kind": gesture.kind, "version": gesture.version, "figures": gesture.figures,
            "metadata": gesture.metadata, "samples": samples,
        })  # fmt: skip
    content = {"format": _FORMAT, "version": _VERSION, "gestures": entries, "sha256": _hash(entries)}
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1).encode()


def _hash(entries: Any) -> str:
    return sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()


def _gestures(path: Path, content: Any, motion_of: Callable[[str], bytes]) -> list[ArchivedGesture]:
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise FormatError(path, "is not an archive of gestures", hint="want what export_template wrote")
    if content.get("version") != _VERSION:
        raise FormatError(
            path, f"has version {content.get('version')!r}, this motif reads {_VERSION}", hint="update motif"
        )
    if content.get("sha256") != _hash(content.get("gestures")):
        raise FormatError(path, "was altered or damaged: its hash does not fit", hint=_HINT)
    try:
        return [_gesture(entry, motion_of) for entry in content["gestures"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(path, f"holds a gesture that cannot be ({error})", hint=_HINT) from error


def _gesture(entry: dict[str, Any], motion_of: Callable[[str], bytes]) -> ArchivedGesture:
    if entry["kind"] not in ("gesture", "background") or not isinstance(entry["version"], int) or entry["version"] < 0:
        raise InputError(f"kind {entry['kind']!r}, version {entry['version']!r}")
    samples = []
    for facts in entry["samples"]:
        values: NDArray[np.float32] | None = None
        if facts["motion"] is not None:
            values = np.frombuffer(motion_of(facts["motion"]), "<f4").reshape(int(facts["n_samples"]), -1)
        sample = GestureSample.from_facts(facts, values)
        if sample.hash != facts["hash"]:
            raise InputError(f"the hash of sample {sample.sample_id} does not fit")
        samples.append(sample)
    return ArchivedGesture(
        entry["name"], entry["kind"], entry["version"], dict(entry["figures"]), dict(entry["metadata"]), tuple(samples)
    )


def _zip_members(path: Path) -> dict[str, bytes]:
    """Return the files of a zip by name, in memory: nothing is ever extracted to a path that a stranger chose."""
    packed = read_bytes(path)
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            entries = archive.infolist()
            _check_entries(path, entries, len(packed))
            members = {entry.filename: archive.read(entry) for entry in entries}
    except FormatError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, NotImplementedError, OSError) as error:
        raise FormatError(path, f"is not a whole zip ({error})", hint=_HINT) from error
    if _INDEX not in members:
        raise FormatError(path, f"has no {_INDEX}", hint="want what export_template wrote")
    return members


def _check_entries(path: Path, entries: Sequence[zipfile.ZipInfo], n_packed: int) -> None:
    names = [entry.filename for entry in entries]
    total = sum(entry.file_size for entry in entries)
    strange = [name for name in names if name != _INDEX and not _MOTION.fullmatch(name)]
    if strange or len(set(names)) < len(names):
        problem = f"holds {strange[0]!r:.80}" if strange else "holds a file twice"
        raise FormatError(path, f"{problem}, which no archive of gestures does", hint=_HINT)
    known = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if any(entry.flag_bits & 1 or entry.compress_type not in known for entry in entries):
        raise FormatError(path, "is encrypted or packed in a way of its own", hint=_HINT)
    too_large = total > _MAX_UNPACKED or any(entry.file_size > MAX_BYTES for entry in entries)
    if len(entries) > _MAX_FILES or too_large or (total > 1 << 20 and total > _MAX_RATIO * n_packed):
        raise FormatError(path, f"would unpack to {total:,} bytes, which no archive of gestures does", hint=_HINT)
