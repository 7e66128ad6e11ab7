"""The shelf of packs, `artifacts/`: found by a few digits of their hash, listed, cleared."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motif.bundles._arrays import ARRAY_FILES
from motif.bundles._describe import BundleConfig
from motif.bundles._manifest import MANIFEST, SIGNATURE, Manifest, read_files
from motif.errors import BundleError, ConfigError, MissingFileError

__all__ = ["ARTIFACTS", "HASH_DIGITS", "Pack", "clean", "damaged", "find", "packs", "read_pack", "whole"]

ARTIFACTS = Path("artifacts")
HASH_DIGITS = 16
"""Of the content's sha256, in the name of a pack's folder."""
_NAME = re.compile(rf"[0-9a-f]{{{HASH_DIGITS}}}")
_PREFIX = re.compile(r"[0-9a-f]{4,64}")


@dataclass(frozen=True, slots=True)
class Pack:
    """One pack on the shelf."""

    hash: str
    """The name of its folder: the first digits of its content's hash."""
    path: Path
    name: str
    recognizer: str
    n_files: int
    size_bytes: int
    targets: tuple[str, ...]
    """What it holds a model for."""
    is_signed: bool

    def to_dict(self) -> dict[str, Any]:
        """Return everything by name, JSON-ready."""
        return {
            "hash": self.hash,
            "path": str(self.path),
            "name": self.name,
            "recognizer": self.recognizer,
            "files": self.n_files,
            "size_bytes": self.size_bytes,
            "targets": list(self.targets),
            "signed": self.is_signed,
        }


def read_pack(path: Path) -> Pack:
    """Describe the pack at `path`; every byte is checked, and that its name is its content's hash.

    Raises
    ------
    MissingFileError, BundleError
    """
    manifest, files = read_files(path)
    if path.resolve().name != (want := manifest.content_hash[:HASH_DIGITS]):
        raise BundleError(f"{path} holds what should be called {want}; it was renamed or altered: copy it again")
    config = BundleConfig.from_yaml(files["config.yaml"])
    return Pack(
        hash=want,
        path=path,
        name=config.name,
        recognizer=config.recognizer,
        n_files=len(files) + 1,
        size_bytes=sum(map(len, files.values())),
        targets=tuple(_targets(manifest)),
        is_signed=(path / SIGNATURE).is_file(),
    )


def packs(artifacts: str | Path = ARTIFACTS) -> list[Pack]:
    """Return the packs on the shelf, the newest first. What is no pack, or damaged, is left out."""
    return [found for folder in _folders(Path(artifacts)) if (found := whole(folder))]


def damaged(artifacts: str | Path = ARTIFACTS) -> list[Path]:
    """Return the folders that are called as packs are and hold none, the newest first."""
    return [folder for folder in _folders(Path(artifacts)) if whole(folder) is None]


def whole(folder: Path) -> Pack | None:
    """Return what `read_pack` does; None where there is no pack, or a damaged one."""
    try:
        return read_pack(folder)
    except (BundleError, MissingFileError):
        return None


def find(short: str, artifacts: str | Path = ARTIFACTS) -> Path:
    """Return the folder of the one pack whose hash begins with `short`, four digits or more; or `short`, a folder.

    Raises
    ------
    MissingFileError
        There is none.
    ConfigError
        `short` begins several hashes.
    """
    if not _PREFIX.fullmatch(short):
        if Path(short).is_dir():
            return Path(short)
        raise MissingFileError(short, want="a pack's folder, or four or more digits of its hash")
    found = [folder for folder in _folders(Path(artifacts)) if folder.name.startswith(short[:HASH_DIGITS])]
    if not found:
        raise MissingFileError(Path(artifacts) / short, want="a pack; `motif pack list` shows those there are")
    if len(found) > 1:
        raise ConfigError(f"{short} begins {', '.join(folder.name for folder in found)}; give more digits")
    return found[0]


def clean(artifacts: str | Path = ARTIFACTS, *, keep: int = 5, dry_run: bool = False) -> list[Path]:
    """Remove all packs but the `keep` newest, and return what was (or would be) removed.

    Other files stay, and so does what is damaged: it counts as no pack, or it would be kept in the place of a good one.

    Raises
    ------
    ConfigError
        `keep` is negative.
    """
    if keep < 0:
        raise ConfigError(f"keep={keep} cannot be; give how many packs to keep, 0 or more")
    old = [found.path for found in packs(artifacts)[keep:]]
    if not dry_run:
        for folder in old:
            shutil.rmtree(folder)
    return old


def _folders(artifacts: Path) -> list[Path]:
    """Return the folders that have the name and the manifest of a pack, the newest first."""
    if not artifacts.is_dir():
        return []
    folders = [
        entry
        for entry in artifacts.iterdir()
        if _NAME.fullmatch(entry.name) and not entry.is_symlink() and (entry / MANIFEST).is_file()
    ]
    return sorted(folders, key=lambda folder: (-folder.stat().st_mtime_ns, folder.name))


def _targets(manifest: Manifest) -> list[str]:
    held = {
        "model.onnx": "onnx",
        "hailo.hef": "hailo",
        "model.tflite": "tflite",
        "model.keras": "keras",
    } | dict.fromkeys(ARRAY_FILES, "arrays")
    names = [target for file, target in held.items() if file in manifest.files]
    return names + (["coreml"] if any(name.startswith("coreml.mlpackage/") for name in manifest.files) else [])
