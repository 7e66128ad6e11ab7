"""`manifest.json`: the name, role, size and sha256 of every file in a bundle.

Files are read once, checked, and used from memory, so what was checked is what is used.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from motif.bundles._arrays import ARRAY_FILES
from motif.bundles._reference import REFERENCE_FILES
from motif.errors import BundleError, MissingFileError
from motif.files import replaced

__all__ = [
    "MANIFEST",
    "MODELS",
    "REQUIRED",
    "SAFE_NAME",
    "SIGNATURE",
    "FileEntry",
    "Manifest",
    "make_manifest",
    "manifest_bytes",
    "read_files",
    "role_of",
]

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
"""What may stand beside the manifest and not in it: somebody's word for it, that `motif.bundles.pack` checks."""
SCHEMA_VERSION = 1
MAX_FILE_BYTES = 256 * 2**20
MAX_MANIFEST_BYTES = 2**20
MAX_DEPTH = 6
"""Folders within folders: Core ML packages nest."""

MODELS = ("model.onnx", *ARRAY_FILES)
"""What answers: an ONNX graph, or arrays that an installed recognizer of ours knows how to read. A bundle has one."""

REQUIRED: Mapping[str, str] = {
    "config.yaml": "configuration",
    "label_map.json": "labels",
    "metrics.json": "metrics",
    "model_card.md": "documentation",
    "VERSION": "provenance",
    "COMMIT_SHA": "provenance",
}
"""The files every bundle has beside its model, and their roles."""

ROLES: Mapping[str, str] = {
    **dict.fromkeys(REFERENCE_FILES, "reference"),
    "model.keras": "source",
    "experiment.yaml": "configuration",
    "targets.json": "documentation",
    "sbom.cdx.json": "bill-of-materials",
    "hailo.hef": "target",
    "model.tflite": "target",
}
"""Further files that bundles may have. What lies in a folder is part of a target."""

SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){0,6}")


class FileEntry(BaseModel):
    """What the manifest says of one file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: str
    size: int = Field(ge=0, le=MAX_FILE_BYTES)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """The list of everything in a bundle but itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = SCHEMA_VERSION
    files: dict[str, FileEntry]

    @property
    def content_hash(self) -> str:
        """A sha256 over all entries: the same content has the same hash wherever it lies."""
        lines = [f"{name} {entry.sha256}" for name, entry in sorted(self.files.items())]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def make_manifest(files: Mapping[str, bytes]) -> Manifest:
    """Describe files by name, role, size and hash."""
    for name in files:
        _check_name(name)
    return Manifest(
        files={
            name: FileEntry(role=role_of(name), size=len(content), sha256=hashlib.sha256(content).hexdigest())
            for name, content in sorted(files.items())
        }
    )


def role_of(name: str) -> str:
    """Return what a file is for."""
    if name in MODELS:
        return "model"
    return "target" if "/" in name else REQUIRED.get(name, ROLES.get(name, "extra"))


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return the text of `manifest.json`; the same content has the same bytes."""
    return (manifest.model_dump_json(indent=2) + "\n").encode()


def read_files(path: str | Path) -> tuple[Manifest, dict[str, bytes]]:
    """Read a bundle's files into memory, each checked against the manifest.

    Raises
    ------
    MissingFileError
        There is no such folder.
    BundleError
        A file is missing, altered, cut short, too large, a link, or not in the manifest.
    """
    path = Path(path)
    if not path.is_dir():
        if old := replaced(path):
            raise MissingFileError(path, want=f"a bundle; the one before its last save was interrupted is {old}")
        raise MissingFileError(path, want="the folder of a bundle, as `motif train` writes it")
    manifest = _read_manifest(path)
    present = set(_present(path)) - {MANIFEST, SIGNATURE}
    if strangers := present - set(manifest.files):
        raise BundleError(f"{path} holds files the manifest does not list: {', '.join(sorted(strangers))}; remove them")
    return manifest, {name: _read_checked(path / name, entry) for name, entry in manifest.files.items()}


def _present(path: Path, below: str = "") -> Iterator[str]:
    """Yield every file, link or odd thing in a bundle's folder, and folders nested too deep, by name."""
    for entry in (path / below).iterdir():
        name = f"{below}{entry.name}"
        if not entry.is_symlink() and entry.is_dir() and name.count("/") < MAX_DEPTH:
            yield from _present(path, f"{name}/")
        else:
            yield name


def _read_manifest(path: Path) -> Manifest:
    if not os.path.lexists(path / MANIFEST):
        raise BundleError(
            f"{path / MANIFEST} is missing; want the folder of a whole bundle, such as motif train writes"
        )
    text = _read_regular(path / MANIFEST, limit=MAX_MANIFEST_BYTES)
    try:
        manifest = Manifest.model_validate(json.loads(text))
    except (ValueError, ValidationError, RecursionError) as error:
        raise BundleError(f"{path / MANIFEST} cannot be read: {error}; copy the bundle again") from error
    if manifest.schema_version != SCHEMA_VERSION:
        raise BundleError(
            f"{path} is a bundle of schema {manifest.schema_version}; this motif reads {SCHEMA_VERSION}: "
            "use the motif that wrote it, or save it again"
        )
    for name in manifest.files:
        _check_name(name)
    if missing := set(REQUIRED) - set(manifest.files):
        raise BundleError(f"{path} lacks {', '.join(sorted(missing))}; copy the bundle again")
    if len(models := set(MODELS) & set(manifest.files)) != 1:
        raise BundleError(
            f"{path} lists {sorted(models) or 'no model'}; want one of {' or '.join(MODELS)}: save it again"
        )
    return manifest


def _check_name(name: str) -> None:
    if not SAFE_NAME.fullmatch(name) or name in (MANIFEST, SIGNATURE):
        raise BundleError(f"{name!r} is no name for a file of a bundle; want letters, digits, dot, dash, underscore")


def _read_checked(file: Path, entry: FileEntry) -> bytes:
    content = _read_regular(file, limit=entry.size)
    if len(content) != entry.size or hashlib.sha256(content).hexdigest() != entry.sha256:
        raise BundleError(f"{file} is not what the manifest says (altered or cut short); copy the bundle again")
    return content


def _read_regular(file: Path, *, limit: int) -> bytes:
    try:
        if not stat.S_ISREG(file.lstat().st_mode):  # a link could point outside the bundle, a pipe could hang
            raise BundleError(f"{file} is not a regular file; a bundle holds nothing else")
        with file.open("rb") as opened:
            content = opened.read(limit + 1)
    except FileNotFoundError as error:
        raise BundleError(f"{file} is missing; copy the bundle again") from error
    except OSError as error:
        raise BundleError(f"{file} cannot be read ({error.strerror}); copy the bundle again") from error
    if len(content) > limit:
        raise BundleError(f"{file} is larger than the {limit} bytes it may have; copy the bundle again")
    return content
